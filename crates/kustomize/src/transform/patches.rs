//! `patches`, `patchesStrategicMerge` and `patchesJson6902`.

use serde_json::Value;

use crate::accumulate::Resources;
use crate::error::Error;
use crate::jsonpatch::{self, Operation};
use crate::kustomization::{Kustomization, Located, Patch};
use crate::load::{self, Directory};
use crate::merge;
use crate::resource::{Resource, set_metadata_texts};
use crate::selector::{Patterns, Selector};
use crate::yaml::{self, Dialect, Duplicates, Mapping, Node};

/// The patches of a kustomization, read and checked.
pub(super) struct Patches {
    /// `patchesStrategicMerge`, in order.
    strategic: Vec<Resource>,
    patches: Vec<Loaded>,
    /// `patchesJson6902`.
    json: Vec<(Selector, Vec<Operation>, Origin)>,
}

/// Where a patch stands.
#[derive(Clone)]
struct Origin {
    position: yaml::Position,
    /// The file or the text itself, as errors show it.
    shown: String,
}

impl Origin {
    fn error(&self, kustomization: &Kustomization, message: impl Into<String>) -> Error {
        Error::new(message).at(&kustomization.file, self.position)
    }
}

/// An entry of `patches`.
struct Loaded {
    origin: Origin,
    target: Option<(Selector, Patterns)>,
    content: Content,
    allow_name_change: bool,
    allow_kind_change: bool,
}

enum Content {
    Merges(Vec<Resource>),
    Operations(Vec<Operation>),
}

impl Patches {
    pub(super) fn load(
        directory: Directory<'_>,
        kustomization: &Kustomization,
    ) -> Result<Self, Error> {
        let mut strategic = Vec::new();
        for entry in &kustomization.strategic_patches {
            let at_entry = |error: Error| error.at(&kustomization.file, entry.position);
            strategic.extend(load_strategic(directory, kustomization, entry).map_err(at_entry)?);
        }
        if let (true, Some(first)) = (
            strategic.is_empty(),
            kustomization.strategic_patches.first(),
        ) {
            let files: Vec<&str> = kustomization
                .strategic_patches
                .iter()
                .map(|entry| entry.text.as_str())
                .collect();
            let message = format!(
                "patch appears to be empty; files=[{}], Patch=",
                files.join(" ")
            );
            return Err(Error::new(message).at(&kustomization.file, first.position));
        }
        let patches = kustomization
            .patches
            .iter()
            .map(|patch| load_patch(directory, kustomization, patch));
        let json = kustomization
            .json_patches
            .iter()
            .map(|patch| load_json(directory, kustomization, patch));
        Ok(Self {
            strategic,
            patches: patches.collect::<Result<_, _>>()?,
            json: json.collect::<Result<_, _>>()?,
        })
    }

