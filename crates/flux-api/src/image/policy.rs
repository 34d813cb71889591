//! Rules that elect an image.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ImageRef;
use crate::choices::choices;
use crate::meta::{Condition, ConditionSchema, NamespacedObjectReference};
use crate::{Duration, omit};

/// Which tags to consider, and which of them is the latest.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImagePolicy",
    plural = "imagepolicies",
    namespaced,
    schema = "disabled",
    status = "ImagePolicyStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A rule that elects one tag of an image repository as the latest.",
    shortname = "imgpol",
    shortname = "imagepol",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn = r#"{ "name": "Image", "type": "string", "jsonPath": ".status.latestRef.name" }"#,
    printcolumn = r#"{ "name": "Tag", "type": "string", "jsonPath": ".status.latestRef.tag" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
#[x_kube(validation = (
    "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')",
    "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'",
))]
#[x_kube(validation = (
    "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'",
    "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'",
))]
pub struct ImagePolicySpec {
    /// ImageRepository whose tags are considered.
    pub image_repository_ref: NamespacedObjectReference,

    /// How tags are ordered: exactly one of the fields is set.
    pub policy: ImagePolicyChoice,

    /// Which tags to consider; all of them by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_tags: Option<TagFilter>,

    /// When the digest of the elected image is looked up; never by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "Never"))]
    pub digest_reflection_policy: Option<ReflectionPolicy>,

    /// How often the digest is looked up anew; only, and then needed, with the policy `Always`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,

    /// Whether electing is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

/// How tags are ordered.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImagePolicyChoice {
    /// By semantic version, within a range.
    #[serde(rename = "semver", skip_serializing_if = "Option::is_none")]
    pub sem_ver: Option<SemVerPolicy>,

    /// By the alphabet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alphabetical: Option<AlphabeticalPolicy>,

    /// By number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerical: Option<NumericalPolicy>,
}

/// The highest version within a range is the latest.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SemVerPolicy {
    /// Range of versions, such as `>=1.0.0 <2.0.0` or `1.x`.
    pub range: String,
}

/// The last tag in the alphabet is the latest.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlphabeticalPolicy {
    /// Whether the last (`asc`, the default) or the first (`desc`) tag is the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "asc"))]
    pub order: Option<SortOrder>,
}

/// The greatest number is the latest.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NumericalPolicy {
    /// Whether the greatest (`asc`, the default) or the least (`desc`) number is the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "asc"))]
    pub order: Option<SortOrder>,
}

choices! {
    /// How tags are sorted before the last one is taken.
    pub enum SortOrder {
        /// Upwards.
        Asc = "asc",
        /// Downwards.
        Desc = "desc",
    }
}

/// Which tags to consider, and which part of them.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TagFilter {
    /// Go regular expression that a tag must match.
    // Go writes this one and the next even when they are empty, though they may be absent.
    #[serde(default)]
    #[schemars(skip_serializing_if = "omit::zero")]
    pub pattern: String,

    /// What of the tag is compared, made of groups of the pattern: `$name`.
    #[serde(default)]
    #[schemars(skip_serializing_if = "omit::zero")]
    pub extract: String,
}

choices! {
    /// When the digest of the elected image is looked up.
    pub enum ReflectionPolicy {
        /// At every election, and at an interval.
        Always = "Always",
        /// When another image is elected.
        IfNotPresent = "IfNotPresent",
        /// Never.
        Never = "Never",
    }
}

/// Which image was elected.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct ImagePolicyStatus {
    /// The latest image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_ref: Option<ImageRef>,

    /// The latest image before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_previous_ref: Option<ImageRef>,

    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the policy is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
