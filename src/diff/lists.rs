//! Which items of two lists belong together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::tree::{Node, Tag};

/// Keys that name items, the best first.
const NAMES: &[&str] = &["name", "key", "id", "manager"];

/// How many items there must be more than before any other key is taken for a name.
const FEW: usize = 3;

/// What names the items of two lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// The value under a key.
    Key(String),
    /// Version, kind, namespace and name: the items are objects.
    Object,
}

impl Identity {
    /// The name of an item.
    pub(super) fn name(&self, item: &Node) -> Option<String> {
        match self {
            Identity::Key(key) => Some(item.get(key)?.text().to_owned()),
            Identity::Object => object_name(item),
        }
    }
}

/// What names the items of both lists, each differently in its list.
pub(super) fn identity(from: &[Node], to: &[Node]) -> Option<Identity> {
    if from.is_empty() && to.is_empty() {
        return None;
    }
    let unique = |items: &[Node], key: &str| {
        let values = items.iter().filter_map(|item| item.get(key));
        let values: BTreeSet<&str> = values.map(Node::text).collect();
        !values.is_empty() && values.len() == items.len()
    };
    let known = NAMES
        .iter()
        .find(|key| unique(from, key) && unique(to, key));
    if let Some(key) = known {
        return Some(Identity::Key((*key).to_owned()));
    }
    if let Some(key) = guessed(from, to) {
        return Some(Identity::Key(key));
    }
    let objects = |items: &[Node]| items.iter().all(|item| object_name(item).is_some());
    (objects(from) && objects(to)).then_some(Identity::Object)
}

/// A key whose values are texts that differ throughout both lists. There can be several: dyff
/// takes any, this the first one.
fn guessed(from: &[Node], to: &[Node]) -> Option<String> {
    let (from_counts, to_counts) = (text_counts(from)?, text_counts(to)?);
    let fits = |(key, count): &(&&str, &usize)| {
        **count == from.len() && **count > FEW && to_counts.get(**key) == Some(&to.len())
    };
    let found = from_counts.iter().find(fits);
    found.map(|(key, _)| (*key).to_owned())
}

/// How many different texts there are under each key; none where an item is no map.
fn text_counts(items: &[Node]) -> Option<BTreeMap<&str, usize>> {
    let mut texts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in items {
        let Node::Map(entries) = item else {
            return None;
        };
        for (key, node) in entries {
            if let Node::Scalar(Tag::Text, text) = node {
                texts.entry(key).or_default().insert(text);
            }
        }
    }
    let counts = texts.into_iter().map(|(key, texts)| (key, texts.len()));
    Some(counts.collect())
}

fn object_name(item: &Node) -> Option<String> {
    let mut parts = vec![item.get("apiVersion")?.text(), item.get("kind")?.text()];
    let metadata = item.get("metadata")?;
    parts.extend(metadata.get("namespace").map(Node::text));
    parts.push(metadata.get("name")?.text());
    Some(parts.join("/"))
}

/// A text that two items share only where they hold the same.
pub(super) fn content(item: &Node) -> String {
    match item {
        // Scalars of different types with one text are alike to dyff.
        Node::Scalar(_, text) => format!("{text:?}"),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(content).collect();
            format!("[{}]", items.join(","))
        }
        Node::Map(entries) => {
            let entry = |(key, node): &(String, Node)| format!("{key:?}:{}", content(node));
            let mut entries: Vec<String> = entries.iter().map(entry).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// The items that the other list does not have, or has less often.
pub(super) fn missing(items: &[Node], own: &[String], other: &[String]) -> Vec<Node> {
    let count = |keys: &[String], key: &String| keys.iter().filter(|k| *k == key).count();
    let mut told: BTreeSet<&String> = BTreeSet::new();
    let mut missing = Vec::new();
    for (item, key) in items.iter().zip(own) {
        let (here, there) = (count(own, key), count(other, key));
        if there == 0 {
            missing.push(item.clone());
        } else if here > there && told.insert(key) {
            missing.extend(std::iter::repeat_n(item.clone(), here - there));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn items(value: &Value) -> Vec<Node> {
        match Node::of(value) {
            Node::List(items) => items,
            node => panic!("{node:?}"),
        }
    }

    #[test]
    fn names_have_to_be_unique_on_both_sides() {
        let find = |from: Value, to: Value| identity(&items(&from), &items(&to));
        let key = |key: &str| Some(Identity::Key(key.to_owned()));
        let (one, two) = (json!({"name": "a", "id": 1}), json!({"name": "a", "id": 2}));
        assert_eq!(find(json!([one]), json!([two])), key("name"));
        assert_eq!(find(json!([one, two]), json!([two])), key("id"));
        assert_eq!(find(json!([one]), json!([])), None);
        let hosts = json!([{"host": "a"}, {"host": "b"}, {"host": "c"}, {"host": "d"}]);
        assert_eq!(find(hosts.clone(), hosts.clone()), key("host"));
        assert_eq!(find(hosts, json!([{"host": "a"}, 1])), None);
        let object = json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "n"}});
        assert_eq!(
            find(json!([object]), json!([object])),
            Some(Identity::Object)
        );
    }
}
