//! OCI repositories: artifacts in container registries.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registry::{OIDCIdentityMatch, RegistryProvider, VerificationProvider};
use crate::choices::choices;
use crate::duration::TIMEOUT_PATTERN;
use crate::meta::{Artifact, Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Which artifact to pull, from which registry and with which credentials.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "source.toolkit.fluxcd.io",
    version = "v1",
    kind = "OCIRepository",
    plural = "ocirepositories",
    namespaced,
    schema = "disabled",
    status = "OCIRepositoryStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "An OCI artifact that is pulled at an interval.",
    shortname = "ocirepo",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-sources",
    printcolumn = r#"{ "name": "URL", "type": "string", "jsonPath": ".spec.url" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
pub struct OCIRepositorySpec {
    /// Address of the repository without a tag: `oci://registry/repository`.
    #[schemars(regex(pattern = r"^oci://.*$"))]
    pub url: String,

    /// What to pull; the tag `latest` by default.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<OCIRepositoryRef>,

    /// Which layer to take; the first one by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_selector: Option<OCILayerSelector>,

    /// How to authenticate: `generic` with a Secret, the others with the cloud's identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "generic"))]
    pub provider: Option<RegistryProvider>,

    /// Secret with the registry login, of type `kubernetes.io/dockerconfigjson`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Signatures that an artifact must carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<OCIRepositoryVerification>,

    /// ServiceAccount whose image pull Secrets, or whose cloud identity, are used.
    #[serde(skip_serializing_if = "omit::text")]
    pub service_account_name: Option<String>,

    /// Secret for TLS: a client certificate (`tls.crt` and `tls.key`), an authority to trust
    /// (`ca.crt`), or both; of type `Opaque` or `kubernetes.io/tls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_secret_ref: Option<LocalObjectReference>,

    /// Secret with the proxy to go through: key `address`, and `username` and `password` if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_secret_ref: Option<LocalObjectReference>,

    /// How often to look for changes; the controller may spread the calls by a little.
    pub interval: Duration,

    /// How long a call to the registry may take; 60 seconds by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIMEOUT_PATTERN), extend("default" = "60s"))]
    pub timeout: Option<Duration>,

    /// Files to leave out, in the syntax of `.gitignore`; replaces the built-in list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,

    /// Whether plain HTTP may be spoken to the registry.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub insecure: bool,

    /// Whether pulling is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

/// What to pull. Of several fields the first of them counts: digest, semver, tag.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryRef {
    /// Digest of the artifact, `sha256:…`; wins over the other fields.
    #[serde(skip_serializing_if = "omit::text")]
    pub digest: Option<String>,

    /// Range of versions whose newest tag is pulled; wins over the tag.
    #[serde(skip_serializing_if = "omit::text")]
    pub semver: Option<String>,

    /// Regular expression that tags must match besides the range.
    #[serde(skip_serializing_if = "omit::text")]
    pub semver_filter: Option<String>,

    /// Tag to pull; `latest` by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub tag: Option<String>,
}

/// Which layer of an artifact to take, and what to do with it.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OCILayerSelector {
    /// Media type of the layer; the first one of that type is taken.
    #[serde(skip_serializing_if = "omit::text")]
    pub media_type: Option<String>,

    /// What to do with the layer; it is extracted by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<LayerOperation>,
}

choices! {
    /// What to do with a layer.
    pub enum LayerOperation {
        /// Unpack it and keep its files.
        Extract = "extract",
        /// Keep it as it is, compressed.
        Copy = "copy",
    }
}

/// How an artifact must be signed, and by whom.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OCIRepositoryVerification {
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

    /// Secret with the trusted root of a Sigstore of one's own, under the key `trusted_root.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_root_secret_ref: Option<LocalObjectReference>,
}

/// What the controller last pulled.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct OCIRepositoryStatus {
    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the repository is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Address of the latest artifact, inside the cluster.
    #[serde(skip_serializing_if = "omit::text")]
    pub url: Option<String>,

    /// What the last successful pull produced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Artifact>,

    /// List of left out files that the artifact was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_ignore: Option<String>,

    /// Choice of the layer that the artifact was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_layer_selector: Option<OCILayerSelector>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
