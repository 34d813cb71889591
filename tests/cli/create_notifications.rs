//! `create alert`, `create alert-provider` and `create receiver`.

use insta::assert_snapshot;
use reflux::kinds::{ALERT, PROVIDER, RECEIVER};
use sandbox::Player;
use serde_json::json;

use crate::support::cluster::{condition, namespace, runtime};
use crate::support::{flux, reflux};

#[test]
fn an_alert_has_all_its_flags() {
    let text = reflux()
        .args([
            "create",
            "alert",
            "on-call",
            "--provider-ref=slack",
            "--event-severity=error",
            "--event-source=Kustomization/apps.team,GitRepository/*",
            "--event-source=",
            "--event-source=\"Foo/a,b\"",
            "--label=a=b",
            "--export",
        ])
        .run()
        .success();
    assert_snapshot!(text, @r"
    ---
    apiVersion: notification.toolkit.fluxcd.io/v1beta3
    kind: Alert
    metadata:
      labels:
        a: b
      name: on-call
      namespace: flux-system
    spec:
      eventSeverity: error
      eventSources:
      - kind: Kustomization
        name: apps
        namespace: team
      - kind: GitRepository
        name: '*'
      - kind: Foo
        name: a,b
      providerRef:
        name: slack
    ");
}

#[test]
fn a_provider_has_all_its_flags() {
    let text = reflux()
        .args([
            "create",
            "alert-provider",
            "chat",
            "--type=anything",
            "--channel=general",
            "--username=bot",
            "--address=https://chat.example.com",
            "--secret-ref=token",
            "--export",
        ])
        .run()
        .success();
    assert_snapshot!(text, @r"
    ---
    apiVersion: notification.toolkit.fluxcd.io/v1beta3
    kind: Provider
    metadata:
      name: chat
      namespace: flux-system
    spec:
      address: https://chat.example.com
      channel: general
      secretRef:
        name: token
      type: anything
      username: bot
    ");
}

#[test]
fn a_receiver_has_all_its_flags() {
    let text = reflux()
        .args([
            "create",
            "receiver",
            "hook",
            "--type=generic-hmac",
            "--secret-ref=token",
            "--event=ping,Push Hook",
            "--resource=GitRepository/a.b",
            "--resource=Bucket/*",
            "--export",
        ])
        .run()
        .success();
    assert_snapshot!(text, @r"
    ---
    apiVersion: notification.toolkit.fluxcd.io/v1
    kind: Receiver
    metadata:
      name: hook
      namespace: flux-system
    spec:
      events:
      - ping
      - Push Hook
      resources:
      - kind: GitRepository
        name: a.b
      - kind: Bucket
        name: '*'
      secretRef:
        name: token
      type: generic-hmac
    ");
}

#[test]
fn what_nothing_reconciles_is_ready_at_once() {
    let ns = namespace();
    let provider = ["create", "alert-provider", "chat", "--type=slack"];
    let output = ns.flux(&provider);
    assert_snapshot!(output.stderr, @r"
    ✚ generating Provider
    ► applying Provider
    ✔ Provider created
    ◎ waiting for Provider reconciliation
    ✔ Provider chat is ready
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert_eq!(
        ns.get(&PROVIDER, "chat").unwrap().data["spec"],
        json!({"type": "slack"})
    );
    let alert = [
        "create",
        "alert",
        "on-call",
        "--provider-ref=chat",
        "--event-source=Kustomization/a",
    ];
    ns.flux(&[&alert[..], &["--label=a=b"]].concat()).success();
    let output = ns.flux(&[&alert[..], &["--event-severity=error"]].concat());
    assert_snapshot!(output.stderr, @r"
    ✚ generating Alert
    ► applying Alert
    ✔ Alert updated
    ◎ waiting for Alert reconciliation
    ✔ Alert on-call is ready
    ");
    let object = ns.get(&ALERT, "on-call").unwrap();
    assert_eq!(object.data["spec"]["eventSeverity"], "error");
    assert_eq!(object.metadata.labels, None);
}

#[test]
fn a_receiver_tells_its_address() {
    let ns = namespace();
    let _player = Player::start(
        runtime().handle(),
        &ns.client(),
        Some(&ns.name),
        &[RECEIVER.api_resource()],
        |object| {
            let generation = object.metadata.generation?;
            let seen = object.data["status"]["observedGeneration"] == generation;
            (!seen).then(|| {
                json!({
                    "observedGeneration": generation,
                    "webhookPath": "/hook/abc",
                    "conditions": [condition("Ready", "True", "Succeeded", "fine", generation)],
                })
            })
        },
    );
    let output = ns.flux(&[
        "create",
        "receiver",
        "hook",
        "--type=github",
        "--secret-ref=token",
        "--resource=GitRepository/a",
    ]);
    assert_snapshot!(output.stderr, @r"
    ✚ generating Receiver
    ► applying Receiver
    ✔ Receiver created
    ◎ waiting for Receiver reconciliation
    ✔ Receiver hook is ready
    ✔ generated webhook URL /hook/abc
    ");
    assert_eq!(output.code, 0);
}

#[test]
fn the_server_judges_what_flux_passes_on() {
    let ns = namespace();
    let cases: &[&[&str]] = &[
        &["create", "alert-provider", "chat", "--type=carrier-pigeon"],
        &[
            "create",
            "alert",
            "on-call",
            "--provider-ref=p",
            "--event-source=Foo/a",
        ],
        &[
            "create",
            "receiver",
            "hook",
            "--type=github",
            "--secret-ref=t",
            "--resource=Foo/a",
        ],
    ];
    for args in cases {
        let error = ns.reflux(args).failure(1);
        assert!(error.contains("Unsupported value"), "{args:?}: {error}");
    }
}

#[test]
fn bad_input_is_refused_in_fluxs_words() {
    let cases: &[(&[&str], &str)] = &[
        (&["alert", "aa"], "provider ref is required"),
        (
            &["alert", "aa", "--provider-ref=p"],
            "at least one event source is required",
        ),
        (
            &["alert", "aa", "--provider-ref=p", "--event-source=x"],
            "invalid event source 'x', must be in format <kind>/<name>",
        ),
        (
            &["alert", "aa", "--provider-ref=p", "--event-source=a\"b"],
            "parse error on line 1, column 2: bare \" in non-quoted-field",
        ),
        (&["alert-provider", "aa"], "Provider type is required"),
        (
            &["alert-provider", "a", "--type=slack"],
            "name 'a' is invalid",
        ),
        (&["receiver", "aa"], "Receiver type is required"),
        (
            &["receiver", "aa", "--type=generic-oidc"],
            "receiver type 'generic-oidc' is not supported, must be one of: generic, generic-hmac",
        ),
        (
            &["receiver", "aa", "--type="],
            "no receiver type given, please specify the receiver type",
        ),
        (&["receiver", "aa", "--type=gcr"], "secret ref is required"),
        (
            &["receiver", "aa", "--type=gcr", "--secret-ref=t"],
            "atleast one resource is required",
        ),
        (
            &[
                "receiver",
                "aa",
                "--type=gcr",
                "--secret-ref=t",
                "--resource=/a",
            ],
            "invalid event source '/a', must be in format <kind>/<name>",
        ),
    ];
    for (args, want) in cases {
        let all = [&["create"], *args].concat();
        let error = reflux().args(&all).run().failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
        assert_eq!(flux().args(&all).run().code, 1, "{args:?}");
    }
}
