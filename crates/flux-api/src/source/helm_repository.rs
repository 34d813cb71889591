//! Helm repositories.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registry::RegistryProvider;
use crate::choices::choices;
use crate::duration::TIMEOUT_PATTERN;
use crate::meta::{AccessFrom, Artifact, Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Where the charts are, and with which credentials to fetch them.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "HelmRepository",
    plural = "helmrepositories",
    namespaced,
    schema = "disabled",
    status = "HelmRepositoryStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A Helm repository whose index is fetched at an interval, or a registry that holds charts.",
    shortname = "helmrepo",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "URL", "type": "string", "jsonPath": ".spec.url" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
pub struct HelmRepositorySpec {
    /// Address of the repository: `http://`, `https://`, or `oci://` for a registry.
    #[schemars(regex(pattern = r"^(http|https|oci)://.*$"))]
    pub url: String,

    /// Secret with the credentials: `username` and `password`, or a registry login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both; wins over such keys in the Secret with the credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,

    /// Whether the credentials are also given to other hosts that the index points to.
    ///
    /// Anyone who can change the index gets them then.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub pass_credentials: bool,

    /// How often to fetch the index; not used for registries.
    // Go writes this one even when it is zero, though it may be absent.
    #[serde(default)]
    #[schemars(skip_serializing_if = "omit::zero")]
    pub interval: Duration,

    /// Whether plain HTTP may be spoken to a registry.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub insecure: bool,

    /// How long fetching the index or a chart may take; 60 seconds by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN))]
    pub timeout: Option<Duration>,

    /// Whether fetching is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Namespaces that may refer to this repository. No controller heeds it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_from: Option<AccessFrom>,

    /// What kind of repository this is: `default`, or `oci` for a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<HelmRepositoryType>,

    /// How to authenticate to a registry: `generic` with a Secret, the others with the cloud's
    /// identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<RegistryProvider>,
}

choices! {
    /// Kinds of Helm repositories.
    pub enum HelmRepositoryType {
        /// A web server with an index of charts.
        Default = "default",
        /// A container registry that holds charts.
        Oci = "oci",
    }
}

/// What the controller last fetched.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct HelmRepositoryStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the repository is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Address of the latest index, inside the cluster.
    #[serde(skip_serializing_if = "omit::text")]
    pub url: Option<String>,

    /// The index as last fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
