//! The definitions in the controllers' Go modules, and what it takes to compare with them.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

/// The modules that have definitions.
const MODULES: [&str; 6] = [
    "github.com/fluxcd/source-controller",
    "github.com/fluxcd/kustomize-controller",
    "github.com/fluxcd/helm-controller",
    "github.com/fluxcd/notification-controller",
    "github.com/fluxcd/image-reflector-controller",
    "github.com/fluxcd/image-automation-controller",
];

/// All definitions of the pinned modules.
///
/// # Panics
///
/// If Go or a module is missing; the message says which.
pub(crate) fn definitions() -> Vec<Value> {
    let mut definitions = Vec::new();
    for folder in folders() {
        let folder = folder.join("config/crd/bases");
        let mut files: Vec<PathBuf> = fs_err::read_dir(&folder)
            .unwrap_or_else(|error| panic!("no definitions: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let text = fs_err::read_to_string(&file).unwrap();
            let definition = serde_yaml::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            definitions.push(definition);
        }
    }
    definitions
}

/// The folders of the modules, from Go's module cache; downloaded into it if needed.
fn folders() -> Vec<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/tools");
    let go = |arguments: &[&str]| {
        let output = Command::new("go")
            .args(arguments)
            .args(MODULES)
            .current_dir(&tools)
            .output()
            .unwrap_or_else(|error| {
                panic!("the Go toolchain is needed to find upstream's definitions: go: {error}")
            });
        assert!(
            output.status.success(),
            "go {} in {}: {}",
            arguments.join(" "),
            tools.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let list = || go(&["list", "-m", "-f", "{{.Path}} {{.Dir}}"]);
    let mut listed = list();
    if listed.lines().any(|line| line.ends_with(' ')) {
        go(&["mod", "download"]);
        listed = list();
    }
    listed
        .lines()
        .map(|line| match line.split_once(' ') {
            Some((_, folder)) if !folder.is_empty() => PathBuf::from(folder),
            _ => panic!(
                "the Go module {line} is missing: `go mod download` in {}",
                tools.display()
            ),
        })
        .collect()
}

/// The name of a definition.
pub(crate) fn name(definition: &Value) -> &str {
    definition["metadata"]["name"].as_str().unwrap_or_default()
}

/// Calls `visit` with every schema of every version, and its path.
pub(crate) fn for_each_schema(definition: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    for version in definition["spec"]["versions"].as_array().unwrap() {
        let path = format!("{} {}", name(definition), version["name"].as_str().unwrap());
        walk(&path, &version["schema"]["openAPIV3Schema"], visit);
    }
}

fn walk(path: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    visit(path, schema);
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            walk(&format!("{path}.{name}"), property, visit);
        }
    }
    for (keyword, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[keyword].is_object() {
            walk(&format!("{path}{mark}"), &schema[keyword], visit);
        }
    }
}

/// A definition without the descriptions in it; properties that are named so stay.
pub(crate) fn without_descriptions(value: &Value) -> Value {
    strip(value, false)
}

fn strip(value: &Value, properties: bool) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(key, field)| properties || *key != "description" || !field.is_string())
                .map(|(key, field)| {
                    (
                        key.clone(),
                        strip(field, key == "properties" && !properties),
                    )
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.iter().map(|item| strip(item, false)).collect(),
        other => other.clone(),
    }
}

/// Adds a line to `differences` for every place where `ours` is not as `theirs`.
pub(crate) fn compare(path: &str, theirs: &Value, ours: &Value, differences: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, theirs) in theirs {
                match ours.get(key) {
                    Some(ours) => compare(&format!("{path}.{key}"), theirs, ours, differences),
                    None => differences.push(format!("{path}.{key}: missing {theirs}")),
                }
            }
            for (key, ours) in ours.iter().filter(|(key, _)| !theirs.contains_key(*key)) {
                differences.push(format!("{path}.{key}: too much {ours}"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{path}[{index}]"), theirs, ours, differences);
            }
        }
        // A limit may be written as a float: k8s-openapi's type for schemas holds it as one.
        (Value::Number(theirs), Value::Number(ours)) if theirs.as_f64() == ours.as_f64() => {}
        _ if theirs == ours => {}
        _ => differences.push(format!("{path}: want {theirs}, got {ours}")),
    }
}
