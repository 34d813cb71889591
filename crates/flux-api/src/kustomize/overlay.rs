//! Patches, images, selectors and health checks in the form that kustomize made common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::omit;

/// A change of an image's name, tag or digest.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Image to change, without tag or digest.
    pub name: String,

    /// Name to put in its place.
    #[serde(skip_serializing_if = "omit::text")]
    pub new_name: Option<String>,

    /// Tag to put in its place.
    #[serde(skip_serializing_if = "omit::text")]
    pub new_tag: Option<String>,

    /// Digest to put in place of the tag; wins over a new tag.
    #[serde(skip_serializing_if = "omit::text")]
    pub digest: Option<String>,
}

/// Selects objects; what is set must all match, names as whole regular expressions.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// API group of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub group: Option<String>,

    /// API version of the objects, without the group.
    #[serde(skip_serializing_if = "omit::text")]
    pub version: Option<String>,

    /// Kind of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub kind: Option<String>,

    /// Namespace of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,

    /// Name of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub name: Option<String>,

    /// Annotations of the objects, in the syntax of label selectors.
    #[serde(skip_serializing_if = "omit::text")]
    pub annotation_selector: Option<String>,

    /// Labels of the objects, in the syntax of label selectors.
    #[serde(skip_serializing_if = "omit::text")]
    pub label_selector: Option<String>,
}

/// A change to some of the objects.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Patch {
    /// The change as YAML: a strategic merge patch, or a list of JSON patch (RFC 6902) operations.
    pub patch: String,

    /// Objects to change; a merge patch without a target names its object itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Selector>,
}

/// Fields whose changes on the cluster are let be.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoreRule {
    /// JSON pointers (RFC 6901) to the fields.
    pub paths: Vec<String>,

    /// Objects that the rule is for; all of them by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Selector>,
}

/// How to tell whether objects of a custom kind are healthy, in CEL.
///
/// The expressions read the object's fields by name, as `status.phase == 'Up'`.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomHealthCheck {
    /// API group and version of the objects, as `example.com/v1`.
    pub api_version: String,

    /// Kind of the objects.
    #[serde(skip_serializing_if = "omit::text")]
    pub kind: Option<String>,

    /// CEL expression that is true once an object is healthy.
    pub current: String,

    /// CEL expression that is true while an object is on its way.
    #[serde(skip_serializing_if = "omit::text")]
    pub in_progress: Option<String>,

    /// CEL expression that is true when an object has failed.
    #[serde(skip_serializing_if = "omit::text")]
    pub failed: Option<String>,
}
