//! Who owns which field of an object: `metadata.managedFields`.
//!
//! An apply takes away the fields that only the applier owned and does not want any more. A dry run
//! shows that for fields of kustomize-controller itself. What the controller does before each
//! apply, it cannot show: fields that somebody set with kubectl are made its own, and so go
//! with the apply, too. [`without_kubectl`] says what that leaves. It is not what the object will
//! be: most fields of an object that kubectl made are defaults, which the server sets again. So it
//! is a patch to ask the server about.

use serde_json::{Map, Value};

use super::patch::merge_patch;

/// The field manager that Kustomizations are applied by.
pub const KUSTOMIZE_CONTROLLER: &str = "kustomize-controller";

/// What kubectl and earlier releases of Flux leave on objects, and kustomize-controller removes.
const ANNOTATIONS: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "kustomize.toolkit.fluxcd.io/checksum",
    "fluxcd.io/sync-checksum",
];
const LABEL: &str = "fluxcd.io/sync-gc-mark";

type Fields = Map<String, Value>;

/// Takes away what kubectl and earlier releases of Flux leave in labels and annotations, where it
/// is not wanted. No server sets that again.
pub fn drop_leftovers(merged: &mut Value, wanted: &Value) {
    for (field, keys) in [("annotations", ANNOTATIONS), ("labels", &[LABEL])] {
        let texts = merged.pointer_mut(&format!("/metadata/{field}"));
        let Some(texts) = texts.and_then(Value::as_object_mut) else {
            continue;
        };
        for key in keys {
            if wanted["metadata"][field][*key].is_null() {
                texts.remove(*key);
            }
        }
    }
}

/// Takes away the fields that only kubectl set from an object that a dry run has merged, as
/// kustomize-controller does before it applies. What the server makes of that is to be asked: the
/// answer is the patch of the live object to ask about; none where nothing was taken away.
pub fn without_kubectl(live: &Value, merged: &Value) -> Option<Value> {
    let (undone, others) = split(merged, |manager, operation| {
        let kubectl = manager.starts_with("kubectl");
        let update = operation == "Update";
        kubectl || update && matches!(manager, "before-first-apply" | KUSTOMIZE_CONTROLLER)
    });
    if undone.is_empty() {
        return None;
    }
    let others: Vec<&Fields> = others.iter().collect();
    let mut left = merged.clone();
    for fields in &undone {
        remove(fields, &others, None, &mut left);
    }
    (merge_patch(merged, &left) != Value::Object(Map::new())).then(|| merge_patch(live, &left))
}

/// Takes away from a live object what kustomize-controller alone owns and does not want any more.
pub(super) fn release_unwanted(live: &mut Value, wanted: &Value) {
    let (owned, others) = split(live, |manager, operation| {
        manager == KUSTOMIZE_CONTROLLER && operation == "Apply"
    });
    let others: Vec<&Fields> = others.iter().collect();
    for fields in &owned {
        remove(fields, &others, Some(wanted), live);
    }
}

/// The fields of the managers that are picked, and those of all others.
fn split(object: &Value, picked: impl Fn(&str, &str) -> bool) -> (Vec<Fields>, Vec<Fields>) {
    let entries = object["metadata"]["managedFields"].as_array();
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for entry in entries.into_iter().flatten() {
        let text = |field: &str| entry[field].as_str().unwrap_or_default();
        let Some(fields) = entry["fieldsV1"].as_object() else {
            continue;
        };
        let is_whole = text("subresource").is_empty();
        if is_whole && picked(text("manager"), text("operation")) {
            ours.push(fields.clone());
        } else {
            others.push(fields.clone());
        }
    }
    (ours, others)
}

