//! Conditions: their types, their reasons, and their schema in the CRDs.
//!
//! The values are Kubernetes' own types from `k8s-openapi`. The structs here that end in `Schema`
//! exist for the CRDs alone: what `k8s-openapi` says of these types lacks the limits that
//! controller-gen writes.

use std::collections::BTreeMap;

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;

/// The types of conditions that say how an object is doing.
pub mod condition_type {
    /// True once the object is reconciled; False with a reason when it failed.
    pub const READY: &str = "Ready";

    /// True when trying again is of no use until something is changed. Absent otherwise.
    pub const STALLED: &str = "Stalled";

    /// True while the controller works on the object. Absent otherwise.
    pub const RECONCILING: &str = "Reconciling";

    /// How the last health check of the applied objects ended.
    pub const HEALTHY: &str = "Healthy";
}

/// The reasons that the controllers have in common.
pub mod reason {
    /// It went well.
    pub const SUCCEEDED: &str = "Succeeded";
    /// It did not go well.
    pub const FAILED: &str = "Failed";
    /// It goes on.
    pub const PROGRESSING: &str = "Progressing";
    /// It goes on after a failure.
    pub const PROGRESSING_WITH_RETRY: &str = "ProgressingWithRetry";
    /// The object is suspended.
    pub const SUSPENDED: &str = "Suspended";
    /// Something that has to be ready first is not.
    pub const DEPENDENCY_NOT_READY: &str = "DependencyNotReady";
    /// The path does not exist in the source.
    pub const INVALID_PATH: &str = "InvalidPath";
    /// The URL cannot be used.
    pub const INVALID_URL: &str = "InvalidURL";
    /// The controller refuses plain HTTP.
    pub const INSECURE_CONNECTIONS_DISALLOWED: &str = "InsecureConnectionsDisallowed";
    /// The controller does not speak the protocol.
    pub const UNSUPPORTED_CONNECTION_TYPE: &str = "UnsupportedConnectionType";
    /// Objects that left the source could not be removed.
    pub const PRUNE_FAILED: &str = "PruneFailed";
    /// The source's artifact could not be had.
    pub const ARTIFACT_FAILED: &str = "ArtifactFailed";
    /// The objects could not be built.
    pub const BUILD_FAILED: &str = "BuildFailed";
    /// An applied object did not become healthy.
    pub const HEALTH_CHECK_FAILED: &str = "HealthCheckFailed";
    /// The health check was given up for a newer revision.
    pub const HEALTH_CHECK_CANCELED: &str = "HealthCheckCanceled";
    /// The reconciliation went well.
    pub const RECONCILIATION_SUCCEEDED: &str = "ReconciliationSucceeded";
    /// The reconciliation failed.
    pub const RECONCILIATION_FAILED: &str = "ReconciliationFailed";
    /// A CEL expression is malformed.
    pub const INVALID_CEL_EXPRESSION: &str = "InvalidCELExpression";
    /// A feature is used that the controller has switched off.
    pub const FEATURE_GATE_DISABLED: &str = "FeatureGateDisabled";
}

/// One aspect of how an object is doing.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ConditionSchema {
    /// When the status last changed.
    last_transition_time: Time,

    /// What happened, for people; may be empty.
    #[schemars(length(max = 32768))]
    message: String,

    /// Generation of the object (`metadata.generation`) that the condition speaks of.
    #[schemars(range(min = 0))]
    observed_generation: Option<i64>,

    /// Why the status is what it is, in one word for programs.
    #[schemars(length(min = 1, max = 1024))]
    #[schemars(regex(pattern = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"))]
    reason: String,

    /// `True`, `False` or `Unknown`.
    #[schemars(extend("enum" = ["True", "False", "Unknown"]))]
    status: String,

    /// Which aspect this is about, such as `Ready`.
    #[schemars(length(max = 316))]
    #[schemars(regex(
        pattern = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
    ))]
    r#type: String,
}

/// Selects objects by their labels; what is asked for must all hold.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", extend("x-kubernetes-map-type" = "atomic"))]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct LabelSelectorSchema {
    /// Rules about labels, all of which must hold.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    match_expressions: Option<Vec<LabelSelectorRequirementSchema>>,

    /// Labels that must be there with exactly these values.
    match_labels: Option<BTreeMap<String, String>>,
}

/// A rule about one label.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
struct LabelSelectorRequirementSchema {
    /// Key of the label.
    key: String,

    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    operator: String,

    /// Values for `In` and `NotIn`; none for the other two.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    values: Option<Vec<String>>,
}
