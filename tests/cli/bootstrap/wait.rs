//! Waiting: what ends it at once, and what does not.

use kube::api::{Patch, PatchParams};
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION, Kind};
use serde_json::{Value, json};

use super::stage::Stage;
use crate::support::cluster::{block_on, condition};

/// Changes the status of the stage's object, or the object itself.
fn patch(stage: &Stage, kind: &Kind, status: bool, patch: Value) {
    let api = stage.namespace.api(kind);
    let (name, params) = (&stage.namespace.name, PatchParams::default());
    block_on(async {
        if status {
            api.patch_status(name, &params, &Patch::Merge(patch)).await
        } else {
            api.patch(name, &params, &Patch::Merge(patch)).await
        }
    })
    .unwrap();
}

#[test]
fn a_failure_left_from_before_is_not_final() {
    let stage = Stage::new();
    stage.run(&["--token-auth"]).success();
    let failed = condition("Ready", "False", "GitOperationFailed", "no such host", 1);
    patch(
        &stage,
        &GIT_REPOSITORY,
        true,
        json!({"status": {"conditions": [failed]}}),
    );
    // The controller is asked to look again, and is content then.
    stage.run(&["--token-auth"]).success();
}

#[test]
fn a_stalled_object_ends_the_wait_at_once() {
    let stage = Stage::new();
    stage.run(&["--token-auth"]).success();
    let generation = 2;
    patch(
        &stage,
        &KUSTOMIZATION,
        false,
        json!({
            "metadata": {"annotations": {"sandbox/silent": "true"}},
            "spec": {"timeout": "4m0s"},
        }),
    );
    let stalled = [
        condition(
            "Stalled",
            "True",
            "InvalidPath",
            "no such folder",
            generation,
        ),
        condition(
            "Ready",
            "False",
            "InvalidPath",
            "no such folder",
            generation,
        ),
    ];
    patch(
        &stage,
        &KUSTOMIZATION,
        true,
        json!({"status": {"conditions": stalled, "observedGeneration": generation}}),
    );
    // Asked to look again, it answers that it is stalled still.
    let started = std::time::Instant::now();
    let stderr = stage.run(&["--token-auth"]).failure(7);
    assert!(started.elapsed().as_secs() < 30);
    assert!(stderr.contains("is stalled: no such folder"), "{stderr}");
}

#[test]
fn a_suspended_object_ends_the_wait_with_a_way_on() {
    let stage = Stage::new();
    stage.run(&["--token-auth"]).success();
    patch(
        &stage,
        &KUSTOMIZATION,
        false,
        json!({"spec": {"suspend": true}}),
    );
    let stderr = stage.run(&["--token-auth"]).failure(7);
    let name = &stage.namespace.name;
    assert!(
        stderr.contains(&format!("Kustomization {name}/{name} is suspended")),
        "{stderr}"
    );
    let hint = format!("hint: reflux resume kustomization {name}");
    assert!(stderr.contains(&hint), "{stderr}");
}
