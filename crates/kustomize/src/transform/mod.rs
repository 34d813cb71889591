//! What a kustomization does to its objects, in kustomize's order.

mod images;
mod labels;
mod names;
mod namespace;
mod patches;
pub(crate) mod replacements;
mod replicas;
pub(crate) mod value_add;

use crate::build_metadata::Place;
use crate::configuration::{Configuration, Field};
use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::kustomization::Kustomization;
use crate::load::Directory;
use crate::resource::Resource;

/// Tells objects that they were changed, so many times, by transformations of a kind.
type Record<'a> = dyn Fn(usize, &str, &mut [Resource]) + 'a;

/// The fields that a list of the configuration names.
type Fields<'a> = dyn Fn(Field) -> &'a [FieldSpec] + 'a;

/// The fields that are changed without any configuration.
pub(crate) fn builtin_fields(field: Field) -> Vec<FieldSpec> {
    match field {
        Field::NamePrefix | Field::NameSuffix => names::builtin_fields(),
        Field::Namespace => namespace::builtin_fields(),
        Field::CommonAnnotations => labels::annotations(),
        Field::CommonLabels => labels::common_labels(),
        Field::TemplateLabels => labels::template_labels(),
        Field::Images => images::builtin_fields(),
        Field::Replicas => replicas::builtin_fields(),
        Field::Labels | Field::VarReference => Vec::new(),
    }
}

/// Applies all the transformations of a kustomization.
pub(crate) fn run(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    configuration: &Configuration,
    place: Option<&Place>,
    resources: Vec<Resource>,
) -> Result<Vec<Resource>, Error> {
    let patches = patches::Patches::load(directory, kustomization)?;
    let replacements = replacements::load(directory, kustomization)?;
    let labels = labels::specs(kustomization, configuration)?;
    // A transformation with a configuration of its own changes the fields that it says.
    let fields = |field| match &kustomization.specs {
        Some(specs) => specs.as_slice(),
        None => configuration.fields(field),
    };
    let record = |times: usize, kind: &str, resources: &mut [Resource]| {
        for place in place.into_iter().cycle().take(times) {
            place.of_builtin(kind).record(resources);
        }
    };
    let any = |empty: bool| usize::from(!empty);
    let mut resources = patches.merge(kustomization, &record, resources)?;
    namespace::apply(kustomization, &fields, &mut resources)?;
    record(
        any(kustomization.namespace.is_empty()),
        "NamespaceTransformer",
        &mut resources,
    );
    names::apply(kustomization, &fields, &mut resources)?;
    record(
        any(kustomization.name_prefix.is_empty()),
        "PrefixTransformer",
        &mut resources,
    );
    record(
        any(kustomization.name_suffix.is_empty()),
        "SuffixTransformer",
        &mut resources,
    );
    labels::apply(kustomization, &labels, &fields, &mut resources)?;
    record(
        labels::count(kustomization),
        "LabelTransformer",
        &mut resources,
    );
    let annotations = any(kustomization.common_annotations.is_empty());
    record(annotations, "AnnotationsTransformer", &mut resources);
    patches.apply_json(kustomization, &record, &mut resources)?;
    replicas::apply(kustomization, &fields, &mut resources)?;
    record(
        kustomization.replicas.len(),
        "ReplicaCountTransformer",
        &mut resources,
    );
    images::apply(kustomization, &fields, &mut resources)?;
    record(
        kustomization.images.len(),
        "ImageTagTransformer",
        &mut resources,
    );
    replacements::apply(&replacements, &mut resources)?;
    let replaced = any(kustomization.replacements.is_empty());
    record(replaced, "ReplacementTransformer", &mut resources);
    Ok(resources)
}

/// An error in what a field of the kustomization does to an object.
fn failure(kustomization: &Kustomization, resource: &Resource, error: &str) -> Error {
    Error::new(format!("{error} of object {}", resource.id())).in_file(&kustomization.file)
}
