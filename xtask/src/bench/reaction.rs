//! How soon a waiting command notices: from the moment at which the API server has taken a status
//! to the command's end.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use reflux::kinds::KUSTOMIZATION;
use sandbox::{ControlPlane, Size};
use serde_json::json;

use super::Bench;
use super::measure::{Program, Sample, medians};
use super::table::Table;

pub(crate) fn run(
    bench: &Bench,
    table: &mut Table,
    runtime: &tokio::runtime::Runtime,
) -> Result<()> {
    let (control_plane, namespace) = runtime.block_on(async {
        let control_plane = ControlPlane::start(Size::ApiOnly).await?;
        control_plane
            .install_crds(&flux_api::crd::all_json())
            .await?;
        let namespace = control_plane.namespace("reaction").await?;
        anyhow::Ok((control_plane, namespace))
    })?;
    for program in &bench.programs {
        let mut samples = Vec::new();
        for number in 0..bench.args.samples {
            let name = format!("{}-{number}", program.name);
            let one = runtime.block_on(once(program, &control_plane, &namespace, &name))?;
            samples.push(Sample {
                wall: one,
                ..Sample::default()
            });
        }
        let what = "reconcile: from the status to the end";
        table.add_time(what, program.name, medians(&samples).wall);
    }
    Ok(())
}

async fn once(
    program: &Program,
    control_plane: &ControlPlane,
    namespace: &str,
    name: &str,
) -> Result<Duration> {
    let client = control_plane.client().await?;
    let resource = KUSTOMIZATION.api_resource();
    let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, &resource);
    let object: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name},
        "spec": {
            "interval": "10m", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "fleet"},
        },
    }))?;
    api.create(&PostParams::default(), &object).await?;
    let mut child = tokio::process::Command::from(program.command())
        .args(["reconcile", "kustomization", name, "-n", namespace])
        .env("KUBECONFIG", control_plane.kubeconfig())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let requested = request(&api, name).await?;
    // The command is past its request; give it the time to begin its watch, as a controller would.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let status = json!({"status": {
        "observedGeneration": 1,
        "lastHandledReconcileAt": requested,
        "lastAppliedRevision": "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
        "conditions": [{
            "type": "Ready", "status": "True", "reason": "ReconciliationSucceeded",
            "message": "done", "lastTransitionTime": "2026-01-01T00:00:00Z",
            "observedGeneration": 1,
        }],
    }});
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(status))
        .await?;
    let patched = Instant::now();
    let ended = child.wait().await?;
    if !ended.success() {
        bail!("reconcile {name}: {ended}");
    }
    Ok(patched.elapsed())
}

/// The request that the command leaves on the object.
async fn request(api: &Api<DynamicObject>, name: &str) -> Result<String> {
    for _ in 0..1000 {
        let object = api.get(name).await?;
        let annotations = object.metadata.annotations.unwrap_or_default();
        if let Some(requested) = annotations.get("reconcile.fluxcd.io/requestedAt") {
            return Ok(requested.clone());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None.context("the command made no request")
}
