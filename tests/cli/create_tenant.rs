//! `create tenant`: what it prints, what it makes, and that a second run changes nothing.

use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, Patch, PatchParams, ResourceExt};
use serde_json::json;

use crate::support::cluster::{block_on, control_plane, namespace};
use crate::support::{Output, reflux};

/// Runs the command against the API server.
fn create(args: &[&str]) -> Output {
    reflux()
        .env("KUBECONFIG", control_plane().kubeconfig())
        .args(["create", "tenant"])
        .args(args)
        .run()
}

#[test]
fn an_export_has_the_objects_of_each_namespace() {
    let text = reflux()
        .args(["create", "tenant", "dev", "--with-namespace=web,db"])
        .args([
            "--skip-namespace",
            "--with-service-account=robot",
            "--export",
        ])
        .run()
        .success();
    let documents: Vec<&str> = text.split_inclusive("---\n").collect();
    assert_eq!(documents.len(), 5);
    assert_snapshot!(documents[1..3].concat(), @r"
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      labels:
        toolkit.fluxcd.io/tenant: dev
      name: robot
      namespace: web
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      labels:
        toolkit.fluxcd.io/tenant: dev
      name: dev-reconciler
      namespace: web
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: cluster-admin
    subjects:
    - apiGroup: rbac.authorization.k8s.io
      kind: User
      name: gotk:web:reconciler
    - kind: ServiceAccount
      name: robot
      namespace: web
    ---
    ");
}

#[test]
fn a_second_run_changes_what_is_different() {
    let ns = namespace();
    let (web, db) = (format!("{}-web", ns.name), format!("{}-db", ns.name));
    let both = format!("--with-namespace={web},{db}");
    let output = create(&["dev", &both, "--label=a=b"]);
    assert_eq!(
        output.stderr.replace(&ns.name, "NS"),
        "► applying namespace NS-web\n► applying service account dev\n\
         ► applying role binding dev-reconciler\n► applying namespace NS-db\n\
         ► applying service account dev\n► applying role binding dev-reconciler\n\
         ✔ tenant setup completed\n"
    );
    assert_eq!(output.success(), "");

    let namespaces: Api<Namespace> = Api::all(ns.client());
    let accounts: Api<ServiceAccount> = Api::namespaced(ns.client(), &web);
    let bindings: Api<RoleBinding> = Api::namespaced(ns.client(), &web);
    let binding = || block_on(bindings.get("dev-reconciler")).unwrap();
    let versions = || {
        [
            block_on(namespaces.get(&web)).unwrap().resource_version(),
            block_on(accounts.get("dev")).unwrap().resource_version(),
            binding().resource_version(),
        ]
    };
    let patch = Patch::Merge(json!({"metadata": {"labels": {"mine": "yes"}}}));
    block_on(namespaces.patch(&web, &PatchParams::default(), &patch)).unwrap();
    let before = versions();
    create(&["dev", &both, "--label=a=b"]).success();
    assert_eq!(versions(), before);

    let uid = binding().uid();
    let account = "--with-service-account=robot";
    create(&["dev", &both, "--label=a=c", account]).success();
    assert_eq!(binding().uid(), uid);
    let subjects = binding().subjects.unwrap();
    assert_eq!(subjects.last().map(|s| s.name.as_str()), Some("robot"));
    let labels = block_on(namespaces.get(&web)).unwrap().metadata.labels;
    let labels = labels.unwrap();
    assert_eq!(
        (labels["a"].as_str(), labels["mine"].as_str()),
        ("c", "yes")
    );

    // A binding's role cannot be changed.
    create(&["dev", &both, "--cluster-role=view", account]).success();
    assert_ne!(binding().uid(), uid);
    assert_eq!(binding().role_ref.name, "view");
}

#[test]
fn a_namespace_that_is_not_made_must_be_there() {
    let error = create(&["dev", "--with-namespace=no-such-one", "--skip-namespace"]).failure(3);
    assert!(error.contains("no-such-one"), "{error}");
}

#[test]
fn what_is_missing_is_named() {
    for (args, want) in [
        (&["dev"][..], "with-namespace is required"),
        (
            &["dev", "--with-namespace=a", "--cluster-role="],
            "cluster-role is required",
        ),
        (&["dev", "--with-namespace=a b"], "invalid namespace 'a b'"),
        (&["Dev", "--with-namespace=a"], "name 'Dev' is invalid"),
    ] {
        let error = create(args).failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
    }
}
