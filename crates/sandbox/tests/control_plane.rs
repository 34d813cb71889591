//! The control plane runs, serves, restarts, and leaves nothing behind.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::Api;
use kube::api::{ListParams, PostParams};
use sandbox::{ControlPlane, Size, User};
use serde_json::json;

#[tokio::test]
async fn users_have_the_rights_they_are_named_after() {
    let plane = sandbox::shared();
    let namespace = plane.namespace("users").await.unwrap();
    let object: ConfigMap = serde_json::from_value(json!({"metadata": {"name": "one"}})).unwrap();
    let of =
        async |user| Api::<ConfigMap>::namespaced(plane.client_of(user).await.unwrap(), &namespace);
    let create = PostParams::default();
    of(User::Admin)
        .await
        .create(&create, &object)
        .await
        .unwrap();
    of(User::Reader).await.get("one").await.unwrap();
    for (user, what) in [
        (
            User::Reader,
            of(User::Reader).await.create(&create, &object).await,
        ),
        (User::Nobody, of(User::Nobody).await.get("one").await),
    ] {
        let error = what.unwrap_err();
        let kube::Error::Api(status) = error else {
            panic!("{user:?}: {error}")
        };
        assert_eq!(status.code, 403, "{user:?}");
    }
}

#[tokio::test]
async fn another_process_can_attach() {
    let plane = sandbox::shared();
    let attached = ControlPlane::attach(&plane.kubeconfig()).unwrap();
    assert_eq!(attached.server_url(), plane.server_url());
    let version = attached
        .client()
        .await
        .unwrap()
        .apiserver_version()
        .await
        .unwrap();
    assert!(
        version.git_version.starts_with("v1.36."),
        "{}",
        version.git_version
    );
    let error = attached.restart_api_server().await.unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
}

#[tokio::test]
async fn definitions_are_served_once_installed() {
    let plane = sandbox::shared();
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "boats.sandbox.example"},
        "spec": {
            "group": "sandbox.example", "scope": "Cluster",
            "names": {"kind": "Boat", "plural": "boats", "singular": "boat", "listKind": "BoatList"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    });
    plane.install_crds(&[definition]).await.unwrap();
    let kind = kube::core::GroupVersionKind::gvk("sandbox.example", "v1", "Boat");
    let resource = kube::core::ApiResource::from_gvk(&kind);
    let boats: Api<kube::core::DynamicObject> =
        Api::all_with(plane.client().await.unwrap(), &resource);
    assert_eq!(
        boats
            .list(&ListParams::default())
            .await
            .unwrap()
            .items
            .len(),
        0
    );
}

#[tokio::test]
async fn what_is_stored_outlives_the_api_server() {
    let plane = ControlPlane::start(Size::ApiOnly).await.unwrap();
    let namespace = plane.namespace("kept").await.unwrap();
    plane.stop_api_server().await.unwrap();
    assert!(plane.namespace("lost").await.is_err());
    plane.restart_api_server().await.unwrap();
    let namespaces = Api::<Namespace>::all(plane.client().await.unwrap());
    namespaces.get(&namespace).await.unwrap();
    let folder = plane.kubeconfig().parent().unwrap().to_path_buf();
    plane.stop();
    assert!(!folder.exists());
}

#[tokio::test]
async fn several_start_at_once() {
    let start = || async { ControlPlane::start(Size::ApiOnly).await };
    let (one, other) = tokio::join!(start(), start());
    assert_ne!(one.unwrap().server_url(), other.unwrap().server_url());
}

#[tokio::test]
async fn deployments_become_available() {
    let plane = ControlPlane::start(Size::Full).await.unwrap();
    let api = Api::<Deployment>::namespaced(plane.client().await.unwrap(), "default");
    let deployment = serde_json::from_value(json!({
        "metadata": {"name": "web"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nowhere.example/web:1"}]},
        }},
    }))
    .unwrap();
    api.create(&PostParams::default(), &deployment)
        .await
        .unwrap();
    let begun = Instant::now();
    loop {
        let status = api.get("web").await.unwrap().status.unwrap_or_default();
        if status.available_replicas == Some(3) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{status:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
