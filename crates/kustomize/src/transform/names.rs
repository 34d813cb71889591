//! `namePrefix` and `nameSuffix`.

use super::{Fields, failure};
use crate::configuration::Field;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec};
use crate::id::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::{Resource, set_untyped};

pub(super) fn builtin_fields() -> Vec<FieldSpec> {
    vec![FieldSpec::anywhere("metadata/name", false)]
}

pub(super) fn apply(
    kustomization: &Kustomization,
    fields: &Fields<'_>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let (prefix, suffix) = (&kustomization.name_prefix, &kustomization.name_suffix);
    if !prefix.is_empty() {
        rename(
            kustomization,
            fields(Field::NamePrefix),
            resources,
            |resource| &mut resource.prefixes,
            prefix,
            |name| format!("{prefix}{name}"),
        )?;
    }
    if !suffix.is_empty() {
        rename(
            kustomization,
            fields(Field::NameSuffix),
            resources,
            |resource| &mut resource.suffixes,
            suffix,
            |name| format!("{name}{suffix}"),
        )?;
    }
    Ok(())
}

/// Changes names, and remembers by what.
fn rename(
    kustomization: &Kustomization,
    specs: &[FieldSpec],
    resources: &mut [Resource],
    affixes: fn(&mut Resource) -> &mut Vec<String>,
    affix: &str,
    renamed: impl Fn(&str) -> String,
) -> Result<(), Error> {
    for resource in resources.iter_mut().filter(|resource| is_renamed(resource)) {
        let original = resource.original_id().gvk;
        for spec in specs.iter().filter(|spec| original.is_selected(&spec.gvk)) {
            if spec.path == ["metadata", "name"] {
                affixes(resource).push(affix.to_owned());
                resource.remember_id();
            }
            if !resource.gvk().is_selected(&spec.gvk) {
                continue;
            }
            let done = spec.apply(&mut resource.node, Some(Blank::Scalar), &mut |field| {
                let name = field.as_scalar().ok_or("a name is a text")?;
                let name = renamed(name);
                set_untyped(field, &name);
                Ok(())
            });
            done.map_err(|error| failure(kustomization, resource, &error))?;
        }
    }
    Ok(())
}

/// Whether the name of an object is the user's choice. The kind it had at first decides.
fn is_renamed(resource: &Resource) -> bool {
    let gvk: Gvk = resource.original_id().gvk;
    let is_api_service = gvk.group == "apiregistration.k8s.io" && gvk.kind == "APIService";
    !is_api_service && !matches!(gvk.kind.as_str(), "CustomResourceDefinition" | "Namespace")
}
