//! `openapi`: types that a kustomization describes itself.

use std::path::Path;

use kustomize::{MemoryFiles, build, to_yaml};

use crate::files;

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
