//! Helm releases.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::action::{Install, Rollback, Test, Uninstall, Upgrade};
use super::chart::{CrossNamespaceSourceReference, HelmChartTemplate};
use super::status::HelmReleaseStatus;
use crate::choices::choices;
use crate::kustomize::{CustomHealthCheck, IgnoreRule, Image, Patch};
use crate::meta::{CommonMetadata, DataKind, DependencyReference, KubeConfigReference};
use crate::{Duration, omit};

/// Which chart to install, with which values, and how.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "helm.toolkit.fluxcd.io",
    version = "v2",
    kind = "HelmRelease",
    plural = "helmreleases",
    namespaced,
    schema = "disabled",
    status = "HelmReleaseStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A Helm chart that is kept installed with given values.",
    shortname = "hr",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-appliers",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    "(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))",
    "either chart or chartRef must be set",
))]
pub struct HelmReleaseSpec {
    /// Chart to install, from which the controller makes a HelmChart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<HelmChartTemplate>,

    /// Source that is the chart to install, in place of the above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_ref: Option<CrossNamespaceSourceReference>,

    /// How often to compare the release with what it should be.
    pub interval: Duration,

    /// Another cluster to install to; this one by default.
    ///
    /// With a ServiceAccount set, it is the account of that name on the other cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<KubeConfigReference>,

    /// Whether reconciling is stopped for now; a run that has started is not cut off.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Name that Helm knows the release by; `[targetNamespace-]name` by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 53))]
    pub release_name: Option<String>,

    /// Namespace to install into; that of the HelmRelease by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub target_namespace: Option<String>,

    /// Namespace where Helm keeps its records; that of the HelmRelease by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub storage_namespace: Option<String>,

    /// HelmReleases that have to be ready before this one is installed.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub depends_on: Vec<DependencyReference>,

    /// How long a single Kubernetes operation, such as a hook's Job, may take; 5 minutes by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,

    /// How many releases Helm remembers; 5 by default, all of them if 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_history: Option<isize>,

    /// ServiceAccount to act as; the controller's own by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 253))]
    pub service_account_name: Option<String>,

    /// Whether one client serves a whole reconciliation; it does by default.
    ///
    /// Charts that create CRDs outside of Helm's care may need a fresh one for each step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_client: Option<bool>,

    /// What to do about objects that someone else has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_detection: Option<DriftDetection>,

    /// How to install the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<Install>,

    /// How to upgrade the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<Upgrade>,

    /// Whether and how to run the chart's tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,

    /// How to roll the release back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,

    /// How to uninstall the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uninstall: Option<Uninstall>,

    /// ConfigMaps and Secrets with values; later ones win.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub values_from: Vec<ValuesReference>,

    /// Values; they win over those of ConfigMaps and Secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
    pub values: Option<Value>,

    /// Labels and annotations for all objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_metadata: Option<CommonMetadata>,

    /// Changes to the objects before they are applied, in order.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub post_renderers: Vec<PostRenderer>,

    /// Whether hooks are changed too: `combined` (the default) with the other objects, `separate`
    /// by themselves, `nohooks` not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_render_strategy: Option<PostRenderStrategy>,

    /// How Helm waits for objects to be ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_strategy: Option<WaitStrategy>,

    /// How to tell whether objects of custom kinds are healthy.
    ///
    /// They count only where Helm waits, and waits with the `poller`.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub health_check_exprs: Vec<CustomHealthCheck>,
}

/// An object that holds values, and where they go.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValuesReference {
    /// Kind of the object.
    pub kind: DataKind,

    /// Name of the object, in the namespace of the HelmRelease.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Key of the data to read; `values.yaml` by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 253), regex(pattern = r"^[\-._a-zA-Z0-9]+$"))]
    pub values_key: Option<String>,

    /// Path to put a single value at, such as `image.tag`; by default the data are a tree of values
    /// that is merged at the root.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(
        length(max = 250),
        regex(pattern = r"^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$")
    )]
    pub target_path: Option<String>,

    /// Whether to go on without the object if it does not exist.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub optional: bool,

    /// Whether a single value is taken as it is, and not read as Helm's `--set` does.
    ///
    /// Texts with commas, brackets or line breaks need it.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub literal: bool,
}

/// What to do about objects that someone else has changed.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftDetection {
    /// Whether to look for changes and undo them; `disabled` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<DriftDetectionMode>,

    /// Changes that are let be.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub ignore: Vec<IgnoreRule>,
}

choices! {
    /// What to do about objects that someone else has changed.
    pub enum DriftDetectionMode {
        /// Undo the changes.
        Enabled = "enabled",
        /// Report the changes.
        Warn = "warn",
        /// Do not look.
        Disabled = "disabled",
    }
}

/// A change to the objects before they are applied.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostRenderer {
    /// The change in terms of kustomize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kustomize: Option<Kustomize>,
}

/// Patches and images, as in a kustomization.yaml.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kustomize {
    /// Changes to the objects, applied in order.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub patches: Vec<Patch>,

    /// Images to replace.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub images: Vec<Image>,
}

choices! {
    /// Whether post-renderers see hooks.
    pub enum PostRenderStrategy {
        /// They do not, as in Helm 3.
        NoHooks = "nohooks",
        /// They see them together with the other objects.
        Combined = "combined",
        /// They see them by themselves.
        Separate = "separate",
    }
}

/// How Helm waits for objects to be ready.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitStrategy {
    /// Way of waiting.
    pub name: WaitStrategyName,
}

choices! {
    /// Ways of waiting for objects to be ready.
    pub enum WaitStrategyName {
        /// By the status that objects report.
        Poller = "poller",
        /// As Helm 3 did.
        Legacy = "legacy",
    }
}
