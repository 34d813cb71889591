//! What applying an object would make of it, guessed without asking the server.
//!
//! It knows neither defaults nor admission, and which items of lists belong together only by
//! their names.

use serde_json::{Map, Value};

use super::lists::{Identity, identity};
use super::managed::release_unwanted;
use super::tree::Node;
use crate::output::same_quantity;

/// The live object with what is wanted laid over it, and without what kustomize-controller owns
/// and does not want any more.
pub fn guess(live: &Value, wanted: &Value) -> Value {
    let mut merged = live.clone();
    release_unwanted(&mut merged, wanted);
    lay_over(&mut merged, wanted, false);
    merged
}

/// With `quantities`, texts are amounts, which the server writes in their shortest form.
fn lay_over(value: &mut Value, wanted: &Value, quantities: bool) {
    match (value, wanted) {
        (Value::Object(fields), Value::Object(wanted)) => lay_fields(fields, wanted, quantities),
        (Value::Array(items), Value::Array(wanted)) => lay_items(items, wanted, quantities),
        (Value::String(text), Value::String(wanted))
            if quantities && same_quantity(text, wanted) => {}
        (value, wanted) => *value = wanted.clone(),
    }
}

fn lay_fields(fields: &mut Map<String, Value>, wanted: &Map<String, Value>, quantities: bool) {
    for (key, wanted) in wanted {
        if wanted.is_null() {
            fields.remove(key);
            continue;
        }
        match fields.get_mut(key) {
            Some(value) => {
                let quantities = quantities || matches!(key.as_str(), "resources" | "hard");
                lay_over(value, wanted, quantities);
            }
            None => {
                fields.insert(key.clone(), wanted.clone());
            }
        }
    }
}

fn lay_items(items: &mut Vec<Value>, wanted: &[Value], quantities: bool) {
    let nodes = |items: &[Value]| items.iter().map(Node::of).collect::<Vec<_>>();
    let is_maps = |items: &[Value]| items.iter().all(Value::is_object);
    let names = if is_maps(items) && is_maps(wanted) {
        identity(&nodes(items), &nodes(wanted))
    } else {
        None
    };
    let Some(Identity::Key(key)) = names else {
        if items.len() == wanted.len() {
            let pairs = items.iter_mut().zip(wanted);
            pairs.for_each(|(item, wanted)| lay_over(item, wanted, quantities));
        } else {
            *items = wanted.to_vec();
        }
        return;
    };
    for wanted in wanted {
        match items.iter_mut().find(|item| item[&key] == wanted[&key]) {
            Some(item) => lay_over(item, wanted, quantities),
            None => items.push(wanted.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_stay_and_wanted_values_win() {
        let live = json!({"metadata": {"managedFields": []}, "spec": {
            "replicas": 1, "defaulted": "x", "cpu": "500m", "resources": {"cpu": "500m"},
            "l": [{"name": "a", "v": 1, "d": 1}, {"name": "b"}], "plain": [1, 2], "none": 1,
        }});
        let wanted = json!({"spec": {
            "replicas": 2, "cpu": "0.5", "resources": {"cpu": "0.5"}, "l": [{"name": "a", "v": 2}, {"name": "c"}],
            "plain": [3], "none": null,
        }});
        let merged = guess(&live, &wanted);
        assert_eq!(
            merged["spec"],
            json!({
                "replicas": 2, "defaulted": "x", "cpu": "0.5", "resources": {"cpu": "500m"},
                "l": [{"name": "a", "v": 2, "d": 1}, {"name": "b"}, {"name": "c"}], "plain": [3],
            })
        );
    }
}
