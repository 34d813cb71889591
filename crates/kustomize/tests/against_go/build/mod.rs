//! Whole builds against kustomize's own, with the options of Flux's kustomize-controller.

mod objects;
mod plugins;
mod replacements;

use std::path::Path;

use kustomize::MemoryFiles;
use serde_json::{Map, Value};

use crate::oracle;
pub(crate) use objects::{OBJECTS, tree};

fn ours(files: &Map<String, Value>) -> Result<String, String> {
    let tree: MemoryFiles = files
        .iter()
        .map(|(path, text)| (path, text.as_str().unwrap()))
        .collect();
    let objects = kustomize::build(&tree, Path::new("app")).map_err(|error| error.to_string())?;
    Ok(kustomize::to_yaml(&objects))
}

/// The difference between the two builds of a tree, if there is one.
pub(crate) fn difference(files: &Map<String, Value>) -> Option<String> {
    let theirs = oracle::build(&Value::Object(files.clone()), "app");
    match (ours(files), theirs) {
        (Err(_), Err(_)) => None,
        (Ok(ours), Ok(theirs)) if ours == theirs => None,
        (Ok(ours), Ok(theirs)) => Some(
            similar_lines(&ours, &theirs)
                .unwrap_or_else(|| format!("--- ours\n{ours}\n--- theirs\n{theirs}")),
        ),
        (ours, theirs) => Some(format!("ours {ours:?}\ntheirs {theirs:?}")),
    }
}

/// The first line that differs, with both versions of it.
fn similar_lines(ours: &str, theirs: &str) -> Option<String> {
    let at = ours
        .lines()
        .zip(theirs.lines())
        .position(|(ours, theirs)| ours != theirs)?;
    let around = |text: &str| {
        text.lines()
            .skip(at.saturating_sub(4))
            .take(9)
            .collect::<Vec<_>>()
            .join("\n")
    };
    Some(format!(
        "at line {}\n--- ours\n{}\n--- theirs\n{}",
        at + 1,
        around(ours),
        around(theirs)
    ))
}

fn check(cases: &[&str]) {
    let differences: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("=== {case}\n{}", difference(&tree(case))?)))
        .collect();
    crate::none_of(&differences);
}

