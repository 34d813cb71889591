//! Whether Deployments run, and why not: their rollout and their pods, followed by watch.

pub mod pods;
pub mod rollout;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{Stream, StreamExt, future, stream};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::runtime::watcher::{Config, Event};

pub use pods::Trouble;
pub use rollout::Rollout;

use super::{Cluster, Error};

/// How long to wait for Deployments that are not there yet where they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// To the end of the time, whatever the pods say: what keeps them may be on its way.
    Full,
    /// Until what is left is missing, has failed, or is stuck in a way that does not pass by itself.
    UntilStuck,
}

/// How a Deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The name of the Deployment.
    pub name: String,
    /// How far its rollout is.
    pub rollout: Rollout,
    /// The pod that keeps it, and what is the matter with it, where pods may be read.
    pub pod: Option<(String, Trouble)>,
    /// The images of its containers.
    pub images: Vec<String>,
    /// How many pods it is to have.
    pub replicas: i32,
}

impl Health {
    /// Whether everything runs as the Deployment says.
    pub fn is_ready(&self) -> bool {
        self.rollout == Rollout::Done
    }

    /// Whether it is there and is to have no pods: it runs as it says, and does nothing.
    pub fn is_scaled_to_zero(&self) -> bool {
        self.is_ready() && self.replicas == 0
    }

    /// Why it is not ready, in one line: what the pod says where it says something, else how far
    /// the rollout is.
    pub fn why(&self) -> Option<String> {
        let (Rollout::Running(text) | Rollout::Failed(text)) = &self.rollout else {
            return None;
        };
        Some(match &self.pod {
            Some((pod, trouble)) => format!("pod {pod}: {trouble}"),
            None => text.clone(),
        })
    }

    /// Whether it is missing, has failed, or waits for somebody to do something.
    fn is_stuck(&self) -> bool {
        match &self.rollout {
            Rollout::Done => false,
            Rollout::Missing | Rollout::Failed(_) => true,
            Rollout::Running(_) => self.pod.as_ref().is_some_and(|(_, t)| t.is_stuck()),
        }
    }

    /// Whether waiting longer has no point.
    fn is_settled(&self, patience: Patience) -> bool {
        match &self.rollout {
            Rollout::Done | Rollout::Missing | Rollout::Failed(_) => true,
            Rollout::Running(_) => patience == Patience::UntilStuck && self.is_stuck(),
        }
    }
}

impl Cluster {
    /// Waits until the Deployments called `names` run as they say, one of them has failed or is
    /// missing and the others run, or the time is over, and returns how each is, in the order of
    /// `names`. `changed` hears how they are whenever that changes.
    ///
    /// # Errors
    /// When the Deployments cannot be read, or not in time. Pods that cannot be read are no error.
    pub async fn wait_deployments(
        &self,
        namespace: &str,
        names: &[String],
        within: Duration,
        patience: Patience,
        mut changed: impl FnMut(&[Health]),
    ) -> Result<Vec<Health>, Error> {
        let deadline = tokio::time::Instant::now() + within;
        let mut observed = Observed::default();
        let mut last: Option<Vec<Health>> = None;
        let events = self.sightings(namespace);
        futures::pin_mut!(events);
        loop {
            let sighting = match tokio::time::timeout_at(deadline, events.next()).await {
                Ok(Some(sighting)) => sighting?,
                Ok(None) | Err(_) => break,
            };
            observed.see(sighting);
            let Some(now) = observed.health(names) else {
                continue;
            };
            if last.as_ref() != Some(&now) {
                changed(&now);
            }
            let settled = now.iter().all(|health| health.is_settled(patience));
            last = Some(now);
            if settled {
                break;
            }
        }
        last.ok_or_else(|| {
            Error::TimedOut(format!(
                "the deployments in the {namespace} namespace could not be read in time"
            ))
        })
    }

