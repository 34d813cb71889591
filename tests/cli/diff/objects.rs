//! What happens to objects that are in the folder.

use serde_json::{Value, json};

use super::Stage;

#[test]
fn nothing_differs() {
    let stage = Stage::new();
    let config = stage.config("same", "1");
    stage.write("app", std::slice::from_ref(&config));
    stage.applied("app", &config);
    let output = stage.diff(&[]);
    assert_eq!(output.stderr, "1 unchanged\n");
    assert_eq!(output.success(), "");
}

#[test]
fn objects_come_and_change() {
    let stage = Stage::new();
    stage.write("app", &[stage.config("old", "2"), stage.config("new", "1")]);
    stage.applied("app", &stage.config("old", "1"));
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/old drifted\n\ndata.key\n± value change\n- 1\n+ 2\n\n► ConfigMap/NS/new created\n"
    );
    assert_eq!(
        output.failure(1),
        "1 created, 1 drifted\n⚠️ identified at least one change, exiting with non-zero exit code\n"
    );
    assert_eq!(stage.diff(&["--fail-on=delete"]).code, 0);
}

#[test]
fn an_unhappy_object_hides_neither_the_others_nor_the_deletions() {
    let stage = Stage::new();
    let mut bad = stage.config("bad", "1");
    bad["data"] = json!({"not a key!": "x"});
    let gone = stage.applied("app", &stage.config("gone", "1"));
    stage.kustomization("app", json!({}), &[&gone, &bad]);
    stage.write("app", &[bad, stage.config("new", "1")]);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/new created\n► ConfigMap/NS/gone deleted\n"
    );
    let stderr = output.failure(2);
    assert!(
        stderr.contains("/bad dry-run failed (Invalid): ConfigMap \"bad\" is invalid"),
        "{stderr}"
    );
    assert!(
        stderr.contains("1 created, 1 deleted, 1 failed\n"),
        "{stderr}"
    );
}

/// The definition of a kind that only this test has.
fn definition(group: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    })
}

#[test]
fn namespaces_and_kinds_of_the_same_change_count() {
    let stage = Stage::new();
    let new = format!("{}-new", stage.ns.name);
    let group = format!("{}.example.com", stage.ns.name);
    let definition = definition(&group);
    let mut config = stage.config("c", "1");
    config["metadata"]["namespace"] = new.as_str().into();
    let thing = |group: &str| {
        json!({"apiVersion": format!("{group}/v1"), "kind": "Thing",
            "metadata": {"name": "t", "namespace": stage.ns.name}})
    };
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": new}});
    let objects = [namespace, definition, config.clone(), thing(&group)];
    stage.write("app", &objects);
    let output = stage.diff(&[]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert_eq!(
        output.stdout.matches(" created\n").count(),
        4,
        "{}",
        output.stdout
    );

    // Without them, each says what it misses.
    stage.write("app", &[config, thing("other.example.com")]);
    let output = stage.diff(&[]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(
        output
            .stderr
            .contains(&format!("namespaces \"{new}\" not found"))
    );
    assert!(
        output
            .stderr
            .contains("no matches for kind \"Thing\" in version \"other.example.com/v1\""),
        "{}",
        output.stderr
    );
}

#[test]
fn what_cannot_be_changed_is_an_error_or_made_anew() {
    let stage = Stage::new();
    let mut config = stage.config("fixed", "1");
    config["immutable"] = true.into();
    stage.applied("app", &config);
    config["data"]["key"] = "2".into();
    stage.write("app", std::slice::from_ref(&config));
    let stderr = stage.diff(&[]).failure(2);
    assert!(
        stderr.contains("field is immutable when `immutable` is set"),
        "{stderr}"
    );

    stage.kustomization("app", json!({"force": true}), &[]);
    let output = stage.diff(&["--fail-on=delete"]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/fixed recreated\n"
    );
    output.failure(1);

    stage.kustomization("app", json!({}), &[]);
    config["metadata"]["annotations"] = json!({"kustomize.toolkit.fluxcd.io/force": "Enabled"});
    stage.write("app", &[config]);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/fixed recreated\n"
    );
}

#[test]
fn marks_on_objects_are_honoured() {
    let stage = Stage::new();
    let marked = |name: &str, key: &str, value: &str| {
        let mut config = stage.config(name, "2");
        config["metadata"]["annotations"][format!("kustomize.toolkit.fluxcd.io/{key}")] =
            value.into();
        config
    };
    for name in ["a", "b", "c"] {
        stage.applied("app", &stage.config(name, "1"));
    }
    let objects = [
        marked("a", "ssa", "IfNotPresent"),
        marked("b", "ssa", "Ignore"),
        marked("c", "reconcile", "disabled"),
        marked("d", "ssa", "IfNotPresent"),
    ];
    stage.write("app", &objects);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/a skipped\n► ConfigMap/NS/b skipped\n► ConfigMap/NS/c skipped\n\
         ► ConfigMap/NS/d created\n"
    );
}

