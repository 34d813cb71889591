//! A round of work on many objects: everything is written first, then waited for together.
//!
//! One failure does not stop the rest. What came of it all is told at the end, and the first
//! failure fixes the exit code.

use std::future::Future;

use futures::StreamExt;
use futures::stream;
use kube::api::DynamicObject;
use serde_json::Value;

use super::deadline;
use super::select::{AT_ONCE, Failure};
use crate::cluster::diagnosis::{Object, Subject};
use crate::cluster::many::Sight;
use crate::cluster::{self, Cluster};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Target;
use crate::kinds::status::State;
use crate::output::journal::Summary;

/// How many failed objects are explained from what the cluster knows.
const EXPLAINED: usize = 5;

/// What a state of an object means to the one who waits for it.
pub(super) enum Verdict {
    /// What was wanted; the text says what came of it.
    Done(String),
    /// It will not come.
    Failed(Error),
    /// Not yet, because of this.
    Pending(String),
}

/// A round under way.
pub(super) struct Round<'a> {
    pub(super) context: &'a Context,
    pub(super) cluster: &'a Cluster,
    /// Whether the objects may be in any namespace, and the user may list them all.
    pub(super) everywhere: bool,
    tally: Tally,
}

/// How many objects ended how.
#[derive(Default)]
struct Tally {
    done: usize,
    skipped: usize,
    timed_out: usize,
    failed: usize,
    first: Option<ErrorKind>,
    hints: Vec<String>,
}

impl<'a> Round<'a> {
    pub(super) fn new(context: &'a Context, cluster: &'a Cluster, everywhere: bool) -> Self {
        Round {
            context,
            cluster,
            everywhere,
            tally: Tally::default(),
        }
    }

    /// Counts an object that is done.
    pub(super) fn done(&mut self) {
        self.tally.done += 1;
    }

    /// Counts an object that there was nothing to do for.
    pub(super) fn skipped(&mut self) {
        self.tally.skipped += 1;
    }

    /// Counts a failure. The caller has told of it.
    pub(super) fn failed(&mut self, error: &Error) {
        match error.kind() {
            ErrorKind::TimedOut => self.tally.timed_out += 1,
            _ => self.tally.failed += 1,
        }
        self.tally.first.get_or_insert(error.kind());
        for hint in error.hints() {
            if !self.tally.hints.contains(hint) {
                self.tally.hints.push(hint.clone());
            }
        }
    }

    /// Tells of what could not be found or read, and counts it.
    pub(super) fn not_found(&mut self, failures: &[Failure]) {
        for failure in failures {
            self.context.ui.failure(failure.error.chain());
            self.failed(&failure.error);
        }
    }

    /// Does `work` for each target, many at once, and hands on what came of each in the targets'
    /// order.
    pub(super) async fn each<T, F>(
        &self,
        targets: &[Target],
        work: impl Fn(usize) -> F,
        mut then: impl FnMut(usize, Result<T, cluster::Error>),
    ) where
        F: Future<Output = Result<T, cluster::Error>>,
    {
        let mut outcomes = stream::iter(0..targets.len())
            .map(work)
            .buffered(AT_ONCE)
            .enumerate();
        while let Some((place, outcome)) = outcomes.next().await {
            then(place, outcome);
        }
    }

    /// Patches each target, many at once; `patch` makes the patch of a place.
    pub(super) async fn patch(
        &self,
        targets: &[Target],
        patch: impl Fn(usize) -> Value,
        then: impl FnMut(usize, Result<DynamicObject, cluster::Error>),
    ) {
        let patch = &patch;
        let work = |place: usize| {
            let target = &targets[place];
            async move {
                let patch = patch(place);
                self.cluster
                    .merge_patch(target.kind, &target.namespace, &target.name, &patch)
                    .await
            }
        };
        self.each(targets, work, then).await;
    }

    /// Waits for all targets together, until `judge` has settled each or the time is over. `then`
    /// is told of each as it is settled.
    pub(super) async fn wait(
        &self,
        targets: &[Target],
        mut judge: impl FnMut(usize, Option<&DynamicObject>) -> Verdict,
        mut then: impl FnMut(usize, &Result<String>),
    ) -> Vec<Result<String>> {
        let mut outcomes: Vec<Option<Result<String>>> = targets.iter().map(|_| None).collect();
        let mut last: Vec<String> = vec![String::new(); targets.len()];
        let lines = self
            .context
            .ui
            .lines(targets.iter().map(ToString::to_string));
        let follow = self
            .cluster
            .follow_many(targets, self.everywhere, |place, sight| {
                let verdict = match sight {
                    Sight::Object(object) => judge(place, Some(object)),
                    Sight::Gone => judge(place, None),
                    Sight::Lost(error) => Verdict::Failed(error.translated()),
                };
                let outcome = match verdict {
                    Verdict::Pending(why) => {
                        lines.set(place, format!("{}: {why}", targets[place]));
                        last[place] = why;
                        return false;
                    }
                    Verdict::Done(text) => Ok(text),
                    Verdict::Failed(error) => Err(error),
                };
                lines.finish(place);
                then(place, &outcome);
                outcomes[place] = Some(outcome);
                true
            });
        // Those not settled when the time is over have timed out.
        let _ = tokio::time::timeout(self.context.remaining(), follow).await;
        drop(lines);
        let mut settled = Vec::with_capacity(targets.len());
        for (place, outcome) in outcomes.into_iter().enumerate() {
            settled.push(outcome.unwrap_or_else(|| {
                let outcome = Err(timed_out(&targets[place], &last[place]));
                then(place, &outcome);
                outcome
            }));
        }
        settled
    }

