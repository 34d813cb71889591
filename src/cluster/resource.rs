//! Which path of the API an object lives under.
//!
//! The kinds that reflux itself writes are in a table; for any other the server is asked.

use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use kube::discovery::{self, Scope};
use serde_json::Value;

use super::{Cluster, Error};
use crate::kinds::{KINDS, ObjectName};

/// The kinds of Kubernetes' own that are installed or made: API version, kind, plural and whether
/// they live in namespaces.
const BUILT_IN: &[(&str, &str, &str, bool)] = &[
    ("v1", "Namespace", "namespaces", false),
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "ResourceQuota", "resourcequotas", true),
    ("v1", "Secret", "secrets", true),
    ("v1", "Service", "services", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("apps/v1", "Deployment", "deployments", true),
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        false,
    ),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "networkpolicies",
        true,
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRole",
        "clusterroles",
        false,
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        false,
    ),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", true),
    (
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "rolebindings",
        true,
    ),
];

/// The name of a manifest that is to be applied.
///
/// # Errors
/// When the manifest lacks its version, kind or name.
pub(super) fn name_of(manifest: &Value) -> Result<ObjectName, Error> {
    ObjectName::of(manifest).ok_or_else(|| {
        Error::Invalid(
            "an object without apiVersion, kind or metadata.name cannot be applied".to_owned(),
        )
    })
}

/// The error of a server that does not have the kind of the object.
pub(super) fn kind_missing(name: &ObjectName) -> Error {
    Error::KindMissing {
        kind: name.kind.clone(),
        api_version: name.api_version.clone(),
        served: Vec::new(),
    }
}

impl Cluster {
    /// The part of the API that holds the object.
    ///
    /// # Errors
    /// [`Error::KindMissing`] where the server does not have the kind.
    pub(super) async fn api_of(&self, object: &ObjectName) -> Result<Api<DynamicObject>, Error> {
        let (resource, namespaced) = match known(object) {
            Some(known) => known,
            None => self.discover(object).await?,
        };
        let client = self.client.clone();
        Ok(match (&object.namespace, namespaced) {
            (Some(namespace), true) => Api::namespaced_with(client, namespace, &resource),
            (None, true) => Api::default_namespaced_with(client, &resource),
            (_, false) => Api::all_with(client, &resource),
        })
    }

    pub(super) async fn discover(&self, object: &ObjectName) -> Result<(ApiResource, bool), Error> {
        match discovery::pinned_kind(&self.client, &gvk(object)).await {
            Ok((resource, capabilities)) => Ok((resource, capabilities.scope == Scope::Namespaced)),
            Err(kube::Error::Discovery(_)) => Err(kind_missing(object)),
            Err(error) => match self.error(error) {
                Error::KindMissing { .. } | Error::NotFound(_) => Err(kind_missing(object)),
                error => Err(error.about(object)),
            },
        }
    }
}

pub(super) fn known(object: &ObjectName) -> Option<(ApiResource, bool)> {
    let built_in = BUILT_IN
        .iter()
        .find(|(api_version, kind, ..)| *api_version == object.api_version && *kind == object.kind)
        .map(|(_, _, plural, namespaced)| (*plural, *namespaced));
    let flux = || {
        let row = KINDS
            .iter()
            .find(|row| row.kind == object.kind && row.api_version() == object.api_version)?;
        Some((row.plural, true))
    };
    let (plural, namespaced) = built_in.or_else(flux)?;
    let resource = ApiResource::from_gvk_with_plural(&gvk(object), plural);
    Some((resource, namespaced))
}

fn gvk(object: &ObjectName) -> GroupVersionKind {
    let version = object.api_version.rsplit('/').next().unwrap_or_default();
    GroupVersionKind::gvk(object.group(), version, &object.kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name(api_version: &str, kind: &str) -> ObjectName {
        let manifest = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}});
        ObjectName::of(&manifest).unwrap()
    }

    #[test]
    fn everything_that_is_installed_is_known() {
        let options = crate::manifests::install::Options::default();
        for object in crate::manifests::install::objects(&options).unwrap() {
            let name = ObjectName::of(&object).unwrap();
            let (_, namespaced) = known(&name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(namespaced, name.namespace.is_some(), "{name}");
        }
        assert!(known(&name("kustomize.toolkit.fluxcd.io/v1", "Kustomization")).is_some());
        assert!(known(&name("kustomize.toolkit.fluxcd.io/v9", "Kustomization")).is_none());
    }

    #[test]
    fn plurals_are_those_of_the_api() {
        let (resource, _) = known(&name("networking.k8s.io/v1", "NetworkPolicy")).unwrap();
        assert_eq!(resource.plural, "networkpolicies");
        assert_eq!(resource.group, "networking.k8s.io");
        assert_eq!(resource.version, "v1");
        let (resource, _) = known(&name("v1", "Secret")).unwrap();
        assert_eq!(
            (resource.group.as_str(), resource.version.as_str()),
            ("", "v1")
        );
    }

    #[test]
    fn what_has_no_name_is_refused() {
        assert!(name_of(&json!({"apiVersion": "v1", "kind": "Secret"})).is_err());
    }
}
