//! Reading the facts, in three rounds: the objects, what acts on them, and its logs.

use std::collections::BTreeSet;
use std::future::Future;

use futures::future::join_all;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::ResourceExt;
use kube::api::{Api, DynamicObject, ListParams, LogParams};

use super::super::health::{self, Health, pods};
use super::super::{Cluster, Error};
use super::events::{self, Concerns};
use super::facts::{Facts, LogFact, ObjectFact, ObjectState, PodFact};
use super::logs::{self, About};
use super::{Object, ROUND, Subject};
use crate::context::DEFAULT_NAMESPACE;
use crate::kinds::{self, Kind, status};
use crate::manifests::install::{PART_OF, PART_OF_FLUX};

/// How far back a log is read.
const LOG_LINES: i64 = 500;

/// How many namespaces with applied workloads are looked into.
const NAMESPACES: usize = 3;

pub(super) async fn facts<'a>(cluster: &Cluster, subject: &Subject<'a>) -> Facts<'a> {
    let (objects, namespace) =
        futures::join!(objects(cluster, subject), namespace(cluster, subject));
    let (objects, live): (Vec<_>, Vec<_>) = objects.into_iter().unzip();
    let names = responsible(subject, &objects);
    let workloads = applied(&live);

    let round = Round {
        cluster,
        namespace: &namespace,
    };
    let ((controllers, controller_pods, unread), applied_pods, warnings) = futures::join!(
        round.controllers(&names),
        round.applied_pods(&workloads),
        round.warnings(&objects, &names, &workloads),
    );
    let logs = round.logs(&names, &controller_pods, &objects).await;

    let mut facts = Facts {
        objects,
        controllers,
        namespace: namespace.clone(),
        unread,
        ..Facts::default()
    };
    keep(&mut facts.unread, &mut facts.pods, applied_pods);
    keep(&mut facts.unread, &mut facts.events, warnings);
    for log in logs {
        keep(&mut facts.unread, &mut facts.logs, log);
    }
    facts
}

/// Puts what was read where it belongs, or says why it was not.
fn keep<T>(unread: &mut Vec<String>, into: &mut Vec<T>, read: Result<Vec<T>, String>) {
    match read {
        Ok(found) => into.extend(found),
        Err(why) => unread.push(why),
    }
}

/// Reads within the time of one round.
async fn read<T>(
    what: &str,
    cluster: &Cluster,
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, String> {
    match tokio::time::timeout(ROUND, call).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(format!("{what}: {}", cluster.error(error))),
        Err(_) => Err(format!("{what}: the API server did not answer in time")),
    }
}

/// The objects of the subject, each after what it is made from, with what the server has of them.
async fn objects<'a>(
    cluster: &Cluster,
    subject: &Subject<'a>,
) -> Vec<(ObjectFact<'a>, Option<DynamicObject>)> {
    let mut found: Vec<(ObjectFact<'a>, Option<DynamicObject>)> = Vec::new();
    let reads = subject
        .objects
        .iter()
        .map(|object| one_object(cluster, object.kind, object.namespace, object.name));
    for (fact, live) in join_all(reads).await {
        let source = live.as_ref().and_then(|live| fact.kind.source?(live));
        if let Some(source) = source
            && let Some(kind) = kinds::by_name(&source.kind)
            && !subject
                .objects
                .iter()
                .any(|o| is(o, kind, &source.namespace, &source.name))
        {
            found.push(one_object(cluster, kind, &source.namespace, &source.name).await);
        }
        found.push((fact, live));
    }
    found
}

fn is(object: &Object<'_>, kind: &Kind, namespace: &str, name: &str) -> bool {
    object.kind.kind == kind.kind && object.namespace == namespace && object.name == name
}

async fn one_object<'a>(
    cluster: &Cluster,
    kind: &'a Kind,
    namespace: &str,
    name: &str,
) -> (ObjectFact<'a>, Option<DynamicObject>) {
    let fact = |state| ObjectFact {
        kind,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        state,
    };
    let call = cluster.get(kind, namespace, name);
    match tokio::time::timeout(ROUND, call).await {
        Ok(Ok(live)) => {
            let state = ObjectState::Present {
                conditions: status::conditions(&live),
                suspended: (kind.suspended)(&live),
            };
            (fact(state), Some(live))
        }
        Ok(Err(Error::KindMissing { .. })) => (fact(ObjectState::KindMissing), None),
        Ok(Err(Error::NotFound(_))) => (fact(ObjectState::Missing), None),
        Ok(Err(_)) | Err(_) => (fact(ObjectState::Unread), None),
    }
}

