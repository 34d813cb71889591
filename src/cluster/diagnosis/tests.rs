//! Diagnoses against a real API server, where the tests play the controllers.

use kube::Config;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::kinds::{GIT_REPOSITORY, KUSTOMIZATION};

async fn cluster(user: sandbox::User) -> Cluster {
    let file = Kubeconfig::read_from(sandbox::shared().kubeconfig_of(user)).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(file, &options)
        .await
        .unwrap();
    Cluster::connect(config).unwrap()
}

async fn create<K>(cluster: &Cluster, namespace: &str, object: Value, status: Value)
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + serde::Serialize
        + std::fmt::Debug,
    K::DynamicType: Default,
{
    let api: Api<K> = cluster.namespaced(namespace);
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let object = serde_json::from_value(object).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
    if !status.is_null() {
        let patch = Patch::Merge(json!({"status": status}));
        api.patch_status(&name, &PatchParams::default(), &patch)
            .await
            .unwrap();
    }
}

fn ready(status: &str, reason: &str, message: &str) -> Value {
    json!({"conditions": [{"type": "Ready", "status": status, "reason": reason,
        "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z"}]})
}

/// A Kustomization that waits for a source that cannot be fetched, and a warning about it.
async fn failing_source(cluster: &Cluster, namespace: &str) {
    let crds: Vec<Value> = ["source-controller", "kustomize-controller"]
        .iter()
        .flat_map(|component| flux_api::crd::by_component_json(component))
        .collect();
    sandbox::shared().install_crds(&crds).await.unwrap();
    create::<flux_api::source::GitRepository>(
        cluster,
        namespace,
        json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
            "metadata": {"name": "app"}, "spec": {"interval": "1m", "url": "https://gitt.example/a"}}),
        ready("False", "GitOperationFailed", "unable to list remote: no such host"),
    )
    .await;
    create::<flux_api::kustomize::Kustomization>(
        cluster,
        namespace,
        json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "app"}, "spec": {"interval": "1m", "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": "app"}}}),
        ready(
            "False",
            "ArtifactFailed",
            "Source artifact not found, retrying in 30s",
        ),
    )
    .await;
    create::<k8s_openapi::api::core::v1::Event>(
        cluster,
        namespace,
        json!({"metadata": {"name": "e1"}, "type": "Warning", "reason": "Slow", "message": "too slow",
            "lastTimestamp": "2026-01-01T00:00:00Z", "involvedObject": {
                "kind": "GitRepository", "namespace": namespace, "name": "app"}}),
        Value::Null,
    )
    .await;
}

#[tokio::test]
async fn the_chain_is_followed_to_its_source() {
    let cluster = cluster(sandbox::User::Admin).await;
    let namespace = sandbox::shared().namespace("diagnosis").await.unwrap();
    failing_source(&cluster, &namespace).await;
    let subject = Subject {
        namespace: Some(&namespace),
        objects: vec![Object {
            kind: &KUSTOMIZATION,
            namespace: &namespace,
            name: "app",
        }],
        ..Subject::default()
    };
    let diagnosis = cluster.diagnose(&subject).await;
    let want = [
        "GitRepository NS/app: Ready False, GitOperationFailed: unable to list remote: no such host",
        "Kustomization NS/app: Ready False, ArtifactFailed: Source artifact not found, retrying in 30s",
        "source-controller is not in the NS namespace",
        "kustomize-controller is not in the NS namespace",
        "event: GitRepository/NS/app Slow: too slow",
    ];
    assert_eq!(
        diagnosis.lines,
        want.map(|line| line.replace("NS", &namespace))
    );
    // The controllers are absent here, and that comes before what they once said.
    let cause = diagnosis.cause.clone().unwrap();
    assert_eq!(
        cause.text,
        format!("source-controller does not run in the {namespace} namespace")
    );
    let error = diagnosis.explain(error::Error::failed("x"));
    assert_eq!(error.hints()[0], format!("probable cause: {}", cause.text));
    assert_eq!(error.hints().len(), 3);
}

#[tokio::test]
async fn what_may_not_be_read_is_said() {
    let admin = cluster(sandbox::User::Admin).await;
    let namespace = sandbox::shared().namespace("diagnosis").await.unwrap();
    failing_source(&admin, &namespace).await;
    let nobody = cluster(sandbox::User::Nobody).await;
    let subject = Subject {
        namespace: None,
        components: vec!["source-controller"],
        objects: vec![Object {
            kind: &GIT_REPOSITORY,
            namespace: &namespace,
            name: "app",
        }],
    };
    let diagnosis = nobody.diagnose(&subject).await;
    assert!(!diagnosis.lines.is_empty());
    for line in &diagnosis.lines {
        assert!(
            line.starts_with("not known: ") && line.contains("forbidden"),
            "{line}"
        );
    }
    assert_eq!(diagnosis.cause, None);
}