/// Removes the fields from `value`, but for those that are in `others` or wanted.
fn remove(fields: &Fields, others: &[&Fields], wanted: Option<&Value>, value: &mut Value) {
    for (step, below) in fields {
        let Some(place) = Place::of(step, value) else {
            continue;
        };
        let also: Vec<&Fields> = others
            .iter()
            .filter_map(|other| other.get(step)?.as_object())
            .collect();
        let still = wanted.and_then(|wanted| Place::of(step, wanted)?.get(wanted));
        let below = below.as_object().filter(|below| !below.is_empty());
        match below {
            Some(below) if !also.is_empty() || still.is_some() => {
                if let Some(child) = place.get_mut(value) {
                    remove(below, &also, still, child);
                }
            }
            // Nobody else has a part in it: it goes as a whole, or where it is but the
            // way to what goes, once it is empty.
            Some(below) => {
                let whole = below.contains_key(".");
                if let Some(child) = place.get_mut(value) {
                    remove(below, &also, still, child);
                    if whole || is_empty(child) {
                        place.remove(value);
                    }
                }
            }
            None if also.is_empty() && still.is_none() => place.remove(value),
            None => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Where a step of `fieldsV1` leads.
enum Place {
    Key(String),
    Item(usize),
}

impl Place {
    fn of(step: &str, value: &Value) -> Option<Self> {
        let (kind, rest) = step.split_once(':')?;
        match (kind, value) {
            ("f", Value::Object(fields)) => fields
                .contains_key(rest)
                .then(|| Place::Key(rest.to_owned())),
            ("k", Value::Array(items)) => {
                let keys: Fields = serde_json::from_str(rest).ok()?;
                let fits = |item: &Value| keys.iter().all(|(k, v)| same_key(item.get(k), v));
                items.iter().position(fits).map(Place::Item)
            }
            ("v", Value::Array(items)) => {
                let wanted: Value = serde_json::from_str(rest).ok()?;
                items
                    .iter()
                    .position(|item| *item == wanted)
                    .map(Place::Item)
            }
            _ => None,
        }
    }

    fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Place::Key(key) => value.get(key),
            Place::Item(at) => value.get(*at),
        }
    }

    fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        match self {
            Place::Key(key) => value.get_mut(key),
            Place::Item(at) => value.get_mut(*at),
        }
    }

    fn remove(&self, value: &mut Value) {
        match (self, value) {
            (Place::Key(key), Value::Object(fields)) => {
                fields.remove(key);
            }
            (Place::Item(at), Value::Array(items)) if *at < items.len() => {
                items.remove(*at);
            }
            _ => {}
        }
    }
}

/// Whether a key of an item has the value, or is left out where the value is the usual one.
fn same_key(found: Option<&Value>, wanted: &Value) -> bool {
    match found {
        Some(found) => found == wanted,
        None => wanted == "TCP",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(managed: &Value) -> Value {
        json!({
            "metadata": {
                "managedFields": managed,
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "x": "y"},
            },
            "spec": {
                "replicas": 3, "paused": true, "own": {"a": 1},
                "ports": [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}],
                "set": ["a", "b"],
            },
        })
    }

    fn entry(manager: &str, operation: &str, spec: &Value) -> Value {
        json!({"manager": manager, "operation": operation, "fieldsV1": {"f:spec": spec}})
    }

    #[test]
    fn what_only_kubectl_set_goes() {
        let port = |port: u16| format!("k:{{\"port\":{port},\"protocol\":\"TCP\"}}");
        let ours =
            json!({"f:replicas": {}, "f:ports": {".": {}, port(80): {".": {}, "f:port": {}}}});
        let kubectl = json!({
            "f:replicas": {}, "f:paused": {}, "f:own": {".": {}, "f:a": {}},
            "f:ports": {port(80): {"f:name": {}}, port(81): {".": {}, "f:port": {}}},
            "f:set": {"v:\"b\"": {}},
        });
        let managed = json!([
            entry(KUSTOMIZE_CONTROLLER, "Apply", &ours),
            entry("kubectl-edit", "Update", &kubectl),
        ]);
        let merged = object(&managed);
        let mut live = merged.clone();
        live["spec"]["replicas"] = json!(1);
        // The first part is what applying changes.
        assert_eq!(
            without_kubectl(&live, &merged),
            Some(json!({"spec": {
                "replicas": 3, "paused": null, "own": null,
                "ports": [{"port": 80, "protocol": "TCP"}], "set": ["a"],
            }}))
        );
    }

    #[test]
    fn leftovers_go_unless_they_are_wanted() {
        let mut merged = object(&json!([]));
        drop_leftovers(&mut merged, &object(&json!([])));
        assert_eq!(merged, object(&json!([])));
        drop_leftovers(&mut merged, &json!({}));
        assert_eq!(merged["metadata"]["annotations"], json!({"x": "y"}));
    }

    #[test]
    fn what_others_set_stays() {
        let spec = json!({"f:paused": {}});
        for entry in [
            entry("hpa", "Update", &spec),
            entry("before-first-apply", "Apply", &spec),
            entry(KUSTOMIZE_CONTROLLER, "Apply", &spec),
        ] {
            let merged = object(&json!([entry]));
            assert_eq!(without_kubectl(&merged, &merged), None);
        }
    }

    #[test]
    fn what_is_not_wanted_any_more_is_released() {
        let spec = json!({"f:replicas": {}, "f:paused": {}, "f:own": {"f:a": {}}});
        let managed = json!([
            entry(KUSTOMIZE_CONTROLLER, "Apply", &spec),
            entry("other", "Update", &json!({"f:own": {"f:a": {}}})),
        ]);
        let mut live = object(&managed);
        release_unwanted(&mut live, &json!({"spec": {"replicas": 1}}));
        let spec = &live["spec"];
        assert_eq!(
            (&spec["replicas"], &spec["own"]),
            (&json!(3), &json!({"a": 1}))
        );
        assert!(spec.get("paused").is_none());
    }
}
