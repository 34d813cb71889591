//! Server-side apply of manifests, in two stages.
//!
//! First go namespaces and definitions; the rest follows when the server serves the kinds. Before
//! anything of a stage is written, the server is asked what each object would become
//! (a dry run), so that a refusal comes before the first write of the stage and an object that
//! would not change is not written at all. Conflicting fields are taken over, as flux does.

mod drift;

use std::fmt;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::runtime::watcher::{self, Event};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::resource::{kind_missing, name_of};
use super::{Cluster, Error, FIELD_MANAGER};
use crate::kinds::ObjectName;
use crate::manifests::install::{Stage, stage};

/// How many objects are asked about or written at once.
const AT_ONCE: usize = 8;

/// How long the server may take to serve a new kind.
const ESTABLISH_LIMIT: Duration = Duration::from_secs(60);

/// What was done, or would be done, to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was not there.
    Created,
    /// It was there and something about it changed.
    Configured,
    /// It was there as it should be; nothing was written.
    Unchanged,
    /// It was there and is not wanted any more.
    Deleted,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Created => "created",
            Action::Configured => "configured",
            Action::Unchanged => "unchanged",
            Action::Deleted => "deleted",
        })
    }
}

/// An object and what was done, or would be done, to it. It reads as a line of flux's report:
/// `Kind/namespace/name created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The object.
    #[serde(flatten)]
    pub object: ObjectName,
    /// What was done to it.
    pub action: Action,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.object, self.action)
    }
}

/// A manifest on its way to the server.
struct Target<'a> {
    name: ObjectName,
    manifest: &'a Value,
}

/// What is to be done about a manifest.
struct Step<'a> {
    target: &'a Target<'a>,
    action: Action,
    /// Whether it is a definition whose kind the server serves already.
    established: bool,
}

impl Step<'_> {
    /// Whether it makes a kind that the server does not serve yet.
    fn is_new_kind(&self) -> bool {
        self.target.name.kind == DEFINITION && !self.established
    }

    fn change(&self) -> Change {
        Change {
            object: self.target.name.clone(),
            action: self.action,
        }
    }
}

impl Cluster {
    /// Makes the cluster's objects what the manifests say, and returns what that took, in the
    /// order in which it was done. `report` hears of each object when it is done.
    ///
    /// An object that is as it should be is not written. Running it again after a failure goes on
    /// where that one ended.
    ///
    /// # Errors
    /// What the server says about the first object it refuses; [`Error::Conflict`] where an object
    /// is being deleted; [`Error::TimedOut`] where a new kind is not served in a minute.
    pub async fn apply(
        &self,
        manifests: &[Value],
        mut report: impl FnMut(&Change),
    ) -> Result<Vec<Change>, Error> {
        let targets = targets(manifests)?;
        let (definitions, rest) = stages(&targets);
        let mut changes = Vec::with_capacity(targets.len());
        let steps = self.steps(definitions).await?;
        self.write(&steps, false, &mut changes, &mut report).await?;
        self.established(&steps).await?;
        let new_kinds = steps.iter().any(Step::is_new_kind);
        let steps = self.steps(rest).await?;
        self.write(&steps, new_kinds, &mut changes, &mut report)
            .await?;
        Ok(changes)
    }

    /// What [`Cluster::apply`] would do. Nothing is written. Objects whose namespace or kind does
    /// not exist yet would be created.
    ///
    /// # Errors
    /// As [`Cluster::apply`].
    pub async fn plan(&self, manifests: &[Value]) -> Result<Vec<Change>, Error> {
        let targets = targets(manifests)?;
        let steps = self.steps(&targets).await?;
        Ok(steps.iter().map(Step::change).collect())
    }