    /// What happens to the Deployments and the pods of a namespace.
    fn sightings(&self, namespace: &str) -> impl Stream<Item = Result<Sighting, Error>> + use<> {
        let deployments = self
            .events::<Deployment>(self.namespaced(namespace), Config::default())
            .map(|event| event.map(|e| Sighting::Deployment(Box::new(e))));
        // Without the right to read pods their reasons stay unknown; the rollout does not.
        let pods = self
            .events::<Pod>(self.namespaced(namespace), Config::default())
            .map(|event| match event {
                Ok(event) => Sighting::Pod(Box::new(event)),
                Err(_) => Sighting::PodsUnreadable,
            })
            .take_while(|sighting| future::ready(!matches!(sighting, Sighting::PodsUnreadable)))
            .chain(stream::iter([Sighting::PodsUnreadable]))
            .map(Ok);
        stream::select(deployments, pods)
    }
}

/// How the Deployments called `names` are, of the Deployments and pods of their namespace.
pub fn of(names: &[String], deployments: Vec<Deployment>, pods: Vec<Pod>) -> Vec<Health> {
    let observed = Observed {
        deployments: Mirror::holding(deployments),
        pods: Mirror::holding(pods),
    };
    names.iter().map(|name| observed.health_of(name)).collect()
}

enum Sighting {
    Deployment(Box<Event<Deployment>>),
    Pod(Box<Event<Pod>>),
    PodsUnreadable,
}

/// What is known of the namespace so far.
#[derive(Default)]
struct Observed {
    deployments: Mirror<Deployment>,
    pods: Mirror<Pod>,
}

impl Observed {
    fn see(&mut self, sighting: Sighting) {
        match sighting {
            Sighting::Deployment(event) => self.deployments.see(*event),
            Sighting::Pod(event) => self.pods.see(*event),
            Sighting::PodsUnreadable => self.pods.see(Event::InitDone),
        }
    }

    /// How the Deployments are; nothing before everything was listed once.
    fn health(&self, names: &[String]) -> Option<Vec<Health>> {
        let listed = self.deployments.listed && self.pods.listed;
        listed.then(|| names.iter().map(|name| self.health_of(name)).collect())
    }

    fn health_of(&self, name: &str) -> Health {
        let deployment = self.deployments.objects.get(name);
        let rollout = deployment.map_or(Rollout::Missing, rollout::rollout);
        let troubled = deployment
            .filter(|_| rollout != Rollout::Done)
            .and_then(|d| rollout::troubled_pod(d, self.pods.objects.values()));
        Health {
            name: name.to_owned(),
            rollout,
            pod: troubled.map(|(pod, trouble)| (pod.name_any(), trouble)),
            images: deployment.map(images).unwrap_or_default(),
            replicas: deployment.map_or(0, |d| d.spec.replicas.unwrap_or(1)),
        }
    }
}

/// The images of the Deployment's containers.
pub fn images(deployment: &Deployment) -> Vec<String> {
    let pod = &deployment.spec.template.spec;
    pod.iter()
        .flat_map(|pod| &pod.containers)
        .filter_map(|container| container.image.clone())
        .collect()
}

/// The objects of one list, kept current by its events.
struct Mirror<K> {
    objects: BTreeMap<String, K>,
    /// What a list that is being read holds so far.
    arriving: BTreeMap<String, K>,
    listed: bool,
}

impl<K> Default for Mirror<K> {
    fn default() -> Self {
        Mirror {
            objects: BTreeMap::new(),
            arriving: BTreeMap::new(),
            listed: false,
        }
    }
}

impl<K: kube::Resource> Mirror<K> {
    fn holding(objects: Vec<K>) -> Self {
        Mirror {
            objects: objects.into_iter().map(|o| (o.name_any(), o)).collect(),
            arriving: BTreeMap::new(),
            listed: true,
        }
    }

    fn see(&mut self, event: Event<K>) {
        match event {
            Event::Init => self.arriving.clear(),
            Event::InitApply(object) => {
                self.arriving.insert(object.name_any(), object);
            }
            Event::InitDone => {
                self.objects = std::mem::take(&mut self.arriving);
                self.listed = true;
            }
            Event::Apply(object) => {
                self.objects.insert(object.name_any(), object);
            }
            Event::Delete(object) => {
                self.objects.remove(&object.name_any());
            }
        }
    }
}

#[cfg(test)]
mod tests;
