//! `diff`: what a change would do, without doing it.

mod all;
mod ask;
mod judge;
mod kustomization;
mod parts;
mod root;
mod show;
mod walk;

use clap::{ArgMatches, Command};

use super::Verb;
use crate::context::Context;
use crate::error::{Error, Result};

pub(super) const VERB: Verb = Verb {
    name: "diff",
    command,
    run,
};

fn command() -> Command {
    Command::new("diff")
        .about("Show what a change would do")
        .subcommand(kustomization::command())
        .subcommand(all::command())
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("kustomization", leaf)) => kustomization::run(context, leaf),
        Some(("all", leaf)) => all::run(context, leaf),
        Some((word, _)) => Err(Error::usage(format!("unknown command {word:?}"))),
        None => Err(Error::usage("a word is missing behind diff")),
    }
}
