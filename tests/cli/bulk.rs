//! Verbs on many objects of several kinds at once.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use reflux::kinds::{GIT_REPOSITORY, HELM_RELEASE, KUSTOMIZATION, Kind, suspension};
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, namespace, ready, status};
use crate::support::controller::Controller;

/// A Kustomization of a GitRepository `fleet`, ready.
fn kustomization(ns: &Namespace, name: &str, labels: &Value) {
    ns.sample(&KUSTOMIZATION, name, ready());
    patch(
        ns,
        &KUSTOMIZATION,
        name,
        &json!({
            "metadata": {"labels": labels},
            "spec": {"sourceRef": {"kind": "GitRepository", "name": "fleet"}},
        }),
    );
}

fn patch(ns: &Namespace, kind: &Kind, name: &str, patch: &Value) {
    let params = PatchParams::default();
    block_on(ns.api(kind).patch(name, &params, &Patch::Merge(patch))).unwrap();
}

fn is_suspended(ns: &Namespace, kind: &Kind, name: &str) -> bool {
    (kind.suspended)(&ns.get(kind, name).unwrap())
}

fn journal(stdout: &str) -> Vec<Value> {
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_suspension_says_who_why_and_until_when() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "web", ready());
    ns.sample(&HELM_RELEASE, "db", ready());
    ns.sample(&GIT_REPOSITORY, "fleet", ready());
    let words = ["ks/web", "helmreleases/db", "GitRepository/fleet"];
    let mut args = vec!["suspend"];
    args.extend(words);
    args.extend(["--reason", "moving the disks", "--for", "2h"]);
    ns.reflux(&args).success();
    for (kind, name) in [
        (&KUSTOMIZATION, "web"),
        (&HELM_RELEASE, "db"),
        (&GIT_REPOSITORY, "fleet"),
    ] {
        assert!(is_suspended(&ns, kind, name));
        let object = ns.get(kind, name).unwrap();
        assert_eq!(object.annotations()[suspension::REASON], "moving the disks");
        assert!(object.annotations().contains_key(suspension::BY));
        assert!(object.annotations()[suspension::UNTIL].ends_with('Z'));
    }
    let table = ns.reflux(&["get", "--suspended"]).success();
    assert_eq!(table.matches("moving the disks").count(), 3, "{table}");
    assert!(table.contains("SUSPENDED BY"), "{table}");

    let _controller = Controller::content(&ns);
    let mut args = vec!["resume", "--wait"];
    args.extend(words);
    let output = ns.reflux(&args);
    assert!(output.stderr.contains("✔ 3 resumed"), "{}", output.stderr);
    output.success();
    let object = ns.get(&KUSTOMIZATION, "web").unwrap();
    assert!(!(KUSTOMIZATION.suspended)(&object));
    assert!(
        object
            .annotations()
            .keys()
            .all(|key| !key.starts_with("reflux.dev/"))
    );
}

#[test]
fn a_refused_period_suspends_nothing() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "web", ready());
    for period in ["0s", "-1h", "soon"] {
        let text = ns
            .reflux(&["suspend", "ks", "web", &format!("--for={period}")])
            .failure(2);
        assert!(text.contains("--for"), "{text}");
    }
    assert!(!is_suspended(&ns, &KUSTOMIZATION, "web"));
}

#[test]
fn suspensions_whose_time_is_over_are_resumed() {
    let ns = namespace();
    for (name, until) in [
        ("over", "2020-01-01T00:00:00Z"),
        ("on", "2999-01-01T00:00:00Z"),
    ] {
        ns.sample(&KUSTOMIZATION, name, ready());
        let annotations = json!({suspension::UNTIL: until});
        let change = json!({"metadata": {"annotations": annotations}, "spec": {"suspend": true}});
        patch(&ns, &KUSTOMIZATION, name, &change);
    }
    ns.reflux(&["resume", "--expired"]).success();
    assert!(!is_suspended(&ns, &KUSTOMIZATION, "over"));
    assert!(is_suspended(&ns, &KUSTOMIZATION, "on"));
    let text = ns.reflux(&["resume", "ks", "--expired"]).failure(3);
    assert!(text.contains("no Kustomization objects found"), "{text}");
}

#[test]
fn a_shared_source_is_reconciled_once_and_first() {
    let ns = namespace();
    ns.sample(&GIT_REPOSITORY, "fleet", ready());
    for name in ["a", "b"] {
        kustomization(&ns, name, &json!({}));
    }
    let _controller = Controller::content(&ns);
    for args in [
        vec!["reconcile", "ks", "a", "b", "--with-source"],
        vec!["reconcile", "ks/a", "ks/b", "gitrepo/fleet"],
    ] {
        let text = ns.reflux(&args).stderr;
        assert_eq!(
            text.matches("annotating GitRepository fleet").count(),
            1,
            "{text}"
        );
        let source = text.find("GitRepository").unwrap();
        assert!(source < text.find("Kustomization a ").unwrap(), "{text}");
        let fetched = text.find("fetched revision").unwrap();
        assert!(
            fetched < text.find("annotating Kustomization").unwrap(),
            "{text}"
        );
        assert_eq!(text.matches("applied revision").count(), 2, "{text}");
    }
}

