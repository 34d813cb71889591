//! What keeps running when Flux is gone. Pure.

use crate::cluster::removal::{FluxObject, is_flux_group};

/// How many objects are named.
const NAMED: usize = 3;

/// A line for each object of Flux's that applied something which stays; `namespace` is the one
/// Flux is removed from, with all that is in it where `with_namespace` says so.
pub(super) fn lines(objects: &[FluxObject], namespace: &str, with_namespace: bool) -> Vec<String> {
    objects
        .iter()
        .filter_map(|object| {
            let stays: Vec<String> = object
                .inventory
                .iter()
                .filter_map(|id| Entry::parse(id))
                .filter(|entry| !entry.goes(namespace, with_namespace))
                .map(|entry| entry.name())
                .collect();
            let (first, more) = stays.split_at(stays.len().min(NAMED));
            let more = match more.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            (!first.is_empty()).then(|| {
                format!(
                    "what {} applied keeps running: {}{more}",
                    object.name,
                    first.join(", ")
                )
            })
        })
        .collect()
}

/// One entry of an inventory.
struct Entry<'a> {
    namespace: &'a str,
    name: &'a str,
    group: &'a str,
    kind: &'a str,
}

impl<'a> Entry<'a> {
    /// Reads `namespace_name_group_kind`; the name may hold two underscores in place of a colon.
    fn parse(id: &'a str) -> Option<Self> {
        let (namespace, rest) = id.split_once('_')?;
        let (rest, kind) = rest.rsplit_once('_')?;
        let (name, group) = rest.rsplit_once('_')?;
        Some(Entry {
            namespace,
            name,
            group,
            kind,
        })
    }

    /// Whether it goes with Flux: its own kinds and their objects, its rights, and what is in its
    /// namespace.
    fn goes(&self, flux: &str, with_namespace: bool) -> bool {
        let in_namespace = self.namespace == flux || self.kind == "Namespace" && self.name == flux;
        let definition = self.kind == "CustomResourceDefinition"
            && self
                .name
                .split_once('.')
                .is_some_and(|(_, group)| is_flux_group(group));
        let rights = self.group == "rbac.authorization.k8s.io"
            && self.namespace.is_empty()
            && self.name.ends_with(&format!("-{flux}"));
        let part = ["Deployment", "Service", "ServiceAccount", "NetworkPolicy"]
            .contains(&self.kind)
            && crate::manifests::components::find(self.name).is_some();
        definition
            || rights
            || is_flux_group(self.group)
            || in_namespace && (with_namespace || part)
    }

    fn name(&self) -> String {
        let name = self.name.replace("__", ":");
        match self.namespace {
            "" => format!("{}/{name}", self.kind),
            namespace => format!("{}/{namespace}/{name}", self.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stays(ids: &[&str], with_namespace: bool) -> Vec<String> {
        let entries = ids.iter().filter_map(|id| Entry::parse(id));
        let stay = entries.filter(|entry| !entry.goes("flux-system", with_namespace));
        stay.map(|entry| entry.name()).collect()
    }

    const IDS: &[&str] = &[
        "fx_web_apps_Deployment",
        "_fx__Namespace",
        "_system__view_rbac.authorization.k8s.io_ClusterRole",
        "_crd-controller-flux-system_rbac.authorization.k8s.io_ClusterRole",
        "_buckets.source.toolkit.fluxcd.io_apiextensions.k8s.io_CustomResourceDefinition",
        "_boats.example_apiextensions.k8s.io_CustomResourceDefinition",
        "fx_other_kustomize.toolkit.fluxcd.io_Kustomization",
        "_flux-system__Namespace",
        "flux-system_source-controller_apps_Deployment",
        "flux-system_web_apps_Deployment",
    ];

    #[test]
    fn what_is_fluxs_own_goes() {
        let others = [
            "Deployment/fx/web",
            "Namespace/fx",
            "ClusterRole/system:view",
            "CustomResourceDefinition/boats.example",
        ];
        assert_eq!(stays(IDS, true), others);
        let mut kept = others.to_vec();
        kept.extend(["Namespace/flux-system", "Deployment/flux-system/web"]);
        assert_eq!(stays(IDS, false), kept);
    }
}
