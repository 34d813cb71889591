//! Waiting for Deployments on a real API server, where the tests play the controllers.

use std::time::Instant;

use kube::Config as ClientConfig;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use super::*;

const LONG: Duration = Duration::from_secs(20);

async fn cluster(user: sandbox::User) -> Cluster {
    let file = Kubeconfig::read_from(sandbox::shared().kubeconfig_of(user)).unwrap();
    let options = KubeConfigOptions::default();
    let config = ClientConfig::from_custom_kubeconfig(file, &options)
        .await
        .unwrap();
    Cluster::connect(config).unwrap()
}

async fn deploy(cluster: &Cluster, namespace: &str, name: &str) {
    let labels = json!({"app": name});
    let deployment = json!({
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "manager", "image": format!("ghcr.io/x/{name}:v1")}]},
        }},
    });
    let api: Api<Deployment> = cluster.namespaced(namespace);
    let deployment = serde_json::from_value(deployment).unwrap();
    api.create(&PostParams::default(), &deployment)
        .await
        .unwrap();
}

async fn set_status<K>(cluster: &Cluster, namespace: &str, name: &str, status: Value)
where
    K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + serde::de::DeserializeOwned
        + std::fmt::Debug,
    K::DynamicType: Default,
{
    let api: Api<K> = cluster.namespaced(namespace);
    let patch = Patch::Merge(json!({"status": status}));
    api.patch_status(name, &PatchParams::default(), &patch)
        .await
        .unwrap();
}

/// A pod of the Deployment that cannot pull its image.
async fn stuck_pod(cluster: &Cluster, namespace: &str, app: &str) {
    let account = json!({"metadata": {"name": "default"}});
    let accounts: Api<k8s_openapi::api::core::v1::ServiceAccount> = cluster.namespaced(namespace);
    let account = serde_json::from_value(account).unwrap();
    accounts
        .create(&PostParams::default(), &account)
        .await
        .unwrap();
    let pod = json!({
        "metadata": {"name": format!("{app}-1"), "labels": {"app": app}},
        "spec": {"containers": [{"name": "manager", "image": "x"}]},
    });
    let api: Api<Pod> = cluster.namespaced(namespace);
    let pod = serde_json::from_value(pod).unwrap();
    api.create(&PostParams::default(), &pod).await.unwrap();
    let status = json!({"phase": "Pending", "containerStatuses": [{
        "name": "manager", "ready": false, "restartCount": 0, "image": "x", "imageID": "",
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}},
    }]});
    set_status::<Pod>(cluster, namespace, &format!("{app}-1"), status).await;
}

fn done() -> Value {
    json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
        "availableReplicas": 1})
}

#[tokio::test]
async fn readiness_is_seen_when_it_happens() {
    let cluster = cluster(sandbox::User::Admin).await;
    let namespace = sandbox::shared().namespace("health").await.unwrap();
    deploy(&cluster, &namespace, "one").await;
    deploy(&cluster, &namespace, "two").await;
    set_status::<Deployment>(&cluster, &namespace, "one", done()).await;
    let names = ["one".to_owned(), "two".to_owned()];
    let mut ready = 0;
    let heard = std::cell::Cell::new(0);
    let wait = cluster.wait_deployments(&namespace, &names, LONG, Patience::Full, |now| {
        ready = now.iter().filter(|health| health.is_ready()).count();
        heard.set(heard.get() + 1);
    });
    let act = async {
        while heard.get() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        set_status::<Deployment>(&cluster, &namespace, "two", done()).await;
        Instant::now()
    };
    let (healths, changed) = tokio::join!(wait, act);
    let late = changed.elapsed();
    let healths = healths.unwrap();
    assert!(healths.iter().all(Health::is_ready), "{healths:?}");
    assert_eq!(healths[1].images, ["ghcr.io/x/two:v1"]);
    assert_eq!(ready, 2);
    assert!(late < Duration::from_millis(100), "{late:?}");
}

#[tokio::test]
async fn what_is_stuck_or_missing_says_why() {
    let cluster = cluster(sandbox::User::Admin).await;
    let namespace = sandbox::shared().namespace("health").await.unwrap();
    deploy(&cluster, &namespace, "one").await;
    let waits = json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1});
    set_status::<Deployment>(&cluster, &namespace, "one", waits).await;
    stuck_pod(&cluster, &namespace, "one").await;
    let names = ["one".to_owned(), "two".to_owned()];
    let stuck = Patience::UntilStuck;
    let healths = cluster
        .wait_deployments(&namespace, &names, LONG, stuck, |_| {})
        .await
        .unwrap();
    let why = healths[0].why();
    assert_eq!(
        why.as_deref(),
        Some("pod one-1: ImagePullBackOff: no such image")
    );
    assert_eq!(healths[1].rollout, Rollout::Missing);

    let short = Duration::from_millis(300);
    let begun = Instant::now();
    let full = Patience::Full;
    let healths = cluster
        .wait_deployments(&namespace, &names, short, full, |_| {})
        .await
        .unwrap();
    assert!(begun.elapsed() >= short);
    assert!(healths[0].why().is_some());
}

#[tokio::test]
async fn deployments_that_may_not_be_read_are_an_error() {
    let admin = sandbox::shared();
    let namespace = admin.namespace("health").await.unwrap();
    let cluster = cluster(sandbox::User::Nobody).await;
    let names = ["one".to_owned()];
    let healths = cluster
        .wait_deployments(&namespace, &names, LONG, Patience::Full, |_| {})
        .await;
    assert!(matches!(healths, Err(Error::Forbidden(_))), "{healths:?}");
}
