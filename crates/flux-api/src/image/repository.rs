//! Image repositories.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::TIMEOUT_PATTERN;
use crate::meta::{AccessFrom, Condition, ConditionSchema, LocalObjectReference};
use crate::source::RegistryProvider;
use crate::{Duration, omit};

/// Which image's tags to list, how often and with which credentials.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImageRepository",
    plural = "imagerepositories",
    namespaced,
    schema = "disabled",
    status = "ImageRepositoryStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "An image repository whose tags are listed at an interval.",
    shortname = "imgrepo",
    shortname = "imagerepo",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn = r#"{ "name": "Image", "type": "string", "jsonPath": ".spec.image" }"#,
    printcolumn = r#"{ "name": "Tags", "type": "string", "jsonPath": ".status.lastScanResult.tagCount" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#,
    printcolumn = r#"{ "name": "Last scan", "type": "string", "jsonPath": ".status.lastScanResult.scanTime", "priority": 1 }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
pub struct ImageRepositorySpec {
    /// Name of the image, without a tag: `ghcr.io/stefanprodan/podinfo`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,

    /// How often to list the tags.
    pub interval: Duration,

    /// How long listing the tags may take; as long as the interval by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN))]
    pub timeout: Option<Duration>,

    /// Secret with the registry login, of type `kubernetes.io/dockerconfigjson`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Secret with the proxy to go through: key `address`, and `username` and `password` if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_secret_ref: Option<LocalObjectReference>,

    /// ServiceAccount whose image pull Secrets, or whose cloud identity, are used.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 253))]
    pub service_account_name: Option<String>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both; of type `Opaque` or `kubernetes.io/tls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,

    /// Whether listing is stopped for now; one that has started is not cut off.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,

    /// Namespaces whose ImagePolicies may refer to this repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_from: Option<AccessFrom>,

    /// Regular expressions for tags to leave out, at most 25; cosign's signatures by default.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(length(max = 25), extend("default" = [r"^.*\.sig$"]))]
    pub exclusion_list: Vec<String>,

    /// How to authenticate: `generic` with a Secret, the others with the cloud's identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<RegistryProvider>,

    /// Whether plain HTTP may be spoken to the registry.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub insecure: bool,
}

/// What was found in the registry.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    /// Checksum of all the tags.
    #[serde(skip_serializing_if = "omit::text")]
    pub revision: Option<String>,

    /// How many tags there are.
    pub tag_count: isize,

    /// When they were listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_time: Option<Time>,

    /// The last tags in the alphabet, at most 10.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub latest_tags: Vec<String>,
}

/// What the controller last found.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct ImageRepositoryStatus {
    /// How the repository is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// Full name of the image: `docker.io/library/alpine` for `alpine`.
    #[serde(skip_serializing_if = "omit::text")]
    pub canonical_image_name: Option<String>,

    /// What the last listing found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_scan_result: Option<ScanResult>,

    /// Expressions for tags to leave out that the last listing was made with.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_exclusion_list: Vec<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
