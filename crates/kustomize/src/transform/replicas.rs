//! `replicas`: how many pods the objects of a name shall have.

use super::{Fields, failure};
use crate::configuration::Field;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec};
use crate::id::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::Resource;
use crate::yaml::Node;

const KINDS: [&str; 4] = [
    "Deployment",
    "StatefulSet",
    "ReplicaSet",
    "ReplicationController",
];

pub(super) fn builtin_fields() -> Vec<FieldSpec> {
    KINDS.iter().map(|kind| replicas_of(kind)).collect()
}

pub(super) fn apply(
    kustomization: &Kustomization,
    fields: &Fields<'_>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let specs = fields(Field::Replicas);
    for replica in &kustomization.replicas {
        let mut found = false;
        for spec in specs {
            let named = |resource: &Resource| {
                let mut ids = resource.previous_ids().chain([resource.id()]);
                ids.any(|id| id.name == replica.name && id.gvk.is_selected(&spec.gvk))
            };
            for resource in resources.iter_mut().filter(|resource| named(resource)) {
                found = true;
                if resource.gvk().is_selected(&spec.gvk) {
                    let set = spec.apply(&mut resource.node, Some(Blank::Scalar), &mut |field| {
                        if field.as_scalar().is_none() {
                            return Err("replicas is a number".into());
                        }
                        field.data = Node::int(replica.count).data;
                        field.untagged = false;
                        Ok(())
                    });
                    set.map_err(|error| failure(kustomization, resource, &error))?;
                }
            }
        }
        if !found {
            let kinds: Vec<String> = specs.iter().map(|spec| spec.gvk.to_string()).collect();
            let message = format!(
                "resource with name {} does not match a config with the following GVK [{}]",
                replica.name,
                kinds.join(" ")
            );
            return Err(Error::new(message).at(&kustomization.file, replica.position));
        }
    }
    Ok(())
}

fn replicas_of(kind: &str) -> FieldSpec {
    let gvk = Gvk {
        kind: kind.to_owned(),
        ..Gvk::default()
    };
    FieldSpec {
        gvk,
        ..FieldSpec::anywhere("spec/replicas", true)
    }
}
