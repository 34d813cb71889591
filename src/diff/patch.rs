//! The patch that makes one object of another, as RFC 7386 has it.

use serde_json::{Map, Value};

/// What of metadata a patch may change.
const METADATA: &[&str] = &["annotations", "labels"];

/// The merge patch that makes `wanted` of `live`, but for what the server keeps itself: the status, and of
/// metadata everything that is neither label nor annotation.
pub(super) fn merge_patch(live: &Value, wanted: &Value) -> Value {
    let part = |object: &Value| {
        let mut fields = object.as_object().cloned().unwrap_or_default();
        fields.retain(|key, _| !matches!(key.as_str(), "apiVersion" | "kind" | "status"));
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| METADATA.contains(&key.as_str()));
        }
        fields
    };
    Value::Object(between(&part(live), &part(wanted)))
}

fn between(live: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for key in live.keys().filter(|key| !wanted.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, wanted) in wanted {
        match (live.get(key), wanted) {
            (Some(live), wanted) if live == wanted => {}
            (Some(Value::Object(live)), Value::Object(wanted)) => {
                patch.insert(key.clone(), Value::Object(between(live, wanted)));
            }
            (_, wanted) => {
                patch.insert(key.clone(), wanted.clone());
            }
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_in_it() {
        let live = json!({
            "apiVersion": "v1", "kind": "X", "status": {"a": 1},
            "metadata": {"name": "n", "uid": "u", "labels": {"a": "b", "c": "d"}},
            "spec": {"same": 1, "other": 1, "gone": 1, "list": [1, 2], "map": {"x": 1}, "deep": {"x": 1}},
            "data": {"a": "b"},
        });
        let wanted = json!({
            "apiVersion": "v2", "kind": "X", "status": {},
            "metadata": {"name": "n", "generation": 2, "labels": {"a": "b"}, "annotations": {"e": "f"}},
            "spec": {"same": 1, "other": 2, "list": [2], "map": {}, "deep": 1},
            "more": {"a": {"b": 1}},
        });
        assert_eq!(
            merge_patch(&live, &wanted),
            json!({
                "metadata": {"labels": {"c": null}, "annotations": {"e": "f"}},
                "spec": {"other": 2, "gone": null, "list": [2], "map": {"x": null}, "deep": 1},
                "data": null,
                "more": {"a": {"b": 1}},
            })
        );
        assert_eq!(merge_patch(&live, &live), json!({}));
    }
}
