//! Sources: where manifests and charts come from (`source.toolkit.fluxcd.io`).

mod bucket;
mod external_artifact;
mod git_repository;
mod helm_chart;
mod helm_repository;
mod oci_repository;
mod registry;

pub use bucket::{Bucket, BucketProvider, BucketSTSSpec, BucketSpec, BucketStatus, StsProvider};
pub use external_artifact::{ExternalArtifact, ExternalArtifactSpec, ExternalArtifactStatus};
pub use git_repository::{
    GitProvider, GitRepository, GitRepositoryInclude, GitRepositoryRef, GitRepositorySpec,
    GitRepositoryStatus, GitRepositoryVerification, GitVerificationMode,
};
pub use helm_chart::{
    ChartSourceKind, HelmChart, HelmChartSpec, HelmChartStatus, HelmChartVerification,
    LocalHelmChartSourceReference, ReconcileStrategy,
};
pub use helm_repository::{
    HelmRepository, HelmRepositorySpec, HelmRepositoryStatus, HelmRepositoryType,
};
pub use oci_repository::{
    LayerOperation, OCILayerSelector, OCIRepository, OCIRepositoryRef, OCIRepositorySpec,
    OCIRepositoryStatus, OCIRepositoryVerification,
};
pub use registry::{OIDCIdentityMatch, RegistryProvider, VerificationProvider};

/// The conditions of sources besides those that all kinds have.
pub mod condition_type {
    /// True while the artifact is in the controller's storage.
    pub const ARTIFACT_IN_STORAGE: &str = "ArtifactInStorage";
    /// True while the artifact is older than the source.
    pub const ARTIFACT_OUTDATED: &str = "ArtifactOutdated";
    /// Whether the signature was found good.
    pub const SOURCE_VERIFIED: &str = "SourceVerified";
    /// True when the source could not be fetched.
    pub const FETCH_FAILED: &str = "FetchFailed";
    /// True when no artifact could be made of the source.
    pub const BUILD_FAILED: &str = "BuildFailed";
    /// True when the artifact could not be stored.
    pub const STORAGE_OPERATION_FAILED: &str = "StorageOperationFailed";
    /// True when another repository that is to be included has no artifact.
    pub const INCLUDE_UNAVAILABLE: &str = "IncludeUnavailable";
}
