//! What objects are made from: `reconcile --with-source`, and the flags of a release.

use kube::ResourceExt;
use kube::api::{Patch, PatchParams, PostParams};
use reflux::kinds::{Action, KINDS, Kind};
use serde_json::{Value, json};

use super::facts::Facts;
use super::{Case, Pairs};
use crate::support::cluster::{block_on, fixture};

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.kind == name).unwrap()
}

/// What is said of one reconciliation.
fn lines(kind: &str, name: &str) -> String {
    let done = Facts::of(kind).done;
    format!(
        "► annotating {kind} {name} in NS namespace\n✔ {kind} annotated\n\
         ◎ waiting for {kind} reconciliation\n✔ {done}\n"
    )
}

/// The sources of the kind's sample, first the one to be reconciled first. The chart of a release
/// is named after it.
fn sources(case: &Case) -> Vec<(&'static str, String)> {
    let sample = "sample".to_owned();
    match case.facts.kind {
        "Kustomization" => vec![("GitRepository", sample)],
        "HelmChart" => vec![("HelmRepository", sample)],
        "HelmRelease" => vec![
            ("HelmRepository", sample),
            ("HelmChart", format!("{}-one", case.ns.name)),
        ],
        _ => Vec::new(),
    }
}

fn change(case: &Case, kind: &Kind, name: &str, patch: &Value) {
    let api = case.ns.api(kind);
    let patch = Patch::Merge(patch);
    block_on(api.patch(name, &PatchParams::default(), &patch)).unwrap();
}

#[test]
fn sources_go_first() {
    let with = &["one", "--with-source"];
    Pairs::of("reconcile", Some(Action::Reconcile)).each(11, |case| {
        case.sample("one");
        let sources = sources(case);
        let Some((first, name)) = sources.first() else {
            case.refused(with, 2, "unknown flag: --with-source");
            return;
        };
        let missing = &sources.last().unwrap().0;
        case.refused(with, 3, &format!("{} \"", Facts::of(missing).resource));
        let _controller = case.controller();
        let mut told = String::new();
        for (source, name) in &sources {
            let status = Facts::of(source).status(1);
            case.ns.sample(kind(source), name, status);
            told.push_str(&lines(source, name));
        }
        told.push_str(&lines(case.facts.kind, "one"));
        case.says(with, &told);
        for (source, name) in &sources {
            let object = case.ns.get(kind(source), name).unwrap();
            let requested = "reconcile.fluxcd.io/requestedAt";
            assert!(object.annotations().contains_key(requested), "{source}");
        }
        change(case, kind(first), name, &json!({"spec": {"suspend": true}}));
        case.refused(with, 7, "resource is suspended");
    });
}

#[test]
fn what_is_made_outside_cannot_go_first() {
    let case = &Case::new("reconcile", "Kustomization");
    case.sample("one");
    let outside = json!({"spec": {"sourceRef": {"kind": "ExternalArtifact"}}});
    change(case, case.kind, "one", &outside);
    let says = "cannot reconcile source of kind ExternalArtifact";
    case.refused(&["one", "--with-source"], 1, says);
}

#[test]
fn a_release_can_name_its_chart() {
    let case = &Case::new("reconcile", "HelmRelease");
    let mut release = fixture(case.kind);
    release.metadata.name = Some("one".to_owned());
    release.data["spec"]
        .as_object_mut()
        .unwrap()
        .remove("chart");
    release.data["spec"]["chartRef"] = json!({"kind": "OCIRepository", "name": "sample"});
    let api = case.ns.api(case.kind);
    block_on(api.create(&PostParams::default(), &release)).unwrap();
    case.ns.sample(kind("OCIRepository"), "sample", Value::Null);
    let _controller = case.controller();
    case.says(
        &["one", "--with-source"],
        &format!(
            "{}{}",
            lines("OCIRepository", "sample"),
            lines("HelmRelease", "one")
        ),
    );
    let text = case
        .ns
        .flux(&["get", "hr", "--show-source", "--no-header"])
        .success();
    let source = case.text("one\tOCIRepository/NS/sample\t1.2.3\t");
    assert!(text.starts_with(&source), "{text}");
}

#[test]
fn a_release_can_be_forced_and_reset() {
    Pairs::of("reconcile", Some(Action::Reconcile)).each(11, |case| {
        case.sample("one");
        if case.facts.kind != "HelmRelease" {
            case.refused(&["one", "--force"], 2, "unknown flag: --force");
            return;
        }
        let _controller = case.controller();
        let annotation = |name: &str| {
            let object = case.ns.get(case.kind, "one").unwrap();
            let key = format!("reconcile.fluxcd.io/{name}");
            object.annotations().get(&key).cloned()
        };
        case.says(&["one"], &lines("HelmRelease", "one"));
        assert_eq!((annotation("forceAt"), annotation("resetAt")), (None, None));
        case.says(&["one", "--force"], &lines("HelmRelease", "one"));
        assert_eq!(annotation("forceAt"), annotation("requestedAt"));
        assert_eq!(annotation("resetAt"), None);
        case.says(&["one", "--force", "--reset"], &lines("HelmRelease", "one"));
        assert_eq!(annotation("forceAt"), annotation("requestedAt"));
        assert_eq!(annotation("resetAt"), annotation("requestedAt"));
    });
}