/// The namespace of the controllers.
async fn namespace(cluster: &Cluster, subject: &Subject<'_>) -> String {
    if let Some(namespace) = subject.namespace {
        return namespace.to_owned();
    }
    let api: Api<Deployment> = Api::all(cluster.client().clone());
    let params = ListParams::default().labels(&format!("{PART_OF}={PART_OF_FLUX}"));
    let found = read("controllers", cluster, api.list_metadata(&params)).await;
    let first = found.ok().and_then(|list| list.items.into_iter().next());
    first
        .and_then(|deployment| deployment.namespace())
        .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
}

/// The controllers to look at: those that act on the objects, then those asked for.
fn responsible(subject: &Subject<'_>, objects: &[ObjectFact<'_>]) -> Vec<String> {
    let acting = objects.iter().map(|object| object.kind.controller);
    let mut names: Vec<String> = Vec::new();
    for name in acting.chain(subject.components.iter().copied()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Namespace and name of the workloads that the objects' inventories hold, in the first few
/// namespaces.
fn applied(live: &[Option<DynamicObject>]) -> Vec<(String, String)> {
    let mut namespaces = BTreeSet::new();
    let mut workloads = Vec::new();
    for object in live.iter().flatten() {
        let entries = object.data["status"]["inventory"]["entries"].as_array();
        for id in entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["id"].as_str())
        {
            let parts: Vec<&str> = id.split('_').collect();
            if let [
                namespace,
                name,
                _,
                "Deployment" | "StatefulSet" | "DaemonSet" | "Job",
            ] = parts[..]
                && (namespaces.contains(namespace) || namespaces.len() < NAMESPACES)
            {
                namespaces.insert(namespace.to_owned());
                workloads.push((namespace.to_owned(), name.to_owned()));
            }
        }
    }
    workloads
}

/// The second and third round of reading.
struct Round<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
}

