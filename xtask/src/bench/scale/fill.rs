//! Objects by the thousand, with the status that Flux's controllers give them.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use reflux::kinds::{Fixed, GIT_REPOSITORY, KUSTOMIZATION, Kind};
use serde_json::{Value, json};

use crate::workspace::root;

/// How many objects are made at once.
pub(super) const AT_ONCE: usize = 32;

/// How many objects a Kustomization is said to have applied.
const APPLIED: usize = 5;

const REVISION: &str = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738";

/// The objects of a kind in a namespace.
pub(super) fn api(client: &Client, kind: &Kind, namespace: &str) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), namespace, &kind.api_resource())
}

/// The name of an object by its number.
pub(super) fn name(number: usize) -> String {
    format!("app-{number:05}")
}

/// Makes that many objects; those that something reconciles are ready.
pub(super) async fn fill(
    client: &Client,
    kind: &Kind,
    namespace: &str,
    count: usize,
) -> Result<()> {
    let sample = sample(kind)?;
    let reconciled = !matches!(kind.fixed, Fixed::Always(_));
    let status = json!({"status": status(kind, namespace)});
    let api = api(client, kind, namespace);
    each(count, AT_ONCE, async |number| {
        let name = name(number);
        let mut object = sample.clone();
        object.metadata.name = Some(name.clone());
        api.create(&PostParams::default(), &object).await?;
        if reconciled {
            patch_status(&api, &name, &status).await?;
        }
        Ok(())
    })
    .await
    .with_context(|| format!("making {count} {}", kind.plural))
}

/// Ends the suspension of the first `count` objects.
pub(super) async fn resume(
    client: &Client,
    kind: &Kind,
    namespace: &str,
    count: usize,
) -> Result<()> {
    let api = api(client, kind, namespace);
    let patch = json!({"spec": {"suspend": false}});
    each(count, AT_ONCE, async |number| {
        api.patch(
            &name(number),
            &PatchParams::default(),
            &Patch::Merge(&patch),
        )
        .await?;
        Ok(())
    })
    .await
}

/// Merges `patch` into the status of an object.
pub(super) async fn patch_status(
    api: &Api<DynamicObject>,
    name: &str,
    patch: &Value,
) -> Result<()> {
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch))
        .await?;
    Ok(())
}

/// Does something for each number below `count`, `at_once` of them at a time.
pub(super) async fn each(
    count: usize,
    at_once: usize,
    act: impl AsyncFn(usize) -> Result<()>,
) -> Result<()> {
    let act = &act;
    stream::iter(0..count)
        .map(move |number| act(number))
        .buffer_unordered(at_once)
        .try_collect()
        .await
}

/// The sample of the kind that its own tests use.
fn sample(kind: &Kind) -> Result<DynamicObject> {
    let mut file = kind.kind.to_lowercase();
    file.push_str(".yaml");
    let path = root().join("src/kinds/fixtures").join(file);
    let text = fs_err::read_to_string(&path)?;
    serde_yaml::from_str(&text).with_context(|| path.display().to_string())
}

/// A condition Ready of an object of the first generation.
pub(super) fn ready(status: &str, message: &str) -> Value {
    json!({
        "type": "Ready", "status": status, "reason": "ReconciliationSucceeded",
        "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z",
        "observedGeneration": 1,
    })
}

fn status(kind: &Kind, namespace: &str) -> Value {
    let mut status = json!({"observedGeneration": 1});
    let mut message = "reconciliation succeeded".to_owned();
    if kind.kind == KUSTOMIZATION.kind {
        message = format!("Applied revision: {REVISION}");
        status["lastAppliedRevision"] = json!(REVISION);
        status["lastAttemptedRevision"] = json!(REVISION);
        status["inventory"] = json!({"entries": inventory(namespace)});
    } else if kind.kind == GIT_REPOSITORY.kind {
        message = format!("stored artifact for revision '{REVISION}'");
        let file = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738.tar.gz";
        let path = format!("gitrepository/{namespace}/fleet/{file}");
        let server = "http://source-controller.flux-system.svc.cluster.local.";
        status["artifact"] = json!({
            "digest": digest(),
            "lastUpdateTime": "2026-01-01T00:00:00Z",
            "revision": REVISION,
            "size": 54_321,
            "url": format!("{server}/{path}"),
            "path": path,
        });
    }
    status["conditions"] = json!([ready("True", &message)]);
    status
}

fn inventory(namespace: &str) -> Vec<Value> {
    (0..APPLIED)
        .map(|n| json!({"id": format!("{namespace}_web-{n}_apps_Deployment"), "v": "v1"}))
        .collect()
}

fn digest() -> String {
    (0..32u8).fold("sha256:".to_owned(), |mut digest, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}
