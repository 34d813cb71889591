//! A controller that plays the part of Flux's for one namespace: it answers every change and every
//! request with the status that the test chose.

use std::sync::Arc;

use futures::StreamExt;
use kube::ResourceExt;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::runtime::{WatchStreamExt, watcher};
use reflux::kinds::KINDS;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::cluster::{Namespace, REVISION, artifact, condition, spawn};

type Answer = dyn Fn(&DynamicObject) -> (&'static str, &'static str, &'static str) + Send + Sync;

/// Runs until dropped.
pub(crate) struct Controller {
    tasks: Vec<JoinHandle<()>>,
}

impl Controller {
    /// Answers every object of every kind with that Ready status, reason and message.
    pub(crate) fn start(
        namespace: &Namespace,
        answer: impl Fn(&DynamicObject) -> (&'static str, &'static str, &'static str)
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        let tasks = KINDS
            .iter()
            .map(|kind| {
                let api = namespace.api(kind);
                let answer = Arc::clone(&answer);
                spawn(run(api, answer))
            })
            .collect();
        Controller { tasks }
    }

    /// Answers that all is well.
    pub(crate) fn content(namespace: &Namespace) -> Self {
        Controller::start(namespace, |_| ("True", "Succeeded", "all is well"))
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn run(api: Api<DynamicObject>, answer: Arc<Answer>) {
    let changes = watcher(api.clone(), watcher::Config::default())
        .default_backoff()
        .applied_objects();
    futures::pin_mut!(changes);
    while let Some(change) = changes.next().await {
        let Ok(object) = change else { continue };
        let requested = object.annotations().get("reconcile.fluxcd.io/requestedAt");
        let handled = object.data["status"]["lastHandledReconcileAt"].as_str();
        let observed = object.data["status"]["observedGeneration"].as_i64();
        let generation = object.metadata.generation.unwrap_or(0);
        let suspended = object.data["spec"]["suspend"] == true;
        let due = observed != Some(generation) || requested.map(String::as_str) != handled;
        if suspended || !due {
            continue;
        }
        let (status, reason, message) = answer(&object);
        let mut patch = json!({
            "observedGeneration": generation,
            "conditions": [condition("Ready", status, reason, message, generation)],
            "lastAppliedRevision": REVISION,
            "artifact": artifact(),
        });
        if reason == "Stalled" {
            let stalled = condition("Stalled", "True", reason, message, generation);
            if let Some(list) = patch["conditions"].as_array_mut() {
                list.push(stalled);
            }
        }
        if let Some(requested) = requested {
            patch["lastHandledReconcileAt"] = Value::from(requested.as_str());
        }
        // The object may be gone by now, which is the test's business.
        let _ = api
            .patch_status(
                &object.name_any(),
                &PatchParams::default(),
                &Patch::Merge(json!({"status": patch})),
            )
            .await;
    }
}
