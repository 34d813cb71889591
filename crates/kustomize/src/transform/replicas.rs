//! `replicas`: how many pods the objects of a name shall have.

use super::failure;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec};
use crate::kustomization::Kustomization;
use crate::resource::Resource;
use crate::yaml::Node;

const KINDS: [&str; 4] = [
    "Deployment",
    "ReplicationController",
    "ReplicaSet",
    "StatefulSet",
];

pub(super) fn apply(
    kustomization: &Kustomization,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let spec = FieldSpec::anywhere("spec/replicas", true);
    for replica in &kustomization.replicas {
        let mut found = false;
        for kind in KINDS {
            let named = |resource: &Resource| {
                let mut ids = resource.previous_ids().chain([resource.id()]);
                ids.any(|id| id.name == replica.name && id.gvk.kind == kind)
            };
            for resource in resources.iter_mut().filter(|resource| named(resource)) {
                found = true;
                if resource.kind() != kind {
                    continue;
                }
                let set = spec.apply(&mut resource.node, Some(Blank::Scalar), &mut |field| {
                    if field.as_scalar().is_none() {
                        return Err("replicas is a number".into());
                    }
                    field.data = Node::int(replica.count).data;
                    Ok(())
                });
                set.map_err(|error| failure(kustomization, resource, &error))?;
            }
        }
        if !found {
            let kinds = KINDS
                .map(|kind| format!("{kind}.[noVer].[noGrp]"))
                .join(" ");
            let message = format!(
                "resource with name {} does not match a config with the following GVK [{kinds}]",
                replica.name
            );
            return Err(Error::new(message).at(&kustomization.file, replica.position));
        }
    }
    Ok(())
}
