//! `configurations`, `crds` and `openapi`: what a kustomization says of kinds that nobody knows.

use serde_json::{Value, json};

use super::Tree;
use super::dice::Dice;
use super::pods::maybe;

/// The file of one of `configurations`.
fn configuration(dice: &mut Dice) -> Value {
    let mut file = json!({});
    let node = &mut file;
    maybe(dice, 50, node, "nameReference", |dice| {
        let mut field = json!({ "path": "spec/configRef/name", "kind": "Thing" });
        maybe(dice, 30, &mut field, "group", |_| "example.com".into());
        json!([{ "kind": "ConfigMap", "version": "v1", "fieldSpecs": [field, { "path": "spec/configRef/name", "kind": "ClusterThing" }] }])
    });
    maybe(
        dice,
        30,
        node,
        "commonLabels",
        |dice| json!([{ "path": "spec/selector", "kind": "Thing", "create": dice.chance(50) }, { "path": "spec/template/metadata/labels", "kind": "Thing", "create": true }]),
    );
    maybe(
        dice,
        20,
        node,
        "commonAnnotations",
        |_| json!([{ "path": "spec/template/metadata/annotations", "kind": "Thing", "create": true }]),
    );
    maybe(
        dice,
        25,
        node,
        "images",
        |_| json!([{ "path": "spec/image", "kind": "Thing" }, { "path": "spec/list[]/x", "kind": "ClusterThing" }]),
    );
    maybe(
        dice,
        20,
        node,
        "replicas",
        |dice| json!([{ "path": "spec/size", "kind": "Thing", "create": dice.chance(50) }]),
    );
    maybe(
        dice,
        30,
        node,
        "varReference",
        |_| json!([{ "path": "spec/when" }, { "path": "spec/list/x", "kind": "Thing" }, { "path": "data", "kind": "ConfigMap" }]),
    );
    maybe(
        dice,
        15,
        node,
        "namePrefix",
        |dice| json!([{ "path": "metadata/name", "kind": dice.pick(&["ConfigMap", "Thing", "Service"]) }]),
    );
    maybe(
        dice,
        15,
        node,
        "nameSuffix",
        |_| json!([{ "path": "spec/configRef/name", "kind": "Thing" }]),
    );
    maybe(
        dice,
        15,
        node,
        "namespace",
        |dice| json!([{ "path": "spec/configRef/namespace", "kind": "Thing", "create": dice.chance(50) }]),
    );
    maybe(
        dice,
        15,
        node,
        "labels",
        |_| json!([{ "path": "spec/labels", "kind": "Thing", "create": true }]),
    );
    maybe(
        dice,
        10,
        node,
        "templateLabels",
        |_| json!([{ "path": "spec/template/metadata/labels", "kind": "ClusterThing", "create": true }]),
    );
    file
}

/// `configurations`.
pub(crate) fn configurations(dice: &mut Dice, tree: &mut Tree, directory: &str) -> Value {
    let mut names = Vec::new();
    for at in 0..=dice.below(2) {
        let name = format!("config{at}.yaml");
        let file = configuration(dice);
        tree.add(&format!("{directory}/{name}"), vec![file]);
        names.push(name);
    }
    json!(names)
}

/// `crds`: a description of Thing with the extensions that kustomize knows.
pub(crate) fn crds(dice: &mut Dice, tree: &mut Tree, directory: &str) -> Value {
    let mut properties = json!({ "image": { "type": "string" } });
    maybe(dice, 70, &mut properties, "configRef", |dice| {
        json!({ "type": "object",
            "x-kubernetes-object-ref-api-version": "v1",
            "x-kubernetes-object-ref-kind": "ConfigMap",
            "x-kubernetes-object-ref-name-key": dice.pick(&["name", "name", "other"]) })
    });
    maybe(
        dice,
        40,
        &mut properties,
        "selector",
        |_| json!({ "type": "object", "x-kubernetes-label-selector": "" }),
    );
    maybe(
        dice,
        40,
        &mut properties,
        "notes",
        |_| json!({ "type": "object", "x-kubernetes-annotation": "" }),
    );
    maybe(
        dice,
        20,
        &mut properties,
        "when",
        |_| json!({ "type": "string", "x-kubernetes-identity": "" }),
    );
    let types = json!({
        "example.com/v1.Thing": { "Schema": { "properties": {
            "apiVersion": { "type": "string" }, "kind": { "type": "string" },
            "metadata": { "type": "object" }, "spec": { "$ref": "example.com/v1.ThingSpec" },
        } }, "Dependencies": [] },
        "example.com/v1.ThingSpec": { "Schema": { "properties": properties }, "Dependencies": [] },
    });
    tree.add(&format!("{directory}/crd.json"), vec![types]);
    json!(["crd.json"])
}

/// `openapi`: a schema with the keys by which lists of Thing merge, or a release.
pub(crate) fn openapi(dice: &mut Dice, tree: &mut Tree, directory: &str) -> Value {
    if dice.chance(30) {
        return json!({ "version": "v1.21.2" });
    }
    let element = json!({ "type": "object", "properties": { "name": { "type": "string" }, "x": { "type": "integer" } } });
    let list = match dice.below(3) {
        0 => {
            json!({ "type": "array", "items": element, "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name" })
        }
        1 => {
            json!({ "type": "array", "items": element, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
        }
        _ => json!({ "type": "array", "items": element }),
    };
    let mut schema = json!({ "definitions": { "v1.Thing": {
        "type": "object",
        "properties": { "spec": { "type": "object", "properties": { "list": list } } },
        "x-kubernetes-group-version-kind": [{ "group": "example.com", "kind": "Thing", "version": "v1" }],
    } } });
    maybe(dice, 40, &mut schema, "paths", |dice| {
        let path = dice.pick(&[
            "/apis/example.com/v1/things/{name}",
            "/apis/example.com/v1/namespaces/{namespace}/things/{name}",
        ]);
        json!({ path: { "get": { "x-kubernetes-group-version-kind": { "group": "example.com", "kind": "Thing", "version": "v1" } } } })
    });
    tree.add(&format!("{directory}/schema.json"), vec![schema]);
    json!({ "path": "schema.json" })
}
