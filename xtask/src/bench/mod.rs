//! `bench`: how long reflux takes, how much of the processor and of memory, beside a peer.
//!
//! Every row is a whole run of the built program, measured by the kernel: wall time from start to
//! exit, user and system time, and the largest resident set. Rows are medians. A peer, such as
//! flux itself, runs the same commands in the same run, turn by turn, so that the ratio means
//! something on a machine that others use, too.

mod bootstrap;
mod measure;
mod reaction;
mod table;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use sandbox::{ControlPlane, Size};
use serde_json::json;

use crate::workspace::{cargo, root, run as run_command};
use measure::{Program, measure};
use table::Table;

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Another program with flux's command line, to compare with
    #[arg(long, value_name = "PATH")]
    peer: Option<PathBuf>,
    /// How often each command runs
    #[arg(long, default_value_t = 20)]
    samples: usize,
    /// How often a cluster is bootstrapped; each time it is a new one
    #[arg(long, default_value_t = 5)]
    bootstraps: usize,
    /// How many Kustomizations `get` lists
    #[arg(long, default_value_t = 1000)]
    objects: usize,
}

/// The programs that are compared; reflux is the first.
pub(crate) struct Bench {
    pub(crate) programs: Vec<Program>,
    pub(crate) args: BenchArgs,
}

pub(crate) fn run(args: BenchArgs) -> Result<()> {
    run_command(cargo().args(["build", "--release", "--package", "reflux"]))?;
    let own = root().join("target/release/reflux");
    let mut programs = vec![Program::new("reflux", own)?];
    if let Some(peer) = &args.peer {
        programs.push(Program::new("peer", peer.clone())?);
    }
    let bench = Bench { programs, args };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut table = Table::new(&bench.programs);
    table.sizes(&bench.programs)?;
    offline(&bench, &mut table)?;
    lists(&bench, &mut table, &runtime)?;
    reaction::run(&bench, &mut table, &runtime)?;
    bootstrap::run(&bench, &mut table, &runtime)?;
    table.print();
    Ok(())
}

/// Commands that touch no cluster.
fn offline(bench: &Bench, table: &mut Table) -> Result<()> {
    let rows: &[(&str, &[&str])] = &[
        ("--version", &["--version"]),
        ("install --export", &["install", "--export"]),
        (
            "create source git --export",
            &[
                "create",
                "source",
                "git",
                "podinfo",
                "--url=https://github.com/stefanprodan/podinfo",
                "--branch=master",
                "--export",
            ],
        ),
    ];
    for (name, args) in rows {
        let results = measure(&bench.programs, bench.args.samples, |program| {
            let mut command = program.command();
            command.args(*args);
            command
        })?;
        table.add(name, results);
    }
    Ok(())
}

/// Lists on an API server with many objects.
fn lists(bench: &Bench, table: &mut Table, runtime: &tokio::runtime::Runtime) -> Result<()> {
    let control_plane = runtime.block_on(async {
        let control_plane = ControlPlane::start(Size::ApiOnly).await?;
        control_plane
            .install_crds(&flux_api::crd::all_json())
            .await?;
        fill(&control_plane, bench.args.objects).await?;
        anyhow::Ok(control_plane)
    })?;
    let results = measure(&bench.programs, bench.args.samples, |program| {
        let mut command = program.command();
        command
            .args(["get", "kustomizations", "-A"])
            .env("KUBECONFIG", control_plane.kubeconfig());
        command
    })?;
    table.add(
        &format!("get kustomizations -A ({})", bench.args.objects),
        results,
    );
    Ok(())
}

/// Makes that many Kustomizations with a status each.
async fn fill(control_plane: &ControlPlane, count: usize) -> Result<()> {
    use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
    let namespace = control_plane.namespace("bench").await?;
    let resource = reflux::kinds::KUSTOMIZATION.api_resource();
    let client = control_plane.client().await?;
    let api: Api<DynamicObject> = Api::namespaced_with(client, &namespace, &resource);
    let names: Vec<String> = (0..count).map(|n| format!("app-{n:05}")).collect();
    let make = async |name: &String| -> Result<()> {
        let object: DynamicObject = serde_json::from_value(json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name},
            "spec": {
                "interval": "10m", "path": "./apps", "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": "fleet"},
            },
        }))?;
        api.create(&PostParams::default(), &object).await?;
        let status = json!({"status": {
            "observedGeneration": 1,
            "lastAppliedRevision": "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "ReconciliationSucceeded",
                "message": "Applied revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
                "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1,
            }],
        }});
        api.patch_status(name, &PatchParams::default(), &Patch::Merge(status))
            .await?;
        Ok(())
    };
    for chunk in names.chunks(50) {
        futures::future::try_join_all(chunk.iter().map(&make)).await?;
    }
    Ok(())
}

/// Refuses a run that failed: its time would mean nothing.
pub(crate) fn demand(success: bool, what: &str, stderr: &str) -> Result<()> {
    if !success {
        bail!("{what} failed:\n{stderr}");
    }
    Ok(())
}
