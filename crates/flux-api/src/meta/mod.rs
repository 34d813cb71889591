//! What the kinds share: references, conditions, artifacts, and the names of annotations.

mod artifact;
mod condition;
mod inventory;
mod reference;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use artifact::{Artifact, Snapshot};
pub use condition::{Condition, condition_type, reason};
pub(crate) use condition::{ConditionSchema, LabelSelectorSchema};
pub use inventory::{ResourceInventory, ResourceRef};
pub use reference::{
    DataKind, DependencyReference, KubeConfigReference, LocalObjectReference,
    NamespacedObjectKindReference, NamespacedObjectReference, SecretKeyReference,
};

use crate::omit;

/// The annotation that asks a controller to reconcile an object now. Any new value does.
pub const RECONCILE_REQUEST_ANNOTATION: &str = "reconcile.fluxcd.io/requestedAt";

/// The annotation that makes a requested reconciliation go ahead even with nothing new.
///
/// It counts only with the same value as [`RECONCILE_REQUEST_ANNOTATION`].
pub const FORCE_REQUEST_ANNOTATION: &str = "reconcile.fluxcd.io/forceAt";

/// The annotation that makes a requested Helm release reconciliation start its failure counts anew.
///
/// It counts only with the same value as [`RECONCILE_REQUEST_ANNOTATION`].
pub const RESET_REQUEST_ANNOTATION: &str = "reconcile.fluxcd.io/resetAt";

/// The finalizer that the controllers put on their objects.
pub const FINALIZER: &str = "finalizers.fluxcd.io";

/// Labels and annotations for all objects of a set.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommonMetadata {
    /// Annotations that every object gets; they win over its own of the same key.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub annotations: BTreeMap<String, String>,

    /// Labels that every object gets; they win over its own of the same key.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub labels: BTreeMap<String, String>,
}

/// Which other namespaces may refer to an object.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessFrom {
    /// Selectors of the namespaces that are let in; matching one of them is enough.
    pub namespace_selectors: Vec<NamespaceSelector>,
}

/// Selects namespaces by their labels.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Labels that a namespace must have, all of them. Empty selects every namespace.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub match_labels: BTreeMap<String, String>,
}
