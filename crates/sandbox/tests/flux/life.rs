//! When controllers run, and what is seen of them.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::{DeleteParams, ListParams, LogParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use sandbox::{Component, ControlPlane, Flux, FluxOptions, Follow, Size, State};
use serde_json::{Value, json};

use crate::support::{
    NAMESPACE, PATIENCE, definitions, eventually, make_namespace, objects, typed,
};

/// Makes a Kustomization without a source and waits until the controller says so.
async fn provoke(client: &Client, name: &str) {
    let api = objects(client, "kustomize.toolkit.fluxcd.io", "Kustomization");
    let object = typed(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": name},
        "spec": {"interval": "1m", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "absent"}},
    }));
    api.create(&PostParams::default(), &object).await.unwrap();
    let message = eventually("a condition", async || {
        let found = api.get(name).await.unwrap();
        let conditions = found.data["status"]["conditions"].as_array()?.clone();
        let ready = conditions
            .into_iter()
            .find(|one| one["type"] == "Ready" && one["status"] == "False")?;
        Some(ready["message"].as_str()?.to_owned())
    })
    .await;
    assert!(message.contains("absent"), "{message}");
}

#[tokio::test]
async fn controllers_wait_for_their_kinds_and_act() {
    let plane = ControlPlane::start(Size::ApiOnly).await.unwrap();
    let client = plane.client().await.unwrap();
    make_namespace(&client).await;
    let flux = Flux::start(&plane, FluxOptions::default()).await.unwrap();
    let error = flux
        .wait_ready(Duration::from_millis(500))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("waits for CustomResourceDefinition alerts."),
        "{error}"
    );
    plane
        .install_crds(&definitions(&Component::DEFAULT))
        .await
        .unwrap();
    flux.wait_ready(PATIENCE).await.unwrap();
    provoke(&client, "one").await;
    let log = flux.logs(Component::KustomizeController).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert!(last["msg"].is_string(), "{last}");

    flux.stop(Component::KustomizeController).await.unwrap();
    assert_eq!(
        flux.state(Component::KustomizeController),
        Some(State::Stopped)
    );
    flux.resume(Component::KustomizeController).await.unwrap();
    flux.wait_ready(PATIENCE).await.unwrap();
    provoke(&client, "two").await;
}

/// A Deployment as an installation has it, and what its pod runs as.
async fn install(client: &Client, component: Component) {
    let create = PostParams::default();
    let name = component.name();
    let account: ServiceAccount = typed(json!({"metadata": {"name": name}}));
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&create, &account)
        .await
        .unwrap();
    let binding: ClusterRoleBinding = typed(json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
    }));
    Api::all(client.clone())
        .create(&create, &binding)
        .await
        .unwrap();
    let deployment: Deployment = typed(json!({
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"serviceAccountName": name, "containers": [{
                "name": "manager", "image": "nowhere.example/flux:1",
                "args": ["--watch-all-namespaces=true", "--log-encoding=json", "--enable-leader-election"],
            }]},
        }},
    }));
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&create, &deployment)
        .await
        .unwrap();
}

#[tokio::test]
async fn controllers_live_as_long_as_their_deployments() {
    let plane = ControlPlane::start(Size::Full).await.unwrap();
    let client = plane.client().await.unwrap();
    make_namespace(&client).await;
    let component = Component::KustomizeController;
    let options = FluxOptions {
        components: vec![component],
        follow: Follow::Deployments,
        ..FluxOptions::default()
    };
    let flux = Flux::start(&plane, options).await.unwrap();
    plane
        .install_crds(&definitions(&[Component::SourceController, component]))
        .await
        .unwrap();
    let error = flux
        .wait_ready(Duration::from_millis(500))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("waits for Deployment"),
        "{error}"
    );
    install(&client, component).await;
    flux.wait_ready(PATIENCE).await.unwrap();
    provoke(&client, "one").await;

    let pods = Api::<Pod>::namespaced(client.clone(), NAMESPACE);
    let log = eventually("a log", async || {
        let all = pods.list(&ListParams::default()).await.unwrap();
        let name = all.items.first()?.metadata.name.clone()?;
        let log = pods.logs(&name, &LogParams::default()).await.ok()?;
        log.contains("Kustomization").then_some(log)
    })
    .await;
    assert!(log.lines().all(|line| line.starts_with('{')), "{log}");

    let deployments = Api::<Deployment>::namespaced(client, NAMESPACE);
    let scale = async |replicas: i32| {
        let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
        deployments
            .patch(component.name(), &PatchParams::default(), &patch)
            .await
            .unwrap();
    };
    scale(0).await;
    let waits = |state: Option<State>| matches!(state, Some(State::Waiting(_)));
    eventually("its stop", async || {
        waits(flux.state(component)).then_some(())
    })
    .await;
    scale(1).await;
    flux.wait_ready(PATIENCE).await.unwrap();
    deployments
        .delete(component.name(), &DeleteParams::default())
        .await
        .unwrap();
    eventually("its end", async || {
        waits(flux.state(component)).then_some(())
    })
    .await;
}
