//! `create secret`: what it prints, what it stores, and that nothing secret is shown on the way.

mod errors;

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::support::cluster::{Namespace, block_on, namespace};
use crate::support::{Output, Run, reflux};

/// What no output but an export may show.
const PASSWORD: &str = "hunter2-and-more";

fn create(args: &[&str]) -> Run {
    reflux().args(["create", "secret"]).args(args)
}

fn stored(ns: &Namespace, name: &str) -> Secret {
    let api: Api<Secret> = Api::namespaced(ns.client(), &ns.name);
    block_on(api.get(name)).unwrap()
}

fn texts(secret: &Secret) -> Vec<(String, String)> {
    let data = secret.data.iter().flatten();
    data.map(|(key, value)| (key.clone(), String::from_utf8(value.0.clone()).unwrap()))
        .collect()
}

/// Demands success without a trace of the password.
#[track_caller]
fn silent(output: Output) -> String {
    assert!(!output.stderr.contains(PASSWORD), "{}", output.stderr);
    let stderr = output.stderr.clone();
    assert_eq!(output.success(), "");
    stderr
}

/// A client certificate and its key.
fn pair() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["client".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[test]
fn exports_end_as_those_of_flux() {
    let helm = create(&[
        "helm",
        "auth",
        "-u",
        "me",
        "--password-file=-",
        "--label=a=b",
        "--export",
    ])
    .stdin("pass\n")
    .run()
    .success();
    assert_snapshot!(format!("{helm}."), @r"
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      labels:
        a: b
      name: auth
      namespace: flux-system
    stringData:
      password: pass
      username: me
    type: kubernetes.io/basic-auth

    .
    ");
    let tls = create(&[
        "tls",
        "trust",
        "--ca-crt-file=ca.crt",
        "-n",
        "x",
        "--export",
    ])
    .file("ca.crt", "PEM\n")
    .run()
    .success();
    assert_snapshot!(format!("{tls}."), @r"
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: trust
      namespace: x
    stringData:
      ca.crt: |
        PEM
    type: Opaque
    .
    ");
}

#[test]
fn flux_puts_no_labels_on_some() {
    let output = create(&[
        "githubapp",
        "app",
        "--app-id=1",
        "--app-installation-id=2",
        "--app-private-key=-",
        "--label=a=b",
        "--export",
    ])
    .stdin("KEY\n")
    .run();
    assert_snapshot!(output.stderr, @"⚠️ --label has no effect on this kind of secret");
    assert_snapshot!(output.success(), @r#"
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: app
      namespace: flux-system
    stringData:
      githubAppID: "1"
      githubAppInstallationID: "2"
      githubAppPrivateKey: |
        KEY
    type: Opaque
    "#);
}

#[test]
fn helm_changes_from_a_password_to_a_certificate() {
    let ns = namespace();
    let args = [
        "create", "secret", "helm", "auth", "-u", "me", "-p", PASSWORD,
    ];
    let stderr = silent(ns.flux(&args));
    assert_eq!(
        stderr,
        format!("► helm secret 'auth' created in '{}' namespace\n", ns.name)
    );
    let first = stored(&ns, "auth");
    assert_eq!(first.type_.as_deref(), Some("kubernetes.io/basic-auth"));

    // Again: nothing changes, nothing is written.
    silent(ns.flux(&args));
    let again = stored(&ns, "auth");
    assert_eq!(
        again.metadata.resource_version,
        first.metadata.resource_version
    );

    let (certificate, key) = pair();
    let run = reflux().file("tls.crt", &certificate).file("tls.key", &key);
    let args = [
        "create",
        "secret",
        "helm",
        "auth",
        "--tls-crt-file=tls.crt",
        "--tls-key-file=tls.key",
        "--label=team=x",
    ];
    silent(ns.on(run, &args).run());
    let last = stored(&ns, "auth");
    assert_eq!(last.type_.as_deref(), Some("kubernetes.io/tls"));
    let want = [("tls.crt", certificate), ("tls.key", key)];
    assert_eq!(texts(&last), want.map(|(k, v)| (k.to_owned(), v)));
    assert_eq!(last.metadata.labels.unwrap()["team"], "x");
}

#[test]
fn what_others_put_on_a_secret_stays() {
    let ns = namespace();
    let args = [
        "create",
        "secret",
        "proxy",
        "out",
        "--address=http://proxy:3128",
    ];
    silent(ns.reflux(&args));
    let api: Api<Secret> = Api::namespaced(ns.client(), &ns.name);
    let patch = json!({
        "metadata": {"labels": {"owner": "me"}, "annotations": {"note": "mine"}},
    });
    let params = PatchParams::default();
    block_on(api.patch("out", &params, &Patch::Merge(patch))).unwrap();
    let with_user = [&args[..], &["-u", "me", "-p", PASSWORD, "--label=a=b"]].concat();
    silent(ns.reflux(&with_user));
    let secret = stored(&ns, "out");
    let labels = secret.metadata.labels.clone().unwrap();
    assert_eq!(
        (labels["owner"].as_str(), labels["a"].as_str()),
        ("me", "b")
    );
    assert_eq!(secret.metadata.annotations.clone().unwrap()["note"], "mine");
    let want = [
        ("address", "http://proxy:3128"),
        ("password", PASSWORD),
        ("username", "me"),
    ];
    assert_eq!(
        texts(&secret),
        want.map(|(k, v)| (k.to_owned(), v.to_owned()))
    );

    // Without user and password these go.
    silent(ns.reflux(&args));
    assert_eq!(texts(&stored(&ns, "out")).len(), 1);
}

#[test]
fn a_registry_needs_a_secret_of_its_own_type() {
    let ns = namespace();
    silent(ns.reflux(&["create", "secret", "proxy", "reg", "--address=http://proxy"]));
    let args = [
        "create",
        "secret",
        "oci",
        "reg",
        "--url=ghcr.io",
        "-u",
        "me",
        "--password-file=-",
    ];
    let stderr = silent(ns.on(reflux().stdin(PASSWORD), &args).run());
    assert_eq!(
        stderr,
        format!("► oci secret 'reg' created in '{}' namespace\n", ns.name)
    );
    let secret = stored(&ns, "reg");
    assert_eq!(
        secret.type_.as_deref(),
        Some("kubernetes.io/dockerconfigjson")
    );
    let config: serde_json::Value = serde_json::from_str(&texts(&secret)[0].1).unwrap();
    assert_eq!(config["auths"]["ghcr.io"]["password"], PASSWORD);
}

#[test]
fn a_receivers_token_is_random_unless_given() {
    let ns = namespace();
    let args = [
        "create",
        "secret",
        "receiver",
        "hook",
        "--type=github",
        "--hostname=flux.example.com",
    ];
    let annotation = || {
        let secret = stored(&ns, "hook");
        let token = texts(&secret)[0].1.clone();
        let url = secret.metadata.annotations.unwrap();
        (token, url["notification.toolkit.fluxcd.io/webhook"].clone())
    };
    let output = ns.reflux(&args);
    let (token, url) = annotation();
    assert_eq!(token.len(), 64);
    assert!(!output.stderr.contains(&token), "{}", output.stderr);
    output.success();
    assert!(url.starts_with("https://flux.example.com/hook/"), "{url}");

    let args = [&args[..], &["--token-file=-"]].concat();
    silent(ns.on(reflux().stdin(PASSWORD), &args).run());
    let (token, other) = annotation();
    assert_eq!(token, PASSWORD);
    assert_ne!(other, url);
}

#[test]
fn notation_keeps_each_certificate_under_its_name() {
    let policy = r#"{"version": "1.0", "trustPolicies": [{"name": "a", "registryScopes": ["*"],
        "signatureVerification": {"level": "strict"}, "trustStores": ["ca:x"], "trustedIdentities": ["*"]}]}"#;
    let ns = namespace();
    let args = [
        "create",
        "secret",
        "notation",
        "trust",
        "--ca-cert-file=ca.crt,./b.pem",
        "--trust-policy-file=p.json",
    ];
    let run = reflux()
        .file("ca.crt", "A")
        .file("b.pem", "B")
        .file("p.json", policy);
    let stderr = silent(ns.on(run, &args).run());
    assert!(
        stderr.contains("notation configuration secret 'trust' created"),
        "{stderr}"
    );
    let want = [
        ("b.pem", "B"),
        ("ca.crt", "A"),
        ("trustpolicy.json", policy),
    ];
    let want = want.map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(texts(&stored(&ns, "trust")), want);
}

#[test]
fn an_app_and_a_client_are_stored() {
    let ns = namespace();
    let args = [
        "create",
        "secret",
        "githubapp",
        "app",
        "--app-id=1",
        "--app-installation-owner=org",
        "--app-private-key=key.pem",
    ];
    let run = reflux().file("key.pem", PASSWORD);
    let stderr = silent(ns.on(run, &args).run());
    assert!(
        stderr.contains("githubapp secret 'app' created"),
        "{stderr}"
    );
    let secret = stored(&ns, "app");
    assert_eq!(secret.type_.as_deref(), Some("Opaque"));
    assert_eq!(texts(&secret).len(), 3);

    let (certificate, key) = pair();
    let run = reflux().file("c", &certificate).file("k", &key);
    let args = [
        "create",
        "secret",
        "tls",
        "client",
        "--tls-crt-file=c",
        "--tls-key-file=k",
    ];
    let stderr = silent(ns.on(run, &args).run());
    assert!(stderr.contains("tls secret 'client' created"), "{stderr}");
    let secret = stored(&ns, "client");
    assert_eq!(secret.type_.as_deref(), Some("kubernetes.io/tls"));
}

#[test]
fn git_reads_its_bearer_token_from_a_file() {
    let ns = namespace();
    let url = "--url=https://example.com/x";
    let args = [
        "create",
        "secret",
        "git",
        "repo",
        url,
        "--bearer-token-file=token",
    ];
    silent(ns.on(reflux().file("token", PASSWORD), &args).run());
    let want = ("bearerToken".to_owned(), PASSWORD.to_owned());
    assert_eq!(texts(&stored(&ns, "repo")), [want]);
    let both = ["--bearer-token-file=-", "--password-file=-", "-u", "me"];
    let error = create(&["git", "repo", url, "--export"])
        .args(both)
        .run()
        .failure(2);
    assert!(error.contains("only one of"), "{error}");
}
