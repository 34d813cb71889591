//! The forms of the answer, and what is refused.

use serde_json::{Value, json};

use super::Stage;
use crate::support::{flux, reflux};

/// A folder with something of each kind.
fn stage() -> Stage {
    let stage = Stage::new();
    let gone = stage.applied("app", &stage.config("gone", "1"));
    stage.applied("app", &stage.config("old", "1"));
    stage.kustomization("app", json!({}), &[&gone]);
    stage.write("app", &[stage.config("old", "2"), stage.config("new", "1")]);
    stage
}

#[test]
fn programs_get_json_that_fits_its_schema() {
    let stage = stage();
    let output = stage.diff(&["-o", "json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["exact"], true);
    assert_eq!(
        document["summary"],
        json!({"created": 1, "changed": 1, "recreated": 0, "moved": 0, "deleted": 1, "kept": 0,
            "skipped": 0, "unchanged": 0, "failed": 0})
    );
    let changes = document["changes"].as_array().unwrap();
    let actions: Vec<&Value> = changes.iter().map(|change| &change["action"]).collect();
    assert_eq!(actions, ["changed", "created", "deleted"]);
    assert_eq!(
        changes[0]["differences"],
        json!([{"path": "data.key", "action": "changed", "before": "1", "after": "2"}])
    );
    assert_eq!(
        changes[0]["kustomization"],
        format!("{}/app", stage.ns.name)
    );
    crate::output::conforms("diff", &document);
    output.failure(1);
}

#[test]
fn people_and_reviewers_get_diffs() {
    let stage = stage();
    let name = |text: &str| stage.plain(text);
    let output = stage.diff(&["-o", "unified"]);
    let text = name(&output.stdout);
    assert!(
        text.contains("--- /dev/null\n+++ b/ConfigMap/NS/new\n@@ -0,0 +1,10 @@\n+apiVersion: v1\n"),
        "{text}"
    );
    assert!(text.contains("-  key: \"1\"\n+  key: \"2\"\n"), "{text}");
    assert!(
        text.contains("--- a/ConfigMap/NS/gone\n+++ /dev/null\n"),
        "{text}"
    );
    assert!(
        !text.contains("resourceVersion") && !text.contains("managedFields"),
        "{text}"
    );
    let text = name(&stage.diff(&["-o", "markdown"]).stdout);
    assert!(
        text.starts_with("**1 created, 1 drifted, 1 deleted**\n"),
        "{text}"
    );
    assert!(
        text.contains("<details><summary>ConfigMap/NS/old drifted</summary>\n\n```diff\n--- a/"),
        "{text}"
    );
    let names = stage.diff(&["-o", "name"]).stdout;
    assert_eq!(names, "configmap/old\nconfigmap/new\nconfigmap/gone\n");
}

#[test]
fn mistakes_exit_with_two_under_both_names() {
    let stage = stage();
    let file = "--kustomization-file=/nonexistent.yaml";
    for args in [
        &["diff", "ks"][..],
        &["diff", "ks", "app"],
        &["diff", "ks", "app", "--path", "/nonexistent"],
        &["diff", "ks", "app", "--path", ".", file],
        &["diff", "ks", "app", "--path", ".", "-o", "xml"],
        &["diff", "ks", "app", "--path", ".", "--no-such-flag"],
        &["diff", "ks", "nobody", "--path", "."],
        &["diff", "ks", "app", "another", "--path", "."],
    ] {
        for run in [reflux(), flux()] {
            let output = stage.ns.on(run, args).run();
            assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{args:?}");
            assert!(!output.stderr.is_empty(), "{args:?}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_built_is_an_error() {
    let stage = stage();
    let file = stage.path().join("app/kustomization.yaml");
    fs_err::write(&file, "resources: [none.yaml]\n").unwrap();
    assert!(stage.diff(&[]).failure(2).contains("none.yaml"));
}
