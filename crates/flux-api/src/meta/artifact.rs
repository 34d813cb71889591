//! Artifacts that sources produce, and the record of what was made of them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Duration, omit};

/// An archive of a source at one revision, ready for download inside the cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Checksum of the archive, with its algorithm: `sha256:…`.
    #[schemars(regex(pattern = r"^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"))]
    pub digest: String,

    /// Where the archive lies in the controller's storage, relative to its root.
    pub path: String,

    /// HTTP address to download the archive from, inside the cluster.
    pub url: String,

    /// What was fetched: for Git `branch@sha1:commit`, for Helm the chart version, and so on.
    pub revision: String,

    /// When the archive was last written.
    pub last_update_time: Time,

    /// Length of the archive in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,

    /// Facts from the origin, such as OCI annotations.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub metadata: BTreeMap<String, String>,
}

/// One entry of a reconciliation history: a set of objects and how applying it went.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Checksum of the applied objects, with its algorithm: `sha256:…`.
    pub digest: String,

    /// When this set of objects was applied for the first time.
    pub first_reconciled: Time,

    /// When this set of objects was applied for the last time.
    pub last_reconciled: Time,

    /// How long the last reconciliation took, as a Go duration.
    #[schemars(with = "String")]
    pub last_reconciled_duration: Duration,

    /// How the last reconciliation ended, as the reason of its Ready condition.
    pub last_reconciled_status: String,

    /// How many times this set of objects was reconciled.
    pub total_reconciliations: i64,

    /// Facts about the set, such as the revision it was built from.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub metadata: BTreeMap<String, String>,
}
