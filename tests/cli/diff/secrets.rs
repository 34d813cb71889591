//! Values of Secrets are in no output, wherever they came to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Stage;
use crate::support::Output;

/// Everything that is secret here begins so, and so does its base64 form.
const OLD: &str = "hunter-old-value";
const NEW: &str = "hunter-new-value";

fn assert_hidden(output: &Output) {
    let text = format!("{}{}", output.stdout, output.stderr);
    assert!(!text.contains("hunter"), "{text}");
    assert!(!text.contains(&STANDARD.encode("hunter-")[..8]), "{text}");
}

#[test]
fn that_a_value_changed_is_told_and_never_the_value() {
    let stage = Stage::new();
    let secret = |data: serde_json::Value| {
        json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s", "namespace": stage.ns.name}, "stringData": data})
    };
    let mut live = secret(json!({}));
    live["data"] = json!({"a": STANDARD.encode(OLD), "b": STANDARD.encode(OLD)});
    stage.applied("app", &live);
    stage.write("app", &[secret(json!({"a": NEW, "b": OLD, "c": NEW}))]);
    let output = stage.diff(&[]);
    assert_hidden(&output);
    assert_eq!(
        stage.plain(&output.stdout),
        "► Secret/NS/s drifted\n\ndata\n+ one map entry added:\n  c: \"***\"\n\n\
         data.a\n± value change\n- *** (before)\n+ *** (after)\n\n"
    );
    for format in ["unified", "json", "yaml", "markdown"] {
        let output = stage.diff(&["-o", format]);
        assert_hidden(&output);
        assert!(output.stdout.contains("*** (after)"), "{}", output.stdout);
    }
    // New ones are shown no more than changed ones.
    stage.write("app", &[secret(json!({"a": NEW}))]);
    let name = json!({"namePrefix": "new-"});
    stage.kustomization("app", name, &[]);
    for format in ["unified", "json", "markdown"] {
        let output = stage.diff(&["-o", format]);
        assert_hidden(&output);
        assert!(output.stdout.contains("new-s"), "{}", output.stdout);
    }
}

#[test]
fn substituted_values_are_hidden_in_other_objects_and_in_errors() {
    let stage = Stage::new();
    stage.apply(
        "test",
        &json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "vars", "namespace": stage.ns.name},
            "data": {"password": STANDARD.encode(NEW)}}),
    );
    let from = json!([{"kind": "Secret", "name": "vars"}]);
    stage.kustomization("app", json!({"postBuild": {"substituteFrom": from}}), &[]);
    let mut live = stage.config("c", "1");
    live["data"] = json!({"url": format!("db://user:{OLD}@host"), "open": "1"});
    stage.applied("app", &live);
    let mut wanted = live.clone();
    wanted["data"] = json!({"url": "db://user:${password}@host", "open": "2"});
    let mut bad = stage.config("bad", "1");
    bad["data"] = json!({"key ${password}": "x"});
    stage.write("app", &[wanted.clone()]);
    let output = stage.diff(&[]);
    assert_hidden(&output);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/c drifted\n\ndata.open\n± value change\n- 1\n+ 2\n\n\
         data.url\n± value change\n- *** (before)\n+ *** (after)\n\n"
    );
    stage.write("app", &[wanted, bad]);
    for format in [
        &[][..],
        &["-o", "unified"],
        &["-o", "json"],
        &["-o", "markdown"],
    ] {
        let output = stage.diff(format);
        assert_hidden(&output);
        assert_eq!(output.code, 2);
    }
}

#[test]
fn short_values_are_in_no_message_and_no_name() {
    let stage = Stage::new();
    let data = json!({"pin": STANDARD.encode("7431"), "flag": STANDARD.encode("true"), "none": ""});
    stage.apply(
        "test",
        &json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "vars", "namespace": stage.ns.name}, "data": data}),
    );
    let from = json!([{"kind": "Secret", "name": "vars"}]);
    stage.kustomization("app", json!({"postBuild": {"substituteFrom": from}}), &[]);
    let mut bad = stage.config("bad", "1");
    bad["data"] = json!({"n": "${pin}", "flag": "${flag}", "empty": "a${none}"});
    // Without quotes it is a number, and another one a truth value.
    let text = |value: &serde_json::Value| serde_yaml::to_string(value).unwrap();
    let plain = text(&bad).replace("'${", "${").replace("}'", "}");
    let other = text(&stage.config("true-${pin}", "1"));
    stage.write("app", &[]);
    let manifests = format!("{plain}---\n{other}");
    fs_err::write(stage.path().join("app/all.yaml"), manifests).unwrap();
    for format in [
        &[][..],
        &["-o", "unified"],
        &["-o", "json"],
        &["-o", "markdown"],
        &["-o", "name"],
    ] {
        let output = stage.diff(format);
        let text = format!("{}{}", output.stdout, output.stderr);
        // The name of the namespace may hold any number.
        let text = text.replace(&stage.ns.name, "NS");
        assert!(!text.contains("7431"), "{text}");
        assert!(!text.contains("Value:true"), "{text}");
        // Markdown escapes them.
        assert!(text.replace('\\', "").contains("true-***"), "{text}");
        assert!(text.contains("ConfigMap/NS/bad dry-run failed"), "{text}");
        assert_eq!(output.code, 2);
    }
}