#[test]
fn what_is_made_from_a_failed_source_is_left_alone() {
    let ns = namespace();
    ns.sample(&GIT_REPOSITORY, "fleet", ready());
    kustomization(&ns, "a", &json!({}));
    kustomization(&ns, "b", &json!({}));
    let _controller = Controller::start(&ns, |object| {
        if object.name_any() == "fleet" {
            ("False", "GitOperationFailed", "no such branch")
        } else {
            ("True", "Succeeded", "fine")
        }
    });
    let text = ns
        .reflux(&[
            "reconcile",
            "ks",
            "a",
            "b",
            "--with-source",
            "--timeout=20s",
        ])
        .failure(7);
    assert!(text.contains("no such branch"), "{text}");
    assert_eq!(text.matches("not reconciled, because").count(), 2, "{text}");
    assert!(!text.contains("annotating Kustomization"), "{text}");
    assert!(text.contains("✗ 0 reconciled, 3 failed"), "{text}");
}

#[test]
fn one_failure_does_not_stop_the_rest() {
    let ns = namespace();
    kustomization(&ns, "good", &json!({}));
    kustomization(&ns, "bad", &json!({}));
    let _controller = Controller::start(&ns, |object| match object.name_any().as_str() {
        "bad" => ("False", "BuildFailed", "no such file"),
        _ => ("True", "Succeeded", "fine"),
    });
    let output = ns.reflux(&[
        "reconcile",
        "ks/bad",
        "ks/good",
        "ks/none",
        "--timeout=20s",
        "-o",
        "jsonl",
    ]);
    assert_eq!(output.code, 3, "{}{}", output.stdout, output.stderr);
    let lines = journal(&output.stdout);
    let of = |name: &str| -> Vec<&Value> {
        lines
            .iter()
            .filter(|l| l["object"]["name"] == name)
            .collect()
    };
    assert!(of("good").iter().any(
        |l| l["phase"] == "done" && l["message"].as_str().unwrap().contains("applied revision")
    ));
    assert!(
        of("bad")
            .iter()
            .any(|l| l["phase"] == "failed" && l["reason"] == "not-ready")
    );
    let summary = lines.iter().find(|l| l["summary"].is_object()).unwrap();
    assert_eq!(
        summary["summary"],
        json!({"done": 1, "failed": 2, "timedOut": 0})
    );
    assert!(
        lines
            .iter()
            .all(|l| l["time"].is_string() && l["phase"].is_string())
    );
    assert!(!output.stderr.contains('►'), "{}", output.stderr);
}

#[test]
fn objects_are_picked_by_label_readiness_and_suspension() {
    let ns = namespace();
    kustomization(&ns, "a", &json!({"team": "x"}));
    kustomization(&ns, "b", &json!({"team": "y"}));
    ns.sample(&HELM_RELEASE, "c", status("False", "Failed", "broken"));
    patch(
        &ns,
        &KUSTOMIZATION,
        "b",
        &json!({"spec": {"suspend": true}}),
    );
    let names = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["get", "-o", "name"];
        all.extend(args);
        let text = ns.reflux(&all).success();
        text.lines()
            .filter_map(|l| Some(l.split_once('/')?.1.to_owned()))
            .collect()
    };
    assert_eq!(names(&["-l", "team=x"]), ["a"]);
    assert_eq!(names(&["--suspended"]), ["b"]);
    ns.sample(&HELM_RELEASE, "d", ready());
    // No controller has seen the patches of the Kustomizations.
    assert_eq!(names(&["--not-ready"]), ["c", "a", "b"]);
    ns.reflux(&["suspend", "-l", "team in (x,y)"]).success();
    assert!(is_suspended(&ns, &KUSTOMIZATION, "a"));
    assert!(!is_suspended(&ns, &HELM_RELEASE, "c"));
    let text = ns.reflux(&["suspend"]).success();
    assert!(text.contains("Usage"), "{text}");
    let text = ns.reflux(&["suspend", "-l", "team=none"]).failure(3);
    assert!(text.contains("no objects found"), "{text}");
}

