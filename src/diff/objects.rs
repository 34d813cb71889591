//! What of an object counts when it is compared.

use serde_json::{Map, Value};

use crate::kinds::ObjectName;

/// The group whose labels and annotations Flux Kustomizations put on objects.
const GROUP: &str = "kustomize.toolkit.fluxcd.io";

/// Whether an object as it would be differs from what it is: in labels, annotations, or anything
/// that is neither metadata nor status.
pub fn is_drifted(live: &Value, wanted: &Value) -> bool {
    let map = |object: &Value, field: &str| -> Map<String, Value> {
        let map = object["metadata"][field].as_object();
        map.cloned().unwrap_or_default()
    };
    let same = |field: &str| map(live, field) == map(wanted, field);
    !same("labels") || !same("annotations") || content(live) != content(wanted)
}

fn content(object: &Value) -> Vec<(&String, &Value)> {
    let fields = object.as_object().into_iter().flatten();
    fields
        .filter(|(key, _)| !matches!(key.as_str(), "metadata" | "status"))
        .collect()
}

/// Whether a label or annotation has that value, in whatever case.
pub fn in_metadata(object: &Value, key: &str, value: &str) -> bool {
    ["labels", "annotations"].iter().any(|field| {
        object["metadata"][field][key]
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
    })
}

/// The Kustomization that applied the object, by its labels.
pub fn owner_of(object: &Value) -> Option<ObjectName> {
    let label = |name: &str| {
        let text = object["metadata"]["labels"][format!("{GROUP}/{name}")].as_str();
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Some(ObjectName {
        api_version: format!("{GROUP}/v1"),
        kind: "Kustomization".to_owned(),
        namespace: Some(label("namespace")?),
        name: label("name")?,
    })
}

/// Takes away who owns which field.
pub(super) fn without_managers(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

/// Takes away what the server keeps for itself, and the status.
pub(super) fn without_bookkeeping(object: &mut Value) {
    without_managers(object);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "creationTimestamp",
            "generation",
            "resourceVersion",
            "selfLink",
            "uid",
        ] {
            metadata.remove(field);
        }
    }
    if let Some(fields) = object.as_object_mut()
        && fields
            .get("kind")
            .is_some_and(|kind| kind != "CustomResourceDefinition")
    {
        fields.remove("status");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_and_status_do_not_count() {
        let live = json!({"metadata": {"generation": 1, "labels": {"a": "b"}, "uid": "x"},
            "spec": {"a": 1}, "status": {"b": 1}});
        let mut wanted = live.clone();
        wanted["metadata"]["generation"] = json!(2);
        wanted["metadata"]["annotations"] = json!({});
        wanted["status"] = json!({});
        assert!(!is_drifted(&live, &wanted));
        wanted["metadata"]["labels"]["a"] = json!("c");
        assert!(is_drifted(&live, &wanted));
        wanted = live.clone();
        wanted["data"] = json!({});
        assert!(is_drifted(&live, &wanted));
    }

    #[test]
    fn marks_are_in_labels_or_annotations() {
        let object = json!({"metadata": {"labels": {"a": "Disabled"}, "annotations": {"b": "x"}}});
        assert!(in_metadata(&object, "a", "disabled"));
        assert!(in_metadata(&object, "b", "x"));
        assert!(!in_metadata(&object, "c", "x"));
        assert!(owner_of(&object).is_none());
    }
}
