//! Patches of objects that a layer has: strategic merges, JSON patches, and what they are aimed at.

use serde_json::{Value, json};

use super::dice::Dice;
use super::layers::Seen;
use super::paths::{self, Step};
use super::pods::{self, maybe};

/// A value for a place that holds another.
fn other(dice: &mut Dice, old: &Value) -> Value {
    match (dice.below(50), old) {
        (0, _) => json!("changed"),
        (1, _) => json!(7),
        (2, _) => json!({}),
        (3..8, _) => Value::Null,
        (_, Value::String(_)) => pods::text(dice),
        (_, Value::Number(_)) => json!(dice.below(90)),
        (_, Value::Bool(flag)) => json!(!flag),
        (_, Value::Array(items)) => {
            let mut items = dice.some(items, 3);
            if dice.chance(20) {
                items.push(Value::Null);
            }
            items.into()
        }
        (_, Value::Object(entries)) => {
            let mut entries = entries.clone();
            if dice.chance(50) {
                entries.insert("added".into(), json!("x"));
            }
            Value::Object(entries)
        }
        (_, Value::Null) => json!("set"),
    }
}

/// A part of an object with one change in it: the mappings on the way and, of lists on the way, the element with what
/// tells it apart.
fn part(dice: &mut Dice, object: &Value, path: &[Step]) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return other(dice, object);
    };
    match step {
        Step::Key(key) => json!({ key: part(dice, &object[key], rest) }),
        Step::Index(index) => {
            let item = &object[index];
            let mut patch = part(dice, item, rest);
            if patch.is_object() && item.is_object() && !rest.is_empty() {
                for key in [
                    "name",
                    "containerPort",
                    "port",
                    "protocol",
                    "mountPath",
                    "ip",
                    "key",
                ] {
                    if let Some(value) = item.get(key).filter(|_| patch.get(key).is_none())
                        && dice.chance(95)
                    {
                        patch[key] = value.clone();
                    }
                }
            }
            json!([patch])
        }
    }
}

