//! The record of which cluster objects a Kustomization or HelmRelease manages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cluster objects that were applied.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceInventory {
    /// One entry for each applied object.
    pub entries: Vec<ResourceRef>,
}

/// An applied object.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRef {
    /// Which object: `<namespace>_<name>_<group>_<kind>`, parts that do not apply left empty.
    pub id: String,

    /// API version of the object, without its group.
    #[serde(rename = "v")]
    pub version: String,
}
