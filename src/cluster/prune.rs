//! Removing what an installation does not contain any more.
//!
//! This is for what `install` itself put there: the object carries the labels of the installation,
//! flux applied it, and its kind is one that installations consist of. Namespaces are never
//! removed, and a definition only when there is no object of its kind.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::{
    Api, DeleteParams, DynamicObject, ListParams, ObjectMeta, Preconditions, PropagationPolicy,
};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;

use super::apply::{Action, Change};
use super::resource::name_of;
use super::{Cluster, Error, FIELD_MANAGER};
use crate::kinds::ObjectName;
use crate::manifests::install::{INSTANCE, PART_OF, PART_OF_FLUX};

/// The kinds that are removed, in order: API version, kind and whether it lives in namespaces.
const REMOVED: &[(&str, &str, bool)] = &[
    ("apps/v1", "Deployment", true),
    ("v1", "Service", true),
    ("networking.k8s.io/v1", "NetworkPolicy", true),
    ("v1", "ResourceQuota", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
    ("v1", "ServiceAccount", true),
];

/// What became of the objects that an installation does not contain any more.
#[derive(Debug, Default)]
pub struct Pruned {
    /// Those that were removed.
    pub deleted: Vec<Change>,
    /// Definitions that stay because there are objects of their kind.
    pub kept: Vec<ObjectName>,
}

impl Cluster {
    /// Removes the objects of the installation in `namespace` that `wanted` does not contain.
    ///
    /// # Errors
    /// What the server says about the first object it refuses.
    pub async fn prune_install(&self, namespace: &str, wanted: &[Value]) -> Result<Pruned, Error> {
        let wanted = wanted.iter().map(name_of).collect::<Result<Vec<_>, _>>()?;
        let params = labelled(namespace);
        let mut pruned = Pruned::default();
        for (api_version, kind, namespaced) in REMOVED {
            let mut object = ObjectName {
                api_version: (*api_version).to_owned(),
                kind: (*kind).to_owned(),
                namespace: namespaced.then(|| namespace.to_owned()),
                name: String::new(),
            };
            let api = self.api_of(&object).await?;
            let list = api.list_metadata(&params).await;
            let list = list.map_err(|e| self.error(e).about(kind))?;
            for found in list {
                object.name = found.name_any();
                if wanted.contains(&object) || !is_fluxs(&found.metadata) {
                    continue;
                }
                self.remove_seen(&api, &object, &found.metadata).await?;
                pruned.deleted.push(deleted(&object));
            }
        }
        self.prune_definitions(&params, &wanted, &mut pruned)
            .await?;
        Ok(pruned)
    }

    async fn prune_definitions(
        &self,
        params: &ListParams,
        wanted: &[ObjectName],
        pruned: &mut Pruned,
    ) -> Result<(), Error> {
        let api: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let list = api.list_metadata(params).await;
        for found in list.map_err(|e| self.error(e).about(&"CustomResourceDefinition"))? {
            let object = ObjectName {
                api_version: "apiextensions.k8s.io/v1".to_owned(),
                kind: "CustomResourceDefinition".to_owned(),
                namespace: None,
                name: found.name_any(),
            };
            if wanted.contains(&object) || !is_fluxs(&found.metadata) {
                continue;
            }
            let definition = api.get_opt(&object.name).await;
            let Some(definition) = definition.map_err(|e| self.error(e).about(&object))? else {
                continue;
            };
            if self.has_objects(&definition).await? {
                pruned.kept.push(object);
            } else {
                self.remove_seen(&api, &object, &definition.metadata)
                    .await?;
                pruned.deleted.push(deleted(&object));
            }
        }
        Ok(())
    }

    /// Whether there is an object of the kind, in any namespace.
    async fn has_objects(&self, definition: &CustomResourceDefinition) -> Result<bool, Error> {
        let spec = &definition.spec;
        let Some(version) = spec.versions.iter().find(|v| v.served) else {
            // What is stored cannot be seen.
            return Ok(true);
        };
        let gvk = GroupVersionKind::gvk(&spec.group, &version.name, &spec.names.kind);
        let resource = ApiResource::from_gvk_with_plural(&gvk, &spec.names.plural);
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let list = api.list_metadata(&ListParams::default().limit(1)).await;
        let list = list.map_err(|e| self.error(e).about(&definition.name_any()))?;
        Ok(!list.items.is_empty())
    }

    /// Deletes exactly the object that was seen.
    async fn remove_seen<K>(
        &self,
        api: &Api<K>,
        object: &ObjectName,
        seen: &ObjectMeta,
    ) -> Result<(), Error>
    where
        K: Clone + serde::de::DeserializeOwned + std::fmt::Debug,
    {
        let params = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Background),
            preconditions: Some(Preconditions {
                uid: seen.uid.clone(),
                resource_version: seen.resource_version.clone(),
            }),
            ..DeleteParams::default()
        };
        match api.delete(&object.name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(self.error(error).about(object)),
        }
    }
}

fn labelled(namespace: &str) -> ListParams {
    ListParams::default().labels(&format!("{PART_OF}={PART_OF_FLUX},{INSTANCE}={namespace}"))
}

fn deleted(object: &ObjectName) -> Change {
    Change {
        object: object.clone(),
        action: Action::Deleted,
    }
}

/// Whether flux applied the object, rather than another tool with flux's labels.
fn is_fluxs(metadata: &ObjectMeta) -> bool {
    metadata.managed_fields.iter().flatten().any(|entry| {
        entry.manager.as_deref() == Some(FIELD_MANAGER)
            && entry.operation.as_deref() == Some("Apply")
    })
}
