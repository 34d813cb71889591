//! What becomes of a generated object: it joins the others, or is merged into the one that it is meant for.

use std::collections::BTreeMap;

use crate::build_metadata;
use crate::error::Error;
use crate::resource::{Behavior, Resource, set_identity, set_metadata_texts, texts};
use crate::yaml::Node;

use super::set_data;

/// Adds a generated object, or merges it with the one that it is meant for.
pub(super) fn absorb(mut resource: Resource, resources: &mut Vec<Resource>) -> Result<(), Error> {
    let id = resource.id();
    let mut matching = (0..resources.len()).filter(|at| resources[*at].has_id(&id));
    let at = match (matching.next(), matching.next()) {
        (None, _) if matches!(resource.behavior, Behavior::Merge | Behavior::Replace) => {
            return Err(Error::new(format!(
                "merging from generator: id {} does not exist; cannot merge or replace",
                id.go_syntax()
            )));
        }
        (None, _) => {
            resources.push(resource);
            return Ok(());
        }
        (Some(at), None) => at,
        (Some(_), Some(_)) => {
            return Err(Error::new(format!(
                "found multiple objects that could accept merge of {id}"
            )));
        }
    };
    let old = &resources[at];
    match resource.behavior {
        Behavior::Replace => take_metadata(&mut resource, old),
        Behavior::Merge => {
            take_metadata(&mut resource, old);
            build_metadata::keep_origin(&mut resource, old);
            merge_data(&mut resource.node, &old.node, "data");
            merge_data(&mut resource.node, &old.node, "binaryData");
        }
        behavior => {
            return Err(Error::new(format!(
                "merging from generator: id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                id.go_syntax(),
                behavior.name()
            )));
        }
    }
    resource.keep_annotations();
    resources[at] = resource;
    Ok(())
}

/// Takes over name, namespace, labels, annotations and history of the object that is replaced.
fn take_metadata(resource: &mut Resource, old: &Resource) {
    let mut labels = old.labels();
    labels.extend(resource.labels());
    let mut annotations = old.annotations();
    annotations.extend(resource.annotations());
    set_metadata_texts(&mut resource.node, "labels", labels);
    set_metadata_texts(&mut resource.node, "annotations", annotations);
    let metadata = resource
        .node
        .get_mut("metadata")
        .and_then(Node::as_mapping_mut);
    if let Some(metadata) = metadata {
        set_identity(metadata, "name", old.name());
        set_identity(metadata, "namespace", old.namespace());
    }
    resource.take_history(old);
    resource.needs_hash &= old.needs_hash;
    resource.behavior = old.behavior;
}

/// The texts of a field; null is an empty one.
fn content(node: Option<&Node>) -> BTreeMap<String, String> {
    let mut texts = texts(node);
    for (key, entry) in node.and_then(Node::as_mapping).into_iter().flatten() {
        if let (true, Some(text)) = (entry.value.is_null(), texts.get_mut(key)) {
            text.clear();
        }
    }
    texts
}

fn merge_data(node: &mut Node, old: &Node, field: &str) {
    let mut data = content(old.get(field));
    data.extend(content(node.get(field)));
    if let Some(entries) = node.as_mapping_mut() {
        entries.remove(field);
    }
    for (key, text) in data {
        set_data(node, field, key, text);
    }
}
