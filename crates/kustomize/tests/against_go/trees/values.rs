//! `replacements` and `vars`: values that go from object to object.

use serde_json::{Value, json};

use super::Tree;
use super::dice::Dice;
use super::layers::{Layer, Seen};
use super::paths::{self, Step};
use super::pods::maybe;

/// What chooses an object by what it is called.
fn select(dice: &mut Dice, seen: &Seen) -> Value {
    let mut select = json!({ "kind": seen.kind() });
    let name = if dice.chance(10) {
        &seen.name
    } else {
        &seen.first_name
    };
    maybe(dice, 94, &mut select, "name", |_| name.as_str().into());
    if let Some((group, version)) = seen.api_version().split_once('/') {
        maybe(dice, 10, &mut select, "group", |_| group.into());
        maybe(dice, 10, &mut select, "version", |_| version.into());
    }
    if !seen.first_namespace.is_empty() {
        maybe(dice, 25, &mut select, "namespace", |_| {
            seen.first_namespace.as_str().into()
        });
    }
    select
}

/// A place in an object with a single value or, of what is whole, with more.
fn place(dice: &mut Dice, object: &Value, whole: bool) -> Vec<Step> {
    let places: Vec<_> = paths::all(object)
        .into_iter()
        .filter(|path| {
            let value = paths::get(object, path);
            value.is_some_and(|value| (value.is_object() || value.is_array()) == whole)
        })
        .filter(|path| !matches!(path.as_slice(), [Step::Key(key)] if key == "apiVersion" || key == "kind" || key == "metadata"))
        .collect();
    dice.any(&places).cloned().unwrap_or_default()
}

/// Goes on from the place of a text into what the text holds.
fn inside(dice: &mut Dice, path: &str) -> String {
    if (path.ends_with("json")
        || path.ends_with("yaml")
        || path.ends_with("json]")
        || path.ends_with("yaml]"))
        && dice.chance(80)
    {
        let inner = dice.pick(&[
            "server.host",
            "server.ports.0",
            "list.[name=x].value",
            "server.port",
            "server",
            "server.new",
        ]);
        return format!("{path}.{inner}");
    }
    path.to_owned()
}

fn delimited(dice: &mut Dice, node: &mut Value, indexes: &[i64]) {
    if dice.chance(20) {
        let index = dice.any(indexes).copied().unwrap_or_default();
        node["options"]["delimiter"] = dice.pick(&[":", "/", ".", "-"]).into();
        node["options"]["index"] = index.into();
    }
}

/// One replacement.
pub(crate) fn replacement(dice: &mut Dice, layer: &Layer) -> Option<Value> {
    let mut replacement = json!({});
    let whole = dice.chance(10);
    if !whole && dice.chance(12) {
        replacement["sourceValue"] = dice
            .pick(&["9", "text", "a/b:c", "true", "", "1.50"])
            .into();
    } else {
        let from = dice.any(&layer.objects)?;
        let mut source = select(dice, from);
        if dice.chance(80) {
            let path = place(dice, &from.object, whole);
            // Whole annotations hold notes of kustomize's own, which this engine keeps elsewhere.
            if matches!(path.as_slice(), [_, Step::Key(key)] if key == "annotations") {
                return None;
            }
            let mut path = paths::dotted(dice, &from.object, &path);
            if !dice.chance(5) {
                path = path.replace('*', "0");
            }
            source["fieldPath"] = path.into();
        }
        delimited(dice, &mut source, &[0, 0, 0, 0, 0, 1]);
        replacement["source"] = source;
    }
    let mut targets = Vec::new();
    for _ in 0..=dice.below(2) {
        let to = dice.any(&layer.objects)?;
        let mut target = json!({ "select": select(dice, to) });
        let mut paths: Vec<String> = Vec::new();
        for _ in 0..=dice.below(2) {
            let path = place(dice, &to.object, whole);
            let mut path = paths::dotted(dice, &to.object, &path);
            // A value that changes while it is spread over a list is another each time.
            if whole {
                path = path.replace('*', "0");
            }
            paths.push(inside(dice, &path));
        }
        if dice.chance(25) {
            let more = [
                "metadata.labels.added",
                "metadata.annotations.[a.b/c]",
                "spec.made.up",
                "spec.list.[name=new].x",
                "data.new",
                "spec.template.spec.containers.[name=web].env.[name=NEW].value",
            ];
            paths.push((*dice.pick(&more)).into());
            maybe(dice, 95, &mut target["options"], "create", |_| true.into());
            // Nothing, in a field that is made, is null or an empty text, as the braces around it have it.
            if replacement["sourceValue"] == "" {
                replacement["sourceValue"] = "x".into();
            }
        }
        if dice.chance(95) {
            target["fieldPaths"] = json!(paths);
        }
        maybe(
            dice,
            10,
            &mut target,
            "reject",
            |dice| json!([{ "name": dice.pick(&["web", "api", "settings"]) }, { "kind": "ConfigMap", "labelSelector": "app=web" }]),
        );
        delimited(dice, &mut target, &[0, 1, 2, -1]);
        if target["options"].is_null() {
            target.as_object_mut().unwrap().remove("options");
        }
        targets.push(target);
    }
    replacement["targets"] = targets.into();
    Some(replacement)
}

/// `replacements`, some of them in files.
pub(crate) fn replacements(dice: &mut Dice, tree: &mut Tree, layer: &Layer) -> Value {
    let mut entries = Vec::new();
    for at in 0..=dice.below(2) {
        let Some(replacement) = replacement(dice, layer) else {
            continue;
        };
        if dice.chance(20) {
            let name = format!("replacement{at}.yaml");
            let document = if dice.chance(50) {
                json!([replacement])
            } else {
                replacement
            };
            tree.add(&format!("{}/{name}", layer.directory), vec![document]);
            entries.push(json!({ "path": name }));
        } else {
            entries.push(replacement);
        }
    }
    entries.into()
}

/// `vars`, by the names that texts of objects mention.
pub(crate) fn vars(dice: &mut Dice, layer: &Layer) -> Value {
    let mut vars = Vec::new();
    for name in dice.some(&["HOST", "PORT"], 2) {
        let Some(seen) = dice.any(&layer.objects) else {
            continue;
        };
        let mut reference = json!({ "kind": seen.kind(), "name": seen.first_name });
        maybe(dice, 96, &mut reference, "apiVersion", |_| {
            seen.api_version().into()
        });
        if !seen.first_namespace.is_empty() {
            maybe(dice, 85, &mut reference, "namespace", |_| {
                seen.first_namespace.as_str().into()
            });
        }
        let mut var = json!({ "name": name, "objref": reference });
        if dice.chance(60) {
            let path = place(dice, &seen.object, false);
            var["fieldref"] = json!({ "fieldPath": paths::indexed(&path) });
        }
        vars.push(var);
    }
    vars.into()
}
