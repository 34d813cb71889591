//! Strategic merges: a patch that looks like the object it changes.
//!
//! The rules are those of kustomize's own merge (kyaml's `merge2`), which differ from the API server's: elements of
//! the patch come first in joined lists, `$setElementOrder` and the like are ordinary fields, and an element without
//! its key empties the list that joins by it. See the README of this crate.

mod directive;
mod list;

use std::cmp::Ordering;

use crate::schema::{Schema, Shape};
use crate::yaml::{
    About, Data, Dialect, Entry, Mapping, Node, Position, Quotes, Scalar, Shared, Tag,
};
use directive::Directive;

/// Why a patch does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Where in the patch.
    pub(crate) position: Position,
    pub(crate) message: String,
}

/// The outcome of merging two values.
struct Merged {
    node: Node,
    /// A null that was there before and stays.
    keeps_null: bool,
    /// Whether this is the target's value, changed, rather than the patch's.
    from_target: bool,
}

impl Merged {
    fn from_patch(node: Node) -> Self {
        Self {
            node,
            keeps_null: false,
            from_target: false,
        }
    }

    fn from_target(node: Node) -> Self {
        Self {
            node,
            keeps_null: false,
            from_target: true,
        }
    }

    /// What is left to store under a key.
    fn stored(self) -> Option<Node> {
        (self.keeps_null || !self.node.is_null()).then_some(self.node)
    }
}

type Outcome = Result<Option<Merged>, Refusal>;

/// Applies `patch` to `target`; `None` when the patch deletes it.
///
/// # Errors
///
/// Where the two differ in structure, and where the patch gives an unknown `$patch` directive.
pub(crate) fn apply(schema: &Schema, target: Node, patch: &Node) -> Result<Option<Node>, Refusal> {
    // Replacing a whole object is how kustomize's merge loses its result: nothing changes.
    if target.as_mapping().is_some()
        && matches!(directive::of_mapping(patch), Ok(Directive::Replace))
    {
        return Ok(Some(target));
    }
    let merged = merge(schema, Some(target), Some(patch), None, false)?;
    let merged = merged.map(|merged| merged.node);
    // Of such keys, only what the target has as texts comes to anything.
    let left = patch.misnamed().and(merged.as_ref());
    match left.and_then(Node::misnamed) {
        None => Ok(merged),
        Some(error) => Err(Refusal {
            position: error.position(),
            message: error.message().to_owned(),
        }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
    Scalar,
}

impl Kind {
    fn of(node: &Node) -> Option<Self> {
        match &node.data {
            Data::Scalar(..) if node.is_null() => None,
            Data::Scalar(..) => Some(Self::Scalar),
            Data::Sequence(_) => Some(Self::Sequence),
            Data::Mapping(_) => Some(Self::Mapping),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Mapping => "MappingNode",
            Self::Sequence => "SequenceNode",
            Self::Scalar => "ScalarNode",
        }
    }
}

/// Merges two values of which one may be missing. `same` says that the target is a copy of the patch, as where the
/// patch brings something new.
fn merge<'s>(
    schema: &'s Schema,
    target: Option<Node>,
    patch: Option<&Node>,
    shape: Option<Shape<'s>>,
    same: bool,
) -> Outcome {
    let target = target.map(|target| braced_as(target, patch));
    let target_kind = target.as_ref().and_then(Kind::of);
    let patch_kind = patch.and_then(Kind::of);
    if let (Some(expected), Some(found), Some(patch)) = (target_kind, patch_kind, patch)
        && expected != found
    {
        return Err(Refusal {
            position: patch.position,
            message: format!(
                "wrong node kind: expected {} but got {}",
                expected.name(),
                found.name()
            ),
        });
    }
    let shape = shape.or_else(|| {
        shape_by_kind(schema, target.as_ref()).or_else(|| shape_by_kind(schema, patch))
    });
    match target_kind.or(patch_kind) {
        None | Some(Kind::Mapping) => merge_mappings(schema, target, patch, shape, same),
        Some(Kind::Sequence) => match shape.and_then(Shape::joined) {
            Some((keys, element)) => list::merge(schema, target, patch, &keys, element, same),
            None => Ok(replace(target, patch)),
        },
        Some(Kind::Scalar) => Ok(replace(target, patch)),
    }
}

/// Objects inside of others are known by their own kind.
fn shape_by_kind<'s>(schema: &'s Schema, node: Option<&Node>) -> Option<Shape<'s>> {
    let node = node?;
    let api_version = node.get("apiVersion")?.as_scalar()?;
    schema.of_kind(api_version, node.get("kind")?.as_scalar()?)
}

/// The patch's value, where it has one.
fn replace(target: Option<Node>, patch: Option<&Node>) -> Option<Merged> {
    match patch {
        Some(patch) => Some(Merged::from_patch(patch.clone())),
        None => target.map(Merged::from_target),
    }
}