    /// Applies `patchesStrategicMerge`, then `patches`.
    pub(super) fn merge(
        &self,
        kustomization: &Kustomization,
        mut resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, Error> {
        for patch in &self.strategic {
            let at = only_target(&resources, patch)?;
            let key = resources[at].id().key();
            let chosen: Vec<bool> = resources
                .iter()
                .map(|resource| resource.id().key() == key)
                .collect();
            resources = merge_into(resources, &chosen, patch, false, false)?;
        }
        for patch in &self.patches {
            resources = patch.apply(kustomization, resources)?;
        }
        Ok(resources)
    }

    /// Applies `patchesJson6902`.
    pub(super) fn apply_json(
        &self,
        kustomization: &Kustomization,
        resources: &mut [Resource],
    ) -> Result<(), Error> {
        for (target, operations, origin) in &self.json {
            for resource in resources
                .iter_mut()
                .filter(|resource| target.matches(resource))
            {
                apply_operations(resource, operations)
                    .map_err(|error| origin.error(kustomization, error))?;
            }
        }
        Ok(())
    }
}

/// The object that a patch without a target is for.
fn only_target(resources: &[Resource], patch: &Resource) -> Result<usize, Error> {
    let id = patch.id();
    let mut matching = (0..resources.len()).filter(|at| resources[*at].has_id(&id));
    match (matching.next(), matching.next()) {
        (Some(at), None) => Ok(at),
        (first, _) => {
            let found = if first.is_some() {
                "multiple matches"
            } else {
                "no matches"
            };
            let message =
                format!("{found} for Id {id}; failed to find unique target for patch {id}");
            Err(Error::new(message).at(&patch.file, patch.node.position))
        }
    }
}

/// Merges a patch into the chosen objects; those it deletes go.
fn merge_into(
    resources: Vec<Resource>,
    chosen: &[bool],
    patch: &Resource,
    allow_name_change: bool,
    allow_kind_change: bool,
) -> Result<Vec<Resource>, Error> {
    // Labels and annotations of a patch for several objects become texts.
    let mut node = patch.node.clone();
    set_metadata_texts(&mut node, "labels", patch.labels());
    set_metadata_texts(&mut node, "annotations", patch.annotations());
    let mut kept = Resources::default();
    for (resource, chosen) in resources.into_iter().zip(chosen) {
        if !chosen {
            kept.push(resource)?;
            continue;
        }
        // The patch is taken for one of the object's own version.
        if let (Some(entries), Some(version)) =
            (node.as_mapping_mut(), resource.node.get("apiVersion"))
        {
            entries.insert("apiVersion".into(), version.clone().into());
        }
        if let Some(resource) =
            merge_one(resource, &node, patch, allow_name_change, allow_kind_change)?
        {
            kept.push(resource)?;
        }
    }
    Ok(kept.into_vec())
}

/// Merges a patch into an object, which keeps its name, namespace and kind unless they may change.
fn merge_one(
    mut resource: Resource,
    node: &Node,
    patch: &Resource,
    allow_name_change: bool,
    allow_kind_change: bool,
) -> Result<Option<Resource>, Error> {
    let (kind, name) = (
        resource.node.get("kind").cloned(),
        resource.node.at(&["metadata", "name"]).cloned(),
    );
    let namespace = resource.node.at(&["metadata", "namespace"]).cloned();
    if allow_name_change || allow_kind_change {
        resource.remember_id();
    }
    let refused =
        |refusal: merge::Refusal| Error::new(refusal.message).at(&patch.file, refusal.position);
    let target = std::mem::replace(&mut resource.node, Node::mapping());
    let Some(merged) = merge::apply(target, node).map_err(refused)? else {
        return Ok(None);
    };
    resource.node = merged;
    let Some(entries) = resource
        .node
        .as_mapping_mut()
        .filter(|entries| !entries.is_empty())
    else {
        return Ok(None);
    };
    if !allow_kind_change {
        restore(entries, "kind", kind);
    }
    let metadata = &mut entries
        .entry("metadata".into())
        .or_insert_with(|| Node::mapping().into())
        .value;
    if let Some(metadata) = metadata.as_mapping_mut() {
        if !allow_name_change {
            restore(metadata, "name", name);
        }
        restore(metadata, "namespace", namespace);
    }
    Ok(Some(resource))
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

fn apply_operations(resource: &mut Resource, operations: &[Operation]) -> Result<(), String> {
    let position = resource.node.position;
    let patched = jsonpatch::apply(resource.node.to_json(), operations)?;
    resource.node = Node {
        position,
        ..Node::from_json(&patched)
    };
    Ok(())
}

impl Loaded {
    fn apply(
        &self,
        kustomization: &Kustomization,
        mut resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, Error> {
        match (&self.content, &self.target) {
            (Content::Merges(patches), Some((target, _))) => {
                let Some(patch) = patches.first() else {
                    return Ok(resources);
                };
                if patches.len() > 1 {
                    let message = format!(
                        "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {}",
                        self.origin.shown
                    );
                    return Err(self.origin.error(kustomization, message));
                }
                let chosen: Vec<bool> = resources
                    .iter()
                    .map(|resource| target.matches(resource))
                    .collect();
                let keys: std::collections::HashSet<_> = resources
                    .iter()
                    .zip(&chosen)
                    .filter(|(_, chosen)| **chosen)
                    .map(|(r, _)| r.id().key())
                    .collect();
                let chosen: Vec<bool> = resources
                    .iter()
                    .map(|resource| keys.contains(&resource.id().key()))
                    .collect();
                merge_into(
                    resources,
                    &chosen,
                    patch,
                    self.allow_name_change,
                    self.allow_kind_change,
                )
            }
            (Content::Merges(patches), None) => {
                for patch in patches {
                    resources = self.merge_untargeted(resources, patch)?;
                }
                Ok(resources)
            }
            (Content::Operations(operations), Some((target, _))) => {
                for resource in resources
                    .iter_mut()
                    .filter(|resource| target.matches(resource))
                {
                    resource.remember_id();
                    apply_operations(resource, operations)
                        .map_err(|error| self.origin.error(kustomization, error))?;
                }
                Ok(resources)
            }
            (Content::Operations(operations), None) if operations.is_empty() => Ok(resources),
            (Content::Operations(_), None) => {
                let message = format!("must specify a target for JSON patch {}", self.origin.shown);
                Err(self.origin.error(kustomization, message))
            }
        }
    }

    fn merge_untargeted(
        &self,
        mut resources: Vec<Resource>,
        patch: &Resource,
    ) -> Result<Vec<Resource>, Error> {
        let at = only_target(&resources, patch).map_err(|error| {
            let message = format!(
                "no resource matches strategic merge patch \"{}\": {}",
                patch.id(),
                error.message()
            );
            Error::new(message).at(&patch.file, patch.node.position)
        })?;
        let target = resources.remove(at);
        let merged = merge_one(
            target,
            &patch.node,
            patch,
            self.allow_name_change,
            self.allow_kind_change,
        )?;
        if let Some(merged) = merged {
            resources.insert(at, merged);
        }
        Ok(resources)
    }
}

/// An entry of `patchesStrategicMerge`: the patch itself, or a file of patches.
fn load_strategic(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    entry: &Located,
) -> Result<Vec<Resource>, Error> {
    if let Ok(patches) = load::resources(&entry.text, &kustomization.file) {
        return Ok(patches);
    }
    let (text, file) = directory.read_text(&entry.text)?;
    load::resources(&text, &file)
}

fn load_patch(
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
    let target = match &patch.target {
        Some(patterns) => {
            let selector =
                Selector::new(patterns).map_err(|error| origin.error(kustomization, error))?;
            Some((selector, patterns.clone()))
        }
        None => None,
    };
    Ok(Loaded {
        content: content(kustomization, &origin, &text, &file)?,
        target,
        allow_name_change: patch.allow_name_change,
        allow_kind_change: patch.allow_kind_change,
        origin,
    })
}

/// What the text of a patch is: a partial object, or a list of operations.
fn content(
    kustomization: &Kustomization,
    origin: &Origin,
    text: &str,
    file: &str,
) -> Result<Content, Error> {
    match (load::resources(text, file), operations(text)) {
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

fn load_json(
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
