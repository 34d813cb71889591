//! Alerts.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CrossNamespaceObjectReference;
use crate::choices::choices;
use crate::meta::LocalObjectReference;
use crate::omit;

/// Which events to send, and where to.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "notification.toolkit.fluxcd.io",
    version = "v1beta3",
    kind = "Alert",
    plural = "alerts",
    namespaced,
    schema = "disabled",
    derive = "Default",
    derive = "PartialEq",
    doc = "Which events are sent to which provider.",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-notifications",
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
pub struct AlertSpec {
    /// Provider in the same namespace to send to.
    pub provider_ref: LocalObjectReference,

    /// Least severity to send: `info` (the default) is everything, `error` failures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "info"))]
    pub event_severity: Option<EventSeverity>,

    /// Objects whose events are sent.
    pub event_sources: Vec<CrossNamespaceObjectReference>,

    /// Go regular expressions; only messages that match one of them are sent.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub inclusion_list: Vec<String>,

    /// Facts to add to every event; they never replace one that the event has.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub event_metadata: BTreeMap<String, String>,

    /// Go regular expressions; messages that match one of them are not sent.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub exclusion_list: Vec<String>,

    /// A sentence to send along. Deprecated: put it into the event metadata.
    #[serde(skip_serializing_if = "omit::text")]
    #[schemars(length(max = 255))]
    pub summary: Option<String>,

    /// Whether sending is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

choices! {
    /// How grave an event is.
    pub enum EventSeverity {
        /// Something happened.
        Info = "info",
        /// Something failed.
        Error = "error",
    }
}
