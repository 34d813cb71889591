//! `envsubst`: the environment's variables in a text, as Flux puts them in.

use std::borrow::Cow;
use std::io::BufRead;

use clap::{ArgMatches, Args, Command};

use super::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::substitute::{Missing, substitute};

pub(super) const VERB: Verb = Verb {
    name: "envsubst",
    command,
    run,
};

#[derive(Args)]
struct EnvsubstArgs {
    /// Fail where a variable has neither a value in the environment nor a default in the text
    #[arg(long)]
    strict: bool,
}

fn command() -> Command {
    leaf::<EnvsubstArgs>(
        Command::new("envsubst")
            .about("Replace variables in standard input by their values in the environment")
            .long_about(
                "Replace variables in standard input by their values in the environment.\n\n\
                 The text goes to standard output line by line. The rules are those of \
                 spec.postBuild of a Kustomization: ${name}, ${name:=default}, ${name^^}, \
                 ${name/old/new}, ${name:offset:length} and their like; $$ stands for a dollar \
                 sign, and $name without braces stays as it is.",
            )
            .after_help(
                "Examples:\n  # Fill in what the manifests of a folder ask for\n  \
                 export cluster_region=eu-central-1\n  kustomize build . | {bin} envsubst\n\n  \
                 # Refuse to leave out a variable that is not set\n  \
                 kustomize build . | {bin} envsubst --strict",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: EnvsubstArgs = arguments(matches)?;
    let missing = if args.strict {
        Missing::Refused
    } else {
        Missing::Empty
    };
    let lookup = |name: &str| {
        let value = context.env.named(name)?;
        Some(Cow::Owned(value.into_encoded_bytes()))
    };
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    while context.ui.is_read() && next_line(&mut input, &mut line)? {
        let mut filled = substitute(&line, &lookup, missing)
            .map_err(|error| Error::failed(error.to_string()))?;
        filled.push(b'\n');
        context.ui.answer_bytes(&filled)?;
    }
    Ok(())
}

/// Reads the next line without its end; `false` where there is none.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let read = input
        .read_until(b'\n', line)
        .map_err(|error| Error::failed("cannot read standard input").caused_by(error))?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(read > 0)
}
