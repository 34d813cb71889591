//! What differs between two values, found as dyff finds it: maps by key, lists by the names of
//! their items where they have some.

use super::lists::{self, Identity};
use super::tree::{Node, Tag};

/// A place and what differs there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    /// Where.
    pub(super) path: Path,
    /// What.
    pub(super) details: Vec<Detail>,
}

/// What differs at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Detail {
    /// Entries of a map or items of a list came.
    Added(Node),
    /// Entries of a map or items of a list went.
    Removed(Node),
    /// The value is another one.
    Changed(Node, Node),
    /// The items of a list stand in another order.
    Reordered(Vec<Node>, Vec<Node>),
}

/// A place in a value: keys of maps, names or numbers of items of lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Path {
    pub(super) fn below(&self, step: impl Into<String>) -> Self {
        let mut path = self.clone();
        path.0.push(step.into());
        path
    }

    /// The steps with dots between them. What has no name has no step.
    pub(super) fn dotted(&self) -> String {
        let steps = self.0.iter().filter(|step| !step.is_empty());
        let steps: Vec<&str> = steps.map(String::as_str).collect();
        steps.join(".")
    }

    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// What differs, from the outside to the inside.
pub(super) fn differences(from: &Node, to: &Node) -> Vec<Difference> {
    nodes(&Path::default(), from, to)
}

fn nodes(path: &Path, from: &Node, to: &Node) -> Vec<Difference> {
    match (from, to) {
        (Node::Map(from), Node::Map(to)) => maps(path, from, to),
        (Node::List(from), Node::List(to)) => sequences(path, from, to),
        (Node::Scalar(Tag::Null, _), Node::Scalar(Tag::Null, _)) => Vec::new(),
        (from, to) if from == to => Vec::new(),
        (from, to) => vec![Difference {
            path: path.clone(),
            details: vec![Detail::Changed(from.clone(), to.clone())],
        }],
    }
}

fn maps(path: &Path, from: &[(String, Node)], to: &[(String, Node)]) -> Vec<Difference> {
    let find = |entries: &[(String, Node)], key: &str| {
        let found = entries.iter().find(|(k, _)| k == key);
        found.map(|(_, node)| node.clone())
    };
    let missing = |entries: &[(String, Node)], others: &[(String, Node)]| {
        let gone = entries
            .iter()
            .filter(|(key, _)| find(others, key).is_none());
        gone.cloned().collect::<Vec<_>>()
    };
    let mut details = Vec::new();
    let (removed, added) = (missing(from, to), missing(to, from));
    if !removed.is_empty() {
        details.push(Detail::Removed(Node::Map(removed)));
    }
    if !added.is_empty() {
        details.push(Detail::Added(Node::Map(added)));
    }
    let mut found = at(path, details);
    for (key, before) in from {
        if let Some((_, after)) = to.iter().find(|(k, _)| k == key) {
            found.extend(nodes(&path.below(key), before, after));
        }
    }
    found
}

fn sequences(path: &Path, from: &[Node], to: &[Node]) -> Vec<Difference> {
    match lists::identity(from, to) {
        Some(identity) => named(path, &identity, from, to),
        None => unnamed(path, from, to),
    }
}

/// Lists whose items have names.
fn named(path: &Path, identity: &Identity, from: &[Node], to: &[Node]) -> Vec<Difference> {
    let name = |item: &Node| identity.name(item).unwrap_or_default();
    let find = |items: &'_ [Node], wanted: &str| items.iter().position(|i| name(i) == wanted);
    let (mut below, mut common) = (Vec::new(), Vec::new());
    let mut removed = Vec::new();
    for item in from {
        let wanted = name(item);
        match find(to, &wanted) {
            Some(place) => {
                below.extend(nodes(&path.below(&wanted), item, &to[place]));
                common.push(wanted);
            }
            None => removed.push(item.clone()),
        }
    }
    let (mut added, mut after) = (Vec::new(), Vec::new());
    for item in to {
        let wanted = name(item);
        match find(from, &wanted) {
            Some(_) => after.push(wanted),
            None => added.push(item.clone()),
        }
    }
    let texts = |names: &[String]| {
        let text = |name: &String| Node::Scalar(Tag::Text, name.clone());
        names.iter().map(text).collect::<Vec<_>>()
    };
    let mut details = Vec::new();
    if common != after {
        details.push(Detail::Reordered(texts(&common), texts(&after)));
    }
    let mut found = at(path, list_details(details, removed, added));
    found.extend(below);
    found
}

