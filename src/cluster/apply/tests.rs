//! Apply and prune against a real API server.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;

use super::*;

async fn cluster() -> Cluster {
    let file = Kubeconfig::read_from(sandbox::shared().kubeconfig()).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(file, &options)
        .await
        .unwrap();
    Cluster::connect(config).unwrap()
}

/// A namespace, a kind, an object of that kind and one of Kubernetes' own, in the wrong order.
fn manifests(name: &str, data: &str) -> Vec<Value> {
    let group = format!("{name}.example");
    let namespace = json!({"name": name, "namespace": name});
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": namespace, "data": {"a": data}}),
        json!({"apiVersion": format!("{group}/v1"), "kind": "Boat", "metadata": namespace}),
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("boats.{group}")},
            "spec": {
                "group": group, "scope": "Namespaced",
                "names": {"kind": "Boat", "plural": "boats"},
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object"}}}],
            },
        }),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
    ]
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

fn all(name: &str, action: &str) -> Vec<String> {
    [
        format!("CustomResourceDefinition/boats.{name}.example {action}"),
        format!("Namespace/{name} {action}"),
        format!("ConfigMap/{name}/{name} {action}"),
        format!("Boat/{name}/{name} {action}"),
    ]
    .to_vec()
}

#[tokio::test]
async fn kinds_and_their_objects_go_in_one_call_and_a_second_one_writes_nothing() {
    let cluster = cluster().await;
    let name = "apply-twice";
    let wanted = manifests(name, "one");
    assert_eq!(
        lines(&cluster.plan(&wanted).await.unwrap()),
        all(name, "created")
    );
    let mut reported = Vec::new();
    let changes = cluster
        .apply(&wanted, |c| reported.push(c.clone()))
        .await
        .unwrap();
    assert_eq!(lines(&changes), all(name, "created"));
    assert_eq!(reported, changes);

    let api: Api<ConfigMap> = cluster.namespaced(name);
    let before = api.get(name).await.unwrap();
    let owner = &before.metadata.managed_fields.as_ref().unwrap()[0];
    assert_eq!(owner.manager.as_deref(), Some("flux"));
    assert_eq!(owner.operation.as_deref(), Some("Apply"));
    let changes = cluster.apply(&wanted, |_| {}).await.unwrap();
    assert_eq!(lines(&changes), all(name, "unchanged"));
    assert_eq!(api.get(name).await.unwrap(), before);
}

#[tokio::test]
async fn only_what_differs_is_written_whoever_owns_it() {
    let cluster = cluster().await;
    let name = "apply-drift";
    cluster
        .apply(&manifests(name, "one"), |_| {})
        .await
        .unwrap();
    let api: Api<ConfigMap> = cluster.namespaced(name);
    let theirs = json!({"data": {"a": "theirs", "b": "theirs"}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(&theirs))
        .await
        .unwrap();

    let wanted = manifests(name, "two");
    let mut want = all(name, "unchanged");
    want[2] = format!("ConfigMap/{name}/{name} configured");
    assert_eq!(lines(&cluster.plan(&wanted).await.unwrap()), want);
    assert_eq!(lines(&cluster.apply(&wanted, |_| {}).await.unwrap()), want);
    let data = api.get(name).await.unwrap().data.unwrap();
    assert_eq!((data["a"].as_str(), data["b"].as_str()), ("two", "theirs"));
}

#[tokio::test]
async fn a_refusal_names_the_object_and_comes_before_the_stage_is_written() {
    let cluster = cluster().await;
    let name = "apply-refused";
    cluster
        .apply(&manifests(name, "one"), |_| {})
        .await
        .unwrap();
    let mut wanted = manifests(name, "two");
    wanted[1]["metadata"]["labels"] = json!({"not a label": ""});
    let error = cluster.apply(&wanted, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with(&format!("Boat/{name}/{name}: ")),
        "{error}"
    );
    let data = cluster
        .namespaced::<ConfigMap>(name)
        .get(name)
        .await
        .unwrap()
        .data;
    assert_eq!(data.unwrap()["a"], "one");
}

#[tokio::test]
async fn a_kind_nobody_serves_is_missing() {
    let cluster = cluster().await;
    let name = cluster_namespace("apply-missing").await;
    let object = json!({"apiVersion": "nobody.example/v1", "kind": "Boat",
        "metadata": {"name": "x", "namespace": name}});
    let error = cluster.apply(&[object], |_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no matches for kind \"Boat\" in version \"nobody.example/v1\""
    );
}

async fn cluster_namespace(prefix: &str) -> String {
    sandbox::shared().namespace(prefix).await.unwrap()
}

#[tokio::test]
async fn pruning_removes_what_flux_applied_and_nothing_else() {
    let cluster = cluster().await;
    let name = cluster_namespace("prune").await;
    let labels = json!({"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/instance": name});
    let account = |account: &str, labels: &Value| {
        json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": account, "namespace": name, "labels": labels}})
    };
    let mut wanted = vec![account("wanted", &labels), account("foreign", &json!({}))];
    wanted.push(account("dropped", &labels));
    let mut used = manifests(&format!("{name}-used"), "");
    let mut unused = manifests(&format!("{name}-unused"), "");
    unused.retain(|manifest| manifest["kind"] == "CustomResourceDefinition");
    for manifest in used.iter_mut().chain(&mut unused) {
        manifest["metadata"]["labels"] = labels.clone();
    }
    wanted.extend(used.into_iter().chain(unused));
    cluster.apply(&wanted, |_| {}).await.unwrap();
    // Somebody else's with the same labels.
    let theirs = serde_json::from_value(account("theirs", &labels)).unwrap();
    let accounts: Api<k8s_openapi::api::core::v1::ServiceAccount> = cluster.namespaced(&name);
    accounts
        .create(&kube::api::PostParams::default(), &theirs)
        .await
        .unwrap();

    let pruned = cluster.prune_install(&name, &wanted[..2]).await.unwrap();
    assert_eq!(
        lines(&pruned.deleted),
        [
            format!("ServiceAccount/{name}/dropped deleted"),
            format!("CustomResourceDefinition/boats.{name}-unused.example deleted"),
        ]
    );
    let kept: Vec<String> = pruned.kept.iter().map(ToString::to_string).collect();
    assert_eq!(
        kept,
        [format!(
            "CustomResourceDefinition/boats.{name}-used.example"
        )]
    );
    let left = accounts
        .list(&kube::api::ListParams::default())
        .await
        .unwrap();
    let left: Vec<_> = left
        .iter()
        .filter_map(|a| a.metadata.name.as_deref())
        .collect();
    assert_eq!(left, ["foreign", "theirs", "wanted"]);
}
