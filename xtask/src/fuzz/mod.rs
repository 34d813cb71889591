//! `fuzz`: random inputs, for as long as told.

mod kustomize;

use anyhow::Result;
use clap::{Args, Subcommand};

/// What is tried with random inputs.
#[derive(Args)]
pub(crate) struct FuzzArgs {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Build random trees of kustomizations with the crate and with kustomize's own command, and compare the bytes
    Kustomize(kustomize::KustomizeArgs),
}

pub(crate) fn run(args: &FuzzArgs) -> Result<()> {
    match &args.subject {
        Subject::Kustomize(args) => kustomize::run(args),
    }
}