#[test]
fn what_kubectl_added_goes_unless_it_is_to_be_merged() {
    let stage = Stage::new();
    stage.applied("app", &stage.config("c", "1"));
    let mut added = stage.config("c", "1");
    added["data"] = json!({"extra": "by hand"});
    stage.apply("kubectl", &added);
    stage.write("app", &[stage.config("c", "1")]);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/c drifted\n\ndata\n- one map entry removed:\nextra: \"by hand\"\n\n"
    );
    let mut merged = stage.config("c", "1");
    merged["metadata"]["annotations"] = json!({"kustomize.toolkit.fluxcd.io/ssa": "Merge"});
    stage.applied("app", &merged);
    stage.write("app", &[merged]);
    assert_eq!(stage.diff(&[]).success(), "");
}

#[test]
fn ignored_fields_are_ignored() {
    let stage = Stage::new();
    stage.applied("app", &stage.config("c", "1"));
    stage.write("app", &[stage.config("c", "2")]);
    let rule = json!({"ignore": [{"paths": ["/data/key"], "target": {"kind": "ConfigMap"}}]});
    stage.kustomization("app", rule, &[]);
    assert_eq!(stage.diff(&[]).success(), "");
    let other = json!({"ignore": [{"paths": ["/data/key"], "target": {"kind": "Secret"}}]});
    stage.kustomization("app", other, &[]);
    assert_eq!(stage.diff(&[]).code, 1);
}

#[test]
fn a_new_kustomization_is_all_creation() {
    let stage = Stage::with(&[]);
    stage.write("app", &[stage.config("c", "1")]);
    let file = stage.path().join("ks.yaml");
    let mut object = stage.kustomization_of("new", json!({}));
    object["metadata"]["namespace"].take();
    fs_err::write(&file, serde_yaml::to_string(&object).unwrap()).unwrap();
    let path = stage.path().join("app");
    let run = |more: &[&str]| {
        let args = ["diff", "ks", "new", "--path", path.to_str().unwrap()];
        let on = stage.ns.on(crate::support::flux(), &[&args, more].concat());
        on.run()
    };
    let file = format!("--kustomization-file={}", file.display());
    let output = run(&[&file]);
    assert_eq!(stage.plain(&output.stdout), "► ConfigMap/NS/c created\n");
    assert!(output.failure(1).contains("is not in the cluster"));
    let output = run(&[&file, "--ignore-not-found"]);
    assert!(!output.failure(1).contains("is not in the cluster"));
    let stderr = run(&[]).failure(2);
    assert!(
        stderr.contains("kustomizations.kustomize.toolkit.fluxcd.io \"new\" not found"),
        "{stderr}"
    );
    let stderr = run(&["--ignore-not-found"]).failure(2);
    assert!(
        stderr.contains("kustomization file is required"),
        "{stderr}"
    );
}

#[test]
fn rights_to_read_are_enough_for_a_guess() {
    let stage = Stage::new();
    let gone = stage.applied("app", &stage.config("gone", "1"));
    let old = stage.applied("app", &stage.config("old", "1"));
    stage.applied("app", &stage.config("same", "1"));
    stage.kustomization("app", json!({}), &[&gone, &old]);
    let objects = ["old", "same", "new"].map(|name| {
        let value = if name == "old" { "2" } else { "1" };
        stage.config(name, value)
    });
    stage.write("app", &objects);
    let kubeconfig = crate::support::cluster::control_plane().kubeconfig_of(sandbox::User::Reader);
    let path = stage.path().join("app");
    let run = |more: &[&str]| {
        let args = ["diff", "ks", "app", "--path", path.to_str().unwrap()];
        let run = stage
            .ns
            .on(crate::support::reflux(), &[&args, more].concat());
        run.env("KUBECONFIG", &kubeconfig).run()
    };
    let stderr = run(&[]).failure(2);
    assert!(
        stderr.contains("hint: rights to read are enough"),
        "{stderr}"
    );
    let output = run(&["--server-side=false"]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/old drifted\n\ndata.key\n± value change\n- 1\n+ 2\n\n\
         ► ConfigMap/NS/new created\n► ConfigMap/NS/gone deleted\n"
    );
    assert!(output.failure(1).contains("less exact"));
}

#[test]
fn what_the_controller_leaves_out_is_left_out() {
    let stage = Stage::new();
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": stage.ns.name},
        "spec": {
            "replcas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1", "imagePolicy": "Always"}]},
            },
        },
    });
    let group = format!("{}.example.com", stage.ns.name);
    let mut definition = definition(&group);
    // A placeholder, which is no certificate.
    definition["spec"]["conversion"] = json!({"strategy": "Webhook", "webhook": {
        "conversionReviewVersions": ["v1"],
        "clientConfig": {"caBundle": "Cg==", "service": {"name": "x", "namespace": "y"}},
    }});
    let source = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": "repo", "namespace": stage.ns.name},
        "spec": {"interval": "1m", "url": "https://example.com/repo", "brnch": "main"},
    });
    stage.write("app", &[deployment, definition, source]);
    let output = stage.diff(&["-o", "unified"]);
    assert_eq!(
        output.stdout.matches("+++ b/").count(),
        2,
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("replcas"), "{}", output.stdout);
    let stderr = stage.plain(&output.failure(2));
    assert!(
        stderr.contains("Deployment/NS/web: the server does not know .spec.replcas"),
        "{stderr}"
    );
    assert!(stderr.contains(".imagePolicy"), "{stderr}");
    // Of other kinds the controller leaves nothing out.
    assert!(
        stderr.contains("GitRepository/NS/repo dry-run failed") && stderr.contains(".spec.brnch"),
        "{stderr}"
    );
}
