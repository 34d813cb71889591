//! `generators`, `transformers` and `validators`: kustomize's own, inline, in files and in directories.

use serde_json::{Value, json};

use super::dice::Dice;
use super::layers::Layer;
use super::pods::maybe;
use super::text::YAML;
use super::{Tree, generators, patches, pods, values};

fn plugin(kind: &str, more: Value) -> Value {
    let mut plugin = json!({ "apiVersion": "builtin", "kind": kind, "metadata": { "name": kind.to_lowercase() } });
    if let (Value::Object(entries), Value::Object(more)) = (&mut plugin, more) {
        entries.extend(more);
    }
    plugin
}

fn generator(dice: &mut Dice, layer: &Layer) -> Value {
    match dice.below(7) {
        0 => plugin(
            "IAMPolicyGenerator",
            json!({ "cloud": "gke", "kubernetesService": { "name": "runner", "namespace": "shop" }, "serviceAccount": { "name": "a", "projectId": "p" } }),
        ),
        1..3 => plugin("SecretGenerator", generators::entry(dice, layer, "Secret")),
        _ => plugin(
            "ConfigMapGenerator",
            generators::entry(dice, layer, "ConfigMap"),
        ),
    }
}

fn specs(dice: &mut Dice, usual: &str) -> Value {
    let mut specs = vec![json!({ "path": usual, "create": true })];
    if dice.chance(30) {
        specs.push(json!({ "path": "spec/template/metadata/labels", "kind": "Deployment", "create": dice.chance(50) }));
    }
    specs.into()
}

fn transformer(dice: &mut Dice, layer: &Layer) -> Option<Value> {
    let seen = dice.any(&layer.objects)?;
    Some(match dice.below(14) {
        0 => plugin(
            "AnnotationsTransformer",
            json!({ "annotations": { "by": "plugin", "note": "2" }, "fieldSpecs": specs(dice, "metadata/annotations") }),
        ),
        1 => plugin(
            "LabelTransformer",
            json!({ "labels": { "by": "plugin", "app": "x" }, "fieldSpecs": specs(dice, "metadata/labels") }),
        ),
        2 => plugin(
            "ImageTagTransformer",
            json!({ "imageTag": { "name": "nginx", "newTag": "9" }, "fieldSpecs": [{ "path": "spec/image" }] }),
        ),
        3 => plugin(
            "ReplicaCountTransformer",
            json!({ "replica": { "name": "web", "count": 9 }, "fieldSpecs": [{ "path": "spec/replicas", "create": dice.chance(50), "kind": "Deployment" }] }),
        ),
        4 => namespace(dice),
        5 => plugin(
            "PrefixTransformer",
            json!({ "prefix": "pre-", "fieldSpecs": [{ "path": "metadata/name" }] }),
        ),
        6 => plugin(
            "SuffixTransformer",
            json!({ "suffix": "-post", "fieldSpecs": [{ "path": "metadata/name", "kind": dice.pick(&["ConfigMap", "Deployment"]) }] }),
        ),
        7 => plugin(
            "PrefixSuffixTransformer",
            json!({ "prefix": "b-", "suffix": "-e", "fieldSpecs": [{ "path": "metadata/name" }] }),
        ),
        8 => plugin(
            "ReplacementTransformer",
            json!({ "replacements": [values::replacement(dice, layer)?] }),
        ),
        9 => plugin(
            "PatchTransformer",
            json!({ "patch": { YAML: [patches::strategic(dice, seen)] }, "target": patches::target(dice, seen) }),
        ),
        10 => plugin(
            "PatchJson6902Transformer",
            json!({ "jsonOp": { YAML: [patches::operations(dice, seen)] }, "target": { "kind": seen.kind(), "name": seen.first_name } }),
        ),
        11 => plugin(
            "PatchStrategicMergeTransformer",
            json!({ "patches": { YAML: [patches::strategic(dice, seen)] } }),
        ),
        12 => plugin("HashTransformer", json!({})),
        _ => plugin(
            "ValueAddTransformer",
            json!({ "value": "added", "targets": [{ "selector": { "kind": seen.kind() }, "fieldPath": dice.pick(&["metadata/name", "metadata/labels/app", "spec/when"]), "filePathPosition": dice.below(3) }] }),
        ),
    })
}

fn namespace(dice: &mut Dice) -> Value {
    let mut transformer = plugin(
        "NamespaceTransformer",
        json!({ "metadata": { "name": "n", "namespace": dice.pick(&["moved", "shop"]) }, "fieldSpecs": [{ "path": "metadata/namespace", "create": true }] }),
    );
    maybe(dice, 30, &mut transformer, "unsetOnly", |_| true.into());
    maybe(
        dice,
        50,
        &mut transformer,
        "setRoleBindingSubjects",
        |dice| {
            dice.pick(&["defaultOnly", "allServiceAccounts", "none"])
                .into()
        },
    );
    transformer
}

/// The list of a field, whose objects stand where the dice say.
fn placed(
    dice: &mut Dice,
    tree: &mut Tree,
    layer: &Layer,
    field: &str,
    plugins: Vec<Value>,
) -> Value {
    let mut entries = Vec::new();
    for (at, mut plugin) in plugins.into_iter().enumerate() {
        if dice.chance(97) {
            plugin["metadata"]["name"] = format!("{field}-{at}").into();
        }
        match dice.below(4) {
            0 => {
                let name = format!("{field}{at}.yaml");
                tree.add(&format!("{}/{name}", layer.directory), vec![plugin]);
                entries.push(name.into());
            }
            1 => {
                let directory = format!("{field}{at}");
                let below = format!("{}/{directory}", layer.directory);
                let mut kustomization = json!({ "resources": ["plugin.yaml"] });
                maybe(dice, 20, &mut kustomization, "namePrefix", |_| "p-".into());
                tree.add(&format!("{below}/kustomization.yaml"), vec![kustomization]);
                tree.add(&format!("{below}/plugin.yaml"), vec![plugin]);
                entries.push(directory.into());
            }
            _ => entries.push(json!({ YAML: [plugin] })),
        }
    }
    entries.into()
}

/// `generators`.
pub(crate) fn generators(dice: &mut Dice, tree: &mut Tree, layer: &Layer) -> Value {
    let plugins = (0..=dice.below(2))
        .map(|_| generator(dice, layer))
        .collect();
    placed(dice, tree, layer, "generator", plugins)
}

/// `transformers`.
pub(crate) fn transformers(dice: &mut Dice, tree: &mut Tree, layer: &Layer) -> Value {
    let plugins = (0..=dice.below(2))
        .filter_map(|_| transformer(dice, layer))
        .collect();
    placed(dice, tree, layer, "transformer", plugins)
}

/// `validators`, which mostly change nothing.
pub(crate) fn validators(dice: &mut Dice, tree: &mut Tree, layer: &Layer) -> Value {
    let validator = if dice.chance(50) {
        let labels = match dice.below(4) {
            0 => json!({ "checked": pods::text(dice) }),
            _ => json!({ "validated-by": "a-validator" }),
        };
        plugin(
            "LabelTransformer",
            json!({ "labels": labels, "fieldSpecs": [{ "path": "metadata/labels", "create": true }] }),
        )
    } else {
        plugin(
            "PatchTransformer",
            json!({ "target": { "kind": "Nothing" }, "patch": { YAML: [[{ "op": "remove", "path": "/spec" }]] } }),
        )
    };
    placed(dice, tree, layer, "validator", vec![validator])
}
