//! `create secret` with what it refuses: each leaf once, and never the secret in the error.

use super::{PASSWORD, create, pair};
use crate::support::cluster::namespace;
use crate::support::{Run, reflux};

#[test]
fn what_is_missing_is_named() {
    for (args, want) in [
        (&["git", "my-s"][..], "url is required"),
        (&["githubapp", "my-s"], "--app-private-key is required"),
        (&["helm", "my-s", "-u", "me"], "password is required"),
        (&["notation", "my-s"], "--ca-cert-file is required"),
        (&["oci", "my-s"], "--url is required"),
        (
            &["oci", "my-s", "--url=x.io", "-u", "a"],
            "--password is required",
        ),
        (&["proxy", "my-s"], "address is required"),
        (
            &["receiver", "my-s", "--type=github"],
            "--hostname is required",
        ),
        (
            &["receiver", "my-s", "--type=x"],
            "receiver type 'x' is not supported",
        ),
        (
            &["tls", "my-s"],
            "no CA certificate or client certificate pair found",
        ),
        (&["tls"], "name is required"),
    ] {
        let error = create(args).arg_export().run().failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
    }
}

#[test]
fn errors_show_nothing_secret() {
    let (certificate, _) = pair();
    let address = format!("http://me:{PASSWORD}/1@proxy");
    let refused = [
        create(&["proxy", "my-s", "--address", &address]),
        create(&["helm", "my-s", "-p", PASSWORD]),
        create(&["oci", "my-s", "--url=a", "-u", "me", "-p", PASSWORD]),
        create(&[
            "receiver",
            "my-s",
            "--type=gcr",
            "--hostname=h",
            "--token",
            PASSWORD,
        ]),
        create(&[
            "tls",
            "my-s",
            "--tls-crt-file=tls.crt",
            "--tls-key-file=tls.key",
        ])
        .file("tls.crt", &certificate)
        .file(
            "tls.key",
            &format!("-----BEGIN PRIVATE KEY-----\n{PASSWORD}\n-----END PRIVATE KEY-----\n"),
        ),
    ];
    for run in refused {
        let output = run.arg_export().run();
        assert_eq!(output.stdout, "");
        let error = output.failure(2);
        assert!(!error.contains(PASSWORD), "{error}");
    }
}

#[test]
fn a_namespace_that_is_missing_is_an_error() {
    let ns = namespace();
    let error = reflux()
        .env("KUBECONFIG", &ns.kubeconfig)
        .args([
            "create", "secret", "helm", "auth", "-u", "me", "-p", PASSWORD,
        ])
        .args(["-n", "no-such-namespace"])
        .run()
        .failure(3);
    assert!(error.contains("no-such-namespace"), "{error}");
    assert!(!error.contains(PASSWORD), "{error}");
}

impl Run {
    fn arg_export(self) -> Self {
        self.args(["--export"])
    }
}
