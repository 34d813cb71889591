//! Which object is meant, of whatever kind.

use std::fmt;

use kube::ResourceExt as _;
use kube::api::DynamicObject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Target, inventory};

/// Which object is meant. It reads `Kind/namespace/name`, or `Kind/name` without a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectName {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; none for what lives in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// What makes two names the same object's: not the version.
type Key<'s> = (&'s str, &'s str, &'s str, &'s str);

impl ObjectName {
    /// The name of an object; none where it lacks its version, kind or name.
    pub fn of(object: &Value) -> Option<Self> {
        let text = |value: &Value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        Some(ObjectName {
            api_version: text(&object["apiVersion"])?,
            kind: text(&object["kind"])?,
            namespace: text(&object["metadata"]["namespace"]),
            name: text(&object["metadata"]["name"])?,
        })
    }

    /// What stands in the inventory of a Kustomization or HelmRelease; what cannot be read is left
    /// out.
    pub fn in_inventory(object: &Value) -> Vec<Self> {
        let entries = object["status"]["inventory"]["entries"].as_array();
        let subject = |entry: &Value| {
            let id = inventory::parse(entry["id"].as_str()?)?;
            let version = entry["v"].as_str().unwrap_or_default();
            Some(ObjectName {
                api_version: if id.group.is_empty() {
                    version.to_owned()
                } else {
                    format!("{}/{version}", id.group)
                },
                kind: id.kind,
                namespace: Some(id.namespace).filter(|namespace| !namespace.is_empty()),
                name: id.name,
            })
        };
        entries.into_iter().flatten().filter_map(subject).collect()
    }

    /// The group of the kind; empty for Kubernetes' core.
    pub fn group(&self) -> &str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Group, kind, namespace and name.
    pub fn identity(&self) -> Key<'_> {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        (self.group(), &self.kind, namespace, &self.name)
    }

    /// Whether it is of that group and kind.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group() == group && self.kind == kind
    }

    /// What to sort by to have what others need first, as Flux applies objects.
    pub fn rank(&self) -> (usize, Key<'_>) {
        let place = |kinds: &[&str]| kinds.iter().position(|kind| *kind == self.kind);
        let rank = match (place(FIRST), place(LAST)) {
            (Some(place), _) => place,
            (None, None) => FIRST.len(),
            (None, Some(place)) => FIRST.len() + 1 + place,
        };
        (rank, self.identity())
    }
}

impl From<&DynamicObject> for ObjectName {
    fn from(object: &DynamicObject) -> Self {
        let types = object.types.clone().unwrap_or_default();
        ObjectName {
            api_version: types.api_version,
            kind: types.kind,
            namespace: object.namespace(),
            name: object.name_any(),
        }
    }
}

impl From<&Target> for ObjectName {
    fn from(target: &Target) -> Self {
        ObjectName {
            api_version: target.kind.api_version(),
            kind: target.kind.kind.to_owned(),
            namespace: Some(target.namespace.clone()),
            name: target.name.clone(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

/// The kinds that Flux applies first, in order.
const FIRST: &[&str] = &[
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterClass",
    "RuntimeClass",
    "PriorityClass",
    "StorageClass",
    "VolumeSnapshotClass",
    "IngressClass",
    "GatewayClass",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "LimitRange",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// The kinds that Flux applies last, in order.
const LAST: &[&str] = &[
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inventories_are_read() {
        let object = json!({"status": {"inventory": {"entries": [
            {"id": "apps_web_apps_Deployment", "v": "v1"},
            {"id": "_apps__Namespace", "v": "v1"},
            {"id": "odd", "v": "v1"},
        ]}}});
        let subjects = ObjectName::in_inventory(&object);
        let shown: Vec<String> = subjects
            .iter()
            .map(|subject| format!("{} {subject}", subject.api_version))
            .collect();
        assert_eq!(shown, ["apps/v1 Deployment/apps/web", "v1 Namespace/apps"]);
        assert!(ObjectName::in_inventory(&json!({})).is_empty());
    }

    #[test]
    fn what_others_need_comes_first() {
        let subject = |kind: &str, name: &str| ObjectName {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: name.to_owned(),
        };
        let mut subjects = [
            subject("MutatingWebhookConfiguration", "a"),
            subject("Job", "b"),
            subject("Job", "a"),
            subject("Secret", "z"),
            subject("Namespace", "z"),
        ];
        subjects.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let kinds: Vec<&str> = subjects.iter().map(|s| s.kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "Namespace",
                "Secret",
                "Job",
                "Job",
                "MutatingWebhookConfiguration"
            ]
        );
        assert_eq!(subjects[2].name, "a");
    }
}
