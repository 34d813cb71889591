//! Images: what registries hold, which image is the latest, and its way into Git
//! (`image.toolkit.fluxcd.io`).

mod git;
mod policy;
mod repository;
mod update_automation;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use git::{
    CommitSpec, CommitUser, GitCheckoutSpec, GitSpec, PushSpec, SigningKey, SigningKeyType,
};
pub use policy::{
    AlphabeticalPolicy, ImagePolicy, ImagePolicyChoice, ImagePolicySpec, ImagePolicyStatus,
    NumericalPolicy, ReflectionPolicy, SemVerPolicy, SortOrder, TagFilter,
};
pub use repository::{ImageRepository, ImageRepositorySpec, ImageRepositoryStatus, ScanResult};
pub use update_automation::{
    AutomationSourceKind, CrossNamespaceSourceReference, ImageUpdateAutomation,
    ImageUpdateAutomationSpec, ImageUpdateAutomationStatus, UpdateStrategy, UpdateStrategyName,
};

use crate::omit;

/// An image with its tag.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRef {
    /// Name of the image, without tag and digest.
    pub name: String,

    /// Tag of the image.
    pub tag: String,

    /// Digest of the image, `sha256:…`.
    #[serde(skip_serializing_if = "omit::text")]
    pub digest: Option<String>,
}
