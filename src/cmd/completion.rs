//! `completion`: scripts for shells.

use clap::{ArgMatches, Command};
use clap_complete::{Shell, generate};

use super::Verb;
use crate::cli;
use crate::context::Context;
use crate::error::{Error, Result};

pub(super) const VERB: Verb = Verb {
    name: "completion",
    command,
    run,
};

/// The shells there are scripts for.
const SHELLS: &[(&str, Shell)] = &[
    ("bash", Shell::Bash),
    ("zsh", Shell::Zsh),
    ("fish", Shell::Fish),
    ("powershell", Shell::PowerShell),
    ("elvish", Shell::Elvish),
];

fn command() -> Command {
    let mut command = Command::new("completion").about("Print the completion script for a shell");
    for (name, _) in SHELLS {
        command = command.subcommand(
            Command::new(*name).about(format!("Print the completion script for {name}")),
        );
    }
    command
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let (_, shell) = matches
        .subcommand_name()
        .and_then(|word| SHELLS.iter().find(|(name, _)| *name == word))
        .ok_or_else(|| Error::usage("name the shell to complete for"))?;
    let mut root = cli::root(context.identity);
    let mut script = Vec::new();
    generate(*shell, &mut root, context.identity.name(), &mut script);
    context.ui.answer(&String::from_utf8_lossy(&script))
}
