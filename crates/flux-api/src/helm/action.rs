//! What Helm does to a release: install, upgrade, test, roll back, uninstall.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::{Duration, omit};

/// How to install a release.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Install {
    /// How long a single Kubernetes operation of the installation may take; as the release's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// What to do after a failure: remedy it or try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<InstallStrategy>,

    /// How to remedy a failure; nothing is done by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<InstallRemediation>,

    /// Whether objects that exist already and belong to no release are refused, not taken over.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_take_ownership: bool,

    /// Whether to go on without waiting for the objects to be ready.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait: bool,

    /// Whether to go on without waiting for Jobs to complete.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait_for_jobs: bool,

    /// Whether the chart's hooks are left out.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_hooks: bool,

    /// Whether the objects are not checked against the cluster's OpenAPI schema.
    #[serde(
        rename = "disableOpenAPIValidation",
        default,
        skip_serializing_if = "omit::zero"
    )]
    pub disable_openapi_validation: bool,

    /// Whether the values are not checked against the chart's JSON schema.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_schema_validation: bool,

    /// Whether the name of a release that was deleted, and is still in the history, may be used.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub replace: bool,

    /// Whether the chart's CRDs are left out. Deprecated: set `crds` to `Skip`.
    #[serde(rename = "skipCRDs", default, skip_serializing_if = "omit::zero")]
    pub skip_crds: bool,

    /// What to do with the CRDs of the chart; `Create` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crds: Option<CRDsPolicy>,

    /// Whether to create the target namespace; it stays when the release is uninstalled.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub create_namespace: bool,

    /// Whether the API server merges the objects (server-side apply); it does by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_side_apply: Option<bool>,
}

/// What to do after an installation failed.
#[derive(Clone, Debug, Deserialize, Eq, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = (
    "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
    ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
))]
pub struct InstallStrategy {
    /// Way to go on.
    pub name: StrategyName,

    /// How long to wait before trying again; 5 minutes by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_interval: Option<Duration>,
}

choices! {
    /// Ways to go on after a failure.
    pub enum StrategyName {
        /// Remedy it, as the remediation says.
        RemediateOnFailure = "RemediateOnFailure",
        /// Try again after a while, with what is there.
        RetryOnFailure = "RetryOnFailure",
    }
}

/// How to remedy an installation that failed: by uninstalling.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallRemediation {
    /// How many times to try again; none by default, without end if negative.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub retries: isize,

    /// Whether a failed test is no failure of the installation; as the tests say by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_test_failures: Option<bool>,

    /// Whether to uninstall after the last try too; not by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediate_last_failure: Option<bool>,
}

/// How to upgrade a release.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// How long a single Kubernetes operation of the upgrade may take; as the release's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// What to do after a failure: remedy it or try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<UpgradeStrategy>,

    /// How to remedy a failure; nothing is done by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<UpgradeRemediation>,

    /// Whether objects that exist already and belong to no release are refused, not taken over.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_take_ownership: bool,

    /// Whether to go on without waiting for the objects to be ready.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait: bool,

    /// Whether to go on without waiting for Jobs to complete.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait_for_jobs: bool,

    /// Whether the chart's hooks are left out.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_hooks: bool,

    /// Whether the objects are not checked against the cluster's OpenAPI schema.
    #[serde(
        rename = "disableOpenAPIValidation",
        default,
        skip_serializing_if = "omit::zero"
    )]
    pub disable_openapi_validation: bool,

    /// Whether the values are not checked against the chart's JSON schema.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_schema_validation: bool,

    /// Whether objects are replaced as a whole; not with server-side apply.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub force: bool,

    /// Whether the values of the last release are kept and merged with the new ones.
    ///
    /// What is installed then depends on the past.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub preserve_values: bool,

    /// Whether objects that a failed upgrade has created are deleted.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub cleanup_on_fail: bool,

    /// What to do with the CRDs of the chart; `Skip` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crds: Option<CRDsPolicy>,

    /// Whether the API server merges the objects (server-side apply); as before by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_side_apply: Option<ServerSideApplyMode>,

    /// What to do when the chart has another name than before; `Reinstall` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_name_change_strategy: Option<ChartNameChangeStrategy>,
}

