//! The API server goes away and comes back while verbs wait: they go on from where they were.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use reflux::kinds::KUSTOMIZATION;
use sandbox::{ControlPlane, Size};
use serde_json::{Value, json};

use crate::support::cluster::{block_on, fixture, ready};

/// What a verb waits for.
struct Wait {
    args: &'static [&'static str],
    /// What it is waiting on comes to be by this patch of the status.
    name: &'static str,
}

const WAITS: &[Wait] = &[
    Wait {
        args: &["resume", "ks", "resumed"],
        name: "resumed",
    },
    Wait {
        args: &["reconcile", "ks", "reconciled"],
        name: "reconciled",
    },
];

fn start(control_plane: &ControlPlane, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_reflux"))
        .args(args)
        .args(["-n", "default", "--timeout=90s"])
        .env_clear()
        .env("KUBECONFIG", control_plane.kubeconfig())
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_wait_outlives_the_server() {
    block_on(async {
        let control_plane = ControlPlane::start(Size::ApiOnly).await.unwrap();
        let crds = flux_api::crd::all_json();
        control_plane.install_crds(&crds).await.unwrap();
        let client = control_plane.client().await.unwrap();
        let resource = KUSTOMIZATION.api_resource();
        let api: Api<DynamicObject> = Api::namespaced_with(client, "default", &resource);
        for wait in WAITS {
            let mut object = fixture(&KUSTOMIZATION);
            object.metadata.name = Some(wait.name.to_owned());
            api.create(&PostParams::default(), &object).await.unwrap();
            set(&api, wait.name, &ready()).await;
        }
        let suspended = json!({"spec": {"suspend": true}});
        let params = PatchParams::default();
        api.patch("resumed", &params, &Patch::Merge(suspended))
            .await
            .unwrap();

        let children: Vec<Child> = WAITS
            .iter()
            .map(|w| start(&control_plane, w.args))
            .collect();
        // Both have done their part once the objects show it.
        until(&api, "resumed", |o| o.data["spec"]["suspend"].is_null()).await;
        until(&api, "reconciled", |o| o.metadata.annotations.is_some()).await;
        control_plane.restart_api_server().await.unwrap();
        for wait in WAITS {
            let object = api.get(wait.name).await.unwrap();
            let annotations = object.metadata.annotations.unwrap_or_default();
            let mut status = ready();
            let generation = json!(object.metadata.generation);
            status["observedGeneration"] = generation.clone();
            status["conditions"][0]["observedGeneration"] = generation;
            status["lastHandledReconcileAt"] =
                json!(annotations.get("reconcile.fluxcd.io/requestedAt"));
            set(&api, wait.name, &status).await;
        }
        for (child, wait) in children.into_iter().zip(WAITS) {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{:?}: {stderr}", wait.args);
            assert!(
                stderr.contains("applied revision"),
                "{:?}: {stderr}",
                wait.args
            );
        }
    });
}

async fn set(api: &Api<DynamicObject>, name: &str, status: &Value) {
    let patch = Patch::Merge(json!({"status": status}));
    api.patch_status(name, &PatchParams::default(), &patch)
        .await
        .unwrap();
}

async fn until(api: &Api<DynamicObject>, name: &str, is: impl Fn(&DynamicObject) -> bool) {
    while !is(&api.get(name).await.unwrap()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
