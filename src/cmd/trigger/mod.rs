//! `trigger`: set Flux off from outside of the cluster.

mod call;
mod caller;
mod oidc;
mod receiver;
mod webhook;

use clap::{ArgMatches, Command};

use super::{Verb, run_word, with_words};
use crate::context::Context;
use crate::error::Result;

pub(super) const VERB: Verb = Verb {
    name: "trigger",
    command,
    run,
};

const WORDS: &[Verb] = &[receiver::WORD];

fn command() -> Command {
    with_words(
        Command::new(VERB.name).about("Set Flux off from outside of the cluster"),
        WORDS,
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    run_word(WORDS, context, matches)
}
