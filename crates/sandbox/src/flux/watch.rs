//! Watches what the cluster holds of Flux: the Deployments, which say what is to run, and their pods, which get the logs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use serde_json::json;
use tokio::sync::watch;

use super::component::Component;
use super::keeper::{Run, Wanted};
use super::{FluxOptions, Follow, log};
use crate::control_plane::Access;
use crate::process::Den;

/// Pause before a watch that could not begin is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The watches of one [`super::Flux`].
pub(super) struct Watcher {
    pub(super) access: Access,
    pub(super) options: FluxOptions,
    pub(super) den: Arc<Den>,
    pub(super) wanted: watch::Sender<Wanted>,
}

impl Watcher {
    /// Never returns; ends with the runtime it is spawned on.
    pub(super) async fn run(self) {
        let client = loop {
            match self.access.client().await {
                Ok(client) => break client,
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        };
        tokio::join!(self.follow_deployments(&client), self.give_logs(&client));
    }

    async fn follow_deployments(&self, client: &Client) {
        if self.options.follow != Follow::Deployments {
            return;
        }
        let api = Api::<Deployment>::namespaced(client.clone(), &self.options.namespace);
        let mut events = watcher(api, watcher::Config::default())
            .default_backoff()
            .boxed();
        // Filled between Init and InitDone, so that a restarted watch does not stop what runs.
        let mut listed = BTreeMap::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Init) => listed.clear(),
                Ok(Event::InitApply(deployment)) => listed.extend(run_of(&deployment)),
                Ok(Event::InitDone) => {
                    self.wanted
                        .send_replace(Wanted(std::mem::take(&mut listed)));
                }
                Ok(Event::Apply(deployment)) => self.wanted.send_modify(|wanted| {
                    if let Some(component) = Component::from_name(&deployment.name_any()) {
                        wanted.0.remove(&component);
                        wanted.0.extend(run_of(&deployment));
                    }
                }),
                Ok(Event::Delete(deployment)) => self.wanted.send_modify(|wanted| {
                    if let Some(component) = Component::from_name(&deployment.name_any()) {
                        wanted.0.remove(&component);
                    }
                }),
                // The watcher comes back by itself, after a pause.
                Err(_) => (),
            }
        }
    }

    /// Tells kwok which file is the log of which pod. Needs a full control plane; on others there are no pods.
    async fn give_logs(&self, client: &Client) {
        let api = Api::<Pod>::namespaced(client.clone(), &self.options.namespace);
        let mut pods = watcher(api, watcher::Config::default().labels("app"))
            .default_backoff()
            .applied_objects()
            .boxed();
        let mut given = std::collections::BTreeSet::new();
        while let Some(event) = pods.next().await {
            // After an error the watcher comes back by itself, after a pause.
            let Ok(pod) = event else { continue };
            let component = pod
                .labels()
                .get("app")
                .and_then(|app| Component::from_name(app));
            let (Some(component), Some(uid)) = (component, pod.uid()) else {
                continue;
            };
            if !given.contains(&uid) && self.give_log(client, &pod, component).await.is_ok() {
                given.insert(uid);
            }
        }
    }

    async fn give_log(&self, client: &Client, pod: &Pod, component: Component) -> Result<()> {
        let kind = ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk("kwok.x-k8s.io", "v1alpha1", "Logs"),
            "logs",
        );
        let name = pod.name_any();
        let containers: Vec<&str> = pod
            .spec
            .iter()
            .flat_map(|spec| &spec.containers)
            .map(|container| container.name.as_str())
            .collect();
        let object = json!({
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": {"name": name, "ownerReferences": pod.owner_ref(&()).into_iter().collect::<Vec<_>>()},
            "spec": {"logs": [{
                "containers": containers,
                "logsFile": log::path(&self.den, component).display().to_string(),
                "follow": true,
            }]},
        });
        let api =
            Api::<DynamicObject>::namespaced_with(client.clone(), &self.options.namespace, &kind);
        let parameters = PatchParams::apply("reflux-sandbox").force();
        api.patch(&name, &parameters, &Patch::Apply(object)).await?;
        Ok(())
    }
}

/// What a Deployment asks for: nothing where it is being deleted, scaled to zero or none of Flux's.
fn run_of(deployment: &Deployment) -> Option<(Component, Run)> {
    let component = Component::from_name(&deployment.name_any())?;
    let spec = &deployment.spec;
    if spec.replicas == Some(0) || deployment.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let pod = spec.template.spec.as_ref()?;
    let run = Run {
        uid: deployment.uid().unwrap_or_default(),
        arguments: pod.containers.first()?.args.clone().unwrap_or_default(),
        service_account: Some(
            pod.service_account_name
                .clone()
                .unwrap_or_else(|| "default".to_owned()),
        ),
    };
    Some((component, run))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(replicas: i32) -> Deployment {
        serde_json::from_value(json!({
            "metadata": {"name": "source-controller", "uid": "1"},
            "spec": {"replicas": replicas, "selector": {}, "template": {"spec": {
                "serviceAccountName": "source-controller",
                "containers": [{"name": "manager", "args": ["--log-level=debug"]}],
            }}},
        }))
        .unwrap()
    }

    #[test]
    fn a_deployment_says_what_to_run() {
        let (component, run) = run_of(&deployment(1)).unwrap();
        assert_eq!(component, Component::SourceController);
        assert_eq!(run.arguments, ["--log-level=debug"]);
        assert_eq!(run.service_account.as_deref(), Some("source-controller"));
    }

    #[test]
    fn scaled_to_zero_is_nothing_to_run() {
        assert_eq!(run_of(&deployment(0)), None);
    }
}
