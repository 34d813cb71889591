//! Receivers.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ObjectKind;
use crate::choices::choices;
use crate::meta::{Condition, ConditionSchema, LocalObjectReference};
use crate::{Duration, omit};

/// Who may call the webhook, and what a call sets off.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1",
    kind = "Receiver",
    plural = "receivers",
    namespaced,
    schema = "disabled",
    status = "ReceiverStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A webhook that makes objects reconcile.",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-notifications",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#,
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#
)]
#[x_kube(validation = (
    "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
    "generic-oidc receivers must define at least one oidcProvider",
))]
#[x_kube(validation = (
    "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
    "oidcProviders can only be set when type is generic-oidc",
))]
#[x_kube(validation = (
    "self.type != 'generic-oidc' || !has(self.secretRef)",
    "secretRef cannot be set when type is generic-oidc",
))]
#[x_kube(validation = (
    "self.type == 'generic-oidc' || has(self.secretRef)",
    "secretRef is required when type is not generic-oidc",
))]
pub struct ReceiverSpec {
    /// Who calls; it says how a call is checked and read.
    pub r#type: ReceiverType,

    /// How often the Secret is read anew; every 10 minutes by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "10m"))]
    pub interval: Option<Duration>,

    /// Events to act on, in the caller's words: `push` for GitHub, `Push Hook` for GitLab.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub events: Vec<String>,

    /// Objects to reconcile on a call.
    pub resources: Vec<ReceiverResource>,

    /// CEL expression that says of each object whether a call is for it.
    ///
    /// It reads the object's metadata as `res`, the body of the call as `req`, and for `generic-oidc`
    /// the token's claims as `claims`.
    #[serde(skip_serializing_if = "omit::text")]
    pub resource_filter: Option<String>,

    /// Secret with the `token` that calls are checked with; all types but `generic-oidc` need it.
    ///
    /// For `gcr` it also has the `email` and `audience` that the caller's token must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalObjectReference>,

    /// Issuers whose tokens callers may show; for `generic-oidc`.
    #[serde(rename = "oidcProviders", default, skip_serializing_if = "omit::zero")]
    #[schemars(extend(
        "x-kubernetes-list-type" = "map",
        "x-kubernetes-list-map-keys" = ["issuerURL"]
    ))]
    pub oidc_providers: Vec<OIDCProvider>,

    /// Whether calls are ignored for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

choices! {
    /// Callers of webhooks.
    #[derive(Default)]
    pub enum ReceiverType {
        /// Anyone who knows the address.
        #[default]
        Generic = "generic",
        /// Anyone who can sign with the token.
        GenericHmac = "generic-hmac",
        /// Anyone with an OIDC token that passes the validations.
        GenericOidc = "generic-oidc",
        /// GitHub.
        GitHub = "github",
        /// GitLab.
        GitLab = "gitlab",
        /// Bitbucket Server.
        Bitbucket = "bitbucket",
        /// Harbor.
        Harbor = "harbor",
        /// Docker Hub.
        DockerHub = "dockerhub",
        /// Quay.
        Quay = "quay",
        /// Google Artifact Registry, through Pub/Sub.
        Gcr = "gcr",
        /// Sonatype Nexus.
        Nexus = "nexus",
        /// Azure Container Registry.
        Acr = "acr",
        /// Anyone who sends CDEvents.
        CdEvents = "cdevents",
    }
}

/// One or more Flux objects to reconcile, possibly in another namespace.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverResource {
    /// API group and version of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the objects.
    pub kind: ObjectKind,

    /// Name of the object; `*` for all of the kind.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,

    /// Namespace of the objects; that of the receiver by default.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(min = 1, max = 253))]
    pub namespace: Option<String>,

    /// Labels that the objects must have, all of them; needs the name `*`.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub match_labels: BTreeMap<String, String>,

    /// CEL expression that says whether a call is for these objects, besides the one for all.
    ///
    /// It reads the same names: `res`, `req` and `claims`.
    #[serde(skip_serializing_if = "omit::text")]
    pub filter: Option<String>,
}

/// An issuer of OIDC tokens, and what a token of it must say.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OIDCProvider {
    /// Address of the issuer, as in the `iss` claim of its tokens.
    #[serde(rename = "issuerURL")]
    #[schemars(regex(pattern = "^https?://"))]
    pub issuer_url: String,

    /// Audience (`aud` claim) that tokens must name; `notification-controller` by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub audience: Option<String>,

    /// Values that the validations share, computed in order and read as `vars.name`.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub variables: Vec<OIDCVariable>,

    /// What must hold of a token, all of it.
    ///
    /// A good signature alone says little where the issuer serves the public, so at least one is
    /// needed: bind the caller's identity.
    #[schemars(length(min = 1))]
    pub validations: Vec<OIDCValidation>,
}

/// A value computed from a token.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OIDCVariable {
    /// Name of the value, a CEL identifier.
    pub name: String,

    /// CEL expression for the value; reads `claims` and the variables before it.
    pub expression: String,
}

/// Something that must hold of a token.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OIDCValidation {
    /// CEL expression that must be true; reads `claims` and `vars`.
    pub expression: String,

    /// What the caller is told if it is not.
    pub message: String,
}

/// Where the webhook is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct ReceiverStatus {
    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,

    /// How the receiver is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// Path to call, `/hook/` and a checksum that outsiders cannot guess.
    #[serde(skip_serializing_if = "omit::text")]
    pub webhook_path: Option<String>,

    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,
}
