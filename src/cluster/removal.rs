//! Taking Flux off a cluster: finding its parts, letting go of its objects, deleting and waiting
//! until what was deleted is gone.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::{
    Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PropagationPolicy,
};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::watcher::{Config, Event};
use serde_json::json;

use super::health::rollout;
use super::{Cluster, Error, FIELD_MANAGER, PAGE};
use crate::kinds::ObjectName;
use crate::manifests::install::{INSTANCE, PART_OF, PART_OF_FLUX};

/// The finalizer of Flux's controllers; others on its objects belong to somebody else.
const FINALIZER: &str = "finalizers.fluxcd.io";

/// How many kinds are listed at once.
const AT_ONCE: usize = 4;

/// How often a write that meets another one is tried again.
const ATTEMPTS: u32 = 5;

/// The kinds of Flux, in the order in which flux lets go of them; kinds that are not here follow.
const ORDER: &[&str] = &[
    "GitRepository",
    "OCIRepository",
    "HelmRepository",
    "HelmChart",
    "Bucket",
    "Kustomization",
    "HelmRelease",
    "Alert",
    "Provider",
    "Receiver",
    "ImagePolicy",
    "ImageRepository",
    "ImageUpdateAutomation",
    "ArtifactGenerator",
];

/// An object of one of Flux's kinds.
#[derive(Debug)]
pub struct FluxObject {
    /// Which one.
    pub name: ObjectName,
    /// What it applied, as its inventory has it: `namespace_name_group_kind`.
    pub inventory: Vec<String>,
    resource: ApiResource,
}

