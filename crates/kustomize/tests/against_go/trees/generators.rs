//! `configMapGenerator` and `secretGenerator`, and the files that they read.

use serde_json::{Value, json};

use super::dice::Dice;
use super::layers::{Layer, Seen};
use super::pods::{CONFIG_MAPS, SECRETS, maybe};
use super::{Content, Tree};

const LITERALS: &[&str] = &[
    "mode=on",
    "mode=\"quoted\"",
    "number=1",
    "a=b=c",
    "empty=",
    "text=one two",
    "flag=true",
    "date=2001-01-01",
    "quote='single'",
    "host=$(HOST)",
    "k=v",
    "float=1.0",
    "long=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const ENVIRONMENT: &str =
    "# settings\nMODE=on\nLEVEL = 3\n\n  INDENTED=yes\nQUOTED=\"x\"\nURL=a=b\n";

/// Files that generators of a directory may read.
pub(crate) fn files(tree: &mut Tree, directory: &str) {
    let files = [
        ("settings.env", Content::Text(ENVIRONMENT.into())),
        ("more.env", Content::Text("\u{feff}A=1\r\nB=\r\n".into())),
        ("text.txt", Content::Text("one\n two\n\nthree".into())),
        ("config.json", Content::Text("{\"a\": [1, 2]}\n".into())),
        ("odd.txt", Content::Text("tab\there \ntrailing \n".into())),
        ("empty.txt", Content::Text(String::new())),
        ("binary.bin", Content::Bytes((0..=255).collect())),
    ];
    for (name, content) in files {
        tree.files.insert(format!("{directory}/{name}"), content);
    }
}

fn options(dice: &mut Dice) -> Value {
    let mut options = json!({});
    let node = &mut options;
    maybe(dice, 40, node, "disableNameSuffixHash", |dice| {
        dice.chance(70).into()
    });
    maybe(dice, 25, node, "immutable", |dice| dice.chance(70).into());
    maybe(
        dice,
        40,
        node,
        "labels",
        |dice| json!({ "app": dice.pick(&["web", "made"]), "made": "1" }),
    );
    maybe(
        dice,
        40,
        node,
        "annotations",
        |_| json!({ "note": "made", "by": "a generator" }),
    );
    options
}

/// `generatorOptions`.
pub(crate) fn shared(dice: &mut Dice) -> Value {
    options(dice)
}

/// The sources, name and behaviour of a generator.
pub(crate) fn entry(dice: &mut Dice, layer: &Layer, kind: &str) -> Value {
    let existing: Vec<&Seen> = layer
        .objects
        .iter()
        .filter(|seen| seen.kind() == kind)
        .collect();
    let mut entry = json!({});
    let merged = dice.any(&existing).filter(|_| dice.chance(45));
    let names = if kind == "Secret" {
        SECRETS
    } else {
        CONFIG_MAPS
    };
    match merged {
        Some(seen) => {
            entry["name"] = seen.first_name.as_str().into();
            if !seen.first_namespace.is_empty() && dice.chance(97) {
                entry["namespace"] = seen.first_namespace.as_str().into();
            }
            let rarely = if dice.chance(5) { "create" } else { "replace" };
            entry["behavior"] = dice.pick(&["merge", "merge", "merge", rarely]).into();
        }
        None => {
            let own = format!(
                "{}-{}",
                dice.pick(names),
                dice.pick(&["made", "more", "extra", "a", "b", "c", "d"])
            );
            entry["name"] = match dice.below(25) {
                0 => (*dice.pick(names)).into(),
                _ => own.into(),
            };
            maybe(dice, 15, &mut entry, "namespace", |dice| {
                dice.pick(&["shop", "other", "default"]).into()
            });
            maybe(dice, 2, &mut entry, "behavior", |dice| {
                dice.pick(&["create", "merge"]).into()
            });
        }
    }
    sources(dice, &mut entry);
    maybe(dice, 35, &mut entry, "options", options);
    if kind == "Secret" {
        maybe(dice, 30, &mut entry, "type", |dice| {
            dice.pick(&["kubernetes.io/tls", "example.com/x", "Opaque"])
                .into()
        });
    }
    entry
}

fn sources(dice: &mut Dice, entry: &mut Value) {
    maybe(dice, 75, entry, "literals", |dice| {
        json!(dice.some(LITERALS, 4))
    });
    maybe(dice, 25, entry, "files", |dice| {
        let files = [
            "text.txt",
            "renamed=config.json",
            "./odd.txt",
            "binary.bin",
            "empty.txt",
            "a.b-c=text.txt",
        ];
        json!(dice.some(&files, 3))
    });
    match dice.below(8) {
        0 => entry["envs"] = json!(["settings.env"]),
        1 => entry["envs"] = json!(["more.env", "settings.env"]),
        2 => entry["env"] = "more.env".into(),
        _ => {}
    }
}

/// What a layer has once a generator ran.
pub(crate) fn seen(kind: &str, entry: &Value) -> Seen {
    let mut object = json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": entry["name"] }, "data": {} });
    if let Some(namespace) = entry.get("namespace") {
        object["metadata"]["namespace"] = namespace.clone();
    }
    for literal in entry["literals"].as_array().into_iter().flatten() {
        if let Some((key, value)) = literal.as_str().and_then(|text| text.split_once('=')) {
            object["data"][key] = value.into();
        }
    }
    Seen::new(object)
}
