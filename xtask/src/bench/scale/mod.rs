//! Verbs on hundreds and thousands of objects, on API servers that hold nothing else.

mod fill;
mod floor;
mod wait;

use anyhow::Result;
use reflux::kinds::{GIT_REPOSITORY, KINDS, KUSTOMIZATION, Kind};
use sandbox::{ControlPlane, Size};
use tokio::runtime::Runtime;

use super::Bench;
use super::measure::{measure, measure_after};
use super::table::Table;

/// How many names `suspend` is given.
const SUSPENDED: usize = 100;

/// How many objects there are of each kind that is not there by the thousand.
const FEW: usize = 10;

pub(crate) fn run(bench: &Bench, table: &mut Table, runtime: &Runtime) -> Result<()> {
    for &count in &bench.args.scale {
        reads(bench, table, runtime, count)?;
    }
    suspend(bench, table, runtime)?;
    wait::run(bench, table, runtime)
}

/// Flux's definitions and nothing else.
async fn empty() -> Result<ControlPlane> {
    let control_plane = ControlPlane::start(Size::ApiOnly).await?;
    let definitions = flux_api::crd::all_json();
    control_plane.install_crds(&definitions).await?;
    Ok(control_plane)
}

/// What reads all objects: `count` Kustomizations and as many GitRepositories in one namespace,
/// and a few objects of every other kind.
fn reads(bench: &Bench, table: &mut Table, runtime: &Runtime, count: usize) -> Result<()> {
    let (control_plane, namespace, client) = runtime.block_on(async {
        let control_plane = empty().await?;
        let namespace = control_plane.namespace("bench").await?;
        let client = control_plane.client().await?;
        for kind in KINDS {
            let many = [&KUSTOMIZATION, &GIT_REPOSITORY]
                .iter()
                .any(|k| k.kind == kind.kind);
            let count = if many { count } else { FEW };
            fill::fill(&client, kind, &namespace, count).await?;
        }
        floor::rest(&client, KINDS).await?;
        anyhow::Ok((control_plane, namespace, client))
    })?;
    // Each with the kinds that it has the server list.
    let rows: &[(&[&str], &[&Kind])] = &[
        (
            &["get", "kustomizations", "--all-namespaces"],
            &[&KUSTOMIZATION],
        ),
        (&["get", "all", "--all-namespaces"], KINDS),
        (
            &[
                "export",
                "kustomization",
                "--all",
                "--namespace",
                &namespace,
            ],
            &[&KUSTOMIZATION],
        ),
    ];
    for (args, kinds) in rows {
        let results = measure(&bench.programs, bench.args.scale_samples, |program| {
            let mut command = program.command();
            command
                .args(*args)
                .env("KUBECONFIG", control_plane.kubeconfig());
            command
        })?;
        let words = args[..3].join(" ").replace("--all-namespaces", "-A");
        let what = format!("{words} ({count} of each)");
        table.add(&what, results);
        let samples = bench.args.scale_samples;
        let alone = runtime.block_on(floor::lists(&client, kinds, samples))?;
        table.add_time(&what, floor::NAME, alone);
    }
    Ok(())
}

/// `suspend --all`; before each run the objects are made to go on.
fn suspend(bench: &Bench, table: &mut Table, runtime: &Runtime) -> Result<()> {
    let (control_plane, namespace, client) = runtime.block_on(async {
        let control_plane = empty().await?;
        let namespace = control_plane.namespace("suspend").await?;
        let client = control_plane.client().await?;
        fill::fill(&client, &KUSTOMIZATION, &namespace, SUSPENDED).await?;
        anyhow::Ok((control_plane, namespace, client))
    })?;
    let resume = || {
        let resumed = fill::resume(&client, &KUSTOMIZATION, &namespace, SUSPENDED);
        runtime.block_on(resumed)
    };
    let samples = bench.args.scale_samples;
    let results = measure_after(resume, &bench.programs, samples, |program| {
        let mut command = program.command();
        command
            .args(["suspend", "kustomization", "--all"])
            .args(["--namespace", &namespace])
            .env("KUBECONFIG", control_plane.kubeconfig());
        command
    })?;
    let what = format!("suspend kustomization --all ({SUSPENDED})");
    table.add(&what, results);
    let alone = floor::patches(&client, &namespace, SUSPENDED, samples);
    table.add_time(&what, floor::NAME, runtime.block_on(alone)?);
    Ok(())
}
