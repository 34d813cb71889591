//! Suspended objects that run one time: whatever ends the run, they are suspended again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::kinds::Target;

/// How long the last attempt to suspend what is left may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The objects that are to be suspended again.
#[derive(Default)]
pub(super) struct Resuspend(Mutex<Vec<Target>>);

impl Resuspend {
    /// Remembers an object, before it is resumed.
    pub(super) fn remember(&self, target: &Target) {
        self.lock().push(target.clone());
    }

    /// Suspends those of the targets again that are remembered.
    ///
    /// # Errors
    /// Where one cannot be suspended; it stays remembered.
    pub(super) async fn restore(&self, cluster: &Cluster, targets: &[Target]) -> Result<()> {
        let ours: Vec<Target> = self
            .lock()
            .iter()
            .filter(|known| targets.contains(known))
            .cloned()
            .collect();
        for target in ours {
            suspend(cluster, &target).await?;
            self.lock().retain(|known| *known != target);
        }
        Ok(())
    }

    /// Suspends what is left, whatever came of the work, and returns that outcome.
    ///
    /// # Errors
    /// That of the work; where objects stay resumed, an error that names them.
    pub(super) fn finish(&self, context: &Context, outcome: Result<()>) -> Result<()> {
        let left = std::mem::take(&mut *self.lock());
        if left.is_empty() {
            return outcome;
        }
        let restored = context.block_on_last(PATIENCE, async {
            let cluster = context.cluster().await?;
            for target in &left {
                match suspend(&cluster, target).await {
                    Ok(()) => context
                        .ui
                        .about(target)
                        .success(format!("{target} suspended again")),
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        match (outcome, restored) {
            (outcome, Ok(())) => outcome,
            (outcome, Err(error)) => {
                let names: Vec<_> = left.iter().map(ToString::to_string).collect();
                let kind = outcome.err().map_or(error.kind(), |e| e.kind());
                Err(Error::new(
                    kind,
                    format!("could not suspend again: {}", names.join(", ")),
                )
                .caused_by(error)
                .hint("suspend them by hand with `{bin} suspend`"))
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Target>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn suspend(cluster: &Cluster, target: &Target) -> Result<()> {
    let patch = json!({"spec": {"suspend": true}});
    match cluster
        .merge_patch(target.kind, &target.namespace, &target.name, &patch)
        .await
    {
        Ok(_) => Ok(()),
        // What was deleted meanwhile cannot run again.
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error.into()),
    }
}
