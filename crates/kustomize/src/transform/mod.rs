//! What a kustomization does to its objects, in kustomize's order.

mod images;
mod labels;
mod names;
mod namespace;
mod patches;
mod replacements;
mod replicas;

use crate::error::Error;
use crate::kustomization::Kustomization;
use crate::load::Directory;
use crate::resource::Resource;

/// Applies all the transformations of a kustomization.
pub(crate) fn run(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    resources: Vec<Resource>,
) -> Result<Vec<Resource>, Error> {
    let patches = patches::Patches::load(directory, kustomization)?;
    let replacements = replacements::load(directory, kustomization)?;
    let labels = labels::specs(kustomization)?;
    let mut resources = patches.merge(kustomization, resources)?;
    namespace::apply(kustomization, &mut resources)?;
    names::apply(kustomization, &mut resources)?;
    labels::apply(kustomization, &labels, &mut resources)?;
    patches.apply_json(kustomization, &mut resources)?;
    replicas::apply(kustomization, &mut resources)?;
    images::apply(kustomization, &mut resources)?;
    replacements::apply(&replacements, &mut resources)?;
    Ok(resources)
}

/// An error in what a field of the kustomization does to an object.
fn failure(kustomization: &Kustomization, resource: &Resource, error: &str) -> Error {
    Error::new(format!("{error} of object {}", resource.id())).in_file(&kustomization.file)
}
