//! The fields of a kustomization, each of which may be there or not.

use serde_json::{Map, Value, json};

use super::Tree;
use super::dice::Dice;
use super::layers::{Layer, Role};
use super::pods::maybe;
use super::text::{JSON, YAML};
use super::{generators, patches, plugins, settings, values};

/// Sets fields, and tells the layer what they do to its objects.
pub(crate) fn fill(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &mut Layer,
    role: Role,
    kustomization: &mut Map<String, Value>,
) {
    // A base mostly holds objects, and is left alone but for a field or two.
    let often = |percent: usize| match role {
        Role::Base | Role::Shared => percent / 3,
        Role::Overlay => percent * 2 / 3,
        Role::Component => percent * 2 / 3,
        Role::Top => percent,
    };
    let mut set = |key: &str, value: Value| {
        kustomization.insert(key.to_owned(), value);
    };
    let set = &mut set as &mut Set<'_>;
    generated(dice, tree, layer, &often, set);
    settled(dice, tree, layer, &often, set);
    patch_fields(dice, tree, layer, &often, set);
    values_and_plugins(dice, tree, layer, &often, set);
    simple(dice, layer, &often, set);
    names(dice, layer, &often, set);
    if dice.chance(often(10)) {
        set("sortOptions", order(dice));
    }
    if dice.chance(often(10)) {
        let options = [
            "originAnnotations",
            "transformerAnnotations",
            "managedByLabel",
        ];
        set("buildMetadata", json!(dice.some(&options, 3)));
    }
}

type Set<'a> = dyn FnMut(&str, Value) + 'a;
type Often<'a> = dyn Fn(usize) -> usize + 'a;

/// What makes objects.
fn generated(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &mut Layer,
    often: &Often<'_>,
    set: &mut Set<'_>,
) {
    if dice.chance(often(12)) {
        let options = generators::shared(dice);
        set("generatorOptions", options);
    }
    for (kind, field) in [
        ("ConfigMap", "configMapGenerator"),
        ("Secret", "secretGenerator"),
    ] {
        if dice.chance(often(28)) {
            let entries: Vec<Value> = (0..=dice.below(2))
                .map(|_| generators::entry(dice, layer, kind))
                .collect();
            let seen = entries.iter().map(|entry| generators::seen(kind, entry));
            layer.objects.extend(seen);
            set(field, entries.into());
        }
    }
    if dice.chance(often(8)) {
        let entries = plugins::generators(dice, tree, layer);
        set("generators", entries);
    }
}

/// What says which fields and types there are.
fn settled(dice: &mut Dice, tree: &mut Tree, layer: &Layer, often: &Often<'_>, set: &mut Set<'_>) {
    if dice.chance(often(12)) {
        let files = settings::configurations(dice, tree, &layer.directory);
        set("configurations", files);
    }
    if dice.chance(often(6)) {
        let files = settings::crds(dice, tree, &layer.directory);
        set("crds", files);
    }
    if dice.chance(often(4)) {
        let schema = settings::openapi(dice, tree, &layer.directory);
        set("openapi", schema);
    }
}

/// What carries values from object to object, and plugins.
fn values_and_plugins(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &Layer,
    often: &Often<'_>,
    set: &mut Set<'_>,
) {
    if dice.chance(often(18)) {
        let replacements = values::replacements(dice, tree, layer);
        set("replacements", replacements);
    }
    if dice.chance(often(14)) {
        let vars = values::vars(dice, layer);
        set("vars", vars);
    }
    if dice.chance(often(12)) {
        let entries = plugins::transformers(dice, tree, layer);
        set("transformers", entries);
    }
    if dice.chance(often(4)) {
        let entries = plugins::validators(dice, tree, layer);
        set("validators", entries);
    }
}

