//! `create`: what it prints, what it makes, and how it waits.

use insta::assert_snapshot;
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};

use crate::support::cluster::{block_on, namespace};
use crate::support::controller::Controller;
use crate::support::{flux, reflux};

#[test]
fn export_prints_what_flux_prints() {
    let text = reflux()
        .args([
            "create",
            "source",
            "git",
            "podinfo",
            "--url=https://example.com/podinfo",
            "--branch=main",
            "--interval=90s",
            "--label=a=b,yes=on",
            "--ignore-paths=a,b",
            "--export",
        ])
        .run()
        .success();
    assert_snapshot!(text, @r#"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      labels:
        a: b
        "yes": "on"
      name: podinfo
      namespace: flux-system
    spec:
      ignore: |-
        a
        b
      interval: 1m30s
      ref:
        branch: main
      url: https://example.com/podinfo
    "#);
}

#[test]
fn a_kustomization_has_all_its_flags() {
    let text = reflux()
        .args([
            "create",
            "ks",
            "apps",
            "--source=OCIRepository/fleet.other",
            "--path=../../x",
            "--prune",
            "--depends-on=infra,ns/db",
            "--health-check=Deployment/web.apps",
            "--decryption-provider=sops",
            "--decryption-secret=age",
            "--retry-interval=30s",
            "--target-namespace=apps",
            "--service-account=deployer",
            "-n",
            "team",
            "--export",
        ])
        .run()
        .success();
    assert_snapshot!(text, @r"
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: team
    spec:
      decryption:
        provider: sops
        secretRef:
          name: age
      dependsOn:
      - name: infra
      - name: db
        namespace: ns
      healthChecks:
      - kind: Deployment
        name: web
        namespace: apps
      interval: 1m0s
      path: ./x
      prune: true
      retryInterval: 30s
      serviceAccountName: deployer
      sourceRef:
        kind: OCIRepository
        name: fleet
        namespace: other
      targetNamespace: apps
      timeout: 2m0s
    ");
}

#[test]
fn it_creates_then_updates_and_waits_until_ready() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let args = [
        "create",
        "source",
        "git",
        "podinfo",
        "--url=https://example.com/p",
        "--branch=main",
    ];
    let output = ns.flux(&args);
    assert_snapshot!(output.stderr, @"
    ✚ generating GitRepository source
    ► applying GitRepository source
    ✔ GitRepository source created
    ◎ waiting for GitRepository source reconciliation
    ✔ GitRepository source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));

    let args = ["create", "ks", "apps", "--source=podinfo", "--path=./a"];
    ns.flux(&args).success();
    let output = ns.flux(&["create", "ks", "apps", "--source=podinfo", "--path=./b"]);
    assert_snapshot!(output.stderr, @"
    ✚ generating Kustomization
    ► applying Kustomization
    ✔ Kustomization updated
    ◎ waiting for Kustomization reconciliation
    ✔ Kustomization apps is ready
    ✔ applied revision main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    let object = ns.get(&KUSTOMIZATION, "apps").unwrap();
    assert_eq!(object.data["spec"]["path"], "./b");
}

#[test]
fn credentials_go_into_a_secret_of_the_same_name() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let output = ns
        .on(
            reflux().stdin("pass:word\n"),
            &[
                "create",
                "source",
                "git",
                "private",
                "--url=https://example.com/p",
                "--branch=main",
                "--username=me",
                "--password-file=-",
            ],
        )
        .run();
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(!output.stderr.contains("pass:word"));
    let secrets: kube::Api<k8s_openapi::api::core::v1::Secret> =
        kube::Api::namespaced(ns.client(), &ns.name);
    let secret = block_on(secrets.get("private")).unwrap();
    let data = secret.data.unwrap();
    assert_eq!(data["password"].0, b"pass:word");
    assert_eq!(data["username"].0, b"me");
    let object = ns.get(&GIT_REPOSITORY, "private").unwrap();
    assert_eq!(object.data["spec"]["secretRef"]["name"], "private");
}

#[test]
fn a_stalled_object_ends_the_wait_at_once() {
    let ns = namespace();
    let _controller = Controller::start(&ns, |_| ("False", "Stalled", "the URL is wrong"));
    let started = std::time::Instant::now();
    let error = ns
        .reflux(&[
            "create",
            "source",
            "git",
            "bad",
            "--url=https://example.com/p",
            "--branch=main",
        ])
        .failure(7);
    assert!(error.contains("the URL is wrong"), "{error}");
    assert!(started.elapsed().as_secs() < 60, "it waited");
}

#[test]
fn a_time_out_says_where_the_object_stands() {
    let ns = namespace();
    let _controller = Controller::start(&ns, |_| ("False", "AuthenticationFailed", "no such user"));
    let args = [
        "create",
        "source",
        "git",
        "bad",
        "--url=https://example.com/p",
        "--branch=main",
        "--timeout=2s",
    ];
    let error = ns.reflux(&args).failure(6);
    assert!(
        error.contains("timed out waiting for GitRepository"),
        "{error}"
    );
    assert!(error.contains("no such user"), "{error}");
}

#[test]
fn bad_input_is_refused_before_anything_is_done() {
    let cases: &[(&[&str], &str)] = &[
        (&["create", "ks", "--source=p"], "name is required"),
        (
            &["create", "ks", "Bad_Name", "--source=p"],
            "name 'Bad_Name' is invalid",
        ),
        (&["create", "ks", "app"], "source is required"),
        (
            &["create", "ks", "app", "--source=Foo/x"],
            "source kind 'Foo' is not supported",
        ),
        (
            &["create", "ks", "app", "--source=p", "--interval=30"],
            "missing unit in duration",
        ),
        (
            &[
                "create",
                "ks",
                "app",
                "--source=p",
                "--prune",
                "maybe",
                "--label=a",
            ],
            "invalid label format 'a'",
        ),
        (
            &["create", "source", "git", "app", "--branch=main"],
            "url is required",
        ),
        (
            &["create", "source", "git", "app", "--url=https://x"],
            "a Git ref is required",
        ),
        (
            &[
                "create",
                "source",
                "git",
                "app",
                "--url=git@h:a/b",
                "--branch=m",
            ],
            "ssh://git@h/a/b",
        ),
        (
            &[
                "create",
                "secret",
                "git",
                "app",
                "--url=https://x",
                "--username=u",
            ],
            "the username and password",
        ),
    ];
    for (args, want) in cases {
        let error = reflux().args(*args).run().failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
        assert_eq!(flux().args(*args).run().code, 1, "{args:?}");
    }
}
