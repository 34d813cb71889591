//! References from one object to another. Of Secrets they hold names only.

#![expect(
    unreachable_pub,
    reason = "KubeSchema copies the struct into a function, with its visibility"
)]

use std::fmt;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;
use crate::omit;

/// An object in the same namespace, its kind given by the field that holds the reference.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalObjectReference {
    /// Name of the object.
    pub name: String,
}

impl LocalObjectReference {
    /// The object of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// An object that may live in another namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespacedObjectReference {
    /// Name of the object.
    pub name: String,

    /// Namespace of the object; that of the referring object by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,
}

/// An object of the same kind that has to be ready first.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DependencyReference {
    /// Name of the object to wait for.
    pub name: String,

    /// Namespace of the object to wait for; that of the referring object by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,

    /// CEL expression that says whether the dependency is ready, in place of its Ready condition.
    ///
    /// `dep` is the object waited for and `self` the waiting one. The controller's feature gate
    /// AdditiveCELDependencyCheck makes it hold besides the Ready condition.
    #[serde(skip_serializing_if = "omit::text")]
    pub ready_expr: Option<String>,
}

impl From<&str> for DependencyReference {
    /// Reads `[namespace/]name[@expression]`, the form of `--depends-on`.
    fn from(text: &str) -> Self {
        let (object, ready_expr) = match text.split_once('@') {
            Some((object, expression)) => (object, Some(expression.to_owned())),
            None => (text, None),
        };
        let (namespace, name) = match object.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, object),
        };
        Self {
            name: name.to_owned(),
            namespace,
            ready_expr,
        }
    }
}

impl fmt::Display for DependencyReference {
    /// Writes `[namespace/]name[@expression]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = self.namespace.as_deref().filter(|text| !text.is_empty()) {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)?;
        if let Some(expression) = self.ready_expr.as_deref().filter(|text| !text.is_empty()) {
            write!(f, "@{expression}")?;
        }
        Ok(())
    }
}

/// An object of any kind that may live in another namespace.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespacedObjectKindReference {
    /// API group and version of the object, as `apps/v1`; the cluster's preferred one by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub api_version: Option<String>,

    /// Kind of the object.
    pub kind: String,

    /// Name of the object.
    pub name: String,

    /// Namespace of the object; that of the referring object by default.
    #[serde(skip_serializing_if = "omit::text")]
    pub namespace: Option<String>,
}

/// A Secret in the same namespace and one of its keys.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyReference {
    /// Name of the Secret.
    pub name: String,

    /// Key of the data to read; which one is read by default depends on the field.
    #[serde(skip_serializing_if = "omit::text")]
    pub key: Option<String>,
}

choices! {
    /// Kinds of objects that hold data.
    pub enum DataKind {
        /// A Secret.
        Secret = "Secret",
        /// A ConfigMap.
        ConfigMap = "ConfigMap",
    }
}

/// Where to find the way into another cluster: exactly one of the two fields is set.
#[derive(Clone, Debug, Default, Deserialize, Eq, KubeSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = (
    "has(self.configMapRef) || has(self.secretRef)",
    "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified",
))]
#[x_kube(validation = (
    "!has(self.configMapRef) || !has(self.secretRef)",
    "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified",
))]
pub struct KubeConfigReference {
    /// ConfigMap that tells how to reach the cluster with short-lived credentials.
    ///
    /// Its keys: `provider` (`aws`, `azure`, `gcp` or `generic`), `cluster` (the cloud's full name
    /// of the cluster), `address` (of the API server; `generic` needs it), `ca.crt` (PEM),
    /// `audiences` (one a line) and `serviceAccountName` (whose token to use; the controller's own
    /// by default). Without `address` and `ca.crt`, the cloud is asked by `cluster`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<LocalObjectReference>,

    /// Secret that holds a kubeconfig, under the key `value` unless another is named.
    ///
    /// It should be complete in itself: programs that it calls for credentials do not exist in
    /// the controller's container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretKeyReference>,
}
