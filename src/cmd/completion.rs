//! `completion`: scripts for shells.

use clap::{ArgMatches, Command};

use super::Verb;
use crate::complete::{self, SHELLS};
use crate::context::Context;
use crate::error::{Error, Result};

pub(super) const VERB: Verb = Verb {
    name: "completion",
    command,
    run,
};

fn command() -> Command {
    let mut command = Command::new("completion")
        .about("Print the completion script for a shell")
        .long_about(
            "Print the completion script for a shell.\n\nThe script asks this program, so that \
             names of objects, namespaces and contexts are completed from the cluster.",
        );
    for shell in SHELLS {
        let example = match shell {
            "fish" => "{bin} completion fish | source",
            "powershell" => "{bin} completion powershell | Out-String | Invoke-Expression",
            "elvish" => "eval ({bin} completion elvish | slurp)",
            "zsh" => "source <({bin} completion zsh)",
            _ => "source <({bin} completion bash)",
        };
        command = command.subcommand(
            Command::new(shell)
                .about(format!("Print the completion script for {shell}"))
                .after_help(format!("Examples:\n  {example}")),
        );
    }
    command
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let shell = matches
        .subcommand_name()
        .ok_or_else(|| Error::usage("name the shell to complete for"))?;
    context
        .ui
        .answer(&complete::script(shell, context.identity)?)
}