/// Lists whose items are what they hold.
fn unnamed(path: &Path, from: &[Node], to: &[Node]) -> Vec<Difference> {
    if let ([from], [to]) = (from, to) {
        return nodes(&path.below("0"), from, to);
    }
    let before: Vec<String> = from.iter().map(lists::content).collect();
    let after: Vec<String> = to.iter().map(lists::content).collect();
    let removed = lists::missing(from, &before, &after);
    let added = lists::missing(to, &after, &before);
    let common = |items: &[Node], own: &[String], other: &[String]| {
        let both = items.iter().zip(own).filter(|(_, key)| other.contains(key));
        both.map(|(item, key)| (item.clone(), key.clone())).unzip()
    };
    let (items, keys): (Vec<Node>, Vec<String>) = common(from, &before, &after);
    let (items_after, keys_after): (Vec<Node>, Vec<String>) = common(to, &after, &before);
    let mut details = Vec::new();
    if keys.len() == keys_after.len() && keys != keys_after {
        details.push(Detail::Reordered(items, items_after));
    }
    at(path, list_details(details, removed, added))
}

fn list_details(mut details: Vec<Detail>, removed: Vec<Node>, added: Vec<Node>) -> Vec<Detail> {
    if !removed.is_empty() {
        details.push(Detail::Removed(Node::List(removed)));
    }
    if !added.is_empty() {
        details.push(Detail::Added(Node::List(added)));
    }
    details
}

fn at(path: &Path, details: Vec<Detail>) -> Vec<Difference> {
    if details.is_empty() {
        return Vec::new();
    }
    vec![Difference {
        path: path.clone(),
        details,
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn paths(from: &Value, to: &Value) -> Vec<String> {
        let found = differences(&Node::of(from), &Node::of(to));
        let shown = found.iter().map(|difference| {
            let words = difference.details.iter().map(|detail| match detail {
                Detail::Added(_) => "added",
                Detail::Removed(_) => "removed",
                Detail::Changed(..) => "changed",
                Detail::Reordered(..) => "reordered",
            });
            let words: Vec<&str> = words.collect();
            format!("{} {}", difference.path.dotted(), words.join(" "))
        });
        shown.collect()
    }

    #[test]
    fn maps_go_by_key_and_the_outside_comes_first() {
        let from = json!({"a": {"x": 1, "y": {"z": "1"}, "n": null}, "b": 1});
        let to = json!({"a": {"y": {"z": 1}, "w": 2, "n": null}, "b": 2});
        assert_eq!(
            paths(&from, &to),
            ["a removed added", "a.y.z changed", "b changed"]
        );
        assert!(paths(&from, &from).is_empty());
    }

    #[test]
    fn lists_go_by_name() {
        let from = json!({"l": [{"name": "a", "v": 1}, {"name": "b", "v": 1}, {"name": "c"}]});
        let to = json!({"l": [{"name": "b", "v": 2}, {"name": "a", "v": 1}, {"name": "d"}]});
        assert_eq!(
            paths(&from, &to),
            ["l reordered removed added", "l.b.v changed"]
        );
    }

    #[test]
    fn an_empty_name_is_no_step() {
        let from = json!({"l": [{"name": "", "v": 1}, {"name": "a"}]});
        let to = json!({"l": [{"name": "", "v": 2}, {"name": "a"}]});
        assert_eq!(paths(&from, &to), ["l.v changed"]);
    }

    #[test]
    fn lists_without_names_go_by_content() {
        let cases = [
            (json!(["a"]), json!(["b"]), vec!["l.0 changed"]),
            (json!(["a", "b"]), json!(["b", "a"]), vec!["l reordered"]),
            (json!(["a", "a", "b"]), json!(["a", "b"]), vec!["l removed"]),
            (json!(["a"]), json!(["a", "b"]), vec!["l added"]),
            (json!([]), json!([{"x": 1}]), vec!["l added"]),
        ];
        for (from, to, want) in cases {
            assert_eq!(paths(&json!({"l": from}), &json!({"l": to})), want);
        }
    }
}
