//! Objects as YAML shows them: keys in the order in which Go writes them, scalars as texts.

use kustomize::yaml::{self, Data, Node as YamlNode, Scalar};
use serde_json::{Map, Value};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Entries, in the order in which they are written.
    Map(Vec<(String, Node)>),
    /// A list.
    List(Vec<Node>),
    /// A single value, and its text.
    Scalar(Tag, String),
}

/// What a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Text,
    Int,
    Float,
    Bool,
    Null,
}

impl Node {
    /// A value as its YAML reads.
    pub(super) fn of(value: &Value) -> Self {
        match yaml::parse_first(&yaml::to_string(value)) {
            Ok(Some(node)) => Node::read(&node),
            // What was just written can be read, but for texts that no YAML can hold.
            _ => Node::plain(value),
        }
    }

    fn read(node: &YamlNode) -> Self {
        match &node.data {
            Data::Mapping(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by_key(|(_, entry)| entry.key);
                let read =
                    |(key, entry): (&String, &yaml::Entry)| (key.clone(), Node::read(&entry.value));
                Node::Map(entries.into_iter().map(read).collect())
            }
            Data::Sequence(items) => Node::List(items.iter().map(Node::read).collect()),
            Data::Scalar(text, scalar) => {
                let tag = match scalar {
                    _ if node.quoted => Tag::Text,
                    Scalar::Null | Scalar::Blank => Tag::Null,
                    Scalar::Bool(_) => Tag::Bool,
                    Scalar::Int(_) => Tag::Int,
                    Scalar::Float(_) => Tag::Float,
                    Scalar::Timestamp | Scalar::Text => Tag::Text,
                };
                Node::Scalar(tag, text.clone())
            }
        }
    }

    fn plain(value: &Value) -> Self {
        match value {
            Value::Object(fields) => {
                let read = |(key, value): (&String, &Value)| (key.clone(), Node::plain(value));
                Node::Map(fields.iter().map(read).collect())
            }
            Value::Array(items) => Node::List(items.iter().map(Node::plain).collect()),
            Value::String(text) => Node::Scalar(Tag::Text, text.clone()),
            Value::Bool(truth) => Node::Scalar(Tag::Bool, truth.to_string()),
            Value::Number(number) if number.is_f64() => {
                Node::Scalar(Tag::Float, number.to_string())
            }
            Value::Number(number) => Node::Scalar(Tag::Int, number.to_string()),
            Value::Null => Node::Scalar(Tag::Null, "null".to_owned()),
        }
    }

    /// The value as JSON.
    pub(super) fn value(&self) -> Value {
        match self {
            Node::Map(entries) => {
                let pairs = entries
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            Node::List(items) => Value::Array(items.iter().map(Node::value).collect()),
            Node::Scalar(Tag::Text, text) => text.as_str().into(),
            Node::Scalar(Tag::Null, _) => Value::Null,
            Node::Scalar(_, text) => {
                serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
            }
        }
    }

    /// The value under a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a scalar; empty for anything else.
    pub(super) fn text(&self) -> &str {
        match self {
            Node::Scalar(_, text) => text,
            _ => "",
        }
    }

    /// What a person calls the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Node::Map(_) => "map",
            Node::List(_) => "list",
            Node::Scalar(tag, _) => match tag {
                Tag::Text => "string",
                Tag::Int => "int",
                Tag::Float => "float",
                Tag::Bool => "bool",
                Tag::Null => "<nil>",
            },
        }
    }

    /// How many steps the deepest scalar is away; none where there is no scalar. A list whose items
    /// have names counts as dyff counts it: without those names.
    fn depth(&self) -> Option<usize> {
        match self {
            Node::Map(entries) => {
                let depths = entries.iter().filter_map(|(_, node)| node.depth());
                depths.max().map(|depth| 1 + depth)
            }
            Node::List(items) => match name_key(items) {
                Some(name) => {
                    let fields = items.iter().flat_map(|item| match item {
                        Node::Map(entries) => entries.as_slice(),
                        _ => &[],
                    });
                    let others = fields.filter(|(key, _)| key != name);
                    let depths = others.filter_map(|(_, node)| node.depth());
                    depths.max().map(|depth| 2 + depth)
                }
                None => {
                    let depths = items.iter().filter_map(Node::depth);
                    depths.max().map(|depth| 1 + depth)
                }
            },
            Node::Scalar(..) => Some(0),
        }
    }

    /// Puts the keys of maps into the order that people like to read: names first, and where there
    /// is one, long parts last.
    pub(super) fn arrange(&mut self) {
        match self {
            Node::Map(entries) => {
                if let Some(first) = known_order(entries) {
                    let place = |key: &str| first.iter().position(|known| *known == key);
                    entries.sort_by_cached_key(|(key, node)| match place(key) {
                        Some(place) => (0, place),
                        None => (1, node.depth().unwrap_or_default()),
                    });
                }
                entries.iter_mut().for_each(|(_, node)| node.arrange());
            }
            Node::List(items) => items.iter_mut().for_each(Node::arrange),
            Node::Scalar(..) => {}
        }
    }
}

