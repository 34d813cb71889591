//! `wait --revision`: a commit on its way, from its source to all that is built from it.

use std::time::Duration;

use kube::api::{Patch, PatchParams, PostParams};
use reflux::kinds::{GIT_REPOSITORY, HELM_CHART, HELM_RELEASE, KUSTOMIZATION, Kind};
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, artifact, block_on, condition, fixture, namespace};
use crate::support::{Output, reflux};

const OLD: &str = "main@sha1:0000000000000000000000000000000000000000";
const REV: &str = "main@sha1:9fceb02d0ae598e95dc970b74767f19372d61af8";
const NEW: &str = "main@sha1:2222222222222222222222222222222222222222";

/// Creates an object, or gives the one that is there another status.
fn put(ns: &Namespace, kind: &Kind, name: &str, spec: Value, status: &Value) {
    let api = ns.api(kind);
    block_on(async {
        if api.get_opt(name).await.unwrap().is_none() {
            let mut object = fixture(kind);
            object.metadata.name = Some(name.to_owned());
            for (key, value) in spec.as_object().unwrap() {
                object.data["spec"][key] = value.clone();
            }
            api.create(&PostParams::default(), &object).await.unwrap();
        }
        let patch = Patch::Merge(json!({"status": status}));
        api.patch_status(name, &PatchParams::default(), &patch)
            .await
            .unwrap();
    });
}

fn ready() -> Value {
    json!([condition("Ready", "True", "Succeeded", "all is well", 1)])
}

fn failing(reason: &str, message: &str) -> Value {
    json!([condition("Ready", "False", reason, message, 1)])
}

fn fleet(ns: &Namespace, revision: &str) {
    source(ns, "fleet", revision);
}

fn source(ns: &Namespace, name: &str, revision: &str) {
    let mut artifact = artifact();
    artifact["revision"] = json!(revision);
    let url = format!("https://git.example.com/{}/{name}", ns.name);
    let status = json!({"observedGeneration": 1, "artifact": artifact, "conditions": ready()});
    put(ns, &GIT_REPOSITORY, name, json!({"url": url}), &status);
}

fn kustomization(ns: &Namespace, name: &str, status: Value) {
    let mut whole = json!({"observedGeneration": 1, "conditions": ready()});
    for (key, value) in status.as_object().unwrap() {
        whole[key] = value.clone();
    }
    let spec = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    put(ns, &KUSTOMIZATION, name, spec, &whole);
}

fn applied(revision: &str) -> Value {
    json!({"lastAppliedRevision": revision, "lastAttemptedRevision": revision})
}

fn wait(ns: &Namespace, args: &[&str]) -> Output {
    let revision = ["wait", "--revision=main@sha1:9fceb02"];
    let limited = args.iter().any(|arg| arg.starts_with("--timeout"));
    let limit: &[&str] = if limited { &[] } else { &["--timeout=30s"] };
    ns.reflux(&[&revision, args, limit].concat())
}

/// Follows the revision and, once it has had time to look, does that.
fn while_waiting(ns: &Namespace, args: &[&str], meanwhile: impl FnOnce()) -> Output {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(ns, args));
        std::thread::sleep(Duration::from_millis(1000));
        meanwhile();
        waiting.join().unwrap()
    })
}

fn pause() {
    std::thread::sleep(Duration::from_millis(300));
}

#[test]
fn from_the_source_to_the_release() {
    let ns = namespace();
    fleet(&ns, OLD);
    kustomization(&ns, "apps", applied(OLD));
    let chart = |revision: &str, version: &str| {
        let mut artifact = artifact();
        artifact["revision"] = json!(version);
        let status = json!({"observedGeneration": 1, "artifact": artifact,
            "observedSourceArtifactRevision": revision, "conditions": ready()});
        let spec = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}});
        put(&ns, &HELM_CHART, &format!("{}-web", ns.name), spec, &status);
    };
    let release = |version: &str| {
        let status = json!({"observedGeneration": 1, "lastAttemptedRevision": version,
            "conditions": ready()});
        let spec = json!({"chart": {"spec": {"chart": "./web", "sourceRef":
            {"kind": "GitRepository", "name": "fleet"}}}});
        put(&ns, &HELM_RELEASE, "web", spec, &status);
    };
    chart(OLD, "1.0.0");
    release("1.0.0");
    let output = while_waiting(&ns, &[], || {
        fleet(&ns, REV);
        pause();
        let mut progressing = applied(OLD);
        progressing["lastAttemptedRevision"] = json!(REV);
        progressing["conditions"] =
            json!([condition("Ready", "Unknown", "Progressing", "building", 1)]);
        kustomization(&ns, "apps", progressing);
        pause();
        kustomization(&ns, "apps", applied(REV));
        chart(REV, "1.1.0");
        pause();
        release("1.1.0");
    });
    let told = output.stderr.replace(&ns.name, "NS");
    for line in [
        "◎ waiting for main@sha1:9fceb02",
        "◎ no source is at main@sha1:9fceb02 yet",
        &format!("✔ GitRepository NS/fleet: fetched {REV}"),
        &format!("✔ Kustomization NS/apps: ready at {REV}"),
        &format!("✔ HelmChart NS/NS-web: ready at {REV}"),
        "✔ HelmRelease NS/web: ready at 1.1.0",
        "✔ 4 at main@sha1:9fceb02",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    output.success();
}

