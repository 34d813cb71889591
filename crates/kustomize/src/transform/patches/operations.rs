//! JSON patches of the objects that they are for.

use crate::jsonpatch::{self, Operation};
use crate::resource::{Resource, set_metadata_texts};
use crate::yaml::Node;

/// Applies the operations of a JSON patch to an object.
pub(super) fn apply_operations(
    resource: &mut Resource,
    operations: &[Operation],
) -> Result<(), String> {
    resource
        .check_written()
        .map_err(|error| error.message().to_owned())?;
    if resource.has_notes() && operations.iter().any(Operation::tests_annotations) {
        return Err(format!(
            "testing value /metadata/annotations failed: test failed: kustomize has notes there (in {})",
            resource.id()
        ));
    }
    let position = resource.node.position;
    resource.node.reread();
    let patched = jsonpatch::apply(resource.node.to_json(), operations)
        .map_err(|error| format!("{error} (in {})", resource.id()))?;
    resource.node = Node {
        position,
        ..Node::from_json(&patched)
    };
    let annotations = resource.node.at(&["metadata", "annotations"]);
    if annotations.is_some_and(|annotations| annotations.as_sequence().is_some()) {
        return Err(format!("annotations are a mapping (in {})", resource.id()));
    }
    // They are written anew, as texts.
    let annotations = resource.annotations();
    set_metadata_texts(&mut resource.node, "annotations", annotations);
    resource.keep_annotations();
    Ok(())
}
