//! Differences for programs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::compare::{Detail, Difference};
use super::tree::Node;

/// What differs at one place of an object.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Edit {
    /// The place: keys, and names or numbers of items of lists, with dots between them.
    pub path: String,
    /// What was done to it.
    pub action: EditAction,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Value")]
    pub before: Option<Value>,
    /// What is there afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Value")]
    pub after: Option<Value>,
}

/// What is done to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EditAction {
    /// An entry of a map or an item of a list comes.
    Added,
    /// It goes.
    Removed,
    /// The value becomes another one.
    Changed,
    /// The items of a list change places.
    Reordered,
}

/// Each entry by itself.
pub(super) fn edits(differences: &[Difference]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for Difference { path, details } in differences {
        for detail in details {
            match detail {
                Detail::Added(node) => edits.extend(parts(path, node).map(|(path, value)| Edit {
                    path,
                    action: EditAction::Added,
                    before: None,
                    after: Some(value),
                })),
                Detail::Removed(node) => {
                    edits.extend(parts(path, node).map(|(path, value)| Edit {
                        path,
                        action: EditAction::Removed,
                        before: Some(value),
                        after: None,
                    }))
                }
                Detail::Changed(from, to) => edits.push(Edit {
                    path: path.dotted(),
                    action: EditAction::Changed,
                    before: Some(from.value()),
                    after: Some(to.value()),
                }),
                Detail::Reordered(from, to) => edits.push(Edit {
                    path: path.dotted(),
                    action: EditAction::Reordered,
                    before: Some(from.iter().map(Node::value).collect()),
                    after: Some(to.iter().map(Node::value).collect()),
                }),
            }
        }
    }
    edits
}

/// The entries of a map with their own places; the items of a list with the list's.
fn parts<'n>(
    path: &'n super::compare::Path,
    node: &'n Node,
) -> Box<dyn Iterator<Item = (String, Value)> + 'n> {
    match node {
        Node::Map(entries) => {
            let entry =
                |(key, node): &'n (String, Node)| (path.below(key.as_str()).dotted(), node.value());
            Box::new(entries.iter().map(entry))
        }
        Node::List(items) => Box::new(items.iter().map(|item| (path.dotted(), item.value()))),
        scalar @ Node::Scalar(..) => Box::new(std::iter::once((path.dotted(), scalar.value()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::compare::differences;
    use super::*;

    #[test]
    fn every_entry_is_an_edit() {
        let from = json!({"a": 1, "l": ["x", "y"], "gone": {"b": 1}});
        let to = json!({"a": "1", "l": ["y", "x", "z"], "new": null});
        let found = edits(&differences(&Node::of(&from), &Node::of(&to)));
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(
            json,
            json!([
                {"path": "gone", "action": "removed", "before": {"b": 1}},
                {"path": "new", "action": "added", "after": null},
                {"path": "a", "action": "changed", "before": 1, "after": "1"},
                {"path": "l", "action": "reordered", "before": ["x", "y"], "after": ["y", "x"]},
                {"path": "l", "action": "added", "after": "z"},
            ])
        );
    }
}
