//! Objects inside of error messages: whole, as kustomize shows them, but never what is secret, and never at length.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::resource::Resource;
use crate::yaml::{Data, Node};

/// How much of an object fits into a message, in bytes.
const LIMIT: usize = 2000;
/// What stands for the values of a Secret.
const MASK: &str = "***";

/// What is said of a value that is another kind of node than it has to be.
pub(crate) fn wrong_kind(node: &Node, expected: &str) -> String {
    let found = match node.data {
        Data::Mapping(_) => "MappingNode",
        Data::Sequence(_) => "SequenceNode",
        Data::Scalar(..) => "ScalarNode",
    };
    format!("wrong node kind: expected {expected} but got {found}")
}

/// An object in Go's syntax; its identity where that is long.
pub(crate) fn go(resource: &Resource) -> String {
    let mut text = String::new();
    write_go(&masked(resource), &mut text);
    short(text, resource)
}

/// An object as JSON, with the annotations that kustomize keeps of what it was called before.
pub(crate) fn json(resource: &Resource) -> String {
    let mut value = masked(resource);
    let (mut kinds, mut names, mut namespaces) = (Vec::new(), Vec::new(), Vec::new());
    for id in resource.previous_ids() {
        kinds.push(id.gvk.kind);
        names.push(id.name);
        namespaces.push(id.namespace);
    }
    if !kinds.is_empty() {
        for (key, texts) in [
            ("previousKinds", kinds),
            ("previousNames", names),
            ("previousNamespaces", namespaces),
        ] {
            let key = format!("internal.config.kubernetes.io/{key}");
            value["metadata"]["annotations"][key] = texts.join(",").into();
        }
    }
    short(value.to_string(), resource)
}

fn short(text: String, resource: &Resource) -> String {
    if text.len() > LIMIT {
        resource.id().to_string()
    } else {
        text
    }
}

/// The content of an object without the values of a Secret.
fn masked(resource: &Resource) -> Value {
    let mut value = resource.node.to_json();
    if resource.kind() == "Secret" {
        for field in ["data", "stringData"] {
            let data = value.get_mut(field).and_then(Value::as_object_mut);
            for secret in data.into_iter().flat_map(Map::values_mut) {
                *secret = MASK.into();
            }
        }
    }
    value
}

/// Writes a value as Go's `%#v` does.
fn write_go(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("interface {}(nil)"),
        Value::String(string) => quote(string, text),
        Value::Array(items) => {
            text.push_str("[]interface {}{");
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                write_go(item, text);
            }
            text.push('}');
        }
        Value::Object(entries) => {
            text.push_str("map[string]interface {}{");
            for (at, (key, value)) in entries.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                quote(key, text);
                text.push(':');
                write_go(value, text);
            }
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// Writes a text in quotes, with Go's escapes.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(text, "\\x{:02x}", u32::from(c));
            }
            '\u{80}'..='\u{a0}' | '\u{ad}' | '\u{feff}'..='\u{ffff}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_in_go_syntax() {
        let mut text = String::new();
        let value = json!({"b": [1, true, null], "a": "x\"\n\u{7f}"});
        write_go(&value, &mut text);
        assert_eq!(
            text,
            r#"map[string]interface {}{"a":"x\"\n\x7f", "b":[]interface {}{1, true, interface {}(nil)}}"#
        );
    }

    #[test]
    fn secrets_stay_secret_and_long_objects_short() {
        let resource = |value: Value| Resource::new(Node::from_json(&value), Rc::from("x.yaml"));
        let mut object = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "data": {"a": "aHVudGVy"}, "stringData": {"b": "hunter"},
        });
        for text in [
            go(&resource(object.clone())),
            json(&resource(object.clone())),
        ] {
            assert!(text.contains(MASK), "{text}");
            assert!(!text.contains("aHV") && !text.contains("hunter"), "{text}");
        }
        object["x"] = "x".repeat(LIMIT).into();
        assert_eq!(go(&resource(object)), "Secret.v1.[noGrp]/s.[noNs]");
    }
}
