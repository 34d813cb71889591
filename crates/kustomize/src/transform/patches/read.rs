//! Reading patches: from files or inline, as partial objects or as operations.

use serde_json::Value;

use super::{Allowed, Content, Loaded, Origin};
use crate::error::Error;
use crate::jsonpatch::{self, Operation};
use crate::kustomization::{Kustomization, Located, Patch};
use crate::load::Directory;
use crate::resource::Resource;
use crate::selector::Selector;
use crate::yaml::{self, Dialect, Duplicates, Node, Position};

/// An entry of `patchesStrategicMerge`: the patch itself, or a file of patches.
pub(super) fn strategic(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    entry: &Located,
) -> Result<Vec<Resource>, Error> {
    if let Ok(mut patches) = directory.partial_resources(&entry.text, &kustomization.file) {
        move_to(&mut patches, entry.position);
        return Ok(patches);
    }
    let (text, file) = directory.read_text(&entry.text)?;
    directory.partial_resources(&text, &file)
}

pub(super) fn patch_entry(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    patch: &Patch,
) -> Result<Loaded, Error> {
    let at_entry = |error: Error| error.at(&kustomization.file, patch.position);
    let inline = patch.inline.text.trim();
    let (text, file, shown) = match (inline.is_empty(), patch.path.text.is_empty()) {
        (true, true) => return Err(at_entry(Error::new("must specify one of patch and path"))),
        (false, false) => {
            return Err(at_entry(Error::new(
                "patch and path can't be set at the same time",
            )));
        }
        (false, true) => (
            inline.to_owned(),
            kustomization.file.clone(),
            format!("[patch: {inline:?}]"),
        ),
        (true, false) => {
            let path = &patch.path.text;
            let failed = |error: Error| {
                Error::new(format!(
                    "failed to get the patch file from path({path}): {}",
                    error.message()
                ))
            };
            let (text, file) = directory
                .read_text(path)
                .map_err(failed)
                .map_err(at_entry)?;
            (text, file, format!("[path: {path:?}]"))
        }
    };
    let origin = Origin {
        position: patch.position,
        shown,
    };
    let mut content = content(directory, kustomization, &origin, &text, &file)?;
    if let (Content::Merges(merges), false) = (&mut content, inline.is_empty()) {
        move_to(merges, patch.inline.position);
    }
    Ok(Loaded {
        content,
        target: None,
        allowed: Allowed {
            name: patch.allow_name_change,
            kind: patch.allow_kind_change,
        },
        origin,
    })
}

/// Puts patches that stand inline at their places in the kustomization file.
fn move_to(patches: &mut [Resource], start: Position) {
    for patch in patches {
        patch.node.move_to(start);
    }
}

/// The objects that an entry of `patches` is for, where it says so.
pub(super) fn target(
    kustomization: &Kustomization,
    patch: &Patch,
) -> Result<Option<Selector>, Error> {
    let Some(patterns) = &patch.target else {
        return Ok(None);
    };
    Selector::new(patterns).map(Some).map_err(|error| {
        let message = format!("unable to find patch target \"{patterns}\" in `resources`: {error}");
        Error::new(message).at(&kustomization.file, patch.position)
    })
}

/// What the text of a patch is: a partial object, or a list of operations.
fn content(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    origin: &Origin,
    text: &str,
    file: &str,
) -> Result<Content, Error> {
    match (directory.partial_resources(text, file), operations(text)) {
        (Ok(merges), Ok(operations)) if !merges.is_empty() && !operations.is_empty() => {
            let message = format!(
                "illegally qualifies as both an SM and JSON patch: {}",
                origin.shown
            );
            Err(origin.error(kustomization, message))
        }
        (Ok(merges), _) => Ok(Content::Merges(merges)),
        (Err(_), Ok(operations)) => Ok(Content::Operations(operations)),
        (Err(merge), Err(json)) => {
            let why = if text.trim_start().starts_with(['-', '[']) {
                json
            } else {
                merge.message().to_owned()
            };
            let message = format!(
                "unable to parse SM or JSON patch from {}: {why}",
                origin.shown
            );
            Err(
                match merge.position().filter(|_| file != kustomization.file) {
                    Some(position) => Error::new(message).at(file, position),
                    None => origin.error(kustomization, message),
                },
            )
        }
    }
}

/// Reads operations: JSON if it begins with a bracket, else YAML.
fn operations(text: &str) -> Result<Vec<Operation>, String> {
    let value: Value = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| error.to_string())?
    } else {
        let documents = yaml::documents(text, Dialect::Kubernetes, Duplicates::Replace);
        let documents = documents.map_err(|error| error.message().to_owned())?;
        documents.first().map(Node::to_json).unwrap_or_default()
    };
    if value.is_null() {
        Ok(Vec::new())
    } else {
        jsonpatch::decode(&value)
    }
}

pub(super) fn json_entry(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    patch: &Patch,
) -> Result<(Selector, Vec<Operation>, Origin), Error> {
    let origin = Origin {
        position: patch.position,
        shown: patch.path.text.clone(),
    };
    let refuse = |message: &str| Err(origin.error(kustomization, message));
    let Some(patterns) = patch
        .target
        .as_ref()
        .filter(|patterns| !patterns.name.is_empty())
    else {
        return refuse("must specify the target name");
    };
    let text = match (patch.path.text.is_empty(), patch.inline.text.is_empty()) {
        (true, true) => return refuse("empty file path and empty jsonOp"),
        (false, false) => return refuse("must specify a file path or jsonOp, not both"),
        (true, false) => patch.inline.text.clone(),
        (false, true) => {
            let at_entry = |error: Error| error.at(&kustomization.file, patch.position);
            directory.read_text(&patch.path.text).map_err(at_entry)?.0
        }
    };
    let operations = operations(&text).map_err(|error| origin.error(kustomization, error))?;
    if operations.is_empty() {
        let message = format!(
            "patch appears to be empty; file={}, JsonOp={text}",
            patch.path.text
        );
        return refuse(&message);
    }
    let selector = Selector::new(patterns).map_err(|error| origin.error(kustomization, error))?;
    Ok((selector, operations, origin))
}
