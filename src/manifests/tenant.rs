//! The objects that confine a tenant's reconcilers to its namespaces.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{RoleBinding, RoleRef, Subject};
use kube::api::ObjectMeta;

use crate::error::{Error, Result};
use crate::flags;

/// The label that says whose an object is.
const TENANT: &str = "toolkit.fluxcd.io/tenant";
/// The group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";

/// A tenant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Its namespaces, by name.
    pub namespaces: Vec<String>,
    /// The ClusterRole whose rights it has in them.
    pub cluster_role: String,
    /// The service account it works as; the tenant's own name unless given.
    pub account: Option<String>,
    /// Labels of all objects, besides the one that names the tenant.
    pub labels: BTreeMap<String, String>,
}

/// The objects of one of a tenant's namespaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// The namespace itself.
    pub namespace: Namespace,
    /// The service account in it.
    pub account: ServiceAccount,
    /// What gives the account its rights, and the user that the controllers may pose as.
    pub binding: RoleBinding,
}

impl Tenant {
    /// The objects of each namespace, in the order the namespaces were given.
    ///
    /// # Errors
    /// When a name is none that Kubernetes would take for a label.
    pub fn rooms(&self) -> Result<Vec<Room>> {
        check("tenant name", &self.name)?;
        if self.cluster_role.is_empty() {
            return Err(Error::usage("cluster-role is required"));
        }
        self.namespaces.iter().map(|name| self.room(name)).collect()
    }

    fn room(&self, namespace: &str) -> Result<Room> {
        check("namespace", namespace)?;
        let account = self.account.as_deref().unwrap_or(&self.name);
        check("service-account name", account)?;
        Ok(Room {
            namespace: Namespace {
                metadata: ObjectMeta {
                    namespace: None,
                    ..self.metadata(namespace, namespace)
                },
                ..Namespace::default()
            },
            account: ServiceAccount {
                metadata: self.metadata(account, namespace),
                ..ServiceAccount::default()
            },
            binding: RoleBinding {
                metadata: self.metadata(&format!("{}-reconciler", self.name), namespace),
                role_ref: RoleRef {
                    api_group: Some(RBAC.to_owned()),
                    kind: "ClusterRole".to_owned(),
                    name: self.cluster_role.clone(),
                },
                subjects: Some(subjects(account, namespace)),
            },
        })
    }

    fn metadata(&self, name: &str, namespace: &str) -> ObjectMeta {
        let mut labels = self.labels.clone();
        labels.insert(TENANT.to_owned(), self.name.clone());
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(namespace.to_owned()),
            labels: Some(labels),
            ..ObjectMeta::default()
        }
    }
}

fn subjects(account: &str, namespace: &str) -> Vec<Subject> {
    vec![
        Subject {
            api_group: Some(RBAC.to_owned()),
            kind: "User".to_owned(),
            name: format!("gotk:{namespace}:reconciler"),
            namespace: None,
        },
        Subject {
            api_group: None,
            kind: "ServiceAccount".to_owned(),
            name: account.to_owned(),
            namespace: Some(namespace.to_owned()),
        },
    ]
}

/// Checks a name by the rules of label keys, as flux does. The API server's own are stricter.
fn check(what: &str, name: &str) -> Result<()> {
    flags::label_key(name).map_err(|why| Error::usage(format!("invalid {what} '{name}': [{why}]")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tenant() -> Tenant {
        Tenant {
            name: "dev".to_owned(),
            namespaces: vec!["web".to_owned(), "db".to_owned()],
            cluster_role: "view".to_owned(),
            account: None,
            labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        }
    }

    #[test]
    fn each_namespace_has_its_objects() {
        let rooms = tenant().rooms().unwrap();
        let names: Vec<_> = rooms
            .iter()
            .filter_map(|r| r.namespace.metadata.name.as_deref())
            .collect();
        assert_eq!(names, ["web", "db"]);
        let labels = json!({"a": "b", "toolkit.fluxcd.io/tenant": "dev"});
        let room = &rooms[0];
        assert_eq!(
            serde_json::to_value(&room.namespace).unwrap()["metadata"],
            json!({"name": "web", "labels": labels})
        );
        assert_eq!(
            serde_json::to_value(&room.account).unwrap()["metadata"],
            json!({"name": "dev", "namespace": "web", "labels": labels})
        );
        assert_eq!(
            serde_json::to_value(&room.binding).unwrap(),
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "dev-reconciler", "namespace": "web", "labels": labels},
                "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
                "subjects": [
                    {"apiGroup": RBAC, "kind": "User", "name": "gotk:web:reconciler"},
                    {"kind": "ServiceAccount", "name": "dev", "namespace": "web"},
                ],
            })
        );
    }

    #[test]
    fn the_label_that_names_the_tenant_is_not_the_users() {
        let mut tenant = tenant();
        tenant.labels.insert(TENANT.to_owned(), "other".to_owned());
        let rooms = tenant.rooms().unwrap();
        let labels = rooms[0].account.metadata.labels.as_ref().unwrap();
        assert_eq!(labels[TENANT], "dev");
    }

    #[test]
    fn names_that_are_refused() {
        let refusal = |change: fn(&mut Tenant)| {
            let mut tenant = tenant();
            change(&mut tenant);
            tenant.rooms().unwrap_err().to_string()
        };
        assert!(refusal(|t| t.name = "a b".to_owned()).starts_with("invalid tenant name 'a b': ["));
        assert!(refusal(|t| t.namespaces.push(String::new())).starts_with("invalid namespace ''"));
        assert!(
            refusal(|t| t.account = Some("-".to_owned()))
                .starts_with("invalid service-account name '-'")
        );
        assert_eq!(
            refusal(|t| t.cluster_role.clear()),
            "cluster-role is required"
        );
    }
}
