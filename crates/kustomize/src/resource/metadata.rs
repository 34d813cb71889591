//! Reading and writing the texts in an object's metadata as kustomize does.

use std::collections::BTreeMap;

use crate::yaml::{Data, Dialect, Entry, Mapping, Node, Scalar};

/// The text of the scalar at a path; empty for anything else.
pub(crate) fn text_at<'a>(node: &'a Node, path: &[&str]) -> &'a str {
    node.at(path)
        .filter(|node| !node.is_null())
        .and_then(Node::as_scalar)
        .unwrap_or_default()
}

/// The entries of a mapping as texts. Those of a list are read as kustomize does: two by two, a key and a value.
pub(crate) fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    let text = |node: &Node| node.as_scalar().unwrap_or_default().to_owned();
    match node.map(|node| &node.data) {
        Some(Data::Mapping(entries)) => entries
            .iter()
            .map(|(key, entry)| (key.clone(), text(&entry.value)))
            .collect(),
        Some(Data::Sequence(items)) => items
            .chunks_exact(2)
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// Puts texts under a key of the metadata; removes the key when there are none. The texts are shared with no other field.
pub(crate) fn set_metadata_texts(node: &mut Node, key: &str, texts: BTreeMap<String, String>) {
    if texts.is_empty() && node.get("metadata").is_none() {
        return;
    }
    let Some(metadata) = metadata(node) else {
        return;
    };
    metadata.remove(key);
    if !texts.is_empty() {
        let entries = texts
            .into_iter()
            .map(|(key, text)| (key, Node::text(text).into()))
            .collect();
        metadata.insert(key.to_owned(), Node::from(Data::Mapping(entries)).into());
    }
}

/// The entries of the metadata, which is made where it is missing or null.
pub(super) fn metadata(node: &mut Node) -> Option<&mut Mapping> {
    mapping_at(node.as_mapping_mut()?, "metadata").as_mapping_mut()
}

/// The value of a field, which is made a mapping where it is missing or null.
pub(super) fn mapping_at<'m>(entries: &'m mut Mapping, field: &str) -> &'m mut Node {
    let entry = entries.entry(field.to_owned());
    let value = &mut entry.or_insert_with(|| Node::mapping().into()).value;
    if value.is_null() {
        value.data = Data::Mapping(Mapping::new());
    }
    value
}

/// Sets the name or the namespace in an object's metadata, without a type. No namespace is none; no name is an empty
/// one, which prefixes find.
pub(crate) fn set_identity(metadata: &mut Mapping, key: &str, text: &str) {
    if text.is_empty() && key == "namespace" {
        metadata.remove(key);
        return;
    }
    let made = || {
        Entry::from(Node {
            untagged: true,
            ..Node::text(text)
        })
    };
    let field = metadata.entry(key.to_owned()).or_insert_with(made);
    set_untyped(&mut field.value, text);
}

/// Writes a text in the place of another as kustomize does: without a type, so that what was not in quotes before may
/// become a number.
pub(crate) fn set_untyped(node: &mut Node, text: &str) {
    let scalar = if node.quoted {
        Scalar::Text
    } else {
        Dialect::Resource.resolve(text)
    };
    node.data = Data::Scalar(text.to_owned(), scalar);
    node.untagged = !node.quoted;
}