impl Round<'_> {
    /// How the controllers are, their pods, and what could not be read.
    async fn controllers(&self, names: &[String]) -> (Vec<Health>, Vec<Pod>, Vec<String>) {
        let deployments: Api<Deployment> = self.cluster.namespaced(self.namespace);
        let all = ListParams::default();
        let (deployments, pods) = futures::join!(
            read("controllers", self.cluster, deployments.list(&all)),
            self.pods(self.namespace),
        );
        let mut unread = Vec::new();
        let pods = pods.unwrap_or_else(|why| {
            unread.push(why);
            Vec::new()
        });
        let controllers = match deployments {
            Ok(list) => health::of(names, list.items, pods.clone()),
            Err(why) => {
                unread.push(why);
                Vec::new()
            }
        };
        (controllers, pods, unread)
    }

    async fn pods(&self, namespace: &str) -> Result<Vec<Pod>, String> {
        let api: Api<Pod> = self.cluster.namespaced(namespace);
        let params = ListParams::default().limit(500);
        let what = format!("pods in {namespace}");
        read(&what, self.cluster, api.list(&params))
            .await
            .map(|list| list.items)
    }

    /// The pods of applied workloads that are not ready.
    async fn applied_pods(&self, workloads: &[(String, String)]) -> Result<Vec<PodFact>, String> {
        let namespaces: BTreeSet<&str> = workloads.iter().map(|(ns, _)| ns.as_str()).collect();
        let reads = namespaces.iter().map(|namespace| self.pods(namespace));
        let mut found = Vec::new();
        for pods in join_all(reads).await {
            for pod in pods? {
                let namespace = pod.namespace().unwrap_or_default();
                let owned = workloads
                    .iter()
                    .any(|(ns, name)| *ns == namespace && owns(name, &pod));
                if let Some(trouble) = pods::trouble(&pod).filter(|_| owned) {
                    let name = format!("{namespace}/{}", pod.name_any());
                    found.push(PodFact { name, trouble });
                }
            }
        }
        Ok(found)
    }

    async fn warnings(
        &self,
        objects: &[ObjectFact<'_>],
        controllers: &[String],
        applied: &[(String, String)],
    ) -> Result<Vec<String>, String> {
        let mut concerns = Concerns {
            workloads: applied.to_vec(),
            ..Concerns::default()
        };
        let here = |name: &String| (self.namespace.to_owned(), name.clone());
        concerns.workloads.extend(controllers.iter().map(here));
        let mut known = Vec::new();
        for object in objects {
            let kind = object.kind.kind.to_owned();
            concerns
                .objects
                .push((kind, object.namespace.clone(), object.name.clone()));
            known.extend(object.complaints().map(|c| c.message.as_str()));
        }
        let of_objects = concerns.objects.iter().map(|(_, namespace, _)| namespace);
        let of_workloads = concerns.workloads.iter().map(|(namespace, _)| namespace);
        let namespaces: BTreeSet<&String> = of_objects.chain(of_workloads).collect();
        let params = ListParams::default().fields("type=Warning").limit(500);
        let mut events: Vec<Event> = Vec::new();
        for list in join_all(namespaces.into_iter().map(|namespace| {
            let api: Api<Event> = self.cluster.namespaced(namespace);
            let params = &params;
            async move {
                let what = format!("events in {namespace}");
                read(&what, self.cluster, api.list(params)).await
            }
        }))
        .await
        {
            events.extend(list?.items);
        }
        Ok(events::warnings(events, &concerns, &known))
    }

    /// The errors in each controller's log that concern the objects.
    async fn logs(
        &self,
        controllers: &[String],
        pods: &[Pod],
        objects: &[ObjectFact<'_>],
    ) -> Vec<Result<Vec<LogFact>, String>> {
        let about: Vec<About<'_>> = objects
            .iter()
            .map(|object| About {
                kind: object.kind,
                namespace: &object.namespace,
                name: &object.name,
            })
            .collect();
        let about = &about;
        join_all(controllers.iter().filter_map(|controller| {
            let latest = pods
                .iter()
                .filter(|pod| owns(controller, pod) && has_run(pod))
                .max_by_key(|pod| pod.metadata.creation_timestamp.clone())?;
            Some(async move {
                let api: Api<Pod> = self.cluster.namespaced(self.namespace);
                let params = LogParams {
                    container: container(latest),
                    tail_lines: Some(LOG_LINES),
                    ..LogParams::default()
                };
                let what = format!("log of {controller}");
                let pod = latest.name_any();
                let log = read(&what, self.cluster, api.logs(&pod, &params)).await?;
                let fact = |text| LogFact {
                    controller: controller.clone(),
                    text,
                };
                Ok(logs::errors(&log, about).into_iter().map(fact).collect())
            })
        }))
        .await
    }
}

/// Whether the pod belongs to the workload, directly or through a replica set of it.
fn owns(workload: &str, pod: &Pod) -> bool {
    pod.owner_references().iter().any(|owner| {
        let rest = owner.name.strip_prefix(workload);
        rest.is_some_and(|rest| {
            // A replica set is called by its Deployment's name and a hash without dashes.
            rest.is_empty()
                || rest
                    .strip_prefix('-')
                    .is_some_and(|hash| !hash.contains('-'))
        })
    })
}

/// Whether there can be a log.
fn has_run(pod: &Pod) -> bool {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    !matches!(phase, None | Some("Pending"))
}

/// The container that is the controller: the one called so, else the first.
fn container(pod: &Pod) -> Option<String> {
    let containers = &pod.spec.as_ref()?.containers;
    let manager = containers.iter().find(|c| c.name == "manager");
    manager.or(containers.first()).map(|c| c.name.clone())
}
