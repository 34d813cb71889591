//! `wait --for`: objects that come to be as wanted, and those that do not.

use std::time::Duration;

use insta::assert_snapshot;
use kube::api::{DeleteParams, Patch, PatchParams};
use reflux::kinds::{Action, Fixed, GIT_REPOSITORY, KINDS, KUSTOMIZATION};
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, condition, namespace, ready, status};
use crate::support::reflux;

fn set(ns: &Namespace, name: &str, patch: &Value, in_status: bool) {
    let api = ns.api(&KUSTOMIZATION);
    let (params, patch) = (PatchParams::default(), Patch::Merge(patch));
    block_on(async {
        if in_status {
            api.patch_status(name, &params, &patch).await.unwrap();
        } else {
            api.patch(name, &params, &patch).await.unwrap();
        }
    });
}

/// Runs `wait` and, once it has had time to look, `meanwhile`.
fn while_waiting(
    ns: &Namespace,
    args: &[&str],
    meanwhile: impl FnOnce(),
) -> crate::support::Output {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ns.reflux(&[args, &["--timeout=30s"]].concat()));
        std::thread::sleep(Duration::from_millis(800));
        meanwhile();
        waiting.join().unwrap()
    })
}

#[test]
fn every_kind_can_be_waited_for() {
    let mut kinds = 0;
    for kind in KINDS {
        let ns = namespace();
        // What nothing reconciles has no status.
        let fixed = matches!(kind.fixed, Fixed::Always(_));
        ns.sample(kind, "one", if fixed { Value::Null } else { ready() });
        let words = |rest: &[&'static str]| [&["wait"], kind.singular.path, rest].concat();
        ns.reflux(&words(&["one", "--timeout=5s"])).success();
        let missing = ns.reflux(&words(&["nobody"])).failure(3);
        assert!(missing.contains("nobody"), "{}: {missing}", kind.kind);
        ns.reflux(&words(&["nobody", "--for=deleted"])).success();
        let unnamed = reflux().args(words(&[])).run().failure(2);
        assert!(
            unnamed.contains("name is required"),
            "{}: {unnamed}",
            kind.kind
        );
        let code = if kind.allows(Action::Suspend) { 6 } else { 2 };
        ns.reflux(&words(&["one", "--for=suspended", "--timeout=1s"]))
            .failure(code);
        kinds += 1;
    }
    assert_eq!(kinds, KINDS.len());
}

#[test]
fn several_kinds_at_once() {
    let ns = namespace();
    ns.sample(&GIT_REPOSITORY, "fleet", ready());
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let output = ns.reflux(&["wait", "ks/apps", "gitrepo/fleet"]);
    assert_eq!(output.code, 0);
    let mut lines: Vec<String> = output
        .stderr
        .replace(&ns.name, "NS")
        .lines()
        .map(str::to_owned)
        .collect();
    lines[1..3].sort();
    assert_snapshot!(lines.join("\n"), @"
    ◎ waiting for 2 objects to be ready
    ✔ GitRepository NS/fleet: fetched revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ✔ Kustomization NS/apps: applied revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ✔ 2 ready
    ");
}

#[test]
fn what_becomes_ready_is_noticed() {
    let ns = namespace();
    ns.sample(
        &KUSTOMIZATION,
        "apps",
        status("False", "BuildFailed", "no such folder"),
    );
    let output = while_waiting(&ns, &["wait", "ks", "apps"], || {
        set(&ns, "apps", &json!({"status": ready()}), true);
    });
    assert!(
        output.stderr.contains("✔ Kustomization"),
        "{}",
        output.stderr
    );
    output.success();
}

#[test]
fn the_time_is_over() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "good", ready());
    ns.sample(
        &KUSTOMIZATION,
        "bad",
        status("False", "BuildFailed", "no such folder"),
    );
    let error = ns
        .reflux(&["wait", "ks", "good", "bad", "--timeout=1s"])
        .failure(6);
    assert!(error.contains("✔ Kustomization"), "{error}");
    let says = format!(
        "✗ timed out waiting for Kustomization {}/bad: no such folder",
        ns.name
    );
    assert!(error.contains(&says), "{error}");
    assert!(error.contains("1 ready, 1 timed out"), "{error}");
    // flux has one code for every failure.
    assert_eq!(ns.flux(&["wait", "ks", "bad", "--timeout=1s"]).code, 1);
}

