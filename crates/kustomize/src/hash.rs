//! Names that change with the content: generated objects get a hash of it at the end of theirs.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::gojson;
use crate::resource::Resource;
use crate::yaml::Node;

/// Appends hashes to the names of the objects that need one.
pub(crate) fn add(resources: &mut [Resource]) {
    for resource in resources.iter_mut().filter(|resource| resource.needs_hash) {
        let name = format!("{}-{}", resource.name(), hash(resource));
        resource.remember_id();
        resource.set_name(&name);
    }
}

/// The hash of an object's content. Its name takes no part, as kustomize looks for it where it is not.
fn hash(resource: &Resource) -> String {
    // Content that is a list, which can't be, is null.
    let field = |name: &str| match resource.node.get(name) {
        None => json!(""),
        Some(node) if node.as_sequence().is_some() => Value::Null,
        Some(node) => node.as_scalar().map_or_else(|| node.to_json(), Value::from),
    };
    let kind = resource.kind();
    let mut content = json!({ "kind": kind, "name": "", "data": field("data") });
    let mut also = |name: &str| {
        if let Some(value) = resource
            .node
            .get(name)
            .map(Node::to_json)
            .filter(Value::is_object)
        {
            content[name] = value;
        }
    };
    if kind == "Secret" {
        also("stringData");
        content["type"] = field("type");
    } else {
        also("binaryData");
    }
    encode(&gojson::compact(&content))
}

/// The first ten digits of the SHA-256 of `json`, in letters that spell no words.
fn encode(json: &str) -> String {
    let digest = Sha256::digest(json.as_bytes());
    let hex: String = digest
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().map(letter).collect()
}
