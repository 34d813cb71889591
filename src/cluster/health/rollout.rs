//! How far the rollout of a Deployment is.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
use k8s_openapi::api::core::v1::Pod;

use super::pods::{self, Trouble};

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollout {
    /// Every replica is of the latest revision and available.
    Done,
    /// There is no such Deployment.
    Missing,
    /// It is on its way.
    Running(String),
    /// It made no progress for longer than it may, or its pods cannot be made.
    Failed(String),
}

/// How far the Deployment is, from its status alone.
pub fn rollout(deployment: &Deployment) -> Rollout {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let Some(status) = &deployment.status else {
        return Rollout::Running("nothing has acted on it yet".to_owned());
    };
    let generation = deployment.metadata.generation.unwrap_or(0);
    if status.observed_generation.unwrap_or(0) < generation {
        return Rollout::Running("the latest change was not acted on yet".to_owned());
    }
    if let Some(message) = condition(status, "Progressing", "False") {
        return Rollout::Failed(message);
    }
    if let Some(message) = condition(status, "ReplicaFailure", "True") {
        return Rollout::Failed(message);
    }
    let replicas = status.replicas.unwrap_or(0);
    let updated = status.updated_replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    if updated < wanted {
        Rollout::Running(format!("{updated} of {wanted} pods are updated"))
    } else if replicas > updated {
        Rollout::Running(format!("{} old pods are still there", replicas - updated))
    } else if available < updated {
        Rollout::Running(format!("{available} of {wanted} pods are available"))
    } else {
        Rollout::Done
    }
}

fn condition(status: &DeploymentStatus, kind: &str, value: &str) -> Option<String> {
    let condition = status
        .conditions
        .iter()
        .flatten()
        .find(|c| c.type_.as_deref() == Some(kind) && c.status.as_deref() == Some(value))?;
    let reason = condition.reason.as_deref().unwrap_or_default();
    Some(match condition.message.as_deref().unwrap_or_default() {
        "" => reason.to_owned(),
        message => format!("{reason}: {message}"),
    })
}

/// The pod of the Deployment whose trouble says most, and its trouble: one that is stuck, else the
/// latest. A pod from before the latest change says nothing of it.
pub fn troubled_pod<'a>(
    deployment: &Deployment,
    pods: impl Iterator<Item = &'a Pod>,
) -> Option<(&'a Pod, Trouble)> {
    if !is_acted_on(deployment) {
        return None;
    }
    let pods: Vec<&Pod> = pods.filter(|pod| selects(deployment, pod)).collect();
    let latest = pods
        .iter()
        .max_by_key(|pod| &pod.metadata.creation_timestamp)
        .and_then(|pod| revision(pod));
    pods.into_iter()
        .filter(|pod| revision(pod) == latest)
        .filter_map(|pod| Some((pod, pods::trouble(pod)?)))
        .max_by_key(|(pod, trouble)| (trouble.is_stuck(), pod.metadata.creation_timestamp.clone()))
}

/// Whether there are pods of the Deployment's latest change.
fn is_acted_on(deployment: &Deployment) -> bool {
    deployment.status.as_ref().is_some_and(|status| {
        let generation = deployment.metadata.generation.unwrap_or(0);
        let updated = status.updated_replicas.unwrap_or(0);
        status.observed_generation.unwrap_or(0) >= generation && updated > 0
    })
}

/// Which state of its Deployment a pod was made from.
fn revision(pod: &Pod) -> Option<&String> {
    pod.metadata.labels.as_ref()?.get("pod-template-hash")
}

/// Whether the pod is one of the Deployment's.
pub fn selects(deployment: &Deployment, pod: &Pod) -> bool {
    let Some(wanted) = &deployment.spec.selector.match_labels else {
        return false;
    };
    let none = BTreeMap::new();
    let labels = pod.metadata.labels.as_ref().unwrap_or(&none);
    !wanted.is_empty()
        && wanted
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment(status: Value) -> Deployment {
        serde_json::from_value(json!({
            "metadata": {"name": "d", "generation": 2},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "d"}}, "template": {}},
            "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn rollouts() {
        let running = |text: &str| Rollout::Running(text.to_owned());
        let full = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2,
            "availableReplicas": 2});
        let with = |key: &str, value: Value| {
            let mut status = full.clone();
            status[key] = value;
            status
        };
        let cases = [
            (full.clone(), Rollout::Done),
            (json!({}), running("the latest change was not acted on yet")),
            (
                with("observedGeneration", json!(1)),
                running("the latest change was not acted on yet"),
            ),
            (
                with("updatedReplicas", json!(1)),
                running("1 of 2 pods are updated"),
            ),
            (
                with("replicas", json!(3)),
                running("1 old pods are still there"),
            ),
            (
                with("availableReplicas", json!(0)),
                running("0 of 2 pods are available"),
            ),
            (
                with(
                    "conditions",
                    json!([{"type": "Progressing", "status": "False",
                    "reason": "ProgressDeadlineExceeded", "message": "too slow"}]),
                ),
                Rollout::Failed("ProgressDeadlineExceeded: too slow".to_owned()),
            ),
            (
                with(
                    "conditions",
                    json!([{"type": "ReplicaFailure", "status": "True",
                    "reason": "FailedCreate", "message": "exceeded quota"}]),
                ),
                Rollout::Failed("FailedCreate: exceeded quota".to_owned()),
            ),
        ];
        for (status, want) in cases {
            assert_eq!(rollout(&deployment(status.clone())), want, "{status}");
        }
    }

    fn pod(name: &str, app: &str, made: (&str, u8), reason: &str) -> Pod {
        let (revision, second) = made;
        serde_json::from_value(json!({
            "metadata": {
                "name": name, "labels": {"app": app, "pod-template-hash": revision},
                "creationTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
            },
            "status": {"phase": "Pending", "containerStatuses": [{
                "name": "c", "ready": false, "restartCount": 0, "image": "", "imageID": "",
                "state": {"waiting": {"reason": reason}}}]},
        }))
        .unwrap()
    }

    #[test]
    fn the_pod_that_is_stuck_speaks_for_the_deployment() {
        let pods = [
            pod("a", "d", ("1", 1), "ErrImagePull"),
            pod("b", "d", ("1", 2), "ContainerCreating"),
            pod("c", "other", ("1", 3), "CrashLoopBackOff"),
        ];
        let status = json!({"observedGeneration": 2, "updatedReplicas": 2});
        let (pod, trouble) = troubled_pod(&deployment(status), pods.iter()).unwrap();
        assert_eq!(pod.metadata.name.as_deref(), Some("a"));
        assert_eq!(trouble.to_string(), "ErrImagePull");
    }

    #[test]
    fn pods_from_before_the_latest_change_say_nothing() {
        let pods = [
            pod("old", "d", ("1", 1), "ErrImagePull"),
            pod("new", "d", ("2", 2), "ContainerCreating"),
        ];
        let troubled = |status: Value, pods: &[Pod]| {
            let (pod, _) = troubled_pod(&deployment(status), pods.iter())?;
            pod.metadata.name.clone()
        };
        for unseen in [
            json!({"observedGeneration": 1, "updatedReplicas": 2}),
            json!({"observedGeneration": 2}),
        ] {
            assert_eq!(troubled(unseen, &pods[..1]), None);
        }
        let seen = json!({"observedGeneration": 2, "updatedReplicas": 1});
        assert_eq!(troubled(seen, &pods).as_deref(), Some("new"));
    }
}
