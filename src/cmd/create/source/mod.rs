//! `create source`: sources, by kind.

pub(super) mod git;

use clap::{Args, Command};
use flux_api::Duration;

use crate::flags;

// Flags of every `create source` command.
#[derive(Args)]
pub(super) struct SourceArgs {
    /// How long one fetch may take, as a Go duration
    #[arg(long, global = true, value_parser = flags::duration, default_value = "0s")]
    pub(super) fetch_timeout: Duration,
}

pub(super) fn command() -> Command {
    SourceArgs::augment_args(
        Command::new("source")
            .about("Create or update sources")
            .subcommand(git::command()),
    )
}
