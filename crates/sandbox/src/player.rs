//! A stand-in for controllers, where a test is about what a client makes of their answers and not
//! about the controllers: it watches real objects on a real API server and writes the status that
//! the test chose.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::ApiResource;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What to write into an object's status; nothing where it is as it should be.
type Answer = dyn Fn(&DynamicObject) -> Option<Value> + Send + Sync;

/// Plays until it is dropped.
pub struct Player {
    tasks: Vec<JoinHandle<()>>,
}

impl Player {
    /// Watches the objects of these kinds, in one namespace or in all, and answers each of their states.
    /// The tasks run on `runtime`.
    pub fn start(
        runtime: &Handle,
        client: &Client,
        namespace: Option<&str>,
        kinds: &[ApiResource],
        answer: impl Fn(&DynamicObject) -> Option<Value> + Send + Sync + 'static,
    ) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        let tasks = kinds
            .iter()
            .map(|kind| {
                runtime.spawn(play(
                    client.clone(),
                    namespace.map(str::to_owned),
                    kind.clone(),
                    Arc::clone(&answer),
                ))
            })
            .collect();
        Self { tasks }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn play(client: Client, namespace: Option<String>, kind: ApiResource, answer: Arc<Answer>) {
    let api: Api<DynamicObject> = match &namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind),
        None => Api::all_with(client.clone(), &kind),
    };
    // A kind that does not exist yet is asked for again until it does.
    let changes = watcher(api, watcher::Config::default())
        .backoff(watcher::ExponentialBackoff::from(
            backon::ExponentialBuilder::default()
                .with_min_delay(Duration::from_millis(50))
                .with_max_delay(Duration::from_millis(400))
                .without_max_times(),
        ))
        .applied_objects();
    futures::pin_mut!(changes);
    while let Some(change) = changes.next().await {
        let Ok(object) = change else { continue };
        let Some(status) = answer(&object) else {
            continue;
        };
        let namespace = object.namespace().unwrap_or_default();
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), &namespace, &kind);
        // The object may be gone by now, which is the test's business.
        let _ = api
            .patch_status(
                &object.name_any(),
                &PatchParams::default(),
                &Patch::Merge(json!({ "status": status })),
            )
            .await;
    }
}
