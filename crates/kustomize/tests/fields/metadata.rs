//! `buildMetadata`, and labels that change together.

use serde_json::Value;

use crate::built;

fn annotation<'a>(object: &'a Value, name: &str) -> &'a str {
    object["metadata"]["annotations"][name]
        .as_str()
        .unwrap_or_default()
}

#[test]
fn objects_tell_where_they_came_from() {
    let objects = built([
        (
            "kustomization.yaml",
            "resources: [base]\nbuildMetadata: [originAnnotations, managedByLabel]\nconfigMapGenerator: [{name: made}]\n",
        ),
        (
            "base/kustomization.yaml",
            "resources: [../objects.yaml]\nnamePrefix: a-\n",
        ),
    ]);
    let origin = |at: usize| annotation(&objects[at], "config.kubernetes.io/origin");
    assert_eq!(origin(0), "path: objects.yaml\n");
    assert_eq!(
        origin(3),
        "configuredIn: kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n"
    );
    assert_eq!(
        annotation(&objects[0], "alpha.config.kubernetes.io/transformations"),
        ""
    );
    assert_eq!(
        objects[2]["metadata"]["labels"]["app.kubernetes.io/managed-by"],
        "kustomize-v5.8.1"
    );
}

#[test]
fn objects_tell_what_changed_them() {
    let objects = built([
        (
            "kustomization.yaml",
            "resources: [base]\nbuildMetadata: [transformerAnnotations]\ntransformers: [prefix.yaml]\n",
        ),
        (
            "base/kustomization.yaml",
            "resources: [../objects.yaml]\nlabels: [{pairs: {a: b}}]\n",
        ),
        (
            "prefix.yaml",
            "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: x-\nfieldSpecs: [{path: metadata/name}]\n",
        ),
    ]);
    let label = "- configuredIn: base/kustomization.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: LabelTransformer\n";
    let prefix = "- configuredIn: prefix.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: PrefixTransformer\n    name: p\n";
    assert_eq!(
        annotation(&objects[2], "alpha.config.kubernetes.io/transformations"),
        format!("{label}{label}{prefix}")
    );
    assert_eq!(annotation(&objects[2], "config.kubernetes.io/origin"), "");
}

#[test]
fn a_base_asks_for_nothing() {
    let objects = built([
        ("kustomization.yaml", "resources: [base]\n"),
        (
            "base/kustomization.yaml",
            "resources: [../objects.yaml]\nbuildMetadata: [originAnnotations, managedByLabel]\n",
        ),
    ]);
    assert_eq!(objects[0]["metadata"], serde_json::json!({"name": "web"}));
}

const APP: &str =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {}}}\n";

/// The label `app` of a Deployment with `commonLabels`, of its selector and of its template, after an overlay's doing.
fn app_labels(overlay: &str) -> [String; 3] {
    let overlay = format!("resources: [base]\n{overlay}\n");
    let objects = built([
        ("kustomization.yaml", overlay.as_str()),
        (
            "base/kustomization.yaml",
            "resources: [app.yaml]\ncommonLabels: {app: x}\n",
        ),
        ("base/app.yaml", APP),
    ]);
    let label = |path: &str| {
        objects[0]
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    [
        label("/metadata/labels/app"),
        label("/spec/selector/matchLabels/app"),
        label("/spec/template/metadata/labels/app"),
    ]
}

#[test]
fn labels_that_were_added_together_change_together() {
    let patch = "patches: [patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, \
                 spec: {template: {metadata: {labels: {app: z}}}}}']";
    assert_eq!(app_labels(patch), ["z"; 3]);
    assert_eq!(app_labels("labels: [pairs: {app: z}]"), ["z"; 3]);
    let replacement = "replacements: [{sourceValue: z, targets: [{select: {kind: Deployment}, \
                       fieldPaths: [metadata.labels.app]}]}]";
    assert_eq!(app_labels(replacement), ["z"; 3]);
    // The last field that a patch writes counts, even where that is the old value.
    let both = "patches: [patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {app: z}}, \
                spec: {template: {metadata: {labels: {app: x}}}}}']";
    assert_eq!(app_labels(both), ["x"; 3]);
    // Not after a JSON patch, which makes the object anew.
    let json = "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"test\", \"path\": \"/kind\", \"value\": \"Deployment\"}]'}]";
    assert_eq!(
        app_labels(&format!("{json}\n{replacement}")),
        ["z", "x", "x"]
    );
}
