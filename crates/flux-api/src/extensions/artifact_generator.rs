//! Artifacts made of other artifacts.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::meta::{CommonMetadata, Condition, ConditionSchema};
use crate::omit;

/// Which sources to take, and which artifacts to make of them.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.extensions.fluxcd.io",
    version = "v1beta1",
    kind = "ArtifactGenerator",
    plural = "artifactgenerators",
    namespaced,
    schema = "disabled",
    status = "ArtifactGeneratorStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Artifacts that are composed of, or cut out of, those of several sources.",
    shortname = "ag",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    r"has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))",
    "artifact names must be valid Kubernetes object names when pathPattern is not set",
))]
pub struct ArtifactGeneratorSpec {
    /// Labels and annotations for the ExternalArtifacts that are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_metadata: Option<CommonMetadata>,

    /// Directories to make one set of artifacts each for: `@alias/pattern`.
    ///
    /// Names and paths of the artifacts may refer to what the pattern matched.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 1024))]
    #[schemars(regex(pattern = r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"))]
    pub path_pattern: Option<String>,

    /// Sources to copy from, at most 1000.
    #[schemars(length(min = 1, max = 1000))]
    pub sources: Vec<SourceReference>,

    /// Artifacts to make, at most 1000.
    #[schemars(length(min = 1, max = 1000))]
    pub artifacts: Vec<OutputArtifact>,
}

/// A source, and the name that it goes by in this object.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceReference {
    /// Name for the source in this object, written `@alias` elsewhere.
    #[schemars(length(max = 63))]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$"))]
    pub alias: String,

    /// Kind of the source.
    pub kind: GeneratorSourceKind,

    /// Name of the source.
    #[schemars(length(max = 253))]
    #[schemars(regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,

    /// Namespace of the source; that of the generator by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
}

choices! {
    /// Kinds of sources that artifacts can be made of.
    pub enum GeneratorSourceKind {
        /// A bucket of an object store.
        Bucket = "Bucket",
        /// A Git repository.
        GitRepository = "GitRepository",
        /// An OCI artifact.
        OCIRepository = "OCIRepository",
        /// A Helm chart.
        HelmChart = "HelmChart",
        /// An artifact that another controller provides.
        ExternalArtifact = "ExternalArtifact",
    }
}

/// An artifact to make.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputArtifact {
    /// Name of the ExternalArtifact.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Source whose revision the artifact takes, `@alias`; by default it is made of the contents.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 64))]
    #[schemars(regex(pattern = r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"))]
    pub revision: Option<String>,

    /// Source whose revision the artifact names as its origin, `@alias`.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 64))]
    #[schemars(regex(pattern = r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$"))]
    pub origin_revision: Option<String>,

    /// What to copy into the artifact, in order.
    #[schemars(length(min = 1))]
    pub copy: Vec<CopyOperation>,
}

/// Files to copy from a source into an artifact.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyOperation {
    /// Files to copy, `@alias/pattern`; `**` stands for any directories.
    #[schemars(length(min = 1, max = 1024))]
    #[schemars(regex(pattern = r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/(.*)$"))]
    pub from: String,

    /// Where to put them: `@artifact/path`, never outside of the artifact.
    #[schemars(length(min = 1, max = 1024))]
    #[schemars(regex(
        pattern = r"^@artifact/([^/]{0,1}|[^./][^/]|[.][^./]|[^/]{3,})(/([^/]{0,1}|[^./][^/]|[.][^./]|[^/]{3,}))*$"
    ))]
    pub to: String,

    /// Patterns of files to leave out, at most 100.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(length(max = 100), inner(length(max = 1024)))]
    pub exclude: Vec<String>,

    /// What to do with a file that is there already; it is overwritten by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<CopyStrategy>,
}

choices! {
    /// What to do with the files that are copied.
    pub enum CopyStrategy {
        /// Replace files that are there.
        Overwrite = "Overwrite",
        /// Merge YAML files with those that are there.
        Merge = "Merge",
        /// Unpack archives.
        Extract = "Extract",
    }
}

/// What the controller last made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactGeneratorStatus {
    /// How the generator is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Artifacts that were made.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub inventory: Vec<ExternalArtifactReference>,

    /// Checksum of the sources that the artifacts were made of.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_sources_digest: Option<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}

/// An ExternalArtifact that was made.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalArtifactReference {
    /// Name of the ExternalArtifact.
    pub name: String,

    /// Namespace of the ExternalArtifact.
    pub namespace: String,

    /// Checksum of its archive, with its algorithm.
    pub digest: String,

    /// Name of its archive in the storage.
    pub filename: String,
}