fn patch_fields(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &Layer,
    often: &Often<'_>,
    set: &mut Set<'_>,
) {
    if dice.chance(often(45)) {
        let entries = (0..=dice.below(2))
            .filter_map(|at| patch(dice, tree, layer, at))
            .collect();
        set("patches", entries);
    }
    if dice.chance(often(12)) {
        let mut entries = Vec::new();
        for at in 0..=dice.below(1) {
            let Some(seen) = dice.any(&layer.objects) else {
                return;
            };
            let patch = patches::strategic(dice, seen);
            if dice.chance(50) {
                entries.push(json!({ YAML: [patch] }));
            } else {
                let name = format!("merge{at}.yaml");
                tree.add(&format!("{}/{name}", layer.directory), vec![patch]);
                entries.push(name.into());
            }
        }
        set("patchesStrategicMerge", entries.into());
    }
    if dice.chance(often(10))
        && let Some(seen) = dice.any(&layer.objects)
    {
        let (group, version) = seen
            .api_version()
            .rsplit_once('/')
            .unwrap_or(("", seen.api_version()));
        let mut target =
            json!({ "version": version, "kind": seen.kind(), "name": seen.first_name });
        maybe(dice, 90, &mut target, "group", |_| group.into());
        if !seen.first_namespace.is_empty() {
            maybe(dice, 60, &mut target, "namespace", |_| {
                seen.first_namespace.as_str().into()
            });
        }
        let operations = patches::operations(dice, seen);
        let mut entry = json!({ "target": target });
        place(dice, tree, layer, "ops", operations, &mut entry);
        set("patchesJson6902", json!([entry]));
    }
}

/// Puts a patch into an entry, or into a file that the entry names.
fn place(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &Layer,
    name: &str,
    patch: Value,
    entry: &mut Value,
) {
    match dice.below(4) {
        0 | 1 => entry["patch"] = json!({ YAML: [patch] }),
        2 => entry["patch"] = json!({ JSON: patch }),
        _ => {
            let name = format!("{name}.yaml");
            tree.add(&format!("{}/{name}", layer.directory), vec![patch]);
            entry["path"] = name.into();
        }
    }
}

fn patch(dice: &mut Dice, tree: &mut Tree, layer: &Layer, at: usize) -> Option<Value> {
    let seen = dice.any(&layer.objects)?;
    let mut entry = json!({});
    let name = format!("patch{at}");
    match dice.below(10) {
        0..4 => {
            let operations = patches::operations(dice, seen);
            place(dice, tree, layer, &name, operations, &mut entry);
            entry["target"] = patches::target(dice, seen);
        }
        4..6 => {
            let patch = patches::strategic(dice, seen);
            place(dice, tree, layer, &name, patch, &mut entry);
            entry["target"] = patches::target(dice, seen);
            maybe(
                dice,
                15,
                &mut entry,
                "options",
                |dice| json!({ "allowNameChange": dice.chance(50), "allowKindChange": dice.chance(50) }),
            );
            // The hash of what was generated as another kind is one of kustomize's own memory.
            if entry["options"]["allowKindChange"] == true {
                if matches!(seen.kind(), "ConfigMap" | "Secret") {
                    return None;
                }
                entry["target"]["kind"] = seen.kind().into();
            }
        }
        6 => {
            let other = dice.any(&layer.objects)?;
            let patches = [
                patches::strategic(dice, seen),
                patches::strategic(dice, other),
            ];
            entry["patch"] = json!({ YAML: patches });
        }
        _ => {
            let patch = patches::strategic(dice, seen);
            place(dice, tree, layer, &name, patch, &mut entry);
        }
    }
    Some(entry)
}

