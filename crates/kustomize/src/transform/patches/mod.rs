//! `patches`, `patchesStrategicMerge` and `patchesJson6902`.

mod known;
mod operations;
mod read;
mod strategic;

use std::collections::HashSet;

use super::Record;
use crate::error::Error;
use crate::id::Key;
use crate::jsonpatch::Operation;
use crate::kustomization::{Kustomization, Located, Patch};
use crate::load::Directory;
use crate::resource::Resource;
use crate::selector::Selector;
use crate::yaml;
use known::{Known, only_target};
use operations::apply_operations;
use strategic::{Allowed, merge_into, merge_one};

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
    target: Option<Selector>,
    content: Content,
    allowed: Allowed,
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
        let paths: Vec<&Located> = kustomization.strategic_patches.iter().collect();
        let doing = || configuring(kustomization, "PatchStrategicMergeTransformer", &paths);
        for entry in &kustomization.strategic_patches {
            let at_entry = |error: Error| error.at(&kustomization.file, entry.position);
            let patches = read::strategic(directory, kustomization, entry).map_err(at_entry);
            strategic.extend(patches.map_err(|error| error.context(doing()))?);
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
            let error = Error::new(message).at(&kustomization.file, first.position);
            return Err(error.context(doing()));
        }
        let doing =
            |patch: &Patch, kind| configuring(kustomization, kind, &[&patch.path, &patch.inline]);
        let patches = kustomization.patches.iter().map(|patch| {
            let loaded = read::patch_entry(directory, kustomization, patch)
                .map_err(|error| error.context(doing(patch, "PatchTransformer")))?;
            let target = read::target(kustomization, patch)?;
            Ok::<_, Error>(Loaded { target, ..loaded })
        });
        let json = kustomization.json_patches.iter().map(|patch| {
            read::json_entry(directory, kustomization, patch)
                .map_err(|error| error.context(doing(patch, "PatchJson6902Transformer")))
        });
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
        record: &Record<'_>,
        mut resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, Error> {
        let mut known = Known::default();
        for patch in &self.strategic {
            let at = only_target(&resources, patch, &mut known)?;
            let id = resources[at].id();
            let chosen: Vec<bool> = resources.iter().map(|resource| resource.is(&id)).collect();
            merge_into(
                &mut resources,
                &chosen,
                patch,
                Allowed::default(),
                &mut known,
            )?;
            known.tell_apart(&resources)?;
        }
        let strategic = usize::from(!self.strategic.is_empty());
        record(strategic, "PatchStrategicMergeTransformer", &mut resources);
        for patch in &self.patches {
            patch.apply(kustomization, &mut resources, &mut known)?;
            record(1, "PatchTransformer", &mut resources);
        }
        Ok(resources)
    }

    /// Applies `patchesJson6902`.
    pub(super) fn apply_json(
        &self,
        kustomization: &Kustomization,
        record: &Record<'_>,
        resources: &mut [Resource],
    ) -> Result<(), Error> {
        for (target, operations, origin) in &self.json {
            let refused = |error: String| origin.error(kustomization, error);
            let chosen = target.choose(resources).map_err(refused)?;
            for (resource, _) in resources
                .iter_mut()
                .zip(chosen)
                .filter(|(_, chosen)| *chosen)
            {
                apply_operations(resource, operations).map_err(refused)?;
            }
            record(1, "PatchJson6902Transformer", resources);
        }
        Ok(())
    }
}

/// What was being done when a patch could not be read: which transformation was set up, with which texts.
fn configuring(kustomization: &Kustomization, kind: &str, config: &[&Located]) -> String {
    if let Some(plugin) = &kustomization.plugin {
        return format!("plugin {plugin} fails configuration");
    }
    let texts: Vec<&str> = config
        .iter()
        .filter_map(|located| located.text.lines().find(|line| !line.is_empty()))
        .collect();
    let texts = texts.join(", ");
    format!("trouble configuring builtin {kind} with config: `{texts}`")
}

impl Loaded {
    fn apply(
        &self,
        kustomization: &Kustomization,
        resources: &mut Vec<Resource>,
        known: &mut Known,
    ) -> Result<(), Error> {
        match (&self.content, &self.target) {
            (Content::Merges(patches), Some(target)) => match patches.as_slice() {
                [] => Ok(()),
                [patch] => self.merge_targeted(kustomization, resources, target, patch, known),
                _ => {
                    let message = format!(
                        "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {}",
                        self.origin.shown
                    );
                    Err(self.origin.error(kustomization, message))
                }
            },
            (Content::Merges(patches), None) => patches
                .iter()
                .try_for_each(|patch| self.merge_untargeted(resources, patch, known)),
            (Content::Operations(operations), Some(target)) => {
                known.forget();
                let refused = |error: String| self.origin.error(kustomization, error);
                let chosen = target.choose(resources).map_err(refused)?;
                for (resource, _) in resources
                    .iter_mut()
                    .zip(chosen)
                    .filter(|(_, chosen)| *chosen)
                {
                    resource.remember_id();
                    apply_operations(resource, operations).map_err(refused)?;
                }
                Ok(())
            }
            (Content::Operations(operations), None) if operations.is_empty() => Ok(()),
            (Content::Operations(_), None) => {
                let message = format!("must specify a target for JSON patch {}", self.origin.shown);
                Err(self.origin.error(kustomization, message))
            }
        }
    }

    /// Merges a patch into the objects that the target chooses, and others of their identities.
    fn merge_targeted(
        &self,
        kustomization: &Kustomization,
        resources: &mut Vec<Resource>,
        target: &Selector,
        patch: &Resource,
        known: &mut Known,
    ) -> Result<(), Error> {
        let mut chosen = target.choose(resources).map_err(|error| {
            let message = format!("unable to find patch target in `resources`: {error}");
            self.origin.error(kustomization, message)
        })?;
        if !known.told_apart {
            let keys: HashSet<Key> = resources
                .iter()
                .zip(&chosen)
                .filter(|(_, chosen)| **chosen)
                .map(|(resource, _)| resource.id().key())
                .collect();
            for (resource, chosen) in resources.iter().zip(&mut chosen) {
                *chosen = *chosen || keys.contains(&resource.id().key());
            }
        }
        merge_into(resources, &chosen, patch, self.allowed, known)?;
        known.tell_apart(resources)
    }

    fn merge_untargeted(
        &self,
        resources: &mut Vec<Resource>,
        patch: &Resource,
        known: &mut Known,
    ) -> Result<(), Error> {
        let at = only_target(resources, patch, known).map_err(|error| {
            let message = format!(
                "no resource matches strategic merge patch \"{}\": {}",
                patch.id(),
                error.message()
            );
            Error::new(message).at(&patch.file, patch.node.position)
        })?;
        if self.allowed.any() {
            known.forget();
        }
        if !merge_one(&mut resources[at], &patch.node, patch, self.allowed)? {
            resources.remove(at);
            known.remove(at);
        }
        Ok(())
    }
}