#[test]
fn a_source_in_another_namespace() {
    let (ns, base) = (namespace(), namespace());
    fleet(&base, OLD);
    let spec =
        json!({"sourceRef": {"kind": "GitRepository", "name": "fleet", "namespace": base.name}});
    let status = |revision: &str| {
        let mut status = applied(revision);
        status["observedGeneration"] = json!(1);
        status["conditions"] = ready();
        status
    };
    put(&ns, &KUSTOMIZATION, "apps", spec.clone(), &status(OLD));
    for args in [&[][..], &["ks/apps"]] {
        wait(&ns, &[&["--timeout=1s"], args].concat()).failure(6);
    }
    fleet(&base, REV);
    put(&ns, &KUSTOMIZATION, "apps", spec, &status(REV));
    for args in [&[][..], &["ks/apps"], &["-A"]] {
        let output = wait(&ns, &[&["--timeout=10s"], args].concat());
        // With -A, other tests' objects count, too.
        if args != ["-A"] {
            output.success();
        }
    }
}

#[test]
fn no_source_has_it() {
    let ns = namespace();
    let error = wait(&ns, &["--timeout=1s"]).failure(6);
    assert!(
        error.contains("✗ timed out: no source is at main@sha1:9fceb02: there are no sources"),
        "{error}"
    );
    fleet(&ns, OLD);
    let error = wait(&ns, &["--timeout=1s"]).failure(6);
    assert!(
        error.contains("no source is at main@sha1:9fceb02 yet"),
        "{error}"
    );
    assert!(error.contains(&format!("/fleet: is at {OLD}")), "{error}");
}

#[test]
fn the_deepest_blocker_is_named_first() {
    let ns = namespace();
    fleet(&ns, REV);
    let waiting = |on: &str| {
        let mut status = applied(OLD);
        status["conditions"] = failing("DependencyNotReady", "dependency is not ready");
        let spec = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"},
            "dependsOn": [{"name": on}]});
        status["observedGeneration"] = json!(1);
        (spec, status)
    };
    let (spec, status) = waiting("infra");
    put(&ns, &KUSTOMIZATION, "apps", spec, &status);
    let mut broken = applied(OLD);
    broken["lastAttemptedRevision"] = json!(REV);
    broken["conditions"] = failing("HealthCheckFailed", "the pod is unhappy");
    kustomization(&ns, "infra", broken);
    let error = wait(&ns, &["--timeout=1s"]).failure(6);
    let place = |text: &str| {
        error
            .find(text)
            .unwrap_or_else(|| panic!("{text}\n{error}"))
    };
    let root = place("/infra: the pod is unhappy");
    let above = place("/apps: depends on Kustomization");
    assert!(root < above, "{error}");
    assert!(
        error.contains("1 at main@sha1:9fceb02, 2 timed out"),
        "{error}"
    );
}

#[test]
fn a_revision_that_cannot_be_built_fails_at_once() {
    let ns = namespace();
    fleet(&ns, REV);
    let mut broken = applied(OLD);
    broken["lastAttemptedRevision"] = json!(REV);
    broken["conditions"] = failing("BuildFailed", "no such folder");
    kustomization(&ns, "apps", broken);
    let error = wait(&ns, &[]).failure(1);
    assert!(error.contains("/apps: no such folder"), "{error}");
}

