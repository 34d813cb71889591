//! `build`: what Flux would apply, without applying it.

pub(super) mod all;
mod checkout;
mod files;
mod kustomization;
pub(super) mod render;

use clap::{ArgMatches, Command};

use super::Verb;
use crate::context::Context;
use crate::error::{Error, Result};

pub(super) const VERB: Verb = Verb {
    name: "build",
    command,
    run,
};

fn command() -> Command {
    Command::new("build")
        .about("Build what Flux would apply")
        .subcommand(kustomization::command())
        .subcommand(all::command())
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("kustomization", leaf)) => kustomization::run(context, leaf),
        Some(("all", leaf)) => all::run(context, leaf),
        Some((word, _)) => Err(Error::usage(format!("unknown command {word:?}"))),
        None => Err(Error::usage("a word is missing behind build")),
    }
}
