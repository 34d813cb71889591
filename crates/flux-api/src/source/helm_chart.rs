//! Helm charts.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registry::{OIDCIdentityMatch, VerificationProvider};
use crate::choices::choices;
use crate::meta::{Artifact, Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Which chart, in which version, from which source.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "HelmChart",
    plural = "helmcharts",
    namespaced,
    schema = "disabled",
    status = "HelmChartStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A chart of a repository, fetched and packed for a release.",
    shortname = "hc",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "Chart", "type": "string", "jsonPath": ".spec.chart" }"#,
    printcolumn = r#"{ "name": "Version", "type": "string", "jsonPath": ".spec.version" }"#,
    printcolumn = r#"{ "name": "Source Kind", "type": "string", "jsonPath": ".spec.sourceRef.kind" }"#,
    printcolumn = r#"{ "name": "Source Name", "type": "string", "jsonPath": ".spec.sourceRef.name" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
    "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
))]
pub struct HelmChartSpec {
    /// Name of the chart in a Helm repository, or its directory in another source.
    pub chart: String,

    /// Version or range of versions of the chart; the newest by default.
    ///
    /// Only for charts of Helm repositories.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(extend("default" = "*"))]
    pub version: Option<String>,

    /// Source that has the chart.
    pub source_ref: LocalHelmChartSourceReference,

    /// How often to look for changes; the controller may spread the calls by a little.
    pub interval: Duration,

    /// What makes a new artifact: `ChartVersion` (the default), a new version of the chart, or
    /// `Revision`, any change of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ChartVersion"))]
    pub reconcile_strategy: Option<ReconcileStrategy>,

    /// Files with values to pack with the chart in place of its `values.yaml`.
    ///
    /// Of several, later ones win.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub values_files: Vec<String>,

    /// Whether files with values that do not exist are passed over.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub ignore_missing_values_files: bool,

    /// Whether fetching is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Signatures that the chart must carry; only for charts in registries.
    ///
    /// Charts that it depends on are checked only where they are packed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<HelmChartVerification>,
}

/// A source of charts in the same namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalHelmChartSourceReference {
    /// API group and version of the source.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the source.
    pub kind: ChartSourceKind,

    /// Name of the source.
    pub name: String,
}

choices! {
    /// Kinds of sources that hold charts.
    #[derive(Default)]
    pub enum ChartSourceKind {
        /// A Helm repository.
        #[default]
        HelmRepository = "HelmRepository",
        /// A Git repository.
        GitRepository = "GitRepository",
        /// A bucket of an object store.
        Bucket = "Bucket",
    }
}

choices! {
    /// What makes a new artifact of a chart.
    pub enum ReconcileStrategy {
        /// A new version of the chart.
        ChartVersion = "ChartVersion",
        /// A new revision of the source.
        Revision = "Revision",
    }
}

/// How a chart must be signed, and by whom.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartVerification {
    /// Tool that the signature is made with.
    #[schemars(extend("default" = "cosign"))]
    pub provider: VerificationProvider,

    /// Secret with the public keys or certificates to trust; none means keyless signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Who may have signed without a key; one match is enough.
    #[serde(
        rename = "matchOIDCIdentity",
        default,
        skip_serializing_if = "omit::zero"
    )]
    pub match_oidc_identity: Vec<OIDCIdentityMatch>,
}

/// What the controller last fetched.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct HelmChartStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// Revision of the source that the chart was taken from.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_source_artifact_revision: Option<String>,

    /// Name that the chart gives itself.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_chart_name: Option<String>,

    /// Files with values that the artifact was made with.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_values_files: Vec<String>,

    /// How the chart is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Address of the latest artifact, inside the cluster.
    #[serde(skip_serializing_if = "omit::text")]
    pub url: Option<String>,

    /// The packed chart as last fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
