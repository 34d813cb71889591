//! Kustomizations.

use std::collections::BTreeMap;
use std::fmt;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::overlay::{CustomHealthCheck, IgnoreRule, Image, Patch};
use crate::choices::choices;
use crate::meta::{
    CommonMetadata, Condition, ConditionSchema, DataKind, DependencyReference, KubeConfigReference,
    LocalObjectReference, NamespacedObjectKindReference, ResourceInventory, Snapshot,
};
use crate::{Duration, omit};

/// What to build, from which source, and how to apply it.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "kustomize.toolkit.fluxcd.io",
    version = "v1",
    kind = "Kustomization",
    plural = "kustomizations",
    namespaced,
    schema = "disabled",
    status = "KustomizationStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A set of objects that is built from a source and kept applied to a cluster.",
    shortname = "ks",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-appliers",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
pub struct KustomizationSpec {
    /// Labels and annotations for all objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_metadata: Option<CommonMetadata>,

    /// Kustomizations that have to be ready before this one is applied.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub depends_on: Vec<DependencyReference>,

    /// How to decrypt Secrets that lie encrypted in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decryption: Option<Decryption>,

    /// How often to compare the cluster with the source; the controller may vary it by a little.
    pub interval: Duration,

    /// How long to wait after a failure; as long as the interval by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_interval: Option<Duration>,

    /// Another cluster to apply to; this one by default.
    ///
    /// With a ServiceAccount set, it is the account of that name on the other cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<KubeConfigReference>,

    /// Directory of the source to build; the root by default.
    ///
    /// If it has no kustomization.yaml, one is made of all manifests below it.
    #[serde(skip_serializing_if = "omit::text")]
    pub path: Option<String>,

    /// What to do with the manifests after the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_build: Option<PostBuild>,

    /// Whether objects that leave the source are deleted.
    pub prune: bool,

    /// What becomes of the objects when the Kustomization is deleted; `MirrorPrune` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,

    /// Objects that have to be healthy for the Kustomization to be ready.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub health_checks: Vec<NamespacedObjectKindReference>,

    /// Text to put before the name of every object.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 200))]
    pub name_prefix: Option<String>,

    /// Text to put after the name of every object.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 200))]
    pub name_suffix: Option<String>,

    /// Changes to the objects, applied in order.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub patches: Vec<Patch>,

    /// Images to replace.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub images: Vec<Image>,

    /// ServiceAccount to act as; the controller's own by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// Source to build from.
    pub source_ref: CrossNamespaceSourceReference,

    /// Whether applying is stopped for now; a run that has started is not cut off.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Namespace to put every object into, in place of its own.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub target_namespace: Option<String>,

    /// How long applying and health checks may take; by default 30 seconds less than the interval,
    /// but no less than 30 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// Whether objects are recreated where a change to them is not possible.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(extend("default" = false))]
    pub force: bool,

    /// Whether all objects have to be healthy; the list of health checks is not used then.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub wait: bool,

    /// What the build notes on each object as annotations.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub build_metadata: Vec<BuildMetadataOption>,

    /// Directories of kustomize components to build in, relative to the path.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub components: Vec<String>,

    /// Whether components that the source lacks are passed over.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub ignore_missing_components: bool,

    /// How to tell whether objects of custom kinds are healthy.
    ///
    /// They count only with `wait` or a list of health checks.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub health_check_exprs: Vec<CustomHealthCheck>,

    /// Fields that are neither compared nor written, so that others may own them.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub ignore: Vec<IgnoreRule>,
}

/// A source, possibly in another namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossNamespaceSourceReference {
    /// API group and version of the source; the one that the controller knows by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the source.
    pub kind: SourceKind,

    /// Name of the source.
    pub name: String,

    /// Namespace of the source; that of the Kustomization by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,
}

impl fmt::Display for CrossNamespaceSourceReference {
    /// Writes `Kind/[namespace/]name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if let Some(namespace) = self.namespace.as_deref().filter(|text| !text.is_empty()) {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

choices! {
    /// Kinds of sources that a Kustomization can be built from.
    #[derive(Default)]
    pub enum SourceKind {
        /// An OCI artifact.
        OCIRepository = "OCIRepository",
        /// A Git repository.
        #[default]
        GitRepository = "GitRepository",
        /// A bucket of an object store.
        Bucket = "Bucket",
        /// An artifact that another controller provides.
        ExternalArtifact = "ExternalArtifact",
    }
}

choices! {
    /// What becomes of the applied objects when their Kustomization is deleted.
    pub enum DeletionPolicy {
        /// They are deleted if `prune` is on, and left otherwise.
        MirrorPrune = "MirrorPrune",
        /// They are deleted.
        Delete = "Delete",
        /// They are deleted, and the Kustomization stays until they are gone.
        WaitForTermination = "WaitForTermination",
        /// They are left.
        Orphan = "Orphan",
    }
}

choices! {
    /// Something that the build notes on each object.
    pub enum BuildMetadataOption {
        /// The file that the object was read from.
        OriginAnnotations = "originAnnotations",
        /// The transformers that changed the object.
        TransformerAnnotations = "transformerAnnotations",
    }
}

/// How to decrypt Secrets.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decryption {
    /// What they are encrypted with.
    pub provider: DecryptionProvider,

    /// ServiceAccount whose cloud identity opens the key service; keys in the Secret win over it.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// Secret with the private keys (PGP, age) or with credentials for a key service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,
}

choices! {
    /// What Secrets are encrypted with.
    #[derive(Default)]
    pub enum DecryptionProvider {
        /// SOPS.
        #[default]
        Sops = "sops",
    }
}

/// What to do with the manifests after the build: variables in them, `${name}`, are replaced.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostBuild {
    /// When to replace: `WithVariables` (the default) if at least one is given, `Always` also
    /// without, so that defaults in the manifests (`${name:=default}`) come to bear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substitute_strategy: Option<SubstituteStrategy>,

    /// Variables and their values; they win over those read from other objects.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub substitute: BTreeMap<String, String>,

    /// ConfigMaps and Secrets to read variables from; of several, the last one counts.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub substitute_from: Vec<SubstituteReference>,
}

choices! {
    /// When variables in the manifests are replaced.
    pub enum SubstituteStrategy {
        /// If at least one variable is given.
        WithVariables = "WithVariables",
        /// In any case.
        Always = "Always",
    }
}

/// An object whose data are variables.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubstituteReference {
    /// Kind of the object.
    pub kind: DataKind,

    /// Name of the object, in the namespace of the Kustomization.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Whether to go on without the object if it does not exist.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(extend("default" = false))]
    pub optional: bool,
}

/// What the controller last applied.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct KustomizationStatus {
    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,

    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the Kustomization is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Revision of the source that was last applied with success.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_applied_revision: Option<String>,

    /// What that revision was at its origin: for an OCI artifact, the Git revision it was built from.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_applied_origin_revision: Option<String>,

    /// Revision of the source that was last tried.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_attempted_revision: Option<String>,

    /// Objects that were applied with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<ResourceInventory>,

    /// Latest reconciliations, newest first.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub history: Vec<Snapshot>,
}
