//! Facts and the causes they are to have.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde_json::json;

use super::super::super::health::Trouble;
use super::super::facts::LogFact;
use super::*;
use crate::kinds::{GIT_REPOSITORY, KUSTOMIZATION, Kind};

fn condition(kind: &str, status: &str, message: &str) -> Condition {
    serde_json::from_value(json!({
        "type": kind, "status": status, "reason": "Reason", "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }))
    .unwrap()
}

fn object(kind: &'static Kind, conditions: Vec<Condition>) -> ObjectFact<'static> {
    ObjectFact {
        kind,
        namespace: "fx".to_owned(),
        name: "app".to_owned(),
        state: ObjectState::Present {
            conditions,
            suspended: false,
        },
    }
}

fn health(rollout: Rollout, pod: Option<(&str, &str)>) -> Health {
    Health {
        name: "source-controller".to_owned(),
        rollout,
        pod: pod.map(|(reason, message)| {
            let trouble = Trouble {
                reason: reason.to_owned(),
                message: message.to_owned(),
            };
            ("source-controller-1".to_owned(), trouble)
        }),
        images: Vec::new(),
        replicas: 1,
    }
}

fn facts(objects: Vec<ObjectFact<'static>>, controllers: Vec<Health>) -> Facts<'static> {
    Facts {
        objects,
        controllers,
        namespace: "flux-system".to_owned(),
        ..Facts::default()
    }
}

/// Messages as the controllers write them, and a word of the cause each is to have.
#[test]
fn messages_have_causes() {
    let cases = [
        (
            "failed to checkout and determine revision: unable to clone 'https://github.com/a/b': authentication required: Repository not found.",
            "credentials",
        ),
        (
            "failed to checkout and determine revision: unable to list remote for 'ssh://git@h/a': ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]",
            "credentials",
        ),
        (
            "unable to list remote for 'ssh://git@github.com/a/b': ssh: handshake failed: knownhosts: key mismatch",
            "SSH server's key",
        ),
        (
            "failed to get secret 'fx/app': secrets \"app\" not found",
            "secret that",
        ),
        (
            "unable to list remote: Get \"https://gitt.example/info/refs\": dial tcp: lookup gitt.example on 10.0.0.10:53: no such host",
            "resolve",
        ),
        ("dial tcp: lookup github.com: i/o timeout", "resolve"),
        (
            "Get \"https://h/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "certificate",
        ),
        ("dial tcp 140.82.121.3:443: i/o timeout", "cannot reach"),
        (
            "dial tcp 127.0.0.1:1: connect: connection refused",
            "cannot reach",
        ),
        (
            "failed to checkout and determine revision: unable to clone: context deadline exceeded",
            "cannot reach",
        ),
        (
            "unable to clone 'https://h/a': couldn't find remote ref \"refs/heads/main\"",
            "branch, tag or commit",
        ),
        (
            "failed to checkout and determine revision: git repository is empty",
            "no commit",
        ),
        (
            "unable to list remote for 'https://h/a': repository not found",
            "no repository at",
        ),
        (
            "kustomization path not found: stat /tmp/x/clusters: no such file or directory",
            "folder",
        ),
        (
            "kustomize build failed: accumulating resources: accumulation err",
            "do not build",
        ),
        ("dependency 'fx/infra' is not ready", "waits for another"),
        (
            "Boat/fx/b dry-run failed: no matches for kind \"Boat\" in version \"x/v1\"",
            "kind that the cluster does not have",
        ),
        (
            "Deployment/fx/b dry-run failed (Invalid): field is immutable",
            "cannot be changed",
        ),
        (
            "namespaces \"nope\" not found",
            "namespace that does not exist",
        ),
        (
            "ConfigMap/fx/b dry-run failed: failed calling webhook \"v.example\": connection refused",
            "webhook",
        ),
        (
            "Deployment/fx/b dry-run failed: deployments is forbidden: User \"x\" cannot patch",
            "no right",
        ),
        (
            "health check failed after 30s: timeout waiting for: [Deployment/fx/b status: 'InProgress']",
            "does not become ready",
        ),
        ("Source artifact not found, retrying in 30s", "source of"),
        ("cannot get sops data key", "decrypted"),
        (
            "Service/fx/b dry-run failed: ports are required",
            "refuses an object",
        ),
    ];
    for (message, word) in cases {
        let conditions = vec![condition("Ready", "False", message)];
        let facts = facts(vec![object(&GIT_REPOSITORY, conditions)], Vec::new());
        let cause = probable(&facts).unwrap_or_else(|| panic!("{message}"));
        assert!(cause.text.contains(word), "{message}\n{}", cause.text);
        assert!(!cause.next.is_empty(), "{message}");
        let filled = format!("{}{}", cause.text, cause.next.join("")).replace("{bin}", "");
        assert!(!filled.contains(['{', '}']), "{filled}");
    }
}

#[test]
fn pods_of_controllers_have_causes() {
    let running = || Rollout::Running("0 of 1 pods are available".to_owned());
    let cases = [
        (
            running(),
            Some(("ImagePullBackOff", "Back-off")),
            "image of source-controller",
        ),
        (
            running(),
            Some(("Unschedulable", "0/2 nodes")),
            "no node takes",
        ),
        (running(), Some(("CrashLoopBackOff", "")), "keeps ending"),
        (
            running(),
            Some(("CreateContainerConfigError", "")),
            "does not start",
        ),
        (
            running(),
            Some(("ContainerCreating", "")),
            "is not ready: pod",
        ),
        (running(), None, "is not ready: 0 of 1"),
        (
            Rollout::Failed("FailedCreate: quota".to_owned()),
            None,
            "is not ready: FailedCreate",
        ),
        (Rollout::Missing, None, "does not run in the flux-system"),
    ];
    for (rollout, pod, words) in cases {
        let object = object(&GIT_REPOSITORY, Vec::new());
        let facts = facts(vec![object], vec![health(rollout, pod)]);
        let cause = probable(&facts).unwrap();
        assert!(cause.text.contains(words), "{words}: {}", cause.text);
    }
}

#[test]
fn the_source_of_the_chain_is_the_cause() {
    let source = object(
        &GIT_REPOSITORY,
        vec![condition("Ready", "False", "no such host")],
    );
    let user = object(
        &KUSTOMIZATION,
        vec![condition("Ready", "False", "Source artifact not found")],
    );
    let facts = facts(vec![source, user], vec![health(Rollout::Done, None)]);
    assert!(probable(&facts).unwrap().text.contains("resolve"));
}

#[test]
fn logs_speak_where_the_object_does_not() {
    let mut facts = facts(vec![object(&GIT_REPOSITORY, Vec::new())], Vec::new());
    facts.logs.push(LogFact {
        controller: "source-controller".to_owned(),
        text: "failed to patch: gitrepositories is forbidden".to_owned(),
    });
    assert!(probable(&facts).unwrap().text.contains("no right"));
}

#[test]
fn silence_has_causes_too() {
    let unseen = facts(
        vec![object(&GIT_REPOSITORY, Vec::new())],
        vec![health(Rollout::Done, None)],
    );
    assert!(
        probable(&unseen)
            .unwrap()
            .text
            .contains("do not look at GitRepository fx/app")
    );

    let mut suspended = object(&KUSTOMIZATION, Vec::new());
    suspended.state = ObjectState::Present {
        conditions: Vec::new(),
        suspended: true,
    };
    let cause = probable(&facts(vec![suspended], Vec::new())).unwrap();
    assert_eq!(cause.next, ["run `{bin} resume kustomization app -n fx`"]);

    let mut missing = object(&KUSTOMIZATION, Vec::new());
    missing.state = ObjectState::KindMissing;
    let cause = probable(&facts(vec![missing], Vec::new())).unwrap();
    assert!(cause.text.contains("Kustomization is not installed"));

    let mut zero = health(Rollout::Done, None);
    zero.replicas = 0;
    let cause = probable(&facts(
        vec![object(&GIT_REPOSITORY, Vec::new())],
        vec![zero],
    ))
    .unwrap();
    assert!(cause.text.contains("scaled to zero"));

    let fine = object(
        &GIT_REPOSITORY,
        vec![condition("Ready", "True", "stored artifact")],
    );
    assert_eq!(
        probable(&facts(vec![fine], vec![health(Rollout::Done, None)])),
        None
    );
}

#[test]
fn no_rule_hides_another() {
    for (at, rule) in rules::RULES.iter().enumerate() {
        for parts in rule.says {
            let message = parts.join(" ");
            let first = rules::RULES
                .iter()
                .position(|r| std::ptr::eq(r, rules::of(&message).unwrap()));
            assert_eq!(first, Some(at), "{message}");
        }
    }
}
