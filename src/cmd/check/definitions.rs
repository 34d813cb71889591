//! Whether the definitions of Flux's kinds are there and in order. Pure.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;

/// How a definition was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The last version in which objects are stored; other versions that are stored, too.
    Stored(String, Vec<String>),
    /// What is wrong with it.
    Broken(String),
}

/// How the definition is.
pub(super) fn look_at(definition: &CustomResourceDefinition) -> Found {
    let name = definition.name_any();
    let status = definition.status.as_ref();
    let established = status
        .and_then(|status| status.conditions.as_ref())
        .into_iter()
        .flatten()
        .find(|condition| condition.type_ == "Established");
    if let Some(condition) = established.filter(|condition| condition.status != "True") {
        let why = condition.message.as_deref().unwrap_or_default();
        return Found::Broken(format!("{name} is not established: {why}"));
    }
    let stored = status.and_then(|status| status.stored_versions.clone());
    match stored.unwrap_or_default().split_last() {
        Some((last, earlier)) => Found::Stored(last.clone(), earlier.to_vec()),
        None => Found::Broken(format!("no stored versions for {name}")),
    }
}

/// The names of the definitions that belong to a controller.
pub(super) fn of_controller(controller: &str) -> Vec<String> {
    flux_api::crd::by_component_json(controller)
        .iter()
        .filter_map(|definition| definition["metadata"]["name"].as_str())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(status: Value) -> Found {
        let definition = json!({
            "metadata": {"name": "buckets.x"},
            "spec": {"group": "x", "scope": "Namespaced", "versions": [],
                "names": {"kind": "Bucket", "plural": "buckets"}},
            "status": status,
        });
        look_at(&serde_json::from_value(definition).unwrap())
    }

    #[test]
    fn stored_versions() {
        let stored = |v: &str, old: &[&str]| {
            Found::Stored(v.to_owned(), old.iter().map(|o| (*o).to_owned()).collect())
        };
        assert_eq!(of(json!({"storedVersions": ["v1"]})), stored("v1", &[]));
        assert_eq!(
            of(json!({"storedVersions": ["v1beta2", "v1"]})),
            stored("v1", &["v1beta2"])
        );
        assert_eq!(
            of(json!({})),
            Found::Broken("no stored versions for buckets.x".to_owned())
        );
        let refused = json!({"storedVersions": ["v1"], "conditions": [
            {"type": "Established", "status": "False", "message": "name taken"}]});
        assert_eq!(
            of(refused),
            Found::Broken("buckets.x is not established: name taken".to_owned())
        );
    }

    #[test]
    fn controllers_have_definitions() {
        assert_eq!(
            of_controller("kustomize-controller"),
            ["kustomizations.kustomize.toolkit.fluxcd.io"]
        );
        assert!(of_controller("source-controller-shard1").is_empty());
    }
}
