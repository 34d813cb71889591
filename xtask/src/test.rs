//! `test`: all tests of the workspace, against one API server.

use anyhow::Result;
use clap::Args;
use sandbox::{ControlPlane, KUBECONFIG_VARIABLE, Size};

use crate::workspace::{cargo, run as run_command};

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Arguments for `cargo test`, such as a package or a filter
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(args: &TestArgs) -> Result<()> {
    // The build comes first: a failure to compile should not wait for a server.
    run_command(cargo().args(["build", "--workspace", "--all-targets"]))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let control_plane = runtime.block_on(ControlPlane::start(Size::ApiOnly))?;
    run_command(
        cargo()
            .args(["test", "--workspace"])
            .args(&args.arguments)
            .env(KUBECONFIG_VARIABLE, control_plane.kubeconfig()),
    )
}
