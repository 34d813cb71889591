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

/// One verb, or a word below one.
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

/// A verb's command with the words below it.
fn with_words(command: Command, words: &[Verb]) -> Command {
    command.subcommands(words.iter().map(|word| (word.command)()))
}

/// Runs the word below a verb that was given.
fn run_word(words: &[Verb], context: &Context, matches: &ArgMatches) -> Result<()> {
    let Some((given, leaf)) = matches.subcommand() else {
        return Err(Error::usage("a word is missing behind the command"));
    };
    match words.iter().find(|word| word.name == given) {
        Some(word) => (word.run)(context, leaf),
        None => Err(Error::usage(format!("unknown command {given:?}"))),
    }
}

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
    let (about, long) = (
        command.get_about().cloned(),
        command.get_long_about().cloned(),
    );
    // A doc comment on a set of flags that several commands share would become their help.
    let mut command = A::augment_args(command);
    if let Some(about) = about {
        command = command.about(about);
    }
    match long {
        Some(long) => command.long_about(long),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What several commands share.
    #[derive(Args)]
    struct Shared {
        #[arg(long)]
        flag: bool,
    }

    #[derive(Args)]
    struct Own {
        #[command(flatten)]
        shared: Shared,
    }

    #[test]
    fn the_help_of_a_command_is_its_own() {
        let command = leaf::<Own>(
            Command::new("x")
                .about("Do it")
                .long_about("Do it.\n\nAll."),
        );
        let text = |text: Option<&clap::builder::StyledStr>| text.unwrap().to_string();
        assert_eq!(text(command.get_about()), "Do it");
        assert_eq!(text(command.get_long_about()), "Do it.\n\nAll.");
        let matches = command.try_get_matches_from(["x", "--flag"]).unwrap();
        assert!(matches.get_flag("flag"));
        let own: Own = arguments(&matches).unwrap();
        assert!(own.shared.flag);
    }
}
