//! In which order objects reach a cluster, and by which name an inventory knows them.

use serde_json::Value;

/// The two stages of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Kinds and namespaces: the rest cannot be applied before these are established.
    Definitions,
    /// Everything else.
    Objects,
}

/// The stage in which `object` is applied.
pub fn stage(object: &Value) -> Stage {
    match object["kind"].as_str() {
        Some("CustomResourceDefinition" | "Namespace") => Stage::Definitions,
        _ => Stage::Objects,
    }
}

/// The name of `object` in an inventory as Flux writes it, `namespace_name_group_kind`; `None`
/// for what has no kind or name. A colon, which the names of RBAC objects may hold, becomes two
/// underscores.
pub fn inventory_id(object: &Value) -> Option<String> {
    let metadata = &object["metadata"];
    let group = match object["apiVersion"].as_str()?.split_once('/') {
        Some((group, _)) => group,
        None => "",
    };
    Some(format!(
        "{}_{}_{group}_{}",
        metadata["namespace"].as_str().unwrap_or_default(),
        metadata["name"].as_str()?.replace(':', "__"),
        object["kind"].as_str()?,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_come_first() {
        assert_eq!(stage(&json!({ "kind": "Namespace" })), Stage::Definitions);
        assert_eq!(
            stage(&json!({ "kind": "CustomResourceDefinition" })),
            Stage::Definitions
        );
        assert_eq!(stage(&json!({ "kind": "Deployment" })), Stage::Objects);
        assert!(Stage::Definitions < Stage::Objects);
    }

    #[test]
    fn ids_are_those_of_flux() {
        let deployment = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": { "name": "a", "namespace": "b" },
        });
        assert_eq!(
            inventory_id(&deployment).as_deref(),
            Some("b_a_apps_Deployment")
        );
        let role = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": "x:y" },
        });
        assert_eq!(inventory_id(&role).as_deref(), Some("_x__y__Namespace"));
        assert_eq!(inventory_id(&json!({ "kind": "Pod" })), None);
    }
}