/// The key that names every item of the list.
fn name_key(items: &[Node]) -> Option<&'static str> {
    let named = |key: &&&str| items.iter().all(|item| item.get(key).is_some());
    ["name", "key", "id"].iter().find(named).copied()
}

/// Orders of keys that dyff knows, those that can occur in objects of Kubernetes.
const KNOWN_ORDERS: &[&[&str]] = &[
    &[
        "name",
        "director_uuid",
        "releases",
        "instance_groups",
        "networks",
        "resource_pools",
        "compilation",
    ],
    &["name", "url", "version", "sha1"],
    &["jobs", "resources", "resource_types"],
    &["name", "type", "source"],
    &["get"],
    &["put"],
    &["task"],
    &["releases", "instance_groups", "configuration", "variables"],
    &["auth", "templates"],
    &["name"],
    &["key"],
    &["id"],
];

/// The first of the known orders that has most of the keys.
fn known_order(entries: &[(String, Node)]) -> Option<&'static [&'static str]> {
    let hits = |order: &[&str]| {
        let known = |(key, _): &&(String, Node)| order.contains(&key.as_str());
        entries.iter().filter(known).count()
    };
    let mut best: Option<(usize, &[&str])> = None;
    for order in KNOWN_ORDERS {
        let hits = hits(order);
        if hits > best.map_or(0, |(most, _)| most) {
            best = Some((hits, order));
        }
    }
    best.map(|(_, order)| order)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_keep_their_types() {
        let value = json!({"b10": "1", "b9": 1, "c": 1.5, "d": true, "e": null, "f": "2024-01-01",
            "g": "a\nb\n", "h": [], "i": {}, "j": [{"x": "yes"}]});
        let node = Node::of(&value);
        assert_eq!(node.value(), value);
        let Node::Map(entries) = &node else {
            panic!("{node:?}");
        };
        assert_eq!(
            (entries[0].0.as_str(), entries[1].0.as_str()),
            ("b9", "b10")
        );
        assert_eq!(node.get("b10").unwrap().type_name(), "string");
        assert_eq!(node.get("b9").unwrap().type_name(), "int");
    }

    #[test]
    fn names_come_first_and_long_parts_last() {
        let mut node = Node::of(
            &json!({"env": [{"name": "A", "valueFrom": {"x": {"y": 1}}}],
            "image": "i", "name": "c", "ports": [{"name": "http", "port": 1}]}),
        );
        node.arrange();
        let Node::Map(entries) = &node else {
            panic!("{node:?}");
        };
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["name", "image", "ports", "env"]);
        // What is empty has no depth.
        assert_eq!(Node::of(&json!({"a": {"b": {}}})).depth(), None);
    }
}
