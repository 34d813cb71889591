//! Trees with one thing wrong, which both programs must refuse, or both take.

use serde_json::{Value, json};

use super::dice::Dice;
use super::{Content, Tree};

/// Breaks a tree, at times.
pub(crate) fn maybe_break(dice: &mut Dice, tree: &mut Tree) {
    if !dice.chance(5) {
        return;
    }
    let path = tree
        .files
        .keys()
        .find(|path| path.starts_with("app/") && path.to_lowercase().contains("/kustomization"));
    let Some(path) = path.cloned() else {
        return;
    };
    if dice.chance(20) {
        // A file that is missing, or that is something else.
        let others: Vec<String> = tree
            .files
            .keys()
            .filter(|other| **other != path)
            .cloned()
            .collect();
        if let Some(other) = dice.any(&others) {
            match dice.below(4) {
                0 => tree
                    .files
                    .insert(other.clone(), Content::Text("not: [closed\n".into())),
                1 => tree
                    .files
                    .insert(other.clone(), Content::Text("just a text\n".into())),
                2 => tree
                    .files
                    .insert(other.clone(), Content::Bytes(vec![0xff, 0xfe, 0])),
                _ => tree.files.remove(other),
            };
        }
        return;
    }
    let Some(Content::Documents(documents)) = tree.files.get_mut(&path) else {
        return;
    };
    let Some(Value::Object(kustomization)) = documents.first_mut() else {
        return;
    };
    let faults = [
        ("unknown", json!(1)),
        ("resources", json!(["missing.yaml"])),
        ("resources", json!(["../app"])),
        ("resources", json!([".."])),
        ("resources", json!("objects.yaml")),
        ("resources", json!(null)),
        ("namePrefix", json!(5)),
        ("namespace", json!(true)),
        ("commonLabels", json!({ "a": 1 })),
        ("kind", json!("Component")),
        ("apiVersion", json!("v1")),
        ("components", json!(["../base"])),
        ("configMapGenerator", json!([{ "literals": ["a=b"] }])),
        (
            "configMapGenerator",
            json!([{ "name": "web", "literals": ["a"] }]),
        ),
        (
            "secretGenerator",
            json!([{ "name": "web", "files": ["missing"] }]),
        ),
        ("patches", json!([{ "patch": "a: b" }])),
        ("patches", json!([{}])),
        (
            "patches",
            json!([{ "target": { "kind": "(" }, "patch": "- {op: remove, path: /spec}" }]),
        ),
        (
            "patches",
            json!([{ "target": { "labelSelector": "a=b=c" }, "patch": "- {op: remove, path: /spec}" }]),
        ),
        ("replicas", json!([{ "name": "nowhere", "count": 1 }])),
        (
            "replacements",
            json!([{ "source": { "kind": "Nothing" }, "targets": [{ "select": { "kind": "Pod" } }] }]),
        ),
        (
            "vars",
            json!([{ "name": "X", "objref": { "kind": "Nothing", "name": "x", "apiVersion": "v1" } }]),
        ),
        ("helmCharts", json!([{ "name": "chart" }])),
        (
            "generators",
            json!(["apiVersion: example.com/v1\nkind: Program\nmetadata: {name: x}\n"]),
        ),
        ("transformers", json!(["missing.yaml"])),
        ("images", json!([{ "name": "[", "newTag": "1" }])),
        ("sortOptions", json!({ "order": "random" })),
        ("openapi", json!({ "version": "v9" })),
        ("configurations", json!(["text.txt"])),
        ("crds", json!(["text.txt"])),
    ];
    let (field, value) = &faults[dice.below(faults.len())];
    kustomization.insert((*field).to_owned(), value.clone());
}