#[test]
fn what_has_given_up_fails_at_once() {
    let ns = namespace();
    let mut stalled = status("False", "InvalidSpec", "it cannot be");
    let condition = condition("Stalled", "True", "InvalidSpec", "it cannot be", 1);
    stalled["conditions"]
        .as_array_mut()
        .unwrap()
        .push(condition);
    ns.sample(&KUSTOMIZATION, "apps", stalled);
    let error = ns.reflux(&["wait", "ks/apps"]).failure(1);
    assert!(error.contains("/apps: it cannot be"), "{error}");
}

#[test]
fn a_missing_name_does_not_hide_the_others() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let error = ns.reflux(&["wait", "ks/nobody", "ks/apps"]).failure(3);
    assert!(error.contains("\"nobody\" not found"), "{error}");
    assert!(error.contains("/apps: applied revision"), "{error}");
    ns.reflux(&["wait", "ks", "-l", "team=none"]).failure(3);
}

#[test]
fn deletion() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let error = ns
        .reflux(&["wait", "ks", "apps", "--for=deleted", "--timeout=1s"])
        .failure(6);
    assert!(error.contains("nobody has deleted it yet"), "{error}");
    let output = while_waiting(
        &ns,
        &["wait", "ks/apps", "ks/nobody", "--for=deleted"],
        || {
            let api = ns.api(&KUSTOMIZATION);
            block_on(api.delete("apps", &DeleteParams::default())).unwrap();
        },
    );
    assert!(output.stderr.contains("2 deleted"), "{}", output.stderr);
    output.success();
    ns.reflux(&["wait", "-l", "team=one", "--for=deleted"])
        .success();
}

#[test]
fn suspension_and_conditions() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let output = while_waiting(&ns, &["wait", "ks/apps", "--for=suspended"], || {
        ns.reflux(&["suspend", "ks/apps", "--reason=holidays"])
            .success();
    });
    assert!(output.stderr.contains("holidays"), "{}", output.stderr);
    output.success();
    let output = while_waiting(
        &ns,
        &["wait", "ks", "apps", "--for=condition=healthy"],
        || {
            let healthy = condition("Healthy", "True", "Succeeded", "fine", 2);
            set(
                &ns,
                "apps",
                &json!({"status": {"conditions": [healthy]}}),
                true,
            );
        },
    );
    assert!(
        output.stderr.contains("Healthy is True"),
        "{}",
        output.stderr
    );
    output.success();
    ns.reflux(&[
        "wait",
        "ks",
        "apps",
        "--for=condition=Healthy=False",
        "--timeout=1s",
    ])
    .failure(6);
}

#[test]
fn what_is_deleted_meanwhile_is_not_found() {
    let ns = namespace();
    ns.sample(
        &KUSTOMIZATION,
        "apps",
        status("False", "BuildFailed", "no such folder"),
    );
    let output = while_waiting(&ns, &["wait", "ks/apps"], || {
        let api = ns.api(&KUSTOMIZATION);
        block_on(api.delete("apps", &DeleteParams::default())).unwrap();
    });
    assert!(output.failure(3).contains("deleted meanwhile"));
}

#[test]
fn calls_that_make_no_sense() {
    for (args, says) in [
        (
            vec!["wait", "ks", "apps", "--for=happy"],
            "expected ready, suspended, deleted",
        ),
        (
            vec!["wait", "ks", "apps", "--for=condition="],
            "expected condition=TYPE",
        ),
        (
            vec!["wait", "ks", "--revision=main"],
            "\"main\" names no commit",
        ),
        (
            vec!["wait", "--revision=9fceb02", "--for=ready"],
            "cannot be used together",
        ),
        (
            vec!["wait", "externalartifact/x", "--for=suspended"],
            "does not apply to",
        ),
        (
            vec!["wait", "alert/x", "--revision=9fceb02"],
            "does not apply to Alert",
        ),
        (
            vec!["wait", "alert", "x", "--revision=9fceb02"],
            "does not apply to Alert",
        ),
    ] {
        let error = reflux().args(&args).run().failure(2);
        assert!(error.contains(says), "{args:?}: {error}");
    }
}

#[test]
fn a_journal() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "good", ready());
    ns.sample(
        &KUSTOMIZATION,
        "bad",
        status("False", "BuildFailed", "no such folder"),
    );
    let output = ns.reflux(&["wait", "--all", "-o", "jsonl", "--timeout=1s"]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    let lines: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str, phase: &str| {
        lines
            .iter()
            .any(|l| l["object"]["name"] == name && l["phase"] == phase)
    };
    assert!(
        of("good", "done") && of("bad", "failed"),
        "{}",
        output.stdout
    );
    let summary = json!({"done": 1, "failed": 0, "timedOut": 1});
    assert!(
        lines.iter().any(|l| l["summary"] == summary),
        "{}",
        output.stdout
    );
}
