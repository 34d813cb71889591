//! A Kustomization as it will be and as it is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::build::spec::Kustomization;
use crate::error::Result;
use crate::kinds::ObjectName;

/// A Kustomization as it will be and as it is.
pub(super) struct Root {
    pub(super) kustomization: Kustomization,
    /// All of it, as it will be.
    object: Value,
    /// As it is; none where it is new.
    live: Option<Value>,
}

impl Root {
    /// The Kustomization of an object; one that names no namespace is in `namespace`.
    pub(super) fn of(object: Value, live: Option<Value>, namespace: &str) -> Result<Self> {
        let mut kustomization = Kustomization::of(&object)?;
        if kustomization.metadata.namespace.is_empty() {
            namespace.clone_into(&mut kustomization.metadata.namespace);
        }
        Ok(Root {
            kustomization,
            object,
            live,
        })
    }

    pub(super) fn subject(&self) -> ObjectName {
        let metadata = &self.kustomization.metadata;
        ObjectName {
            api_version: "kustomize.toolkit.fluxcd.io/v1".to_owned(),
            kind: "Kustomization".to_owned(),
            namespace: Some(metadata.namespace.clone()),
            name: metadata.name.clone(),
        }
    }

    /// `namespace/name`.
    pub(super) fn name(&self) -> String {
        let metadata = &self.kustomization.metadata;
        format!("{}/{}", metadata.namespace, metadata.name)
    }

    pub(super) fn spec(&self) -> &Value {
        &self.object["spec"]
    }

    /// What it applied and does not contain any more, where it prunes.
    pub(super) fn stale(&self, contained: BTreeSet<(&str, &str, &str, &str)>) -> Vec<ObjectName> {
        if self.spec()["prune"] != true {
            return Vec::new();
        }
        let applied = self.live.as_ref().map(ObjectName::in_inventory);
        let gone = applied.unwrap_or_default().into_iter();
        gone.filter(|subject| !contained.contains(&subject.identity()))
            .collect()
    }

    /// Why what is below it is not compared, where it is not for want of its folder.
    pub(super) fn is_out_of_reach(&self) -> Option<&'static str> {
        let spec = self.spec();
        if spec["kubeConfig"].is_object() {
            Some("skipped: diff not supported for remote clusters")
        } else if spec["suspend"] == true {
            Some("is suspended: what is below it stays as it is")
        } else {
            None
        }
    }
}
