//! What the tests of Flux share.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::PostParams;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::{Api, Client};
use sandbox::Component;
use sandbox::tools::Toolbox;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const NAMESPACE: &str = "flux-system";

/// The definitions that come with the controllers' Go modules.
pub(crate) fn definitions(components: &[Component]) -> Vec<Value> {
    let tools = Toolbox::from_env().unwrap();
    let mut definitions = Vec::new();
    for component in components {
        let module = tools
            .module_dir(&format!("github.com/fluxcd/{component}"))
            .unwrap();
        for entry in fs_err::read_dir(module.join("config/crd/bases")).unwrap() {
            let text = fs_err::read_to_string(entry.unwrap().path()).unwrap();
            definitions.push(serde_yaml::from_str(&text).unwrap());
        }
    }
    definitions
}

pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn make_namespace(client: &Client) {
    let namespace: Namespace = typed(json!({"metadata": {"name": NAMESPACE}}));
    Api::all(client.clone())
        .create(&PostParams::default(), &namespace)
        .await
        .unwrap();
}

pub(crate) fn objects(client: &Client, group: &str, kind: &str) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
    Api::namespaced_with(client.clone(), NAMESPACE, &resource)
}
