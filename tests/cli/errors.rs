//! What the cluster can do to a command: each failure has its own text, hint and exit code.

use sandbox::{ControlPlane, Size, User};

use crate::support::cluster::{block_on, control_plane, namespace};
use crate::support::reflux;

#[test]
fn a_server_that_is_away() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = reflux()
        .args(["get", "ks", "--server", &format!("https://{address}")])
        .run()
        .failure(5);
    assert!(
        error.contains("cannot reach the Kubernetes API server"),
        "{error}"
    );
    assert!(error.contains("hint:"), "{error}");
}

#[test]
fn a_context_that_does_not_exist() {
    let error = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig())
        .args(["get", "ks", "--context=nope"])
        .run()
        .failure(3);
    assert!(error.contains("context \"nope\" does not exist"), "{error}");
}

#[test]
fn a_kubeconfig_that_does_not_exist() {
    let error = reflux()
        .args(["get", "ks", "--kubeconfig=./nope"])
        .run()
        .failure(3);
    assert!(error.contains("./nope"), "{error}");
}

#[test]
fn a_user_without_rights() {
    let ns = namespace();
    let error = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig_of(User::Nobody))
        .args(["get", "ks", "-n", &ns.name])
        .run()
        .failure(4);
    assert!(error.contains("forbidden"), "{error}");
}

#[test]
fn a_token_that_is_not_known() {
    let error = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig())
        .args(["get", "ks", "--token=wrong-token-value"])
        .run()
        .failure(4);
    assert!(error.contains("does not accept the credentials"), "{error}");
    assert!(!error.contains("wrong-token-value"), "{error}");
}

#[test]
fn impersonation_is_asked_for() {
    let ns = namespace();
    let error = ns.reflux(&["get", "ks", "--as=somebody"]).failure(4);
    assert!(error.contains("somebody"), "{error}");
}

#[test]
fn definitions_that_are_missing_or_older_than_ours() {
    let cluster = block_on(ControlPlane::start(Size::ApiOnly)).unwrap();
    let run = |args: &[&str]| {
        reflux()
            .env("KUBECONFIG", cluster.kubeconfig())
            .args(args)
            .run()
            .failure(3)
    };
    let error = run(&["get", "ks"]);
    assert!(
        error.contains(
            r#"no matches for kind "Kustomization" in version "kustomize.toolkit.fluxcd.io/v1""#
        ),
        "{error}"
    );
    assert!(error.contains("reflux install"), "{error}");

    let mut old = flux_api::crd::all_json()
        .into_iter()
        .find(|crd| crd["spec"]["names"]["kind"] == "Kustomization")
        .unwrap();
    old["spec"]["versions"][0]["name"] = "v1beta1".into();
    block_on(cluster.install_crds(&[old])).unwrap();
    for args in [
        &["get", "ks"][..],
        &["reconcile", "ks", "apps"],
        &["suspend", "ks", "apps"],
        &["create", "ks", "apps", "--source=fleet"],
    ] {
        let error = run(args);
        assert!(
            error.contains("kustomize.toolkit.fluxcd.io/v1beta1"),
            "{args:?}: {error}"
        );
        assert!(error.contains("upgrade Flux"), "{args:?}: {error}");
    }
}
