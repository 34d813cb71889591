//! Fields of a kustomization that say how others work: `vars`, `configurations`, `crds`, `buildMetadata`, `openapi`;
//! and fields that change together.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use kustomize::{MemoryFiles, build, to_yaml};
use serde_json::Value;

const OBJECTS: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}, {name: metrics, port: 9090}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {at: $(NAME):$(PORT)}, labels: {port: $(PORT)}}
---
apiVersion: example.com/v1
kind: Site
metadata: {name: site}
spec: {settings: settings, host: $(NAME), labels: {a: b}}
";

fn files<const N: usize>(files: [(&str, &str); N]) -> MemoryFiles {
    files
        .into_iter()
        .chain([("objects.yaml", OBJECTS)])
        .collect()
}

fn built<const N: usize>(tree: [(&str, &str); N]) -> Vec<Value> {
    build(&files(tree), Path::new("")).unwrap()
}

fn refused<const N: usize>(tree: [(&str, &str); N]) -> String {
    build(&files(tree), Path::new("")).unwrap_err().to_string()
}

const VARS: &str = "\
resources: [objects.yaml]
namePrefix: a-
vars:
- name: NAME
  objref: {apiVersion: v1, kind: Service, name: web}
- name: PORT
  objref: {apiVersion: v1, kind: Service, name: web}
  fieldref: {fieldPath: 'spec.ports[1].port'}
";

#[test]
fn vars_are_replaced_by_final_names_and_values() {
    let objects = built([("kustomization.yaml", VARS)]);
    assert_eq!(objects[1]["metadata"]["annotations"]["at"], "a-web:9090");
    assert_eq!(objects[1]["metadata"]["labels"]["port"], 9090);
    assert_eq!(objects[2]["spec"]["host"], "$(NAME)");
}

#[test]
fn configurations_say_where_else_vars_are() {
    let kustomization = format!("{VARS}configurations: [more.yaml]\n");
    let objects = built([
        ("kustomization.yaml", kustomization.as_str()),
        (
            "more.yaml",
            "varReference:\n- {kind: Site, path: spec/host}\n",
        ),
    ]);
    assert_eq!(objects[2]["spec"]["host"], "a-web");
}

#[test]
fn vars_of_a_base_keep_their_object() {
    let objects = built([
        ("kustomization.yaml", "resources: [base]\nnamePrefix: b-\n"),
        (
            "base/kustomization.yaml",
            &VARS.replace("objects.yaml", "../objects.yaml"),
        ),
    ]);
    assert_eq!(objects[1]["metadata"]["annotations"]["at"], "b-a-web:9090");
}

#[test]
fn vars_that_mean_nothing_are_refused() {
    for (change, wanted) in [
        (
            ("name: web}", "name: other}"),
            "cannot be mapped to a field in the set of known resources",
        ),
        (
            ("ports[1]", "ports[2]"),
            "not found in corresponding resource",
        ),
        (
            ("name: PORT", "name: NAME"),
            "kustomization.yaml:6:3: merging vars [{NAME Service.[noVer].[noGrp] {}} {NAME Service.[noVer].[noGrp] {spec.ports[1].port}}]: var 'NAME' already encountered",
        ),
    ] {
        let text = VARS.replace(change.0, change.1);
        let error = refused([("kustomization.yaml", text.as_str())]);
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_var_of_two_objects_is_refused() {
    let others = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: x}\n";
    let text = VARS.replace("[objects.yaml]", "[objects.yaml, others.yaml]");
    let error = refused([
        ("kustomization.yaml", text.as_str()),
        ("others.yaml", others),
    ]);
    assert!(error.contains("found 2 resId matches for var {NAME Service.v1.[noGrp] {metadata.name}} (unable to disambiguate)"), "{error}");
}

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

const SCHEMA: &str = r##"{
  "definitions": {
    "Site": {
      "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Site"}],
      "properties": {"pages": {"type": "array", "items": {"$ref": "#/definitions/Page"},
        "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"}}},
    "Page": {"properties": {"tags": {"type": "array", "x-kubernetes-patch-strategy": "merge"}}}},
  "paths": {"/sites": {"get": {
    "x-kubernetes-group-version-kind": {"group": "example.com", "version": "v1", "kind": "Site"}}}}
}"##;
const SITE: &str = "apiVersion: example.com/v1\nkind: Site\nmetadata: {name: s}\n\
                    pages: [{name: a, title: A, tags: [x]}, {name: b}]\n";
const SITE_PATCH: &str = "apiVersion: example.com/v1\nkind: Site\nmetadata: {name: s}\n\
                          pages: [{name: a, tags: ['y']}]\n";

fn with_schema(kustomization: &str) -> MemoryFiles {
    files([
        ("kustomization.yaml", kustomization),
        ("schema.json", SCHEMA),
        ("site.yaml", SITE),
        ("patch.yaml", SITE_PATCH),
        (
            "base/kustomization.yaml",
            "openapi: {path: ../schema.json}\nresources: [../site.yaml]\n",
        ),
    ])
}

#[test]
fn lists_merge_as_the_described_types_say() {
    let wanted = "- name: a\n  tags:\n  - \"y\"\n  - x\n  title: A\n- name: b\n";
    for (text, merged) in [
        (
            "openapi: {path: schema.json}\nresources: [site.yaml]\npatches: [path: patch.yaml]\n",
            true,
        ),
        // Those of a base count above it.
        ("resources: [base]\npatches: [path: patch.yaml]\n", true),
        // Those of the outermost kustomization come first.
        (
            "openapi: {version: v1.21.2}\nresources: [base]\npatches: [path: patch.yaml]\n",
            false,
        ),
        (
            "resources: [site.yaml]\npatches: [path: patch.yaml]\n",
            false,
        ),
    ] {
        let objects = build(&with_schema(text), Path::new("")).unwrap();
        assert_eq!(
            to_yaml(&[objects[0]["pages"].clone()]) == wanted,
            merged,
            "{text}"
        );
    }
}

#[test]
fn objects_belong_to_namespaces_as_the_described_types_say() {
    let text =
        "openapi: {path: schema.json}\nresources: [site.yaml, objects.yaml]\nnamespace: apps\n";
    let objects = build(&with_schema(text), Path::new("")).unwrap();
    let namespaces: Vec<_> = objects
        .iter()
        .map(|object| object["metadata"]["namespace"].as_str())
        .collect();
    // The second site is the described one too.
    assert_eq!(namespaces, [None, Some("apps"), Some("apps"), None]);
}

#[test]
fn descriptions_of_types_are_checked() {
    for (openapi, wanted) in [
        ("{path: none.json}", "kustomization.yaml:1:1: "),
        (
            "{version: v1.99.0}",
            "kustomization.yaml:1:1: the specified OpenAPI version is not built in",
        ),
        (
            "{version: v1.21.2, path: schema.json}",
            "kustomization.yaml:1:1: builtin version and custom schema",
        ),
        ("{path: site.yaml}", "built"),
        (
            "{path: list.json}",
            "kustomization.yaml:1:1: invalid schema file: ",
        ),
    ] {
        let text = format!("openapi: {openapi}\nresources: [site.yaml]\n");
        let tree: MemoryFiles = [
            ("kustomization.yaml", text.as_str()),
            ("schema.json", SCHEMA),
            ("site.yaml", SITE),
            ("list.json", "[]"),
        ]
        .into_iter()
        .collect();
        let said =
            build(&tree, Path::new("")).map_or_else(|error| error.to_string(), |_| "built".into());
        assert!(said.starts_with(wanted), "{said}");
    }
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
