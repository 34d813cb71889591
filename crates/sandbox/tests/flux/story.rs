//! From a commit on the sandbox's GitHub to a Deployment that is available, through the real controllers.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::DynamicObject;
use kube::{Api, Client};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use sandbox::{Component, ControlPlane, Flux, FluxOptions, Size};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::github::{Story, filled};
use crate::support::{
    NAMESPACE, PATIENCE, definitions, eventually, make_namespace, objects, typed,
};

const SOURCE: &str = "source.toolkit.fluxcd.io";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";

/// Commits a Deployment of so many replicas and returns the revision as Flux writes it.
fn commit(story: &Story, replicas: u32) -> String {
    let manifest = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nowhere.example/web:1"}]},
        }},
    });
    let text = serde_yaml::to_string(&manifest).unwrap();
    let file = ("apps/web.yaml", Some(text.as_bytes()));
    let id = story
        .github
        .commit_files("acme", "fleet", "main", "scale", &[file])
        .unwrap();
    format!("main@sha1:{id}")
}

async fn secret(client: &Client, name: &str, data: Value) {
    let secret: Secret = typed(json!({"metadata": {"name": name}, "stringData": data}));
    let api = Api::namespaced(client.clone(), NAMESPACE);
    api.create(&PostParams::default(), &secret).await.unwrap();
}

/// Registers a deploy key and returns its private half.
async fn deploy_key(story: &Story) -> String {
    let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).unwrap();
    let public = key.public_key().to_openssh().unwrap();
    let body = json!({"title": "flux", "key": public, "read_only": true});
    story.post("/repos/acme/fleet/keys", body).await.expect(201);
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

async fn create(api: &Api<DynamicObject>, object: Value) {
    let object = typed(object);
    api.create(&PostParams::default(), &object).await.unwrap();
}

fn source(name: &str, url: String) -> Value {
    json!({
        "apiVersion": format!("{SOURCE}/v1"), "kind": "GitRepository", "metadata": {"name": name},
        "spec": {"interval": "10m", "url": url, "ref": {"branch": "main"}, "secretRef": {"name": name}},
    })
}

/// Waits until an object is ready and its status holds `expected` at `pointer`.
async fn arrived(api: &Api<DynamicObject>, name: &str, pointer: &str, expected: &str) {
    eventually(&format!("{name} at {expected}"), async || {
        let status = api.get(name).await.unwrap().data["status"].take();
        let ready = status["conditions"]
            .as_array()?
            .iter()
            .any(|one| one["type"] == "Ready" && one["status"] == "True");
        (ready && status.pointer(pointer)? == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_commit_becomes_a_deployment() {
    let story = filled().await;
    let first = commit(&story, 1);
    let plane = ControlPlane::start(Size::Full).await.unwrap();
    let client = plane.client().await.unwrap();
    make_namespace(&client).await;
    plane
        .install_crds(&definitions(&Component::DEFAULT))
        .await
        .unwrap();
    let flux = Flux::start(&plane, FluxOptions::default()).await.unwrap();

    let github = &story.github;
    secret(
        &client,
        "https",
        json!({"username": "git", "password": story.token.expose_secret(), "ca.crt": github.ca_pem()}),
    )
    .await;
    secret(
        &client,
        "ssh",
        json!({"identity": deploy_key(&story).await, "known_hosts": github.known_hosts()}),
    )
    .await;
    let sources = objects(&client, SOURCE, "GitRepository");
    create(
        &sources,
        source("https", format!("https://{}/acme/fleet", github.host())),
    )
    .await;
    create(
        &sources,
        source("ssh", format!("ssh://git@{}/acme/fleet", github.ssh_host())),
    )
    .await;
    let kustomizations = objects(&client, KUSTOMIZE, "Kustomization");
    create(
        &kustomizations,
        json!({
            "apiVersion": format!("{KUSTOMIZE}/v1"), "kind": "Kustomization", "metadata": {"name": "apps"},
            "spec": {"interval": "10m", "path": "./apps", "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": "ssh"}},
        }),
    )
    .await;
    flux.wait_ready(PATIENCE).await.unwrap();
    arrived(&sources, "https", "/artifact/revision", &first).await;
    arrived(&sources, "ssh", "/artifact/revision", &first).await;
    arrived(&kustomizations, "apps", "/lastAppliedRevision", &first).await;

    let second = commit(&story, 2);
    let now = json!({"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}});
    sources
        .patch("ssh", &PatchParams::default(), &Patch::Merge(now))
        .await
        .unwrap();
    arrived(&kustomizations, "apps", "/lastAppliedRevision", &second).await;
    let deployments = Api::<Deployment>::namespaced(client, "default");
    eventually("two pods", async || {
        let status = deployments.get("web").await.unwrap().status?;
        (status.available_replicas? == 2).then_some(())
    })
    .await;
}