#[test]
fn what_is_suspended_keeps_it() {
    let ns = namespace();
    fleet(&ns, REV);
    kustomization(&ns, "apps", applied(OLD));
    ns.reflux(&["suspend", "ks/apps", "--reason=holidays"])
        .success();
    let error = wait(&ns, &[]).failure(1);
    assert!(error.contains("/apps: suspended by"), "{error}");
    assert!(error.contains("holidays"), "{error}");
    assert!(
        error.contains("reflux resume kustomization apps -n"),
        "{error}"
    );
}

#[test]
fn a_source_that_jumps_over_it() {
    let ns = namespace();
    fleet(&ns, OLD);
    let output = while_waiting(&ns, &[], || fleet(&ns, NEW));
    let error = output.failure(8);
    assert!(error.contains(&format!("superseded by {NEW}")), "{error}");
}

#[test]
fn a_later_revision_is_as_good() {
    let ns = namespace();
    fleet(&ns, REV);
    kustomization(&ns, "apps", applied(OLD));
    let output = while_waiting(&ns, &[], || {
        fleet(&ns, NEW);
        pause();
        kustomization(&ns, "apps", applied(NEW));
    });
    assert!(
        output.stderr.contains(&format!("ready at {NEW}")),
        "{}",
        output.stderr
    );
    output.success();
}

#[test]
fn a_later_revision_that_fails() {
    let ns = namespace();
    fleet(&ns, NEW);
    let mut behind = applied(OLD);
    behind["history"] = json!([{
        "digest": "sha256:0", "firstReconciled": "2026-01-01T00:00:00Z",
        "lastReconciled": "2026-01-01T00:00:00Z", "lastReconciledDuration": "1s",
        "lastReconciledStatus": "ReconciliationFailed", "totalReconciliations": 1,
        "metadata": {"revision": REV},
    }]);
    kustomization(&ns, "apps", behind.clone());
    let error = wait(&ns, &["--timeout=1s"]).failure(8);
    assert!(
        error.contains(&format!("is superseded by {NEW}")),
        "{error}"
    );
    behind["lastAttemptedRevision"] = json!(NEW);
    behind["conditions"] = failing("BuildFailed", "no such folder");
    kustomization(&ns, "apps", behind);
    let error = wait(&ns, &[]).failure(8);
    assert!(error.contains("/apps: no such folder"), "{error}");
}

#[test]
fn only_what_is_named() {
    let ns = namespace();
    fleet(&ns, REV);
    kustomization(&ns, "apps", applied(REV));
    let mut broken = applied(OLD);
    broken["lastAttemptedRevision"] = json!(REV);
    broken["conditions"] = failing("BuildFailed", "no such folder");
    kustomization(&ns, "broken", broken);
    wait(&ns, &["ks/apps"]).success();
    wait(&ns, &["ks/broken"]).failure(1);
    wait(&ns, &["kustomization", "apps"]).success();
    wait(&ns, &["-l", "team=one", "--not-ready"]).failure(1);
    wait(&ns, &["-l", "team=none"]).failure(3);
}

#[test]
fn what_is_named_and_nothing_makes() {
    let ns = namespace();
    fleet(&ns, REV);
    kustomization(&ns, "apps", applied(REV));
    let error = wait(&ns, &["ks/nobody"]).failure(3);
    assert!(error.contains("/nobody does not exist"), "{error}");
    // It may come with what is still on its way.
    kustomization(&ns, "apps", applied(OLD));
    wait(&ns, &["ks/nobody", "--timeout=1s"]).failure(6);
}

#[test]
fn a_server_that_is_away() {
    let config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}]});
    let run = reflux().file("kubeconfig", &config.to_string());
    let run = run.args(["wait", "--revision=9fceb02", "--kubeconfig=kubeconfig"]);
    run.run().failure(5);
}

#[test]
fn a_journal() {
    let ns = namespace();
    fleet(&ns, REV);
    kustomization(&ns, "apps", applied(OLD));
    let output = while_waiting(&ns, &["-o", "jsonl"], || {
        kustomization(&ns, "apps", applied(REV))
    });
    let lines: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let phases: Vec<&str> = lines
        .iter()
        .filter(|line| line["object"]["name"] == "apps")
        .map(|line| line["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["waiting", "done"], "{}", output.stdout);
    let summary = json!({"done": 2, "failed": 0, "timedOut": 0});
    assert!(
        lines.iter().any(|line| line["summary"] == summary),
        "{}",
        output.stdout
    );
    output.success();
}