/// What is said of all objects in a few words.
fn simple(dice: &mut Dice, layer: &Layer, often: &Often<'_>, set: &mut Set<'_>) {
    if dice.chance(often(22)) {
        let entries: Vec<Value> = (0..=dice.below(2)).map(|_| labels(dice)).collect();
        set("labels", entries.into());
    }
    if dice.chance(often(18)) {
        let pairs = dice.pick(&["team", "app", "app.kubernetes.io/name"]);
        set(
            "commonLabels",
            json!({ pairs: dice.pick(&["a", "shop", "true", "1"]) }),
        );
    }
    if dice.chance(often(18)) {
        let all = [
            ("note", "common"),
            ("number", "5"),
            ("on", "yes"),
            ("owner", "a\nb\n"),
            ("a.b/c", ""),
        ];
        let pairs: Map<String, Value> = dice
            .some(&all, 3)
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        set("commonAnnotations", pairs.into());
    }
    if dice.chance(often(30)) {
        let field = if dice.chance(8) {
            "imageTags"
        } else {
            "images"
        };
        let entries: Vec<Value> = (0..=dice.below(2)).map(|_| image(dice)).collect();
        set(field, entries.into());
    }
    let scaled: Vec<_> = layer
        .objects
        .iter()
        .filter(|seen| matches!(seen.kind(), "Deployment" | "StatefulSet" | "ReplicaSet"))
        .collect();
    if dice.chance(often(25))
        && let Some(seen) = dice.any(&scaled)
    {
        let name = if dice.chance(20) {
            &seen.name
        } else {
            &seen.first_name
        };
        set(
            "replicas",
            json!([{ "name": name, "count": dice.below(9) }]),
        );
    }
}

fn labels(dice: &mut Dice) -> Value {
    let key = dice.pick(&["team", "app", "tier", "example.com/part"]);
    let mut entry = json!({ "pairs": { key: dice.pick(&["x", "y", "on", "2"]) } });
    let node = &mut entry;
    maybe(dice, 30, node, "includeSelectors", |dice| {
        dice.chance(80).into()
    });
    maybe(dice, 30, node, "includeTemplates", |dice| {
        dice.chance(80).into()
    });
    maybe(
        dice,
        12,
        node,
        "fields",
        |dice| json!([{ "path": "spec/selector", "kind": "Thing", "create": dice.chance(50) }, { "path": "spec/template/metadata/labels", "create": true, "kind": "Job", "group": "batch" }]),
    );
    entry
}

fn image(dice: &mut Dice) -> Value {
    let name = dice.pick(&[
        "nginx",
        "busybox",
        "envoy",
        "registry.example.com:5000/shop/web",
        "docker.io/library/nginx",
        ".*box",
        "localhost:80/busybox",
    ]);
    let mut entry = json!({ "name": name });
    let node = &mut entry;
    maybe(dice, 40, node, "newName", |dice| {
        dice.pick(&["envoy", "example.com/nginx", "busybox"]).into()
    });
    maybe(dice, 60, node, "newTag", |dice| {
        dice.pick(&["2.0", "v3", "latest"]).into()
    });
    maybe(dice, 12, node, "digest", |_| "sha256:42".into());
    maybe(dice, 10, node, "tagSuffix", |_| "-slim".into());
    entry
}

fn order(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "order": "fifo" }),
        1 => {
            json!({ "order": "legacy", "legacySortOptions": { "orderFirst": ["Service", "ConfigMap"], "orderLast": ["Deployment"] } })
        }
        _ => json!({ "order": "legacy" }),
    }
}

/// Where objects go, and what they are called then.
fn names(dice: &mut Dice, layer: &mut Layer, often: &Often<'_>, set: &mut Set<'_>) {
    let is_twin = matches!(layer.directory.as_str(), "east" | "west" | "other");
    if dice.chance(often(30)) {
        let namespace = dice.pick(&["shop", "other", "moved", "default", "123"]);
        set("namespace", namespace.into());
        layer
            .objects
            .iter_mut()
            .for_each(|seen| seen.namespace = namespace.to_owned());
    }
    if is_twin || dice.chance(often(30)) {
        let prefix = if is_twin {
            format!("{}-", layer.directory)
        } else {
            dice.pick(&["p-", "web-", "0"]).to_owned()
        };
        for seen in &mut layer.objects {
            seen.name = format!("{prefix}{}", seen.name);
        }
        set("namePrefix", prefix.into());
    }
    if dice.chance(often(22)) {
        let suffix = dice.pick(&["-s", "-v1", "-web"]);
        for seen in &mut layer.objects {
            seen.name.push_str(suffix);
        }
        set("nameSuffix", suffix.into());
    }
}