#[test]
fn a_suspended_object_runs_once() {
    let ns = namespace();
    kustomization(&ns, "a", &json!({}));
    let change = json!({"spec": {"suspend": true}, "metadata": {"annotations": {suspension::REASON: "why"}}});
    patch(&ns, &KUSTOMIZATION, "a", &change);
    let text = ns.reflux(&["reconcile", "ks", "a"]).failure(7);
    assert!(
        text.contains("resource is suspended: why") && text.contains("--once"),
        "{text}"
    );
    let controller = Controller::content(&ns);
    ns.reflux(&["reconcile", "ks", "a", "--once", "--timeout=20s"])
        .success();
    let object = ns.get(&KUSTOMIZATION, "a").unwrap();
    assert!((KUSTOMIZATION.suspended)(&object));
    assert_eq!(object.annotations()[suspension::REASON], "why");
    assert_eq!(
        object.data["status"]["lastHandledReconcileAt"],
        object.annotations()["reconcile.fluxcd.io/requestedAt"]
    );
    drop(controller);
    // A run that fails leaves it suspended, too.
    let _controller = Controller::start(&ns, |_| ("False", "BuildFailed", "no such file"));
    ns.reflux(&["reconcile", "ks", "a", "--once", "--timeout=20s"])
        .failure(7);
    assert!(is_suspended(&ns, &KUSTOMIZATION, "a"));
}

#[test]
fn an_interrupted_single_run_suspends_again() {
    let ns = namespace();
    kustomization(&ns, "a", &json!({}));
    patch(
        &ns,
        &KUSTOMIZATION,
        "a",
        &json!({"spec": {"suspend": true}}),
    );
    // No controller answers, so that it waits until it is told to stop.
    let mut child = Command::new(env!("CARGO_BIN_EXE_reflux"))
        .args(["reconcile", "ks", "a", "--once", "-n", &ns.name])
        .env_clear()
        .env("KUBECONFIG", &ns.kubeconfig)
        .env("LANG", "C.UTF-8")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with('◎')));
    assert!(!is_suspended(&ns, &KUSTOMIZATION, "a"));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(is_suspended(&ns, &KUSTOMIZATION, "a"), "{rest:?}");
}

#[test]
fn deleting_tells_what_goes_and_waits_until_it_is_gone() {
    let ns = namespace();
    let entry = |id: String| json!({"id": id, "v": "v1"});
    let mut inventory = ready();
    inventory["inventory"] = json!({"entries": [
        entry(format!("{}_web_apps_Deployment", ns.name)),
        entry(format!("{}_child_kustomize.toolkit.fluxcd.io_Kustomization", ns.name)),
    ]});
    ns.sample(&KUSTOMIZATION, "parent", inventory);
    let mut inventory = ready();
    inventory["inventory"] =
        json!({"entries": [entry(format!("{}_db_apps_StatefulSet", ns.name))]});
    ns.sample(&KUSTOMIZATION, "child", inventory);
    ns.sample(&GIT_REPOSITORY, "fleet", ready());

    let text = ns
        .reflux(&["delete", "ks/parent", "gitrepository/fleet"])
        .failure(2);
    for part in [
        format!(
            "deleting Kustomization {}/parent prunes 3 objects with it",
            ns.name
        ),
        format!("StatefulSet/{}/db", ns.name),
        "these 2 objects".to_owned(),
        "--silent".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    assert!(ns.get(&KUSTOMIZATION, "parent").is_some());

    ns.reflux(&["delete", "ks/parent", "gitrepository/fleet", "-s"])
        .success();
    assert!(ns.get(&KUSTOMIZATION, "parent").is_none());
    assert!(ns.get(&GIT_REPOSITORY, "fleet").is_none());

    let holder = json!({"metadata": {"finalizers": ["example.com/holds"]}});
    patch(&ns, &KUSTOMIZATION, "child", &holder);
    let text = ns
        .reflux(&["delete", "ks", "child", "-s", "--timeout=2s"])
        .failure(6);
    assert!(text.contains("held by example.com/holds"), "{text}");
    ns.reflux(&["delete", "ks", "child", "-s", "--wait=false"])
        .success();
}

#[test]
fn kinds_are_exported_together() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "a", ready());
    ns.sample(&HELM_RELEASE, "b", ready());
    let list: Value =
        serde_json::from_str(&ns.reflux(&["export", "--all", "-o", "json"]).success()).unwrap();
    let kinds: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["HelmRelease", "Kustomization"]);
    assert!(list["items"][0]["status"].is_null());
    let yaml = ns.reflux(&["export", "ks/a", "hr/b"]).success();
    assert_eq!(yaml.matches("---\n").count(), 2);
    let output = ns.reflux(&["export", "ks/a", "hr/none"]);
    assert!(output.stdout.contains("kind: Kustomization"));
    assert!(output.failure(3).contains("none"));
}
