//! `generators`, `transformers` and `validators`: kustomize's built-in ones, configured by objects of their own.
//!
//! The objects stand inline, in files, or are what directories are built to. Programs and containers are never run.

use std::collections::HashMap;

use crate::accumulate::Build;
use crate::accumulated::{Resources, Rules};
use crate::build_metadata::Origin;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::generate;
use crate::kustomization::{ExternalGenerator, Kustomization, Located, Transformation};
use crate::load::Directory;
use crate::resource::Resource;
use crate::transform::{self, value_add};
use crate::yaml::Node;
use crate::{hash, id::Id};

/// The label by which validators mark what they have seen.
const VALIDATED: &str = "validated-by";

impl Build<'_> {
    /// Adds what the entries of `generators` generate.
    pub(crate) fn generators(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        resources: &mut Vec<Resource>,
    ) -> Result<(), Error> {
        let configured = self
            .configured(
                directory,
                kustomization,
                &kustomization.generators,
                "generator",
            )
            .map_err(|error| error.context("loading generator plugins"))?;
        let generators: Vec<(ExternalGenerator, Resource)> = configured
            .into_iter()
            .map(|object| {
                Ok((
                    Kustomization::generator(&object.file, &object.node)?,
                    object,
                ))
            })
            .collect::<Result<_, Error>>()
            .map_err(|error| {
                error.context("loading generator plugins: failed to load generator")
            })?;
        for (generator, object) in &generators {
            generate::external(directory, generator, object, resources)
                .map_err(|error| error.at(&object.file, object.node.position))?;
        }
        Ok(())
    }

    /// Applies the entries of `transformers`.
    pub(crate) fn transformers(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        configuration: &Configuration,
        resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, Error> {
        let entries = &kustomization.transformers;
        self.transformations(directory, kustomization, entries)?
            .iter()
            .try_fold(resources, |resources, (transformation, origin)| {
                let mut resources = apply(directory, configuration, transformation, resources)?;
                if let Some(origin) = origin {
                    origin.record(&mut resources);
                }
                Ok(resources)
            })
    }

    /// Applies the entries of `validators`, which may not change anything.
    pub(crate) fn validators(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        configuration: &Configuration,
        mut resources: Vec<Resource>,
    ) -> Result<Vec<Resource>, Error> {
        let entries = &kustomization.validators;
        for (validator, _) in self.transformations(directory, kustomization, entries)? {
            let before: Vec<(Id, Node)> = resources
                .iter()
                .map(|resource| (resource.id(), resource.node.clone()))
                .collect();
            resources = apply(directory, configuration, &validator, resources)?;
            if let Some(changed) = changed(&before, &resources) {
                let message =
                    format!("validator shouldn't modify the resource map: {changed} is another");
                let position = entries.first().map(|entry| entry.position);
                return Err(
                    Error::new(message).at(&kustomization.file, position.unwrap_or_default())
                );
            }
        }
        Ok(resources)
    }

    fn transformations(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        entries: &[Located],
    ) -> Result<Vec<(Transformation, Option<Origin>)>, Error> {
        self.configured(directory, kustomization, entries, "transformer")?
            .iter()
            .map(|object| {
                let transformation =
                    Kustomization::transformer(directory, &object.file, &object.node)?;
                Ok((transformation, Origin::of_configured(object)))
            })
            .collect()
    }

    /// The objects that entries stand for: first those inline, then those of files and directories.
    fn configured(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        entries: &[Located],
        what: &str,
    ) -> Result<Vec<Resource>, Error> {
        let mut configured = Resources::default();
        // What kustomizations that hold plugins say of fields and vars is for those alone.
        let mut rules = Rules::default();
        let mut paths = Vec::new();
        for entry in entries {
            // Of the types of the build: looking these objects up is one use of them, which may settle them.
            let Ok(mut inline) = directory.resources(&entry.text, &kustomization.file) else {
                paths.push(entry);
                continue;
            };
            if let Some(place) = &self.place {
                place.of_inline().set(&mut inline);
            }
            for mut resource in inline {
                resource.node.move_to(entry.position);
                configured.push(resource).map_err(|error| {
                    error
                        .context(format!("configuring external {what}"))
                        .at(&kustomization.file, entry.position)
                })?;
            }
        }
        for entry in paths {
            self.entry(directory, entry, &mut configured, &mut rules)
                .map_err(|error| error.at(&kustomization.file, entry.position))?;
        }
        Ok(configured.into_vec())
    }
}

fn apply(
    directory: Directory<'_>,
    configuration: &Configuration,
    transformation: &Transformation,
    mut resources: Vec<Resource>,
) -> Result<Vec<Resource>, Error> {
    match transformation {
        Transformation::Fields(fields) => {
            transform::run(directory, fields, configuration, None, resources)
        }
        Transformation::Hash => {
            hash::add(&mut resources);
            Ok(resources)
        }
        Transformation::ValueAdd(addition) => {
            value_add::apply(addition, &mut resources)?;
            Ok(resources)
        }
    }
}

/// What a validator changed, but for its mark.
fn changed(before: &[(Id, Node)], after: &[Resource]) -> Option<String> {
    if before.len() != after.len() {
        return Some(format!("the number of {} objects", before.len()));
    }
    // Of several objects with one identity, none is the one that was there.
    let mut by_id: HashMap<Id, Option<&Resource>> = HashMap::new();
    for resource in after {
        by_id
            .entry(resource.id())
            .and_modify(|known| *known = None)
            .or_insert(Some(resource));
    }
    let same = |(id, node): &(Id, Node)| {
        let validated = by_id.get(id).copied().flatten();
        validated.is_some_and(|resource| unmarked(&resource.node) == node.to_json())
    };
    let (id, _) = before.iter().find(|object| !same(object))?;
    Some(id.to_string())
}

/// The content of an object without a validator's mark.
fn unmarked(node: &Node) -> serde_json::Value {
    let mut value = node.to_json();
    let labels = value.pointer_mut("/metadata/labels");
    if let Some(labels) = labels.and_then(serde_json::Value::as_object_mut)
        && labels.remove(VALIDATED).is_some()
        && labels.is_empty()
        && let Some(metadata) = value["metadata"].as_object_mut()
    {
        metadata.remove("labels");
    }
    value
}
