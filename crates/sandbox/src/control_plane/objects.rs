//! The objects that a fresh control plane is given, and those that tell that it is ready.

use std::path::Path;

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{ListParams, PostParams};
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::kubeconfig::User;

/// Name of the role of [`User::Reader`]. Not the built-in `view`: its rules are filled in by the controller manager.
const READER_ROLE: &str = "sandbox-reader";

/// Binds [`User::Reader`] to the right to read everything.
pub(super) async fn allow_readers(client: &Client) -> Result<()> {
    let verbs = ["get", "list", "watch"];
    let role: ClusterRole = typed(json!({
        "metadata": {"name": READER_ROLE},
        "rules": [
            {"apiGroups": ["*"], "resources": ["*"], "verbs": verbs},
            {"nonResourceURLs": ["*"], "verbs": ["get"]},
        ],
    }))?;
    let binding: ClusterRoleBinding = typed(json!({
        "metadata": {"name": READER_ROLE},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": READER_ROLE},
        "subjects": [{
            "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": User::Reader.group(),
        }],
    }))?;
    let parameters = PostParams::default();
    Api::all(client.clone()).create(&parameters, &role).await?;
    Api::all(client.clone())
        .create(&parameters, &binding)
        .await?;
    Ok(())
}

/// Installs the kinds that kwok must find when it starts.
pub(super) async fn install_kwok_crds(client: &Client, files: &Path) -> Result<()> {
    let definitions = ["logs", "portforwards"]
        .iter()
        .map(|plural| {
            let path = files
                .join("crd")
                .join("bases")
                .join(format!("kwok.x-k8s.io_{plural}.yaml"));
            serde_yaml::from_str(&fs_err::read_to_string(&path)?)
                .with_context(|| format!("reading {}", path.display()))
        })
        .collect::<Result<Vec<Value>>>()?;
    crate::crds::install_crds(client, &definitions).await
}

/// Makes two nodes with room for everything; kwok makes them ready.
pub(super) async fn make_nodes(client: &Client) -> Result<()> {
    let api = Api::<Node>::all(client.clone());
    let room = json!({"cpu": "32", "memory": "256Gi", "pods": "500"});
    let nodes = ["node-1", "node-2"]
        .iter()
        .map(|name| {
            typed::<Node>(json!({
                "metadata": {"name": name, "labels": {
                    "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                }},
                "status": {"allocatable": room, "capacity": room},
            }))
        })
        .collect::<Result<Vec<_>>>()?;
    let parameters = PostParams::default();
    try_join_all(nodes.iter().map(|node| api.create(&parameters, node))).await?;
    Ok(())
}

pub(super) async fn nodes_are_ready(client: &Client) -> Result<bool> {
    let nodes = Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await?;
    Ok(nodes.iter().all(|node| {
        let conditions = node
            .status
            .as_ref()
            .and_then(|status| status.conditions.as_ref());
        let ready = conditions
            .into_iter()
            .flatten()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True");
        // New nodes carry the taint `not-ready` until the controller manager has seen that they are.
        let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
        ready && taints.is_none_or(Vec::is_empty)
    }))
}

pub(super) async fn accounts_are_made(client: &Client) -> Result<bool> {
    let api = Api::<ServiceAccount>::namespaced(client.clone(), "default");
    Ok(api.get_opt("default").await?.is_some())
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).context("an object of the sandbox's own")
}
