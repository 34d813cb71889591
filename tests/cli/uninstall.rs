//! `uninstall` where it must not go through; `install.rs` has the one that does.

use sandbox::User;

use crate::support::cluster::{control_plane, namespace};
use crate::support::reflux;

#[test]
fn without_a_terminal_somebody_has_to_agree() {
    let error = namespace().reflux(&["uninstall"]).failure(2);
    assert!(
        error.contains("Are you sure you want to delete Flux"),
        "{error}"
    );
    assert!(error.contains("use --silent"), "{error}");
}

#[test]
fn what_may_not_be_read_is_a_failure() {
    let ns = namespace();
    let run = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig_of(User::Nobody))
        .args(["uninstall", "--silent", "-n", &ns.name])
        .run();
    let error = run.failure(4);
    assert!(error.contains("forbidden"), "{error}");
    assert!(!error.contains("uninstall finished"), "{error}");
}

#[test]
fn a_user_who_may_only_read_deletes_nothing() {
    let ns = namespace();
    let run = reflux()
        .env("KUBECONFIG", control_plane().kubeconfig_of(User::Reader))
        .args(["uninstall", "--silent", "-n", &ns.name])
        .run();
    let error = run.failure(4);
    let refused = format!("✗ Namespace/{} deletion failed: ", ns.name);
    assert!(
        error.contains(&refused) || error.contains("removing finalizers failed: "),
        "{error}"
    );
}

#[test]
fn a_cluster_that_is_away() {
    let away = ["uninstall", "--silent", "--server", "https://127.0.0.1:9"];
    let error = reflux().args(away).run().failure(5);
    assert!(
        error.contains("cannot reach the Kubernetes API server"),
        "{error}"
    );
}