/// Cases on top of all the objects.
fn check_with_objects(cases: &[&str]) {
    let cases: Vec<String> = cases
        .iter()
        .map(|case| format!("resources: [objects.yaml]\n{case}"))
        .collect();
    check(&cases.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn resources_are_collected_alike() {
    check(&[
        "resources: [objects.yaml]",
        "resources: [list.yaml, objects.yaml]",
        "resources: [../base, objects.yaml]",
        "bases: [../base]",
        "resources: [objects.yaml, objects.yaml]",
        "resources: [other.yaml]",
        "resources: [missing.yaml]",
        "resources: [..]",
        "resources: [.]",
        "resources: [../component]",
        "resources: [objects.yaml]\ncomponents: [../component]",
        "resources: [objects.yaml]\nnamePrefix: p-\ncomponents: [../component, ../component]",
        "components: [../base]",
        "resources: []",
        "resources:",
        "",
        "kind: Component\nresources: [objects.yaml]",
        "apiVersion: v1\nkind: Other\nresources: [objects.yaml]",
        "RESOURCES: [objects.yaml]\nnamePrefix: a\nnamePrefix: b",
        "resources: objects.yaml",
        "resources: [objects.yaml]\nunknown: 1",
        "resources: [objects.yaml]\nsortOptions: {order: legacy}",
        "resources: [objects.yaml]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [Thing], orderLast: [Namespace]}}",
        "resources: [objects.yaml]\nsortOptions: {order: fifo}",
        "resources: [objects.yaml]\nsortOptions: {order: fifo, legacySortOptions: {}}",
        "resources: [objects.yaml]\nsortOptions: {order: fifo, legacySortOptions: null}",
        "resources: [objects.yaml]\nsortOptions: {order: legacy, legacySortOptions: {}}",
    ]);
}

#[test]
fn patches_apply_alike() {
    check_with_objects(&[
        "patches: [{path: patch.yaml}]",
        "patches: [{path: ops.yaml, target: {kind: Deployment}}]",
        "patches: [{path: ops.yaml}]",
        "patches: [{path: ops.yaml, target: {kind: Nothing}}]",
        "patches: [{path: patch.yaml, target: {name: w.*}}]",
        "patches: [{path: patch.yaml, target: {labelSelector: \"tier in (front),app\"}}]",
        "patches: [{path: patch.yaml, target: {annotationSelector: note=1}}]",
        "patches: [{patch: '{apiVersion: v1, kind: X, metadata: {name: x, labels: {n: 1, m: }}}', target: {}}]",
        "patches: [{patch: '{kind: Renamed, metadata: {name: x}}', target: {kind: Thing}, options: {allowNameChange: true, allowKindChange: true}}]",
        "patches: [{patch: '[{op: add, path: /a, value: 1}]', target: {kind: Thing}}]",
        "patches: [{patch: '[{\"op\": \"add\", \"path\": \"/a\", \"value\": 12345678901234567890}]', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: remove, path: /spec/list/0}', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: remove, path: /spec/nothing}', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: test, path: /kind, value: Thing}', target: {name: thing}}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, $patch: delete}'}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}}'}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, $patch: delete}', target: {kind: Service|Secret}}]",
        "patches: [{patch: ''}]",
        "patches: [{path: patch.yaml, patch: x}]",
        "patches: [{patch: 'a: [', target: {kind: Thing}}]",
        "patches: [{path: patch.yaml, target: {name: '('}}]",
        "patchesStrategicMerge: [patch.yaml]",
        "patchesStrategicMerge: ['{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {mode: null}}']",
        "patchesStrategicMerge: ['{apiVersion: v1, kind: ConfigMap, metadata: {name: nothing}}']",
        "patchesJson6902: [{path: ops.yaml, target: {version: v1, kind: Deployment, name: web}}]",
        "patchesJson6902: [{path: ops.yaml, target: {kind: Deployment}}]",
        "namePrefix: p-\npatchesJson6902: [{path: ops.yaml, target: {kind: Deployment, name: web}}]\nnamespace: ns",
    ]);
}

#[test]
fn names_and_namespaces_change_alike() {
    check_with_objects(&[
        "namespace: other",
        "namespace: '1234'",
        "namespace: yes",
        "namePrefix: p-",
        "nameSuffix: -s",
        "namePrefix: p-\nnameSuffix: -s\nnamespace: other",
        "namePrefix: p-\npatches: [{path: patch.yaml}]",
    ]);
    check(&[
        "resources: [../base]\nnamePrefix: o-\nnamespace: over",
        "resources: [../base]\nnameSuffix: -s",
    ]);
}

#[test]
fn labels_and_annotations_are_added_alike() {
    check_with_objects(&[
        "commonLabels: {team: a, app: b}",
        "commonAnnotations: {note: x, other: 'yes'}",
        "commonAnnotations: {n: '1'}",
        "labels: [{pairs: {team: a}}]",
        "labels: [{pairs: {team: a}, includeSelectors: true}, {pairs: {b: c}}]",
        "labels: [{pairs: {team: a}, includeTemplates: true}]",
        "labels: [{pairs: {team: a}, fields: [{path: spec/labels, kind: Thing, create: true}]}]",
        "labels: [{pairs: {team: a}, fields: [{path: spec/list, kind: Thing}]}]",
        "commonLabels: {a: 1}",
    ]);
}

#[test]
fn images_and_replicas_change_alike() {
    check_with_objects(&[
        "images: [{name: registry.example.com:5000/shop/web, newTag: '2'}]",
        "images: [{name: envoy, newTag: v2}, {name: busybox, digest: 'sha256:1'}]",
        "images: [{name: envoy, newName: other}, {name: other, newTag: x, digest: 'sha256:2'}]",
        "images: [{name: busyb.., tagSuffix: -s}]",
        "images: [{name: busybox, newTag: 1.2}]",
        "imageTags: [{name: busybox, newTag: '9'}]",
        "replicas: [{name: web, count: 5}]",
        "replicas: [{name: nothing, count: 5}]",
        "replicas: [{name: web, count: '5'}]",
    ]);
}

#[test]
fn objects_are_generated_alike() {
    check_with_objects(&[
        "configMapGenerator: [{name: g, literals: [a=1, 'b=\"x\"', 'c=<&>'], files: [text.txt, k=text.txt], envs: [settings.env]}]",
        "secretGenerator: [{name: g, literals: [a=1], type: kubernetes.io/tls, namespace: ns}]",
        "configMapGenerator: [{name: g, literals: [a=1]}]\nsecretGenerator: [{name: g}]\ngeneratorOptions: {labels: {l: m}, annotations: {n: o}, immutable: true}",
        "configMapGenerator: [{name: g, literals: [a=1], options: {disableNameSuffixHash: true, labels: {x: y}}}]",
        "configMapGenerator: [{name: settings, namespace: shop, behavior: merge, literals: [mode=no, new=1]}]",
        "configMapGenerator: [{name: settings, namespace: shop, behavior: replace, literals: [new=1]}]",
        "configMapGenerator: [{name: settings, namespace: shop, literals: [new=1]}]",
        "configMapGenerator: [{name: nothing, behavior: merge}]",
        "configMapGenerator: [{name: g, literals: [novalue]}]",
        "configMapGenerator: [{name: g, literals: [a=1, a=2]}]",
        "configMapGenerator: [{name: g, literals: [true=1]}]",
        "configMapGenerator: [{name: g, literals: [yes=1]}]",
        "configMapGenerator: [{name: g, files: [missing.txt]}]",
        "configMapGenerator: [{literals: [a=1]}]",
        "configMapGenerator: [{name: settings, literals: [a=1]}]\nnamespace: shop2\nnamePrefix: p-",
    ]);
    check(&[
        "resources: [../base]\nconfigMapGenerator: [{name: generated, namespace: basens, behavior: merge, literals: [c=d]}]",
        "resources: [../base]\nconfigMapGenerator: [{name: generated, behavior: merge, literals: [c=d]}]",
        "resources: [../base]\nnamePrefix: x-\nconfigMapGenerator: [{name: base-generated, namespace: basens, behavior: replace, literals: [c=d]}]",
    ]);
}
