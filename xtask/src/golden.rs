//! `golden`: a real flux against what is recorded of it in tests/cli/golden.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use sandbox::{ControlPlane, KUBECONFIG_VARIABLE, Size};

use crate::workspace::{cargo, run as run_command};

#[derive(Args)]
pub(crate) struct GoldenArgs {
    /// The real flux
    #[arg(long, value_name = "PATH")]
    peer: PathBuf,
    /// Write down what it prints, instead of comparing
    #[arg(long)]
    record: bool,
}

pub(crate) fn run(args: &GoldenArgs) -> Result<()> {
    let peer = fs_err::canonicalize(&args.peer)?;
    run_command(cargo().args(["build", "--package", "reflux", "--tests"]))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let control_plane = runtime.block_on(ControlPlane::start(Size::ApiOnly))?;
    let mut test = cargo();
    test.args(["test", "--package", "reflux", "--test", "cli", "golden::"])
        .env(KUBECONFIG_VARIABLE, control_plane.kubeconfig())
        .env("REFLUX_GOLDEN_PEER", peer);
    if args.record {
        test.env("REFLUX_GOLDEN_RECORD", "1");
    }
    run_command(&mut test)
}
