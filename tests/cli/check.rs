//! `check` on clusters without an installation; `install.rs` has the others.

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, Patch, PatchParams, PostParams};
use sandbox::User;
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, control_plane, namespace};
use crate::support::reflux;

#[test]
fn prerequisites_alone() {
    let run = namespace().flux(&["check", "--pre", "--poll-interval=1s"]);
    assert_eq!(
        run.stderr,
        "► checking prerequisites\n✔ Kubernetes 1.36.3 >=1.33.0-0\n✔ prerequisites checks passed\n"
    );
    assert_eq!(run.success(), "");
}

#[test]
fn nothing_installed_is_a_failure() {
    let ns = namespace();
    let error = ns.flux(&["check"]).failure(1);
    let none = format!(
        "✗ no controllers found in the '{}' namespace with the label selector 'app.kubernetes.io/part-of=flux'",
        ns.name
    );
    assert!(error.contains(&none), "{error}");
    assert!(error.ends_with("✗ check failed\n"), "{error}");

    let run = ns.reflux(&["check", "-o", "json", "--quiet"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["passed"], false);
    assert_eq!(document["checks"][0]["check"], "kubernetes");
    run.failure(7);
}

#[test]
fn what_may_not_be_read_is_a_failure_with_its_text() {
    let run = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig_of(User::Nobody))
        .args(["check"])
        .run();
    let error = run.failure(7);
    for line in [
        "✗ checking failed: ",
        "✗ checking controllers failed: ",
        "✗ checking crds failed: ",
    ] {
        let told = error.lines().find(|l| l.starts_with(line));
        assert!(
            told.is_some_and(|l| l.contains("forbidden")),
            "{line}: {error}"
        );
    }
}

#[test]
fn a_cluster_that_is_away() {
    let away = ["check", "--pre", "--server", "https://127.0.0.1:9"];
    let error = reflux().args(away).run().failure(5);
    assert!(
        error.contains("✗ Kubernetes API call failed: cannot reach"),
        "{error}"
    );
    assert!(error.contains("hint:"), "{error}");
}

#[test]
fn an_unknown_format_is_refused() {
    let error = reflux().args(["check", "-o", "name"]).run().failure(2);
    let offered = "must be json, yaml, wide, jsonpath=TEMPLATE or custom-columns=SPEC";
    assert!(error.contains(offered), "{error}");
}

/// A controller that runs, as far as its status says.
pub(super) fn controller(ns: &Namespace, name: &str, image: &str, replicas: i32) {
    let labels = json!({"app": name, "app.kubernetes.io/part-of": "flux",
        "app.kubernetes.io/version": "v2.9.4"});
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "manager", "image": image}]},
        }},
    }))
    .unwrap();
    let status = json!({"status": {"observedGeneration": 1, "replicas": replicas,
        "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas}});
    let api: Api<Deployment> = Api::namespaced(ns.client(), &ns.name);
    block_on(async {
        api.create(&PostParams::default(), &deployment)
            .await
            .unwrap();
        let status = Patch::Merge(status);
        api.patch_status(name, &PatchParams::default(), &status)
            .await
            .unwrap();
    });
}

#[test]
fn other_versions_and_sleeping_controllers_are_told() {
    let ns = namespace();
    controller(
        &ns,
        "source-controller",
        "ghcr.io/fluxcd/source-controller:v1.0.0",
        1,
    );
    controller(
        &ns,
        "helm-controller",
        "ghcr.io/fluxcd/helm-controller:v1.6.3",
        0,
    );
    let error = ns.reflux(&["check"]).failure(7);
    for line in [
        "✔ source-controller: deployment ready\n► ghcr.io/fluxcd/source-controller:v1.0.0\n",
        "⚠️ source-controller is v1.0.0, Flux v2.9.4 has v1.9.4\n",
        "✗ helm-controller: deployment scaled to zero\n",
    ] {
        assert!(error.contains(line), "{line}: {error}");
    }
}
