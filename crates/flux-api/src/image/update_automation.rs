//! Commits that bring the latest images into Git.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ImageRef;
use super::git::GitSpec;
use crate::choices::choices;
use crate::meta::{Condition, ConditionSchema, LabelSelectorSchema};
use crate::{Duration, omit};

/// Which repository to update, with which images, and how to commit.
#[derive(Clone, CustomResource, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "image.toolkit.fluxcd.io",
    version = "v1",
    kind = "ImageUpdateAutomation",
    plural = "imageupdateautomations",
    namespaced,
    schema = "disabled",
    status = "ImageUpdateAutomationStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Commits that bring the latest images into a Git repository.",
    shortname = "iua",
    shortname = "imgupd",
    shortname = "imgauto",
    category = "all",
    category = "fluxcd",
    category = "fluxcd-images",
    printcolumn = r#"{ "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" }"#,
    printcolumn = r#"{ "name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message" }"#,
    printcolumn = r#"{ "name": "Last run", "type": "string", "jsonPath": ".status.lastAutomationRunTime", "priority": 1 }"#,
    printcolumn = r#"{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }"#
)]
pub struct ImageUpdateAutomationSpec {
    /// Repository to update.
    pub source_ref: CrossNamespaceSourceReference,

    /// How to work with the Git repository; it is needed, as there is no other kind of source.
    #[serde(rename = "git", skip_serializing_if = "Option::is_none")]
    pub git_spec: Option<GitSpec>,

    /// How often to look for images to update.
    pub interval: Duration,

    /// Which ImagePolicies count; all in the namespace by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<LabelSelectorSchema>")]
    pub policy_selector: Option<LabelSelector>,

    /// How to find the places to update.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = { "strategy": "Setters" }))]
    pub update: Option<UpdateStrategy>,

    /// Whether updating is stopped for now.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub suspend: bool,
}

/// A repository, possibly in another namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrossNamespaceSourceReference {
    /// API group and version of the repository.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the repository.
    #[schemars(extend("default" = "GitRepository"))]
    pub kind: AutomationSourceKind,

    /// Name of the repository.
    pub name: String,

    /// Namespace of the repository; that of the automation by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,
}

choices! {
    /// Kinds of repositories that can be updated.
    #[derive(Default)]
    pub enum AutomationSourceKind {
        /// A Git repository.
        #[default]
        GitRepository = "GitRepository",
    }
}

/// How to find the places to update.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateStrategy {
    /// Way of finding them; `Setters` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "Setters"))]
    pub strategy: Option<UpdateStrategyName>,

    /// Directory to look in; the root by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub path: Option<String>,
}

choices! {
    /// Ways of finding the places to update.
    pub enum UpdateStrategyName {
        /// Comments in the manifests that name an ImagePolicy.
        Setters = "Setters",
    }
}

/// What the controller last did.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = { "observedGeneration": -1 }))]
pub struct ImageUpdateAutomationStatus {
    /// When the automation last ran to its end, with something to update or without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_automation_run_time: Option<Time>,

    /// Hash of the last commit that was pushed.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_push_commit: Option<String>,

    /// When the last commit was pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_push_time: Option<Time>,

    /// Generation of the object that the controller last worked on.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_generation: i64,

    /// How the automation is doing.
    #[serde(default, skip_serializing_if = "omit::zero")]
    #[schemars(with = "Vec<ConditionSchema>")]
    pub conditions: Vec<Condition>,

    /// ImagePolicies that the last run considered, and the images they had elected.
    #[serde(default, skip_serializing_if = "omit::zero")]
    pub observed_policies: BTreeMap<String, ImageRef>,

    /// Revision of the repository that the last run saw.
    #[serde(skip_serializing_if = "omit::text")]
    pub observed_source_revision: Option<String>,

    /// Value of the reconcile request annotation that was last answered.
    #[serde(skip_serializing_if = "omit::text")]
    pub last_handled_reconcile_at: Option<String>,
}
