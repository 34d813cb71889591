//! What Flux is installed on a cluster, and by whom.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::Api;

use super::{Cluster, Error};
use crate::manifests::install::{PART_OF, VERSION};

/// The definition that every installation has, whose labels tell about it.
const WITNESS: &str = "gitrepositories.source.toolkit.fluxcd.io";

/// Labels that kustomize-controller puts on what it applies: any of them on a definition of Flux
/// means that Flux manages itself.
const BOOTSTRAPPED: &[&str] = &[
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
];

/// The label by which other tools say that they manage an object.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// An installation of Flux, as far as its definitions tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// The version of the distribution, such as `v2.9.4`.
    pub version: Option<String>,
    /// What it is a part of: `flux` for Flux's own distribution.
    pub part_of: Option<String>,
    /// The tool that manages it, where that says so.
    pub managed_by: Option<String>,
    /// Whether it manages itself from a repository.
    pub bootstrapped: bool,
}

impl Installation {
    fn of(labels: &BTreeMap<String, String>) -> Self {
        let label = |key: &str| labels.get(key).filter(|value| !value.is_empty()).cloned();
        Installation {
            version: label(VERSION),
            part_of: label(PART_OF),
            managed_by: label(MANAGED_BY),
            bootstrapped: BOOTSTRAPPED.iter().any(|key| labels.contains_key(*key)),
        }
    }

    /// The distribution and its version, such as `flux-v2.9.4`; none where neither is known.
    pub fn distribution(&self) -> Option<String> {
        let version = self.version.clone();
        match (&self.part_of, version) {
            (Some(part_of), version) => Some(format!("{part_of}-{}", version.unwrap_or_default())),
            (None, version) => version,
        }
    }

    /// The tool other than Flux itself that manages it.
    pub fn other_manager(&self) -> Option<&str> {
        self.managed_by
            .as_deref()
            .filter(|manager| *manager != "flux")
    }
}

impl Cluster {
    /// The Flux that is installed, if any.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn installation(&self) -> Result<Option<Installation>, Error> {
        let api: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let found = api.get_metadata_opt(WITNESS).await;
        let found = found.map_err(|error| self.error(error))?;
        Ok(found.map(|found| Installation::of(&found.metadata.labels.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(labels: &[(&str, &str)]) -> Installation {
        let labels = labels
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Installation::of(&labels.collect())
    }

    #[test]
    fn any_label_of_the_kustomize_controller_means_bootstrapped() {
        for label in BOOTSTRAPPED {
            assert!(of(&[(label, "flux-system")]).bootstrapped, "{label}");
        }
        assert!(!of(&[(PART_OF, "flux")]).bootstrapped);
    }

    #[test]
    fn labels_name_distribution_and_manager() {
        let flux = of(&[(PART_OF, "flux"), (VERSION, "v2.9.4"), (MANAGED_BY, "flux")]);
        assert_eq!(flux.distribution().as_deref(), Some("flux-v2.9.4"));
        assert_eq!(flux.other_manager(), None);
        let helm = of(&[(VERSION, "v2.0.0"), (MANAGED_BY, "Helm")]);
        assert_eq!(helm.distribution().as_deref(), Some("v2.0.0"));
        assert_eq!(helm.other_manager(), Some("Helm"));
        assert_eq!(of(&[]).distribution(), None);
    }
}