fn merge_mappings<'s>(
    schema: &'s Schema,
    target: Option<Node>,
    patch: Option<&Node>,
    shape: Option<Shape<'s>>,
    same: bool,
) -> Outcome {
    let directive = patch.map_or(Ok(Directive::Merge), directive::of_mapping);
    let (target, patch) = match (target, patch) {
        (Some(target), patch) if target.as_mapping().is_some() => (target, patch),
        (Some(null), None) => {
            // A null spelled out stays, one left blank goes.
            let spelled_out = null.as_scalar().is_some_and(|text| !text.is_empty());
            return Ok(spelled_out.then(|| Merged {
                keeps_null: true,
                ..Merged::from_target(null)
            }));
        }
        (_, None) => return Ok(None),
        (_, Some(patch)) => {
            if patch.is_null() || directive == Ok(Directive::Delete) {
                return Ok(None);
            }
            let fresh = directive::without(patch);
            return merge_fields(schema, fresh, Some(patch), shape, true)
                .map(|node| Some(Merged::from_patch(node)));
        }
    };
    if patch.is_some_and(Node::is_null) {
        return Ok(None);
    }
    match (directive?, patch) {
        (Directive::Delete, _) => Ok(None),
        (Directive::Replace, Some(patch)) => {
            let merged = merge_fields(schema, directive::without(patch), Some(patch), shape, true)?;
            Ok(Some(Merged {
                from_target: same,
                ..Merged::from_patch(merged)
            }))
        }
        (_, patch) => {
            let target = if same {
                directive::without(&target)
            } else {
                target
            };
            let merged = merge_fields(schema, target, patch, shape, same)?;
            Ok(Some(Merged::from_target(merged)))
        }
    }
}

/// Merges the fields of two mappings, key by key.
fn merge_fields<'s>(
    schema: &'s Schema,
    mut target: Node,
    patch: Option<&Node>,
    shape: Option<Shape<'s>>,
    same: bool,
) -> Result<Node, Refusal> {
    let Data::Mapping(entries) = &mut target.data else {
        return Ok(target);
    };
    let none = Mapping::new();
    let changes = patch.and_then(Node::as_mapping).unwrap_or(&none);
    let elided = patch.is_some_and(directive::is_elided);
    // Both are in the order of their keys, so one pass joins them.
    let mut changes = changes
        .iter()
        .filter(|(key, _)| !elided || *key != directive::KEY)
        .peekable();
    let mut fields = std::mem::take(entries).into_iter().peekable();
    loop {
        let order = match (fields.peek(), changes.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((field, _)), Some((change, _))) => field.cmp(change),
        };
        let field = fields.next_if(|_| order.is_le());
        let change = changes.next_if(|_| order.is_ge());
        let (key, entry) = match (field, change) {
            (Some((key, entry)), _) => (key, Some(entry)),
            (None, Some((key, _))) => (key.clone(), None),
            (None, None) => break,
        };
        let change = change.map(|(_, change)| change);
        if let Some(entry) = merge_entry(schema, &key, entry, change, shape, same)? {
            entries.insert(key, entry);
        }
    }
    Ok(target)
}

/// Merges what two mappings have under a key.
fn merge_entry<'s>(
    schema: &'s Schema,
    key: &str,
    entry: Option<Entry>,
    change: Option<&Entry>,
    shape: Option<Shape<'s>>,
    same: bool,
) -> Result<Option<Entry>, Refusal> {
    let style = entry.as_ref().map(|entry| Style::of(&entry.value, change));
    let place = entry
        .as_ref()
        .or(change)
        .map(|entry| entry.key)
        .unwrap_or_default();
    // A key that comes from the patch comes without its comments.
    let added = || About {
        is_misnamed: true,
        schema: None,
    };
    let brought = change.filter(|change| change.is_misnamed());
    let (value, about) = match entry {
        Some(entry) => (Some(entry.value), entry.about),
        None => (None, brought.map(|_| Box::new(added()))),
    };
    let comment = described(about.as_deref()).or_else(|| described(change?.about.as_deref()));
    let field = match comment {
        Some(comment) => schema.commented(comment),
        None => shape.and_then(|shape| shape.field(key)),
    };
    let merged = merge(
        schema,
        value,
        change.map(|change| &change.value),
        field,
        same,
    )?;
    let is_kept = merged.as_ref().is_some_and(|merged| merged.from_target);
    Ok(merged.and_then(Merged::stored).map(|mut value| {
        match style.filter(|_| !is_kept) {
            Some(style) => style.keep(&mut value),
            None => value.quote_misleading(),
        }
        Entry {
            key: place,
            value,
            about,
        }
    }))
}

/// What a comment says of an entry.
fn described(about: Option<&About>) -> Option<&serde_json::Value> {
    about?.schema.as_ref()
}

/// Something takes the braces of the patch as long as there is nothing in it.
fn braced_as(mut target: Node, patch: Option<&Node>) -> Node {
    if let Some(patch) = patch.filter(|_| target.is_empty_collection()) {
        target.flow = patch.flow;
    }
    target
}

/// How a value is written, which what takes its place is, too.
struct Style {
    quoted: bool,
    quotes: Quotes,
    flow: bool,
    shared: Shared,
}

impl Style {
    /// The style of a value that `change` comes upon.
    fn of(value: &Node, change: Option<&Entry>) -> Self {
        let changed = change.filter(|_| value.is_empty_collection());
        Self {
            quoted: value.quoted,
            quotes: value.quotes,
            flow: changed.map_or(value.flow, |change| change.value.flow),
            shared: value.shared,
        }
    }

    /// What replaces a value changes the values that are shared with it. It takes over the quotes, and is a text with
    /// them.
    fn keep(&self, value: &mut Node) {
        value.flow = self.flow && value.as_scalar().is_none();
        if let Data::Scalar(text, scalar) = &mut value.data {
            let (old, new) = (self.shared, value.shared);
            let was_quoted = value.quoted;
            (value.quoted, value.quotes) = (self.quoted, self.quotes);
            value.shared = Shared {
                written: new.written || new.number != old.number,
                ..old
            };
            if self.quoted {
                if !(was_quoted || value.untagged) {
                    value.tag = Tag::of(scalar);
                }
                *scalar = Scalar::Text;
            } else if value.untagged {
                *scalar = Dialect::Resource.resolve(text);
            }
        }
    }
}

#[cfg(test)]
mod tests;
