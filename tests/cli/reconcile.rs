//! `reconcile`: only the answer to our own request counts.

use insta::assert_snapshot;
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use serde_json::json;

use crate::support::cluster::{namespace, ready, status};
use crate::support::controller::Controller;

#[test]
fn the_source_goes_first() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    ns.sample(&GIT_REPOSITORY, "sample", ready());
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let output = ns.flux(&["reconcile", "ks", "apps", "--with-source"]);
    assert_snapshot!(output.stderr.replace(&ns.name, "NS"), @"
    ► annotating GitRepository sample in NS namespace
    ✔ GitRepository annotated
    ◎ waiting for GitRepository reconciliation
    ✔ fetched revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ► annotating Kustomization apps in NS namespace
    ✔ Kustomization annotated
    ◎ waiting for Kustomization reconciliation
    ✔ applied revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!(output.code, 0);
}

#[test]
fn an_earlier_request_that_is_handled_is_not_ours() {
    let ns = namespace();
    let mut stale = ready();
    stale["lastHandledReconcileAt"] = json!("2020-01-01T00:00:00.5Z");
    ns.sample(&KUSTOMIZATION, "apps", stale);
    let error = ns
        .reflux(&["reconcile", "ks", "apps", "--timeout=1s"])
        .failure(6);
    assert!(
        error.contains("timed out waiting for Kustomization"),
        "{error}"
    );
    assert!(
        error.contains("the controller has not answered the request"),
        "{error}"
    );
}

#[test]
fn a_failed_attempt_is_told_at_once() {
    let ns = namespace();
    let _controller = Controller::start(&ns, |_| ("False", "BuildFailed", "no such folder"));
    ns.sample(
        &KUSTOMIZATION,
        "apps",
        status("False", "BuildFailed", "old news"),
    );
    let error = ns.reflux(&["reconcile", "ks", "apps"]).failure(7);
    assert!(
        error.contains("Kustomization reconciliation failed: 'no such folder'"),
        "{error}"
    );
}

#[test]
fn suspended_objects_are_refused() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    ns.reflux(&["suspend", "ks", "apps"]).success();
    let error = ns.reflux(&["reconcile", "ks", "apps"]).failure(7);
    assert!(error.contains("resource is suspended"), "{error}");
    assert!(
        error.contains("reflux resume kustomization apps"),
        "{error}"
    );
}

#[test]
fn every_name_is_tried() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    ns.sample(&KUSTOMIZATION, "one", ready());
    ns.sample(&KUSTOMIZATION, "two", ready());
    let output = ns.reflux(&["reconcile", "ks", "one", "nobody", "two"]);
    assert_eq!(
        output.stderr.matches(": applied revision").count(),
        2,
        "{}",
        output.stderr
    );
    assert!(output.failure(3).contains("nobody"));
}
