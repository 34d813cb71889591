//! The verbs, one file each; a folder where the leaves have flags of their own.
//!
//! A verb is a row: its name, its part of the command tree, and what runs. Verbs that work on any
//! kind make their tree from the table of kinds through [`nouns`].

mod bootstrap;
mod build;
mod check;
mod completion;
mod components;
mod create;
pub mod deadline;
mod delete;
mod diff;
mod envsubst;
mod export;
mod get;
mod input;
mod install;
mod kustomize;
pub mod nouns;
pub mod output;
mod reconcile;
mod remote;
mod resume;
mod round;
mod select;
mod suspend;
mod trigger;
mod uninstall;
mod version;
mod wait;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::context::Context;
use crate::error::{Error, Result};

/// One verb.
pub struct Verb {
    /// Its word.
    pub name: &'static str,
    /// Its part of the command tree.
    pub command: fn() -> Command,
    /// What runs.
    pub run: fn(&Context, &ArgMatches) -> Result<()>,
}

/// Every verb, in the order of help.
pub const VERBS: &[Verb] = &[
    bootstrap::VERB,
    check::VERB,
    install::VERB,
    uninstall::VERB,
    create::VERB,
    get::VERB,
    reconcile::VERB,
    wait::VERB,
    suspend::VERB,
    resume::VERB,
    delete::VERB,
    export::VERB,
    trigger::VERB,
    build::VERB,
    diff::VERB,
    envsubst::VERB,
    kustomize::VERB,
    version::VERB,
    completion::VERB,
];

/// Reads a verb's flags out of what was parsed.
fn arguments<A: FromArgMatches>(matches: &ArgMatches) -> Result<A> {
    A::from_arg_matches(matches).map_err(|error| {
        Error::usage(
            error
                .to_string()
                .trim_start_matches("error: ")
                .trim_end()
                .to_owned(),
        )
    })
}

/// A command without words below it, with the flags of `A`.
fn leaf<A: Args>(command: Command) -> Command {
    A::augment_args(command)
}
