//! A HelmRepository that names a registry has no reconciler: it is ready as it stands.

use kube::api::PostParams;
use reflux::kinds::HELM_REPOSITORY;
use serde_json::json;

use crate::support::cluster::{Namespace, block_on, fixture, namespace};

fn registry() -> Namespace {
    let ns = namespace();
    let mut object = fixture(&HELM_REPOSITORY);
    object.metadata.name = Some("one".to_owned());
    object.data["spec"]["type"] = json!("oci");
    object.data["spec"]["url"] = json!("oci://registry.example.com/charts");
    let api = ns.api(&HELM_REPOSITORY);
    block_on(api.create(&PostParams::default(), &object)).unwrap();
    ns
}

#[test]
fn it_is_ready() {
    let ns = registry();
    let row = "one\t\tFalse\tTrue\tHelm repository is Ready\t\n";
    let get = ["get", "sources", "helm", "--no-header"];
    assert_eq!(ns.flux(&get).success(), row);
    // flux looks at conditions here, and there are none.
    let selected = [&get[..], &["--status-selector=ready=true"]].concat();
    assert_eq!(ns.flux(&selected).success(), "");
}

#[test]
fn there_is_nothing_to_reconcile() {
    let ns = registry();
    let output = ns.flux(&["reconcile", "source", "helm", "one"]);
    assert_eq!(
        output.stderr,
        "✔ reconciliation not supported by the object\n"
    );
    assert_eq!(output.success(), "");
}

#[test]
fn it_is_resumed_without_a_wait() {
    let ns = registry();
    ns.flux(&["suspend", "source", "helm", "one"]).success();
    let output = ns.flux(&["resume", "source", "helm", "one", "--timeout=2s"]);
    let error = output.stderr.clone();
    output.success();
    assert!(
        error.contains("✔ HelmRepository one reconciliation completed"),
        "{error}"
    );
}
