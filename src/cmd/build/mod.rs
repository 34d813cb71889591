//! `build`: what Flux would apply, without applying it.

pub(super) mod all;
mod checkout;
mod files;
mod kustomization;
pub(super) mod render;
pub(super) mod wanted;

use clap::{ArgMatches, Command};

use super::{Verb, run_word, with_words};
use crate::context::Context;
use crate::error::Result;

pub(super) const VERB: Verb = Verb {
    name: "build",
    command,
    run,
};

const WORDS: &[Verb] = &[kustomization::WORD, all::WORD];

fn command() -> Command {
    with_words(
        Command::new(VERB.name).about("Build what Flux would apply"),
        WORDS,
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    run_word(WORDS, context, matches)
}
