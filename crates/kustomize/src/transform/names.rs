//! `namePrefix` and `nameSuffix`.

use crate::error::Error;
use crate::id::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::Resource;

pub(super) fn apply(
    kustomization: &Kustomization,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let (prefix, suffix) = (&kustomization.name_prefix, &kustomization.name_suffix);
    for resource in resources
        .iter_mut()
        .filter(|resource| !prefix.is_empty() && is_renamed(resource))
    {
        resource.prefixes.push(prefix.clone());
        resource.remember_id();
        resource.set_name(&format!("{prefix}{}", resource.name()));
    }
    for resource in resources
        .iter_mut()
        .filter(|resource| !suffix.is_empty() && is_renamed(resource))
    {
        resource.suffixes.push(suffix.clone());
        resource.remember_id();
        resource.set_name(&format!("{}{suffix}", resource.name()));
    }
    Ok(())
}

/// Whether the name of an object is the user's choice. The kind it had at first decides.
fn is_renamed(resource: &Resource) -> bool {
    let gvk: Gvk = resource.original_id().gvk;
    let is_api_service = gvk.group == "apiregistration.k8s.io" && gvk.kind == "APIService";
    !is_api_service && !matches!(gvk.kind.as_str(), "CustomResourceDefinition" | "Namespace")
}
