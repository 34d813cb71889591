//! `configurations` and `crds`: which fields hold what.

use kustomize::to_yaml;

use crate::{built, refused};

#[test]
fn configurations_of_a_base_hold_above_it() {
    let objects = built([
        (
            "kustomization.yaml",
            "resources: [base]\nnamePrefix: b-\ncommonLabels: {c: d}\n",
        ),
        (
            "base/kustomization.yaml",
            "resources: [../objects.yaml]\nconfigurations: [rules.yaml]\nnameSuffix: -z\n",
        ),
        (
            "base/rules.yaml",
            "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs: [{kind: Site, path: spec/settings}]\n\
             commonLabels:\n- {kind: Site, path: spec/labels}\n",
        ),
    ]);
    assert_eq!(objects[2]["spec"]["settings"], "b-settings-z");
    assert_eq!(
        to_yaml(&[objects[2]["spec"]["labels"].clone()]),
        "a: b\nc: d\n"
    );
}

#[test]
fn a_field_of_one_kind_takes_the_place_of_that_of_all() {
    let objects = built([
        (
            "kustomization.yaml",
            "resources: [objects.yaml]\nconfigurations: [rules.yaml]\nnamePrefix: b-\n",
        ),
        (
            "rules.yaml",
            "namePrefix:\n- {kind: Service, path: metadata/name}\n",
        ),
    ]);
    let names: Vec<_> = objects
        .iter()
        .map(|object| &object["metadata"]["name"])
        .collect();
    assert_eq!(names, ["b-web", "settings", "site"]);
}

#[test]
fn configurations_are_checked() {
    for (text, wanted) in [
        ("names: []", "kustomization.yaml → rules.yaml:1:1: "),
        (
            "images: []\nimages: []",
            "kustomization.yaml → rules.yaml:2:1: mapping key",
        ),
        (
            "replicas:\n- {kind: Deployment, path: spec/replicas}",
            "kustomization.yaml: failed to merge Replicas fieldSpec",
        ),
        ("- a", "kustomization.yaml → rules.yaml:1:1: "),
    ] {
        let error = refused([
            (
                "kustomization.yaml",
                "resources: [objects.yaml]\nconfigurations: [rules.yaml]\n",
            ),
            ("rules.yaml", text),
        ]);
        assert!(error.starts_with(wanted), "{error}");
    }
}

const TYPES: &str = r#"{
  "com.example.v1.Site": {"Schema": {"properties": {
    "apiVersion": {}, "kind": {}, "metadata": {}, "spec": {"$ref": "com.example.v1.Spec"}}}},
  "com.example.v1.Spec": {"Schema": {"properties": {
    "again": {"$ref": "com.example.v1.Spec"},
    "labels": {"x-kubernetes-annotation": ""},
    "host": {"x-kubernetes-identity": ""},
    "config": {"x-kubernetes-object-ref-kind": "ConfigMap", "x-kubernetes-object-ref-api-version": "v1",
               "x-kubernetes-object-ref-name-key": "key"}}}}
}"#;

#[test]
fn types_of_crds_name_fields() {
    let site = "apiVersion: example.com/v1\nkind: Site\nmetadata: {name: other}\n\
                spec: {config: {key: settings}, host: web, labels: {}}\n";
    let objects = built([
        (
            "kustomization.yaml",
            "resources: [objects.yaml, site.yaml]\ncrds: [types.json]\nnamePrefix: b-\ncommonAnnotations: {k: v}\n",
        ),
        ("types.json", TYPES),
        ("site.yaml", site),
    ]);
    let spec = &objects[3]["spec"];
    assert_eq!(spec["config"]["key"], "b-settings");
    assert_eq!(spec["host"], "b-web");
    assert_eq!(spec["labels"]["k"], "v");
}

#[test]
fn objects_are_no_types() {
    let error = refused([
        (
            "kustomization.yaml",
            "resources: [objects.yaml]\ncrds: [crd.yaml]\n",
        ),
        (
            "crd.yaml",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
        ),
    ]);
    assert!(
        error.starts_with("kustomization.yaml → crd.yaml:1:1: unable to parse"),
        "{error}"
    );
}
