//! What became of a release.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::meta::{Condition, ConditionSchema, ResourceInventory};
use crate::{Duration, omit};

/// What the controller last installed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct HelmReleaseStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// Checksum of the post-renderers that the latest good attempt used.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_post_renderers_digest: Option<String>,

    /// Checksum of the common labels and annotations that the latest good attempt used.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_common_metadata_digest: Option<String>,

    /// Generation of the object that was last tried.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub last_attempted_generation: i64,

    /// How the release is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// HelmChart that was made for the release, as `namespace/name`.
    #[serde(skip_serializing_if = "omit::text")]
    pub helm_chart: Option<String>,

    /// Namespace where Helm keeps its records of the release.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub storage_namespace: Option<String>,

    /// Releases up to the last successful one, newest first.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub history: Vec<Snapshot>,

    /// Objects that were applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<ResourceInventory>,

    /// What was last done, which decides how a failure is remedied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempted_release_action: Option<ReleaseAction>,

    /// How long that took, as a Go duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_attempted_release_action_duration: Option<Duration>,

    /// How many reconciliations have failed since the last change or success.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub failures: i64,

    /// How many installations have failed since the last change or success.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub install_failures: i64,

    /// How many upgrades have failed since the last change or success.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub upgrade_failures: i64,

    /// Version of the chart that was last tried; for an OCI artifact with the start of its digest.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_attempted_revision: Option<String>,

    /// Digest of the OCI artifact that was last tried.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_attempted_revision_digest: Option<String>,

    /// SHA-1 of the values that were last tried. Deprecated: see the config digest.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_attempted_values_checksum: Option<String>,

    /// Number of the last successful release. Deprecated: see the history.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub last_release_revision: isize,

    /// Checksum of the values that were last tried.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_attempted_config_digest: Option<String>,

    /// Value of the reset request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reset_at: Option<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,

    /// Value of the force request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_force_at: Option<String>,
}

choices! {
    /// What is done to a release.
    pub enum ReleaseAction {
        /// It is installed.
        Install = "install",
        /// It is upgraded.
        Upgrade = "upgrade",
    }
}

/// A release as Helm recorded it.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Version of the way that the checksum is made.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Checksum of Helm's record, with its algorithm.
    pub digest: String,

    /// Name of the release.
    pub name: String,

    /// Namespace that it is installed in.
    pub namespace: String,

    /// Number of the release.
    pub version: isize,

    /// State of the release, in Helm's words.
    pub status: String,

    /// What made this release.
    #[serde(skip_serializing_if = "omit::text")]
    pub action: Option<String>,

    /// Name of the chart.
    pub chart_name: String,

    /// Version of the chart.
    pub chart_version: String,

    /// Version of the application in the chart.
    #[serde(skip_serializing_if = "omit::text")]
    pub app_version: Option<String>,

    /// Checksum of the values, with its algorithm.
    pub config_digest: String,

    /// When it was installed for the first time.
    pub first_deployed: Time,

    /// When it was installed for the last time.
    pub last_deployed: Time,

    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Time>,

    /// Tests that were run, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_hooks: Option<BTreeMap<String, TestHookStatus>>,

    /// Digest of the OCI artifact that the chart came from.
    #[serde(skip_serializing_if = "omit::text")]
    pub oci_digest: Option<String>,
}

/// How a test went.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestHookStatus {
    /// When it was last started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_started: Option<Time>,

    /// When it last came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_completed: Option<Time>,

    /// How far it came, in Helm's words.
    #[serde(skip_serializing_if = "omit::text")]
    pub phase: Option<String>,
}
