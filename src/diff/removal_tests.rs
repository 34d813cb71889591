use serde_json::json;

use super::*;
use crate::kinds::ObjectName;

fn subject(api_version: &str, kind: &str, name: &str) -> ObjectName {
    ObjectName {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: Some("ns".to_owned()),
        name: name.to_owned(),
    }
}

fn kustomization(name: &str) -> ObjectName {
    subject("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name)
}

fn config(name: &str) -> ObjectName {
    subject("v1", "ConfigMap", name)
}

/// An object that `owner` applied.
fn live(subject: &ObjectName, owner: &str, more: Value) -> Value {
    let labels = json!({
        "kustomize.toolkit.fluxcd.io/name": owner, "kustomize.toolkit.fluxcd.io/namespace": "ns",
    });
    let mut object = json!({
        "apiVersion": subject.api_version, "kind": subject.kind,
        "metadata": {"name": subject.name, "namespace": "ns", "labels": labels},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        if key == "annotations" {
            object["metadata"][key] = value.clone();
        } else {
            object[key] = value.clone();
        }
    }
    object
}

fn inventory(ids: &[&str]) -> Value {
    let entries: Vec<Value> = ids.iter().map(|id| json!({"id": id, "v": "v1"})).collect();
    json!({"inventory": {"entries": entries}})
}

/// What happens when the stale objects go, on a cluster with those objects.
fn removed(stale: Vec<ObjectName>, cluster: &[Value]) -> Vec<String> {
    let mut removal = Removal::new(&kustomization("top"), stale);
    for _ in 0..10 {
        let wanted = removal.wanted();
        let find = |subject: &ObjectName| {
            let is_it = |object: &&Value| {
                ObjectName::of(object).is_some_and(|found| found.identity() == subject.identity())
            };
            Ok(cluster.iter().find(is_it).cloned())
        };
        removal.see(wanted.iter().map(find).collect());
    }
    assert!(removal.wanted().is_empty());
    let (changes, failures) = removal.finish();
    assert!(failures.is_empty());
    let shown = changes.iter().map(|change| {
        let reason = change.reason.as_deref().map(|reason| format!(": {reason}"));
        let words = change.words(super::super::report::Against::Cluster);
        format!(
            "{} {words}{}",
            change.subject.name,
            reason.unwrap_or_default()
        )
    });
    shown.collect()
}

#[test]
fn a_removed_kustomization_takes_all_along_to_the_end() {
    let spec = |prune: bool| json!({"prune": prune});
    let child = kustomization("child");
    let release = subject("helm.toolkit.fluxcd.io/v2", "HelmRelease", "release");
    let cluster = [
        live(
            &child,
            "top",
            json!({"spec": spec(true), "status": inventory(&[
                "ns_a__ConfigMap", "ns_child_kustomize.toolkit.fluxcd.io_Kustomization",
                "ns_release_helm.toolkit.fluxcd.io_HelmRelease", "ns_gone__ConfigMap",
            ])}),
        ),
        live(&config("a"), "child", json!({})),
        live(
            &release,
            "child",
            json!({"status": inventory(&["ns_h__ConfigMap", "ns_k__ConfigMap"])}),
        ),
        live(&config("h"), "", json!({})),
        live(
            &config("k"),
            "",
            json!({"annotations": {"helm.sh/resource-policy": "keep"}}),
        ),
    ];
    assert_eq!(
        removed(vec![child], &cluster),
        [
            "child deleted",
            "a deleted with Kustomization/ns/child",
            "release deleted with Kustomization/ns/child",
            "h deleted with HelmRelease/ns/release",
            "k kept: helm.sh/resource-policy: keep",
        ]
    );
}

#[test]
fn policies_are_honoured() {
    let inventory = inventory(&["ns_a__ConfigMap"]);
    for (spec, stays) in [
        (json!({"prune": true}), false),
        (json!({"prune": false}), true),
        (json!({"prune": true, "suspend": true}), true),
        (json!({"prune": true, "deletionPolicy": "Orphan"}), true),
        (json!({"prune": false, "deletionPolicy": "Delete"}), false),
        (json!({"deletionPolicy": "WaitForTermination"}), false),
    ] {
        let child = kustomization("child");
        let cluster = [
            live(&child, "top", json!({"spec": spec, "status": inventory})),
            live(&config("a"), "child", json!({})),
        ];
        let lines = removed(vec![child], &cluster);
        assert_eq!(lines.len(), if stays { 1 } else { 2 }, "{spec} {lines:?}");
        assert_eq!(lines[0].contains("stays"), stays, "{spec} {lines:?}");
    }
}

#[test]
fn what_is_marked_or_somebody_elses_stays() {
    let disabled = json!({"annotations": {"kustomize.toolkit.fluxcd.io/prune": "Disabled"}});
    let mut unlabelled = live(&config("d"), "top", json!({}));
    unlabelled["metadata"]["labels"] = json!({});
    let cluster = [
        live(&config("a"), "top", disabled),
        live(&config("b"), "other", json!({})),
        live(&config("c"), "top", json!({})),
        unlabelled,
    ];
    let stale = ["a", "b", "c", "d", "gone"].map(config).to_vec();
    assert_eq!(
        removed(stale, &cluster),
        [
            "a kept: kustomize.toolkit.fluxcd.io/prune: disabled",
            "b moved to Kustomization/ns/other",
            "c deleted",
            "d kept: its labels do not name the Kustomization",
        ]
    );
}

#[test]
fn what_another_kustomization_of_the_change_has_moves() {
    let (a, b) = (config("a"), config("b"));
    let removal = Removal::new(&kustomization("top"), vec![a.clone(), b.clone()]);
    let mut removal = removal.with_elsewhere([(&a, "ns/new")]);
    let on_cluster = [live(&a, "top", json!({})), live(&b, "top", json!({}))];
    removal.see(on_cluster.map(|object| Ok(Some(object))).to_vec());
    let (changes, _) = removal.finish();
    let actions: Vec<Action> = changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Moved, Action::Deleted]);
    assert_eq!(changes[0].moved_to.as_deref(), Some("ns/new"));
}

#[test]
fn namespaces_and_definitions_say_what_goes_with_them() {
    let namespace = subject("v1", "Namespace", "apps");
    let lines = removed(
        vec![namespace.clone()],
        &[live(&namespace, "top", json!({}))],
    );
    assert_eq!(lines, ["apps deleted: with everything in it"]);
}

#[test]
fn what_cannot_be_seen_is_told() {
    let mut removal = Removal::new(&kustomization("top"), vec![config("a"), config("b")]);
    let there = Ok(Some(live(&config("b"), "top", json!({}))));
    removal.see(vec![Err("no rights".to_owned()), there]);
    let (changes, failures) = removal.finish();
    assert_eq!((changes.len(), failures.len()), (1, 1));
    assert_eq!(failures[0].message, "no rights");
}
