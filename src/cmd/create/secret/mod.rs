//! `create secret`: Secrets in the form that Flux reads, by what they are for.

pub(super) mod git;

use clap::Command;

pub(super) fn command() -> Command {
    Command::new("secret")
        .about("Create or update Kubernetes secrets")
        .subcommand(git::command())
}