    /// Finds out what is to be done about each target.
    async fn steps<'a>(&self, targets: &'a [Target<'a>]) -> Result<Vec<Step<'a>>, Error> {
        stream::iter(targets.iter().map(|target| self.step(target)))
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn step<'a>(&self, target: &'a Target<'a>) -> Result<Step<'a>, Error> {
        let step = |action, established| Step {
            target,
            action,
            established,
        };
        let api = match self.api_of(&target.name).await {
            Ok(api) => api,
            Err(Error::KindMissing { .. }) => return Ok(step(Action::Created, false)),
            Err(error) => return Err(error),
        };
        let existing = match api.get_opt(&target.name.name).await {
            Ok(Some(existing)) => existing,
            Ok(None) => return Ok(step(Action::Created, false)),
            // A plan may come before the definitions that it holds.
            Err(error) => match self.error(error) {
                Error::KindMissing { .. } => return Ok(step(Action::Created, false)),
                error => return Err(error.about(&target.name)),
            },
        };
        if existing.metadata.deletion_timestamp.is_some() {
            return Err(Error::Conflict(format!(
                "{} is being deleted: run this again when it is gone",
                target.name
            )));
        }
        let wanted = self.patch(&api, target, true).await?;
        let action = if drift::differs(&existing, &wanted) {
            Action::Configured
        } else {
            Action::Unchanged
        };
        Ok(step(action, is_established(&existing.data)))
    }

    /// Carries the steps out, kind by kind; objects of one kind do not depend on each other.
    async fn write(
        &self,
        steps: &[Step<'_>],
        new_kinds: bool,
        changes: &mut Vec<Change>,
        report: &mut impl FnMut(&Change),
    ) -> Result<(), Error> {
        for alike in steps.chunk_by(|a, b| a.target.name.kind == b.target.name.kind) {
            let writes = alike.iter().map(|step| async move {
                if step.action != Action::Unchanged {
                    self.write_one(step.target, new_kinds).await?;
                }
                Ok::<_, Error>(step.change())
            });
            let mut writes = stream::iter(writes).buffered(AT_ONCE);
            while let Some(change) = writes.try_next().await? {
                report(&change);
                changes.push(change);
            }
        }
        Ok(())
    }

    /// Applies one object. The server needs a moment between saying that a new kind is established
    /// and serving it: with `new_kinds`, a kind that is missing is asked for again.
    async fn write_one(&self, target: &Target<'_>, new_kinds: bool) -> Result<(), Error> {
        let attempt = || async {
            let api = self.api_of(&target.name).await?;
            self.patch(&api, target, false).await.map(drop)
        };
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(25))
            .with_max_delay(Duration::from_secs(1))
            .with_max_times(10);
        attempt
            .retry(pauses)
            .when(|error| new_kinds && error.is_kind_missing())
            .await
    }

    async fn patch(
        &self,
        api: &Api<DynamicObject>,
        target: &Target<'_>,
        dry_run: bool,
    ) -> Result<DynamicObject, Error> {
        let params = PatchParams {
            dry_run,
            ..PatchParams::apply(FIELD_MANAGER).force()
        };
        let patch = Patch::Apply(target.manifest);
        api.patch(&target.name.name, &params, &patch)
            .await
            .map_err(|error| match self.error(error) {
                Error::KindMissing { .. } => kind_missing(&target.name),
                error => error.about(&target.name),
            })
    }

    /// Waits until the server serves the kinds of the definitions among `steps`.
    async fn established(&self, steps: &[Step<'_>]) -> Result<(), Error> {
        let waits = steps
            .iter()
            .filter(|step| step.is_new_kind())
            .map(|step| self.served(&step.target.name));
        futures::future::try_join_all(waits).await.map(drop)
    }

    async fn served(&self, name: &ObjectName) -> Result<(), Error> {
        let api: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let config = watcher::Config::default().fields(&format!("metadata.name={}", name.name));
        let events = self.events(api, config);
        let served = async {
            futures::pin_mut!(events);
            while let Some(event) = events.next().await {
                if let Event::Apply(definition) | Event::InitApply(definition) = event?
                    && has_condition(&definition, "Established")
                {
                    break;
                }
            }
            Ok(())
        };
        match tokio::time::timeout(ESTABLISH_LIMIT, served).await {
            Ok(result) => result.map_err(|error: Error| error.about(name)),
            Err(_) => Err(Error::TimedOut(format!(
                "{name} is not established after {}s: the API server does not serve the kind",
                ESTABLISH_LIMIT.as_secs()
            ))),
        }
    }
}

const DEFINITION: &str = "CustomResourceDefinition";

fn targets(manifests: &[Value]) -> Result<Vec<Target<'_>>, Error> {
    let mut targets = manifests
        .iter()
        .map(|manifest| {
            let name = name_of(manifest)?;
            Ok(Target { name, manifest })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    targets.sort_by(|a, b| a.name.rank().cmp(&b.name.rank()));
    Ok(targets)
}

/// The targets of the first and of the second stage. They are sorted: the first come first.
fn stages<'a, 'b>(targets: &'b [Target<'a>]) -> (&'b [Target<'a>], &'b [Target<'a>]) {
    let second = targets.partition_point(|t| stage(t.manifest) == Stage::Definitions);
    targets.split_at(second)
}

fn is_established(definition: &Value) -> bool {
    let conditions = definition["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|c| c["type"] == "Established" && c["status"] == "True")
}

fn has_condition(definition: &CustomResourceDefinition, kind: &str) -> bool {
    let conditions = definition
        .status
        .as_ref()
        .and_then(|s| s.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|c| c.type_ == kind && c.status == "True")
}

#[cfg(test)]
mod tests;