/// Adds what is in `more`, lists behind each other.
fn join(patch: &mut Value, more: Value) {
    match (patch, more) {
        (Value::Object(entries), Value::Object(more)) => {
            for (key, value) in more {
                match entries.get_mut(&key) {
                    Some(known) => join(known, value),
                    None => {
                        entries.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more),
        (patch, more) => *patch = more,
    }
}

/// What a patch of an object begins with.
fn header(dice: &mut Dice, seen: &Seen) -> Value {
    let name = if dice.chance(10) {
        &seen.name
    } else {
        &seen.first_name
    };
    let mut header = json!({ "apiVersion": seen.object["apiVersion"], "kind": seen.object["kind"], "metadata": { "name": name } });
    let namespace = match dice.below(10) {
        0..2 => &seen.namespace,
        _ => &seen.first_namespace,
    };
    if !namespace.is_empty() {
        header["metadata"]["namespace"] = namespace.as_str().into();
    }
    header
}

/// A strategic merge of an object.
pub(crate) fn strategic(dice: &mut Dice, seen: &Seen) -> Value {
    let mut patch = header(dice, seen);
    if dice.chance(4) {
        patch["$patch"] = dice.pick(&["delete", "delete", "merge", "replace"]).into();
        return patch;
    }
    let places = paths::all(&seen.object);
    let identity = |path: &[Step]| {
        matches!(path, [Step::Key(key), ..] if matches!(key.as_str(), "apiVersion" | "kind"))
            || matches!(path, [Step::Key(metadata)] if metadata == "metadata")
            || matches!(path, [Step::Key(_), Step::Key(key)] if matches!(key.as_str(), "name" | "namespace"))
    };
    let places: Vec<_> = places.into_iter().filter(|path| !identity(path)).collect();
    for _ in 0..=dice.below(3) {
        if let Some(path) = dice.any(&places) {
            let change = part(dice, &seen.object, path);
            join(&mut patch, change);
        }
    }
    if dice.chance(40) {
        let change = meant(dice, seen);
        join(&mut patch, change);
    }
    directives(dice, &mut patch);
    patch
}

/// A change that people make to objects of this kind.
fn meant(dice: &mut Dice, seen: &Seen) -> Value {
    let pod = |pod: Value| match seen.kind() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
            json!({ "spec": { "template": { "spec": pod } } })
        }
        "CronJob" => {
            json!({ "spec": { "jobTemplate": { "spec": { "template": { "spec": pod } } } } })
        }
        "Pod" => json!({ "spec": pod }),
        _ => json!({ "metadata": { "labels": { "patched": "yes" } } }),
    };
    let name = dice.pick(&["web", "api", "proxy", "init", "new"]);
    match dice.below(9) {
        0 => pod(json!({ "containers": [pods::container(dice, name)] })),
        1 => pod(json!({ "containers": [{ "name": name, "env": [pods::env(dice)] }] })),
        2 => pod(json!({ "containers": [{ "name": name, "ports": [pods::port(dice)] }] })),
        3 => pod(json!({ "volumes": [pods::volume(dice)] })),
        4 => pod(json!({ "containers": [{ "name": name, "image": pods::image(dice) }] })),
        5 => json!({ "metadata": { "annotations": { "patched": "1", "note": null } } }),
        6 => json!({ "metadata": { "finalizers": ["f/b", "f/d"] } }),
        7 => pod(
            json!({ "containers": [{ "name": name, "$patch": dice.pick(&["delete", "replace", "merge"]) }] }),
        ),
        _ => json!({ "metadata": { "labels": { "tier": null, "patched": pods::text(dice) } } }),
    }
}

/// Adds a directive somewhere, at times.
fn directives(dice: &mut Dice, patch: &mut Value) {
    if !dice.chance(15) {
        return;
    }
    let places = paths::all(patch);
    let mappings: Vec<_> = places
        .iter()
        .filter(|path| path.len() > 1 && paths::get(patch, path).is_some_and(Value::is_object))
        .collect();
    let Some(path) = dice.any(&mappings) else {
        return;
    };
    let Some(Value::Object(entries)) = paths::get_mut(patch, path) else {
        return;
    };
    let lists: Vec<String> = entries
        .iter()
        .filter(|(_, value)| value.is_array())
        .map(|(key, _)| key.clone())
        .collect();
    match (dice.below(6), dice.any(&lists)) {
        (0, _) => entries.insert("$retainKeys".into(), json!(["name", "type"])),
        (1, Some(list)) => entries.insert(
            format!("$setElementOrder/{list}"),
            json!([{ "name": "proxy" }, { "name": "web" }]),
        ),
        (2, Some(list)) => {
            entries.insert(format!("$deleteFromPrimitiveList/{list}"), json!(["f/a"]))
        }
        (3, Some(list)) => {
            let directive = json!({ "$patch": dice.pick(&["replace", "delete", "merge"]) });
            let items = entries.get_mut(list).and_then(Value::as_array_mut);
            items.unwrap().push(directive);
            None
        }
        (4, _) => entries.insert("$patch".into(), "delete".into()),
        _ => entries.insert(
            "$patch".into(),
            dice.pick(&["replace", "merge", "replace"]).into(),
        ),
    };
}

/// A JSON patch of an object.
pub(crate) fn operations(dice: &mut Dice, seen: &Seen) -> Value {
    let places = paths::all(&seen.object);
    let places: Vec<_> = places
        .into_iter()
        .filter(|path| match path.as_slice() {
            [Step::Key(key)] => key == "spec" || key == "data",
            // As a whole, annotations hold notes of kustomize's own, which this engine keeps elsewhere.
            [Step::Key(_), Step::Key(key)] => key != "annotations",
            _ => true,
        })
        .collect();
    let mut operations = Vec::new();
    for _ in 0..=dice.below(2) {
        let Some(path) = dice.any(&places) else {
            break;
        };
        operations.push(operation(dice, seen, path, &places));
    }
    operations.into()
}

fn operation(dice: &mut Dice, seen: &Seen, path: &[Step], places: &[Vec<Step>]) -> Value {
    let old = paths::get(&seen.object, path).cloned().unwrap_or_default();
    let pointer = paths::pointer(path);
    match dice.below(20) {
        0 => json!({ "op": "remove", "path": pointer }),
        1 if dice.chance(50) => json!({ "op": "test", "path": pointer, "value": old }),
        2 if !old.is_array() => {
            json!({ "op": "copy", "from": pointer, "path": "/metadata/annotations" })
        }
        3 => {
            let to = dice.any(places).map(|path| paths::pointer(path));
            json!({ "op": dice.pick(&["copy", "move"]), "from": pointer, "path": to })
        }
        4..7 => match old {
            Value::Array(_) => {
                let end = dice.pick(&["-", "0", "1", "-1"]);
                json!({ "op": "add", "path": format!("{pointer}/{end}"), "value": { "name": "added", "value": pods::text(dice) } })
            }
            Value::Object(_) => {
                json!({ "op": "add", "path": format!("{pointer}/a~1b"), "value": pods::text(dice) })
            }
            _ => json!({ "op": "add", "path": pointer, "value": other(dice, &old) }),
        },
        7 if old.is_object() => {
            json!({ "op": "replace", "path": format!("{pointer}/missing"), "value": [1, 2.5, { "x": null }] })
        }
        8 => json!({ "op": "add", "path": "/metadata/labels", "value": { "only": "this" } }),
        _ => json!({ "op": "replace", "path": pointer, "value": other(dice, &old) }),
    }
}

/// What a patch is for.
pub(crate) fn target(dice: &mut Dice, seen: &Seen) -> Value {
    let mut target = json!({});
    let (group, version) = match seen.api_version().split_once('/') {
        Some((group, version)) => (group, version),
        None => ("", seen.api_version()),
    };
    let node = &mut target;
    maybe(dice, 80, node, "kind", |dice| match dice.below(8) {
        0 => ".*".into(),
        1 => "Deployment|StatefulSet".into(),
        _ => seen.kind().into(),
    });
    maybe(dice, 15, node, "group", |_| group.into());
    maybe(dice, 15, node, "version", |_| version.into());
    maybe(dice, 40, node, "name", |dice| match dice.below(8) {
        0 => ".*e.*".into(),
        1 => "^web$".into(),
        2 => "we".into(),
        3 => seen.name.as_str().into(),
        _ => seen.first_name.as_str().into(),
    });
    maybe(dice, 10, node, "namespace", |dice| {
        dice.pick(&["shop", "other", "sh.*", "default"]).into()
    });
    maybe(dice, 12, node, "labelSelector", |dice| {
        dice.pick(&[
            "app=web",
            "tier in (front, back)",
            "!tier",
            "app!=web,tier",
            "app == api",
            "version notin (1.0)",
        ])
        .into()
    });
    maybe(dice, 8, node, "annotationSelector", |dice| {
        dice.pick(&["note=a", "owner=web", "!note", "owner", "number=1"])
            .into()
    });
    target
}
