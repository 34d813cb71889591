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

use super::{Verb, run_word, with_words};
use crate::context::Context;
use crate::error::Result;

pub(super) const VERB: Verb = Verb {
    name: "diff",
    command,
    run,
};

const WORDS: &[Verb] = &[kustomization::WORD, all::WORD];

fn command() -> Command {
    with_words(
        Command::new(VERB.name).about("Show what a change would do"),
        WORDS,
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    run_word(WORDS, context, matches)
}
