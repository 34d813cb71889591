//! `create source`: what it prints, what it makes, and how it waits. `source git` is in `create.rs`.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Secret;
use kube::api::Api;
use reflux::kinds::{BUCKET, HELM_CHART, HELM_REPOSITORY, Kind, OCI_REPOSITORY};
use sandbox::Player;
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, condition, namespace, runtime};
use crate::support::controller::Controller;
use crate::support::{flux, reflux};

fn export(line: &str) -> String {
    let run = reflux().args(["create", "source"]).args(words(line));
    run.args(["--export"]).run().success()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// The words of `create source …`.
fn create(line: &str) -> Vec<&str> {
    ["create", "source"]
        .into_iter()
        .chain(words(line))
        .collect()
}

fn secret(ns: &Namespace, name: &str) -> Option<Secret> {
    let api: Api<Secret> = Api::namespaced(ns.client(), &ns.name);
    block_on(api.get_opt(name)).unwrap()
}

/// The data of a Secret, as text.
fn content(secret: &Secret) -> Value {
    let data = secret.data.iter().flatten();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    data.map(|(key, value)| (key.clone(), json!(text(&value.0))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn a_bucket_has_all_its_flags() {
    let text = export(
        "bucket podinfo --provider=aws --bucket-name=b --endpoint=s3.example.com --region=r \
         --insecure --secret-ref=s --proxy-secret-ref=p --ignore-paths=a,\"b,c\" \
         --ignore-paths=d --fetch-timeout=10s --label=a=b -n apps",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: Bucket
    metadata:
      labels:
        a: b
      name: podinfo
      namespace: apps
    spec:
      bucketName: b
      endpoint: s3.example.com
      ignore: |-
        a
        b,c
        d
      insecure: true
      interval: 1m0s
      provider: aws
      proxySecretRef:
        name: p
      region: r
      secretRef:
        name: s
      timeout: 10s
    ");
}

#[test]
fn a_chart_has_all_its_flags() {
    let text = export(
        "chart podinfo --source=gitrepository/fleet --chart=./charts/podinfo --chart-version=6.x \
         --reconcile-strategy=Revision --verify-provider=cosign --verify-secret-ref=keys \
         --verify-issuer=^https://a$ --verify-subject=^https://b$ --interval=2m",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmChart
    metadata:
      name: podinfo
      namespace: flux-system
    spec:
      chart: ./charts/podinfo
      interval: 2m0s
      reconcileStrategy: Revision
      sourceRef:
        kind: GitRepository
        name: fleet
      verify:
        matchOIDCIdentity:
        - issuer: ^https://a$
          subject: ^https://b$
        provider: cosign
        secretRef:
          name: keys
      version: 6.x
    ");
    // What strategies there are the server knows.
    let text = export("chart podinfo --source=Bucket/b --chart=c --reconcile-strategy=Never");
    assert!(text.contains("reconcileStrategy: Never\n"), "{text}");
    let text = export("chart podinfo --source=Bucket/b --chart=c --reconcile-strategy=");
    assert!(!text.contains("reconcileStrategy"), "{text}");
}

#[test]
fn a_helm_repository_has_all_its_flags() {
    let text = export(
        "helm podinfo --url=https://charts.example.com --secret-ref=s --pass-credentials \
         --fetch-timeout=1m30s --oci-provider=aws --username=u --password=p",
    );
    assert_snapshot!(text, @"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: podinfo
      namespace: flux-system
    spec:
      interval: 1m0s
      passCredentials: true
      secretRef:
        name: s
      timeout: 1m30s
      url: https://charts.example.com
    ");
    let text = export("helm podinfo --url=OCI://ghcr.io/x --oci-provider=any --pass-credentials");
    assert_snapshot!(text, @"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: podinfo
      namespace: flux-system
    spec:
      interval: 1m0s
      provider: any
      type: oci
      url: OCI://ghcr.io/x
    ");
}

#[test]
fn an_oci_repository_has_all_its_flags() {
    let text = export(
        "oci podinfo --provider=gcp --url=oci://ghcr.io/org/app --tag=yes --tag-semver=1.x \
         --digest=sha256:1e10 --secret-ref=s --proxy-secret-ref=p --service-account=a \
         --cert-ref=c --verify-provider=cosign --verify-subject=me --ignore-paths=a \
         --insecure=true --layer-selector=text/x:copy --fetch-timeout=1m",
    );
    assert_snapshot!(text, @r#"
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: podinfo
      namespace: flux-system
    spec:
      certSecretRef:
        name: c
      ignore: a
      insecure: true
      interval: 1m0s
      layerSelector:
        mediaType: text/x
        operation: copy
      provider: gcp
      proxySecretRef:
        name: p
      ref:
        digest: sha256:1e10
        semver: 1.x
        tag: "yes"
      secretRef:
        name: s
      serviceAccountName: a
      timeout: 1m0s
      url: oci://ghcr.io/org/app
      verify:
        matchOIDCIdentity:
        - issuer: ""
          subject: me
        provider: cosign
    "#);
}

#[test]
fn a_bucket_keeps_its_keys_in_a_secret() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let args = create(
        "bucket podinfo --bucket-name=b --endpoint=e --access-key=me --secret-key-file=- \
         --label=team=a",
    );
    let output = ns.on(flux().stdin("hidden\n"), &args).run();
    assert_snapshot!(output.stderr, @"
    ✚ generating Bucket source
    ► applying secret with the bucket credentials
    ✔ authentication configured
    ► applying Bucket source
    ✔ Bucket source created
    ◎ waiting for Bucket source reconciliation
    ✔ Bucket source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let secret = secret(&ns, "bucket-podinfo").unwrap();
    assert_eq!(
        content(&secret),
        json!({"accesskey": "me", "secretkey": "hidden"})
    );
    assert_eq!(secret.metadata.labels.unwrap()["team"], "a");
    let bucket = ns.get(&BUCKET, "podinfo").unwrap();
    assert_eq!(bucket.data["spec"]["secretRef"]["name"], "bucket-podinfo");

    let output = ns.flux(&create(
        "bucket podinfo --bucket-name=c --endpoint=e --access-key=me",
    ));
    assert_snapshot!(output.stderr, @"
    ✚ generating Bucket source
    ⚠️ no credentials are stored: --access-key and --secret-key go together
    ► applying Bucket source
    ✔ Bucket source updated
    ◎ waiting for Bucket source reconciliation
    ✔ Bucket source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    let bucket = ns.get(&BUCKET, "podinfo").unwrap();
    assert_eq!(bucket.data["spec"]["bucketName"], "c");
    assert!(bucket.data["spec"].get("secretRef").is_none());
    assert!(bucket.metadata.labels.is_none());
}

#[test]
fn a_chart_is_created_then_updated() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let output = ns.flux(&create("chart podinfo --source=HelmRepository/p --chart=c"));
    assert_snapshot!(output.stderr, @"
    ✚ generating HelmChart source
    ► applying HelmChart source
    ✔ source created
    ◎ waiting for HelmChart source reconciliation
    ✔ HelmChart source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!(output.code, 0);
    let args = create("chart podinfo --source=Bucket/p --chart=d --verify-subject=me");
    let output = ns.flux(&args);
    assert_snapshot!(output.stderr, @"
    ✚ generating HelmChart source
    ⚠️ no signature is checked: --verify-subject needs --verify-provider
    ► applying HelmChart source
    ✔ source updated
    ◎ waiting for HelmChart source reconciliation
    ✔ HelmChart source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    let chart = ns.get(&HELM_CHART, "podinfo").unwrap();
    assert_eq!(chart.data["spec"]["chart"], "d");
    assert!(chart.data["spec"].get("verify").is_none());
}

#[test]
fn a_helm_repository_keeps_its_credentials_in_a_secret() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let args = create(
        "helm podinfo --url=https://x.io --username=u --password-file=- --pass-credentials \
         --ca-file=ca.crt --label=a=b",
    );
    let run = flux().stdin("p w\n").file("ca.crt", "PEM\n");
    let output = ns.on(run, &args).run();
    assert_snapshot!(output.stderr, @"
    ✚ generating HelmRepository source
    ► applying secret with repository credentials
    ✔ authentication configured
    ► applying HelmRepository source
    ✔ source created
    ◎ waiting for HelmRepository source reconciliation
    ✔ HelmRepository source reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let basic = secret(&ns, "helm-podinfo").unwrap();
    assert_eq!(basic.type_.as_deref(), Some("kubernetes.io/basic-auth"));
    assert_eq!(
        content(&basic),
        json!({"username": "u", "password": "p w", "ca.crt": "PEM\n"})
    );
    assert!(basic.metadata.labels.is_none());
    let repository = ns.get(&HELM_REPOSITORY, "podinfo").unwrap();
    assert_eq!(repository.data["spec"]["secretRef"]["name"], "helm-podinfo");
    assert_eq!(repository.data["spec"]["passCredentials"], true);

    // A certificate wins over the password, and takes a Secret of another type.
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["client".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let run = flux()
        .file("tls.crt", &certificate)
        .file("tls.key", &key.serialize_pem());
    let args =
        create("helm podinfo --url=https://x.io -u u -p p --cert-file=tls.crt --key-file=tls.key");
    ns.on(run, &args).run().success();
    let tls = secret(&ns, "helm-podinfo").unwrap();
    assert_eq!(tls.type_.as_deref(), Some("kubernetes.io/tls"));
    assert_eq!(
        content(&tls),
        json!({"tls.crt": certificate, "tls.key": key.serialize_pem()})
    );
}

#[test]
fn a_registry_of_charts_is_not_waited_for() {
    let ns = namespace();
    let output = ns.flux(&create("helm podinfo --url=oci://ghcr.io/x --interval=10m"));
    assert_snapshot!(output.stderr, @"
    ✚ generating HelmRepository source
    ► applying HelmRepository source
    ✔ source created
    ◎ waiting for HelmRepository source reconciliation
    ✔ HelmRepository source reconciliation completed
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert!(secret(&ns, "helm-podinfo").is_none());
    let repository = ns.get(&HELM_REPOSITORY, "podinfo").unwrap();
    assert_eq!(repository.data["spec"]["type"], "oci");
    let error = ns.reflux(&create("helm podinfo --url=oci://x --oci-provider=any"));
    assert!(error.failure(1).contains("Unsupported value: \"any\""));
}

#[test]
fn an_oci_repository_is_created_then_updated() {
    let ns = namespace();
    let _controller = Controller::content(&ns);
    let output = ns.flux(&create("oci podinfo --url=oci://ghcr.io/x --tag=1"));
    assert_snapshot!(output.stderr, @"
    ► applying OCIRepository
    ✔ OCIRepository created
    ◎ waiting for OCIRepository reconciliation
    ✔ OCIRepository reconciliation completed
    ✔ fetched revision: main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738
    ");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let output = ns.flux(&create("oci podinfo --url=oci://ghcr.io/x --tag=2"));
    assert!(output.stderr.contains("✔ OCIRepository updated\n"));
    let repository = ns.get(&OCI_REPOSITORY, "podinfo").unwrap();
    assert_eq!(repository.data["spec"]["ref"], json!({"tag": "2"}));
}

#[test]
fn a_source_without_an_artifact_is_a_failure() {
    let ns = namespace();
    let kinds = [&BUCKET, &HELM_CHART, &HELM_REPOSITORY, &OCI_REPOSITORY];
    let kinds = kinds.map(|kind: &Kind| kind.api_resource());
    let _player = Player::start(
        runtime().handle(),
        &ns.client(),
        Some(&ns.name),
        &kinds,
        |object| {
            let generation = object.metadata.generation.unwrap_or(0);
            let seen = object.data["status"]["observedGeneration"] == generation;
            let ready = condition("Ready", "True", "Succeeded", "empty", generation);
            let status = json!({"observedGeneration": generation, "conditions": [ready]});
            (!seen).then_some(status)
        },
    );
    for (line, want) in [
        (
            "bucket podinfo --bucket-name=b --endpoint=e",
            "Bucket source reconciliation but no artifact was found",
        ),
        (
            "chart podinfo --source=HelmRepository/p --chart=c",
            "HelmChart source reconciliation completed but no artifact was found",
        ),
        (
            "helm podinfo --url=https://x.io",
            "HelmRepository source reconciliation completed but no artifact was found",
        ),
        (
            "oci podinfo --url=oci://ghcr.io/x --tag=1",
            "no artifact was found",
        ),
    ] {
        let error = ns.reflux(&create(line)).failure(1);
        assert!(error.contains(want), "{line}: {error}");
    }
}

#[test]
fn a_stalled_source_is_not_waited_for() {
    let ns = namespace();
    let _controller = Controller::start(&ns, |_| ("False", "Stalled", "no such thing"));
    for line in [
        "bucket podinfo --bucket-name=b --endpoint=e",
        "chart podinfo --source=HelmRepository/p --chart=c",
        "helm podinfo --url=https://x.io",
        "oci podinfo --url=oci://ghcr.io/x --tag=1",
    ] {
        let error = ns.reflux(&create(line)).failure(7);
        assert!(error.contains("no such thing"), "{line}: {error}");
    }
}

#[test]
fn bad_credentials_store_nothing() {
    let ns = namespace();
    let url = "helm podinfo --url=https://x.io";
    for (flags, code, want) in [
        ("-u u", 2, "password is required"),
        ("-p p", 2, "username is required"),
        ("--ca-file=nope", 3, "unable to read TLS CA file"),
        (
            "--cert-file=nope --key-file=nope",
            3,
            "failed to read cert file",
        ),
        (
            "--cert-file=x --key-file=x",
            2,
            "invalid TLS certificate and key pair",
        ),
    ] {
        let line = format!("{url} {flags}");
        let run = ns.on(reflux().file("x", "x"), &create(&line));
        let error = run.run().failure(code);
        assert!(error.contains(want), "{flags}: {error}");
    }
    assert!(secret(&ns, "helm-podinfo").is_none());
    assert!(ns.get(&HELM_REPOSITORY, "podinfo").is_none());
}

#[test]
fn bad_input_is_refused_before_anything_is_done() {
    let cases = [
        ("bucket", "name is required"),
        ("bucket app --endpoint=e", "bucket-name is required"),
        ("bucket app --bucket-name=b", "endpoint is required"),
        (
            "bucket app --bucket-name=b --endpoint=e --provider=ibm",
            "source bucket provider 'ibm' is not supported, must be one of: generic, aws, azure, gcp",
        ),
        ("chart app --chart=c", "chart source is required"),
        (
            "chart app --source=Bucket/b",
            "chart name or path is required",
        ),
        (
            "chart app --source=OCIRepository/b --chart=c",
            "source kind 'OCIRepository' is not supported",
        ),
        (
            "chart app --source=Bucket/b --chart=c --verify-secret-ref=k",
            "a verification provider must be specified when a secret is specified",
        ),
        (
            "chart app --source=Bucket/b --chart=c --verify-issuer=i",
            "a verification provider must be specified when OIDC issuer/subject is specified",
        ),
        ("helm app", "url is required"),
        (
            "helm app --url=x.io/charts",
            "url scheme '' not supported, can be: http, https and oci",
        ),
        ("helm app --url=https:x.io", "url host is required"),
        (
            "helm app --url=https://u:p@x.io/%zz",
            "url parse failed: parse \"https://xxxxx@x.io/%zz\": invalid URL escape \"%zz\"",
        ),
        ("oci app --tag=1", "url is required"),
        (
            "oci app --url=oci://x --tag=",
            "--tag, --tag-semver or --digest is required",
        ),
        (
            "oci app --url=oci://x --tag=1 --layer-selector=:copy",
            "invalid --layer-selector \":copy\": must be in the format '<media-type>:<operation>'",
        ),
        (
            "oci app --url=oci://x --tag=1 --layer-selector=a:b:copy",
            "operation must be \"extract\" or \"copy\"",
        ),
        (
            "oci app --url=oci://x --tag=1 --verify-subject=s",
            "a verification provider must be specified when OIDC issuer/subject is specified",
        ),
    ];
    for (line, want) in cases {
        let error = reflux().args(create(line)).run().failure(2);
        assert!(error.contains(want), "{line}: {error}");
        assert_eq!(flux().args(create(line)).run().code, 1, "{line}");
    }
}
