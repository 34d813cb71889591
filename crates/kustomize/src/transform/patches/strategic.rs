//! Strategic merges of patches into the objects that they are for.

use std::collections::HashSet;

use super::known::Known;
use crate::error::Error;
use crate::merge;
use crate::resource::{Resource, set_identity, set_metadata_texts, text_at};
use crate::yaml::{Data, Mapping, Node, Scalar};

/// What else than content a patch may change.
#[derive(Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) name: bool,
    pub(super) kind: bool,
}

impl Allowed {
    pub(super) fn any(self) -> bool {
        self.name || self.kind
    }
}

/// Merges a patch into the chosen objects; those it deletes go.
pub(super) fn merge_into(
    resources: &mut Vec<Resource>,
    chosen: &[bool],
    patch: &Resource,
    allowed: Allowed,
    known: &mut Known,
) -> Result<(), Error> {
    // Labels and annotations of a patch for several objects become texts, its name one without a type.
    let mut node = patch.node.clone();
    if let Some(name) = node
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("name"))
    {
        name.untagged = true;
    }
    set_metadata_texts(&mut node, "labels", patch.labels());
    set_metadata_texts(&mut node, "annotations", patch.annotations());
    let mut deleted = HashSet::new();
    let chosen = resources.iter_mut().enumerate().zip(chosen);
    for ((at, resource), _) in chosen.filter(|(_, chosen)| **chosen) {
        // The patch is taken for one of the object's own version, also where that has none.
        let version = resource.node.get("apiVersion");
        let version = version.filter(|version| !version.is_null()).cloned();
        let none = || Node::from(Data::Scalar("null".into(), Scalar::Null));
        if let Some(entries) = node.as_mapping_mut() {
            let version = version.clone().unwrap_or_else(none);
            entries.insert("apiVersion".into(), version.into());
        }
        if !merge_one(resource, &node, patch, allowed)? {
            deleted.insert(at);
        } else if let (Some(entries), None) = (resource.node.as_mapping_mut(), version) {
            entries.insert("apiVersion".into(), none().into());
        }
    }
    if allowed.any() {
        known.forget();
    }
    if !deleted.is_empty() {
        known.places = None;
        let mut places = 0..;
        resources.retain(|_| places.next().is_some_and(|at| !deleted.contains(&at)));
    }
    Ok(())
}

/// Merges a patch into an object, which keeps its name, namespace and kind unless they may change. `false` if that deletes
/// the object.
pub(super) fn merge_one(
    resource: &mut Resource,
    node: &Node,
    patch: &Resource,
    allowed: Allowed,
) -> Result<bool, Error> {
    let kind = resource.node.get("kind").cloned();
    let (name, namespace) = (resource.name().to_owned(), resource.namespace().to_owned());
    if allowed.any() {
        resource.remember_id();
    }
    let refused =
        |refusal: merge::Refusal| Error::new(refusal.message).at(&patch.file, refusal.position);
    let schema = resource.schema.clone().unwrap_or_default();
    let target = std::mem::replace(&mut resource.node, Node::mapping());
    let Some(merged) = merge::apply(&schema, target, node).map_err(refused)? else {
        return Ok(false);
    };
    resource.node = merged;
    if drops_annotations(node) {
        resource.forget();
    }
    resource.sync_shared();
    let Some(entries) = resource
        .node
        .as_mapping_mut()
        .filter(|entries| !entries.is_empty())
    else {
        return Ok(false);
    };
    if !allowed.kind {
        restore(entries, "kind", kind);
    }
    let metadata = &mut entries
        .entry("metadata".into())
        .or_insert_with(|| Node::mapping().into())
        .value;
    if let Some(metadata) = metadata.as_mapping_mut() {
        if !allowed.name {
            set_identity(metadata, "name", &name);
        }
        set_identity(metadata, "namespace", &namespace);
    }
    resource.keep_annotations();
    Ok(true)
}

/// Whether a patch takes all annotations away, and so what kustomize notes in them.
fn drops_annotations(patch: &Node) -> bool {
    let Some(annotations) = patch.at(&["metadata", "annotations"]) else {
        return false;
    };
    let directive = text_at(annotations, &["$patch"]);
    annotations.is_null() || matches!(directive, "delete" | "replace")
}

fn restore(entries: &mut Mapping, key: &str, value: Option<Node>) {
    match value.filter(|value| !value.is_null()) {
        Some(value) => {
            entries.insert(key.into(), value.into());
        }
        None => {
            entries.remove(key);
        }
    }
}
