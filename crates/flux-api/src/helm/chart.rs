//! Which chart a release is made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::meta::LocalObjectReference;
use crate::source::{ChartSourceKind, ReconcileStrategy, VerificationProvider};
use crate::{Duration, omit};

/// The HelmChart that the controller makes for a release.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartTemplate {
    /// Labels and annotations of the HelmChart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<HelmChartTemplateObjectMeta>,

    /// Which chart, in which version, from which source.
    pub spec: HelmChartTemplateSpec,
}

/// Labels and annotations.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartTemplateObjectMeta {
    /// Labels of the HelmChart.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub labels: BTreeMap<String, String>,

    /// Annotations of the HelmChart.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub annotations: BTreeMap<String, String>,
}

/// Which chart, in which version, from which source.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartTemplateSpec {
    /// Name of the chart in a Helm repository, or its directory in another source.
    #[schemars(length(min = 1, max = 2048))]
    pub chart: String,

    /// Version or range of versions of the chart; the newest by default.
    ///
    /// Only for charts of Helm repositories.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(extend("default" = "*"))]
    pub version: Option<String>,

    /// Source that has the chart.
    pub source_ref: CrossNamespaceObjectReference,

    /// How often to look for changes of the chart; as often as the release by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,

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

    /// Signatures that the chart must carry; only for charts in registries.
    ///
    /// Charts that it depends on are checked only where they are packed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<HelmChartTemplateVerification>,
}

/// How a chart must be signed.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelmChartTemplateVerification {
    /// Tool that the signature is made with.
    #[schemars(extend("default" = "cosign"))]
    pub provider: VerificationProvider,

    /// Secret with the public keys or certificates to trust; none means keyless signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,
}

/// A source that holds charts, possibly in another namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossNamespaceObjectReference {
    /// API group and version of the source.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the source.
    pub kind: ChartSourceKind,

    /// Name of the source.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Namespace of the source; that of the release by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

/// A source that is a chart, possibly in another namespace.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossNamespaceSourceReference {
    /// API group and version of the source.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the source.
    pub kind: ChartRefKind,

    /// Name of the source.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Namespace of the source; that of the release by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
}

choices! {
    /// Kinds of sources that are a chart.
    pub enum ChartRefKind {
        /// An OCI artifact.
        OCIRepository = "OCIRepository",
        /// A Helm chart.
        HelmChart = "HelmChart",
        /// An artifact that another controller provides.
        ExternalArtifact = "ExternalArtifact",
    }
}
