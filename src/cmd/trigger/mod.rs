//! `trigger`: set Flux off from outside of the cluster.

mod call;
mod caller;
mod oidc;
mod receiver;
mod webhook;

use clap::{ArgMatches, Command};

use super::Verb;
use crate::context::Context;
use crate::error::{Error, Result};

pub(super) const VERB: Verb = Verb {
    name: "trigger",
    command,
    run,
};

fn command() -> Command {
    Command::new("trigger")
        .about("Set Flux off from outside of the cluster")
        .subcommand(receiver::command())
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("receiver", leaf)) => receiver::run(context, leaf),
        Some((word, _)) => Err(Error::usage(format!("unknown command {word:?}"))),
        None => Err(Error::usage("a word is missing behind trigger")),
    }
}