choices! {
    /// What to do with the CRDs of a chart.
    pub enum CRDsPolicy {
        /// Leave them out.
        Skip = "Skip",
        /// Create those that do not exist.
        Create = "Create",
        /// Create those that do not exist and replace those that do.
        CreateReplace = "CreateReplace",
    }
}

choices! {
    /// Whether the API server merges the objects.
    pub enum ServerSideApplyMode {
        /// It does.
        Enabled = "enabled",
        /// Helm does.
        Disabled = "disabled",
        /// As for the release before.
        Auto = "auto",
    }
}

choices! {
    /// What to do when a release's chart has another name than before.
    pub enum ChartNameChangeStrategy {
        /// Upgrade it in place.
        InPlaceUpdate = "InPlaceUpdate",
        /// Uninstall and install it.
        Reinstall = "Reinstall",
    }
}

/// What to do after an upgrade failed.
#[derive(Clone, Debug, Deserialize, Eq, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = (
    "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
    ".retryInterval can only be set when .name is 'RetryOnFailure'",
))]
pub struct UpgradeStrategy {
    /// Way to go on.
    pub name: StrategyName,

    /// How long to wait before trying again; 5 minutes by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_interval: Option<Duration>,
}

/// How to remedy an upgrade that failed.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeRemediation {
    /// How many times to try again; none by default, without end if negative.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub retries: isize,

    /// Whether a failed test is no failure of the upgrade; as the tests say by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_test_failures: Option<bool>,

    /// Whether to remedy after the last try too; by default only if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediate_last_failure: Option<bool>,

    /// What to do before trying again; `rollback` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<RemediationStrategy>,
}

choices! {
    /// What to do before trying again.
    pub enum RemediationStrategy {
        /// Go back to the release before.
        Rollback = "rollback",
        /// Uninstall the release.
        Uninstall = "uninstall",
    }
}

/// Whether and how to run the chart's tests after an installation or upgrade.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// Whether to run them.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub enable: bool,

    /// How long a single Kubernetes operation of a test may take; as the release's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// Whether a failed test does not count as a failure.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub ignore_failures: bool,

    /// Which tests to run; all of them by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<Filter>>,
}

/// A test to run or to leave out.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Name of the test.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Whether it is left out.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub exclude: bool,
}

/// How to roll a release back.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// How long a single Kubernetes operation of the rollback may take; as the release's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// Whether to go on without waiting for the objects to be ready.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait: bool,

    /// Whether to go on without waiting for Jobs to complete.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait_for_jobs: bool,

    /// Whether the chart's hooks are left out.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_hooks: bool,

    /// Has no effect any more; it restarted Pods.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub recreate: bool,

    /// Whether objects are replaced as a whole; not with server-side apply.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub force: bool,

    /// Whether objects that a failed rollback has created are deleted.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub cleanup_on_fail: bool,

    /// Whether the API server merges the objects (server-side apply); as before by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_side_apply: Option<ServerSideApplyMode>,
}

/// How to uninstall a release.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Uninstall {
    /// How long a single Kubernetes operation of the removal may take; as the release's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// Whether the chart's hooks are left out.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_hooks: bool,

    /// Whether the history of the release is kept.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub keep_history: bool,

    /// Whether to go on without waiting for the objects to be gone.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub disable_wait: bool,

    /// In which order objects and what they own are deleted; `background` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "background"))]
    pub deletion_propagation: Option<DeletionPropagation>,
}

choices! {
    /// What becomes of the objects that a deleted object owns.
    pub enum DeletionPropagation {
        /// They are deleted after it.
        Background = "background",
        /// They are deleted before it.
        Foreground = "foreground",
        /// They are left.
        Orphan = "orphan",
    }
}
