//! The documents that docs/output shows.

use std::collections::BTreeSet;

use reflux::bootstrap::report::{
    ApiCall, CommitReport, FileReport, KeyReport, Report, SecretReport,
};
use reflux::cluster::apply::{Action, Change};
use reflux::kinds::ObjectName;
use serde_json::Value;

use super::{read, section};
use crate::output::conforms;

/// The JSON documents below a heading.
fn documents(text: &str, heading: &str) -> Vec<Value> {
    let section = section(text, heading);
    let blocks = section.split("```json\n").skip(1);
    let texts = blocks.map(|block| block.split("```").next().unwrap());
    texts
        .flat_map(|text| serde_json::Deserializer::from_str(text).into_iter())
        .map(Result::unwrap)
        .collect()
}

/// The paths of all fields in a document.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}.{key}");
                fields(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                fields(item, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_plan_of_a_bootstrap_has_the_fields_that_are_told() {
    let text = String::new;
    let action = Action::Created;
    let plan = Report {
        repository: text(),
        branch: text(),
        up_to_date: false,
        api_calls: vec![ApiCall {
            method: "POST",
            path: text(),
            effect: text(),
        }],
        commits: vec![CommitReport {
            message: text(),
            author: text(),
            signed_by: Some(text()),
            files: vec![FileReport {
                path: text(),
                action,
                content: text(),
                diff: text(),
            }],
        }],
        keys: vec![KeyReport {
            title: text(),
            action,
            read_only: true,
        }],
        secrets: vec![SecretReport {
            namespace: text(),
            name: text(),
            action,
            reason: text(),
            host_keys: vec![text()],
        }],
        objects: vec![Change {
            object: ObjectName {
                api_version: text(),
                kind: text(),
                namespace: Some(text()),
                name: text(),
            },
            action,
        }],
    };
    let (mut real, mut told) = (BTreeSet::new(), BTreeSet::new());
    fields(&serde_json::to_value(plan).unwrap(), "", &mut real);
    let described = documents(&read("docs/output/README.md"), "## bootstrap --dry-run");
    fields(&described[0], "", &mut told);
    assert_eq!(told, real);
}

#[test]
fn documents_conform_to_the_schemas() {
    let text = read("docs/output/README.md");
    for (heading, schema) in [
        ("## get", "get"),
        ("## version", "version"),
        ("## check", "check"),
        ("## diff", "diff"),
        ("## bootstrap --dry-run", "bootstrap-dry-run"),
        ("## Progress", "jsonl"),
    ] {
        let shown = documents(&text, heading);
        assert!(!shown.is_empty(), "{heading}");
        for document in shown {
            conforms(schema, &document);
        }
        let file = format!("({schema}.schema.json)");
        assert!(section(&text, heading).contains(&file), "{heading}");
    }
}
