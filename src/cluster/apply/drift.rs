//! Whether applying an object would change it.

use std::collections::BTreeMap;

use kube::api::DynamicObject;
use serde_json::{Map, Value};

/// Whether what the server would make of an object differs from what it has. Who owns which field
/// does not count, nor does the status.
pub(super) fn differs(existing: &DynamicObject, wanted: &DynamicObject) -> bool {
    !same(&existing.metadata.labels, &wanted.metadata.labels)
        || !same(&existing.metadata.annotations, &wanted.metadata.annotations)
        || content(existing) != content(wanted)
}

fn same(a: &Option<BTreeMap<String, String>>, b: &Option<BTreeMap<String, String>>) -> bool {
    let empty = BTreeMap::new();
    a.as_ref().unwrap_or(&empty) == b.as_ref().unwrap_or(&empty)
}

/// Everything beside metadata, which the type keeps apart, and the status.
fn content(object: &DynamicObject) -> Map<String, Value> {
    let mut content = object.data.as_object().cloned().unwrap_or_default();
    content.remove("status");
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> DynamicObject {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_labels_annotations_and_content_count() {
        let base = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "x", "resourceVersion": "1", "labels": {}},
            "spec": {"ports": [{"port": 80}]}, "status": {"a": 1},
        });
        let with = |pointer: &str, value: Value| {
            let mut changed = base.clone();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap()[key] = value;
            object(changed)
        };
        let cases = [
            ("/metadata/resourceVersion", json!("2"), false),
            ("/metadata/managedFields", json!([]), false),
            ("/status/a", json!(2), false),
            ("/metadata/annotations", json!({}), false),
            ("/metadata/labels", json!({"a": "b"}), true),
            ("/metadata/annotations", json!({"a": "b"}), true),
            ("/spec/ports", json!([]), true),
            ("/data", json!({}), true),
        ];
        for (pointer, value, want) in cases {
            let wanted = with(pointer, value);
            assert_eq!(differs(&object(base.clone()), &wanted), want, "{pointer}");
        }
    }
}
