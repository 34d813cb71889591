//! `diff kustomization` of a folder that is in sync with the cluster: as many questions as there
//! are objects, and nothing to tell.

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use sandbox::{ControlPlane, Size};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::Bench;
use super::measure::measure;
use super::table::Table;

/// How many objects there are; as many Deployments as ConfigMaps, Services and ServiceAccounts.
const OBJECTS: usize = 200;

/// How many objects are made at once.
const AT_ONCE: usize = 16;

pub(crate) fn run(bench: &Bench, table: &mut Table, runtime: &Runtime) -> Result<()> {
    let (control_plane, namespace) = runtime.block_on(async {
        let control_plane = ControlPlane::start(Size::ApiOnly).await?;
        control_plane
            .install_crds(&flux_api::crd::all_json())
            .await?;
        let namespace = control_plane.namespace("bench").await?;
        anyhow::Ok((control_plane, namespace))
    })?;
    let objects: Vec<Value> = (0..OBJECTS / 4).flat_map(|n| four(n, &namespace)).collect();
    let folder = tempfile::tempdir()?;
    let texts = objects.iter().map(serde_yaml::to_string);
    let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
    fs_err::write(folder.path().join("all.yaml"), texts.join("---\n"))?;
    runtime.block_on(async {
        let client = control_plane.client().await?;
        apply(&client, "test", &kustomization(&namespace)).await?;
        let applied = objects.iter().map(|object| {
            let mut object = object.clone();
            let labels = &mut object["metadata"]["labels"];
            labels["kustomize.toolkit.fluxcd.io/name"] = "app".into();
            labels["kustomize.toolkit.fluxcd.io/namespace"] = namespace.as_str().into();
            let client = &client;
            async move { apply(client, "kustomize-controller", &object).await }
        });
        let applied: Vec<_> = applied.collect();
        stream::iter(applied)
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    })?;
    let results = measure(&bench.programs, bench.args.samples, |program| {
        let mut command = program.command();
        command
            .args(["diff", "kustomization", "app", "--progress-bar=false"])
            .arg("--path")
            .arg(folder.path())
            .args(["--namespace", &namespace])
            .env("KUBECONFIG", control_plane.kubeconfig());
        command
    })?;
    table.add(&format!("diff kustomization ({OBJECTS} in sync)"), results);
    Ok(())
}

async fn apply(client: &Client, manager: &str, object: &Value) -> Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let api_version = text(&object["apiVersion"]);
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let gvk = GroupVersionKind::gvk(group, version, &text(&object["kind"]));
    let metadata = &object["metadata"];
    let api: Api<DynamicObject> = Api::namespaced_with(
        client.clone(),
        &text(&metadata["namespace"]),
        &ApiResource::from_gvk(&gvk),
    );
    let params = PatchParams::apply(manager).force();
    api.patch(&text(&metadata["name"]), &params, &Patch::Apply(object))
        .await?;
    Ok(())
}

fn kustomization(namespace: &str) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "app", "namespace": namespace},
        "spec": {"interval": "10m", "path": "./", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "app"}},
    })
}

/// A Deployment and what goes with it.
fn four(number: usize, namespace: &str) -> [Value; 4] {
    let name = format!("web-{number:03}");
    let object = |api_version: &str, kind: &str, content: Value| {
        let mut object = json!({
            "apiVersion": api_version, "kind": kind,
            "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        });
        if let (Some(object), Value::Object(content)) = (object.as_object_mut(), content) {
            object.extend(content);
        }
        object
    };
    let port = json!({"name": "http", "containerPort": 8080, "protocol": "TCP"});
    let container = json!({
        "name": "web", "image": "example.com/web:1", "ports": [port],
        "env": [{"name": "MODE", "value": "fast"}],
        "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m"}},
    });
    [
        object("v1", "ServiceAccount", json!({})),
        object(
            "v1",
            "ConfigMap",
            json!({"data": {"config.yaml": "a: 1\nb: 2\n"}}),
        ),
        object(
            "v1",
            "Service",
            json!({"spec": {"selector": {"app": name}, "ports":
                [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]}}),
        ),
        object(
            "apps/v1",
            "Deployment",
            json!({"spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"serviceAccountName": name, "containers": [container]},
                },
            }}),
        ),
    ]
}