impl Cluster {
    /// The namespaces in which controllers of Flux are installed.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn flux_namespaces(&self) -> Result<BTreeSet<String>, Error> {
        let api: Api<Deployment> = Api::all(self.client.clone());
        let list = api.list_metadata(&parts(None)).await;
        let list = list.map_err(|e| self.error(e))?;
        Ok(list
            .items
            .iter()
            .filter_map(ResourceExt::namespace)
            .collect())
    }

    /// The objects of a kind that are part of Flux, in a namespace where the kind lives in one;
    /// of one installation only, where `instance` names its namespace.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn flux_parts(
        &self,
        (api_version, kind): (&str, &str),
        namespace: Option<&str>,
        instance: Option<&str>,
    ) -> Result<Vec<ObjectName>, Error> {
        let object = |name: String| ObjectName {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name,
        };
        let api = self.api_of(&object(String::new())).await?;
        let list = api.list_metadata(&parts(instance)).await;
        let list = list.map_err(|e| self.error(e))?;
        Ok(list
            .items
            .iter()
            .map(|found| object(found.name_any()))
            .collect())
    }

    /// Asks for the deletion of the object; that it is gone already is no error.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn remove(&self, object: &ObjectName, dry_run: bool) -> Result<(), Error> {
        let params = DeleteParams {
            dry_run,
            propagation_policy: Some(PropagationPolicy::Background),
            ..DeleteParams::default()
        };
        let api = self.api_of(object).await?;
        match api.delete(&object.name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Waits until the object does not exist any more.
    ///
    /// # Errors
    /// What the server says where waiting cannot help.
    pub async fn gone(&self, object: &ObjectName) -> Result<(), Error> {
        let api = self.api_of(object).await?;
        let config = Config::default().fields(&format!("metadata.name={}", object.name));
        let events = self.events(api, config);
        futures::pin_mut!(events);
        let mut seen = false;
        while let Some(event) = events.next().await {
            match event? {
                Event::Init => seen = false,
                Event::InitApply(_) | Event::Apply(_) => seen = true,
                Event::InitDone if seen => {}
                Event::InitDone | Event::Delete(_) => break,
            }
        }
        Ok(())
    }

    /// The Deployments called so; those that are gone are left out.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn deployments(&self, objects: &[ObjectName]) -> Result<Vec<Deployment>, Error> {
        let mut found = Vec::new();
        for object in objects {
            let namespace = object.namespace.as_deref().unwrap_or_default();
            let api: Api<Deployment> = self.namespaced(namespace);
            let deployment = api.get_opt(&object.name).await;
            found.extend(deployment.map_err(|e| self.error(e).about(object))?);
        }
        Ok(found)
    }

    /// Waits until the Deployments have no pods any more. `left` hears how many there still are.
    ///
    /// # Errors
    /// What the server says where waiting cannot help.
    pub async fn pods_gone(
        &self,
        namespace: &str,
        deployments: &[Deployment],
        mut left: impl FnMut(usize),
    ) -> Result<(), Error> {
        let events = self.events::<Pod>(self.namespaced(namespace), Config::default());
        futures::pin_mut!(events);
        let mut pods = BTreeSet::new();
        let mut listed = false;
        let ours = |pod: &Pod| deployments.iter().any(|d| rollout::selects(d, pod));
        while let Some(event) = events.next().await {
            match event? {
                Event::Init => pods.clear(),
                Event::InitApply(pod) | Event::Apply(pod) if ours(&pod) => {
                    pods.insert(pod.name_any());
                }
                Event::InitApply(_) | Event::Apply(_) => {}
                Event::InitDone => listed = true,
                Event::Delete(pod) => {
                    pods.remove(&pod.name_any());
                }
            }
            if listed {
                left(pods.len());
                if pods.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Every object of Flux's kinds, in all namespaces or in one.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn flux_objects(&self, namespace: Option<&str>) -> Result<Vec<FluxObject>, Error> {
        let resources = self.flux_kinds().await?;
        let lists = resources
            .iter()
            .map(|resource| self.all_of(resource, namespace));
        let lists: Vec<Vec<FluxObject>> =
            stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// The kinds of Flux that the server has, in the order of [`ORDER`].
    async fn flux_kinds(&self) -> Result<Vec<ApiResource>, Error> {
        let groups = self.client.list_api_groups().await;
        let groups = groups.map_err(|e| self.error(e))?.groups;
        let mut kinds = Vec::new();
        for group in groups.iter().filter(|group| is_flux_group(&group.name)) {
            let preferred = group.preferred_version.as_ref();
            let Some(version) = preferred.or(group.versions.first()) else {
                continue;
            };
            let asked = self.client.list_api_group_resources(&version.group_version);
            let list = match asked.await {
                Ok(list) => list,
                // A group that went away meanwhile has no kinds.
                Err(kube::Error::Api(status)) if status.code == 404 => continue,
                Err(error) => return Err(self.error(error)),
            };
            for resource in list.resources {
                // Subresources such as `status` are in the list as well.
                if !resource.name.contains('/') {
                    let gvk = GroupVersionKind::gvk(&group.name, &version.version, &resource.kind);
                    kinds.push(ApiResource::from_gvk_with_plural(&gvk, &resource.name));
                }
            }
        }
        kinds.sort_by_key(|resource| {
            let rank = ORDER.iter().position(|kind| *kind == resource.kind);
            (rank.unwrap_or(ORDER.len()), resource.kind.clone())
        });
        Ok(kinds)
    }

    async fn all_of(
        &self,
        resource: &ApiResource,
        namespace: Option<&str>,
    ) -> Result<Vec<FluxObject>, Error> {
        let api = self.dynamic(resource, namespace);
        let mut params = ListParams::default().limit(PAGE);
        let mut objects = Vec::new();
        loop {
            let page = match api.list(&params).await {
                Ok(page) => page,
                // A kind that went away meanwhile has no objects.
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(Vec::new()),
                Err(error) => return Err(self.error(error).about(&resource.kind)),
            };
            objects.extend(page.items.into_iter().map(|o| flux_object(resource, &o)));
            params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
            if params.continue_token.is_none() {
                return Ok(objects);
            }
        }
    }

    /// Takes Flux's own finalizer off the object, so that it can be deleted without a controller,
    /// and returns the finalizers of others that stay. That it is gone already is no error.
    ///
    /// # Errors
    /// Whatever the server says; a concurrent change is met by trying again.
    pub async fn release(&self, object: &FluxObject, dry_run: bool) -> Result<Vec<String>, Error> {
        let name = &object.name.name;
        let api = self.dynamic(&object.resource, object.name.namespace.as_deref());
        let params = PatchParams {
            dry_run,
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        for attempt in 1.. {
            let Some(found) = api
                .get_metadata_opt(name)
                .await
                .map_err(|e| self.error(e))?
            else {
                return Ok(Vec::new());
            };
            let (ours, others): (Vec<String>, Vec<String>) = found
                .finalizers()
                .iter()
                .cloned()
                .partition(|finalizer| finalizer == FINALIZER);
            if ours.is_empty() {
                return Ok(others);
            }
            let patch = json!({"metadata": {
                "resourceVersion": found.resource_version(),
                "finalizers": others,
            }});
            match api
                .patch_metadata(name, &params, &Patch::Merge(&patch))
                .await
            {
                Ok(_) => return Ok(others),
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(others),
                Err(kube::Error::Api(status)) if status.code == 409 && attempt < ATTEMPTS => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(Vec::new())
    }

    fn dynamic(&self, resource: &ApiResource, namespace: Option<&str>) -> Api<DynamicObject> {
        let client = self.client.clone();
        match namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, resource),
            None => Api::all_with(client, resource),
        }
    }
}

/// Selects the parts of Flux, or of one installation of it.
fn parts(instance: Option<&str>) -> ListParams {
    ListParams::default().labels(&match instance {
        Some(instance) => format!("{PART_OF}={PART_OF_FLUX},{INSTANCE}={instance}"),
        None => format!("{PART_OF}={PART_OF_FLUX}"),
    })
}

/// Whether the kinds of the API group are Flux's.
pub fn is_flux_group(group: &str) -> bool {
    group.ends_with(".toolkit.fluxcd.io") || group == "source.extensions.fluxcd.io"
}

fn flux_object(resource: &ApiResource, object: &DynamicObject) -> FluxObject {
    let entries = object.data["status"]["inventory"]["entries"].as_array();
    let ids = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["id"].as_str());
    FluxObject {
        name: ObjectName {
            api_version: resource.api_version.clone(),
            kind: resource.kind.clone(),
            namespace: object.namespace(),
            name: object.name_any(),
        },
        inventory: ids.map(str::to_owned).collect(),
        resource: resource.clone(),
    }
}
