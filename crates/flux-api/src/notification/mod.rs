//! Notifications: events sent out and webhooks taken in (`notification.toolkit.fluxcd.io`).

mod alert;
mod provider;
mod receiver;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use alert::{Alert, AlertSpec, EventSeverity};
pub use provider::{Provider, ProviderSpec, ProviderType};
pub use receiver::{
    OIDCProvider, OIDCValidation, OIDCVariable, Receiver, ReceiverResource, ReceiverSpec,
    ReceiverStatus, ReceiverType,
};

use crate::choices::choices;
use crate::omit;

choices! {
    /// Kinds of objects that send events and can be made to reconcile.
    pub enum ObjectKind {
        /// A bucket of an object store.
        Bucket = "Bucket",
        /// A Git repository.
        GitRepository = "GitRepository",
        /// A set of objects built from a source.
        Kustomization = "Kustomization",
        /// An installed Helm chart.
        HelmRelease = "HelmRelease",
        /// A Helm chart.
        HelmChart = "HelmChart",
        /// A Helm repository.
        HelmRepository = "HelmRepository",
        /// An image repository.
        ImageRepository = "ImageRepository",
        /// A rule that elects an image.
        ImagePolicy = "ImagePolicy",
        /// Commits of new images.
        ImageUpdateAutomation = "ImageUpdateAutomation",
        /// An OCI artifact.
        OCIRepository = "OCIRepository",
        /// Artifacts made of other artifacts.
        ArtifactGenerator = "ArtifactGenerator",
        /// An artifact that another controller provides.
        ExternalArtifact = "ExternalArtifact",
    }
}

/// One or more Flux objects, possibly in another namespace.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossNamespaceObjectReference {
    /// API group and version of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the objects.
    pub kind: ObjectKind,

    /// Name of the object; `*` for all of the kind.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Namespace of the objects; that of the referring object by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 253))]
    pub namespace: Option<String>,

    /// Labels that the objects must have, all of them; needs the name `*`.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub match_labels: BTreeMap<String, String>,
}
