//! `sandbox`: a control plane to try things on.

use anyhow::Result;
use clap::Args;
use sandbox::{ControlPlane, Size};

#[derive(Args)]
pub(crate) struct SandboxArgs {
    /// With controllers, a scheduler and two nodes, so that Deployments become available
    #[arg(long)]
    full: bool,
    /// With Flux's definitions in it
    #[arg(long)]
    crds: bool,
}

#[expect(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "the answer of this task"
)]
pub(crate) fn run(args: &SandboxArgs) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let size = if args.full { Size::Full } else { Size::ApiOnly };
        let control_plane = ControlPlane::start(size).await?;
        if args.crds {
            let definitions = flux_api::crd::all_json();
            control_plane.install_crds(&definitions).await?;
        }
        println!("export KUBECONFIG={}", control_plane.kubeconfig().display());
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}
