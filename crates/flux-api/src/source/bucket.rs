//! Buckets of object stores.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::duration::TIMEOUT_PATTERN;
use crate::meta::{Artifact, Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Which bucket to fetch, where it is, and with which credentials.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "Bucket",
    plural = "buckets",
    namespaced,
    schema = "disabled",
    status = "BucketStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A bucket of an object store whose files are fetched at an interval.",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "Endpoint", "type": "string", "jsonPath": ".spec.endpoint" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
    "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
))]
#[x_kube(validation = (
    "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
    "'aws' is the only supported STS provider for the 'aws' Bucket provider",
))]
#[x_kube(validation = (
    "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
    "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
))]
#[x_kube(validation = (
    "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
    "spec.sts.secretRef is not required for the 'aws' STS provider",
))]
#[x_kube(validation = (
    "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
    "spec.sts.certSecretRef is not required for the 'aws' STS provider",
))]
#[x_kube(validation = (
    "self.provider != 'generic' || !has(self.serviceAccountName)",
    "ServiceAccountName is not supported for the 'generic' Bucket provider",
))]
#[x_kube(validation = (
    "!has(self.secretRef) || !has(self.serviceAccountName)",
    "cannot set both .spec.secretRef and .spec.serviceAccountName",
))]
pub struct BucketSpec {
    /// What kind of store this is; `generic` (the default) is any that speaks the S3 protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<BucketProvider>,

    /// Name of the bucket.
    pub bucket_name: String,

    /// Host of the store, with a port if needed.
    pub endpoint: String,

    /// Service that gives temporary credentials; for `aws` and `generic` stores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts: Option<BucketSTSSpec>,

    /// Whether plain HTTP may be spoken to the store.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub insecure: bool,

    /// Region of the bucket.
    #[serde(skip_serializing_if = "omit::text")]
    pub region: Option<String>,

    /// Only files whose names begin with this are fetched.
    #[serde(skip_serializing_if = "omit::text")]
    pub prefix: Option<String>,

    /// Secret with the credentials: `accesskey` and `secretkey`, or what the cloud asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// ServiceAccount whose cloud identity is used; not for `generic` stores.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both; for `generic` stores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,

    /// Secret with the proxy to go through: key `address`, and `username` and `password` if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_secret_ref: Option<LocalObjectReference>,

    /// How often to look for changes; the controller may spread the calls by a little.
    pub interval: Duration,

    /// How long fetching may take; 60 seconds by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN), extend("default" = "60s"))]
    pub timeout: Option<Duration>,

    /// Files to leave out, in the syntax of `.gitignore`; replaces the built-in list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,

    /// Whether fetching is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

choices! {
    /// Kinds of object stores.
    pub enum BucketProvider {
        /// Any store that speaks the S3 protocol.
        Generic = "generic",
        /// Amazon S3.
        Aws = "aws",
        /// Google Cloud Storage.
        Gcp = "gcp",
        /// Azure Blob Storage.
        Azure = "azure",
    }
}

/// A service that gives temporary credentials.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketSTSSpec {
    /// Kind of the service.
    pub provider: StsProvider,

    /// Address of the service, `http://` or `https://`.
    #[schemars(regex(pattern = r"^(http|https)://.*$"))]
    pub endpoint: String,

    /// Secret with `username` and `password`; for `ldap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both; for `ldap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,
}

choices! {
    /// Kinds of services that give temporary credentials.
    pub enum StsProvider {
        /// AWS Security Token Service.
        Aws = "aws",
        /// A store's own service that checks a user in LDAP.
        Ldap = "ldap",
    }
}

/// What the controller last fetched.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct BucketStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the bucket is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Address of the latest artifact, inside the cluster.
    #[serde(skip_serializing_if = "omit::text")]
    pub url: Option<String>,

    /// What the last successful fetch produced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,

    /// List of left out files that the artifact was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_ignore: Option<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
