//! An object by its names.

use std::fmt;

use kube::ResourceExt;
use kube::api::DynamicObject;

use super::Kind;

/// One object, by kind, namespace and name.
#[derive(Clone)]
pub struct Target {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind.kind, self.namespace, self.name)
    }
}

impl Target {
    /// The target that is this object.
    pub fn of(kind: &'static Kind, object: &DynamicObject) -> Self {
        Target {
            kind,
            namespace: object.namespace().unwrap_or_default(),
            name: object.name_any(),
        }
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.kind.kind == other.kind.kind
            && self.namespace == other.namespace
            && self.name == other.name
    }
}

impl Eq for Target {}