    /// Counts what came of a wait, and says what the cluster knows about the first few of the
    /// objects that failed.
    pub(super) async fn settle(&mut self, targets: &[Target], outcomes: Vec<Result<String>>) {
        let mut failed: Vec<(&Target, Error)> = Vec::new();
        for (target, outcome) in targets.iter().zip(outcomes) {
            match outcome {
                Ok(_) => self.done(),
                Err(error) => failed.push((target, error)),
            }
        }
        let subject = Subject {
            objects: failed
                .iter()
                .take(EXPLAINED)
                .map(|(target, _)| Object {
                    kind: target.kind,
                    namespace: &target.namespace,
                    name: &target.name,
                })
                .collect(),
            ..Subject::default()
        };
        for (place, (_, error)) in failed.into_iter().enumerate() {
            let error = if place == 0 {
                deadline::explain(self.context, self.cluster, &subject, error).await
            } else {
                error
            };
            self.failed(&error);
        }
    }

    /// Tells how many ended how, where there was more than one and either something failed or
    /// `always` is set, and returns the failure that the command ends with. `verb` is what was done
    /// to those that are done.
    ///
    /// # Errors
    /// Where anything failed.
    pub(super) fn end(&mut self, verb: &str, always: bool) -> Result<()> {
        let tally = std::mem::take(&mut self.tally);
        let total = tally.done + tally.skipped + tally.failed + tally.timed_out;
        let mut parts = vec![format!("{} {verb}", tally.done)];
        for (count, word) in [
            (tally.skipped, "skipped"),
            (tally.failed, "failed"),
            (tally.timed_out, "timed out"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let summary = parts.join(", ");
        if total > 1 {
            self.context.ui.summary(Summary {
                done: count(tally.done + tally.skipped),
                failed: count(tally.failed),
                timed_out: count(tally.timed_out),
            });
        }
        let Some(kind) = tally.first else {
            if total > 1 && always && !self.context.ui.keeps_journal() {
                self.context.ui.success(summary);
            }
            return Ok(());
        };
        if total > 1 && !self.context.ui.keeps_journal() {
            self.context.ui.failure(&summary);
        }
        let error = Error::reported(kind, summary);
        Err(tally.hints.into_iter().fold(error, Error::hint))
    }
}

/// Tells of each failure and returns the first, which fixes the exit code. One alone is left for
/// the end of the command to tell.
///
/// # Errors
/// Where there is a failure.
pub(super) fn first_failure(context: &Context, failures: Vec<Error>) -> Result<()> {
    let single = failures.len() == 1;
    let mut first: Option<Error> = None;
    for error in failures {
        if single {
            return Err(error);
        }
        context.ui.error(&error, context.identity.name());
        first.get_or_insert(Error::reported(error.kind(), error.to_string()));
    }
    first.map_or(Ok(()), Err)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What is told of a failure: the object comes first, unless the text names it.
pub(super) fn told(target: &Target, error: &Error) -> String {
    let (name, text) = (target.to_string(), error.chain());
    if text.contains(&name) {
        text
    } else {
        format!("{name}: {text}")
    }
}

fn timed_out(target: &Target, last: &str) -> Error {
    let why = if last.is_empty() {
        "it could not be read"
    } else {
        last
    };
    Error::new(
        ErrorKind::TimedOut,
        format!("timed out waiting for {target}: {why}"),
    )
    .hint("allow more time with --timeout")
}

/// Whether the object is ready for at least that generation of its spec, and what `done` says of
/// it then; a first attempt that fails may be followed by one that does not.
pub(super) fn readiness(
    target: &Target,
    generation: i64,
    object: Option<&DynamicObject>,
) -> Verdict {
    let Some(object) = object else {
        return Verdict::Failed(Error::new(
            ErrorKind::NotFound,
            format!("{target} was deleted meanwhile"),
        ));
    };
    if object.metadata.generation.unwrap_or(0) < generation {
        return Verdict::Pending("the change has not arrived yet".to_owned());
    }
    match target.kind.state(object) {
        State::Ready => Verdict::Done((target.kind.done)(object)),
        State::Stalled(reason) => Verdict::Failed(Error::new(ErrorKind::NotReady, reason)),
        State::Terminating => Verdict::Failed(Error::new(
            ErrorKind::NotReady,
            format!("{target} is being deleted"),
        )),
        State::InProgress(text) | State::Failing(text) => Verdict::Pending(text),
    }
}
