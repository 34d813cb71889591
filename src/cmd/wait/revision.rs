//! `wait --revision`: follows a revision by watching every kind that it passes through.
//!
//! One watch a kind; of each object only a record is kept. Each change is judged anew by
//! [`rollout::assess`]. Watches of different kinds show things in no common order, so what they seem
//! to have settled is looked at once more, in fresh lists, before it is believed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::ControlFlow;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kube::api::DynamicObject;
use kube::runtime::watcher::Event;
use tokio::sync::Notify;

use super::board::Board;
use crate::cluster::{self, Cluster, Scope, Selection};
use crate::cmd::round::Round;
use crate::cmd::select::Request;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{self, Kind, Target};
use crate::rollout::{
    Assessment, FOLLOWED, Field, Id, Progress, Record, Records, Revision, Role, Seen, Standing,
    Verdict, assess,
};

/// How many of the objects that are not there are named, at most.
const NAMED: usize = 20;

const MORE_TIME: &str = "allow more time with --timeout";

/// Waits until the revision is everywhere it should be, and says what keeps it.
pub(super) async fn wait(
    context: &Context,
    cluster: &Cluster,
    request: &Request,
    revision: &Revision,
) -> Result<()> {
    // Watches come back from whatever breaks them; what is wrong from the start is told at once.
    let version = cluster.client().apiserver_version().await;
    version.map_err(|error| cluster.error(error))?;
    let mut round = Round::new(context, cluster, request.args.all_namespaces);
    let focus = focus(&mut round, request).await?;
    context.ui.waiting(match &focus {
        Some(ids) => format!("waiting for {revision} in {} objects", ids.len()),
        None => format!("waiting for {revision}"),
    });
    let follow = Follow {
        context,
        cluster,
        revision,
        focus,
        memory: RefCell::default(),
        changed: Notify::new(),
    };
    let mut board = Board::new(&context.ui);
    let work = follow.run(request, &mut board);
    let outcome = tokio::time::timeout(context.remaining(), work).await;
    board.clear();
    let (assessment, in_time) = match outcome {
        Ok(assessment) => (assessment?, true),
        Err(_) => (follow.assess(), false),
    };
    if !in_time && !follow.memory.borrow().records.is_complete() {
        let text = "timed out: the API server has not answered every list";
        return Err(Error::new(ErrorKind::TimedOut, text).hint(MORE_TIME));
    }
    conclude(&mut round, &follow, &assessment, in_time).await
}

/// The objects that were asked for, or nothing where everything is meant.
async fn focus(round: &mut Round<'_>, request: &Request) -> Result<Option<Vec<Id>>> {
    let args = &request.args;
    let picks = args.label_selector.as_ref().is_some_and(|l| !l.is_empty())
        || args.not_ready
        || args.suspended;
    if request.kind.is_none() && request.names.is_empty() && !picks {
        return Ok(None);
    }
    if !request.names.is_empty() && !picks && !args.all_namespaces {
        // They need not exist: the revision may bring them.
        let id = |(kind, name): &(&'static Kind, String)| Id {
            kind: kind.kind,
            namespace: request.namespace.clone(),
            name: name.clone(),
        };
        return Ok(Some(request.names.iter().map(id).collect()));
    }
    let outcome = request.resolve(round.cluster).await;
    if outcome.found.is_empty() && outcome.failures.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no objects found"));
    }
    round.not_found(&outcome.failures);
    if outcome.found.is_empty() {
        return round.end("found", false).map(|()| None);
    }
    let found = outcome.found.iter();
    Ok(Some(found.map(|f| Id::of(f.kind, &f.object)).collect()))
}

/// A revision being followed.
struct Follow<'a> {
    context: &'a Context,
    cluster: &'a Cluster,
    revision: &'a Revision,
    focus: Option<Vec<Id>>,
    memory: RefCell<Memory>,
    /// Told of every change of the memory.
    changed: Notify,
}

#[derive(Default)]
struct Memory {
    records: Records,
    seen: Seen,
}

impl Memory {
    fn see(&mut self, place: usize, kind: &'static Kind, event: &Event<DynamicObject>) {
        show(&mut self.records, &mut self.seen, place, kind, event);
    }
}

/// Puts what an event shows into the records.
fn show(
    records: &mut Records,
    seen: &mut Seen,
    place: usize,
    kind: &'static Kind,
    event: &Event<DynamicObject>,
) {
    match event {
        Event::Init => records.begin(place),
        Event::InitApply(object) | Event::Apply(object) => {
            let (id, record) = (Id::of(kind, object), Record::of(kind, object));
            seen.note(&id, &record);
            records.put(place, id, record);
        }
        Event::Delete(object) => records.remove(&Id::of(kind, object)),
        Event::InitDone => records.end(place),
    }
}

impl Follow<'_> {
    /// Watches until the revision is settled.
    async fn run(&self, request: &Request, board: &mut Board<'_>) -> Result<Assessment> {
        let namespace = (!request.args.all_namespaces).then(|| request.namespace.clone());
        // The first lists come one after the other, so that no two of them are in memory at once.
        let mut due: VecDeque<Field> = FOLLOWED
            .iter()
            .map(|(kind, _)| Field {
                kind: kind.kind,
                namespace: namespace.clone(),
                counts: true,
            })
            .collect();
        let mut watches = FuturesUnordered::new();
        loop {
            if self.memory.borrow().records.is_complete() {
                if due.is_empty() {
                    let assessment = self.assess();
                    due.extend(self.outside(&assessment));
                    if due.is_empty() {
                        board.show(&assessment);
                        if assessment.verdict != Verdict::Pending
                            && let Some(confirmed) = self.confirm(&assessment).await
                        {
                            board.show(&confirmed);
                            return Ok(confirmed);
                        }
                    }
                }
                if let Some(field) = due.pop_front() {
                    watches.push(self.watch(field));
                }
            }
            tokio::select! {
                // All that has come is taken in before it is judged.
                biased;
                Some((place, error)) = watches.next() => self.lose(place, error)?,
                () = self.changed.notified() => {}
            }
        }
    }

    /// Watches a field for as long as that can be.
    async fn watch(&self, field: Field) -> (usize, cluster::Error) {
        let place = self.memory.borrow_mut().records.add(field.clone());
        let Some(kind) = kinds::by_name(field.kind) else {
            return (place, cluster::Error::Other("no such kind".to_owned()));
        };
        let scope = field
            .namespace
            .as_deref()
            .map_or(Scope::All, Scope::Namespace);
        let everything = Selection::default();
        let watch = self.cluster.follow_all(kind, scope, &everything, |event| {
            self.memory.borrow_mut().see(place, kind, event);
            self.changed.notify_one();
            ControlFlow::<Infallible>::Continue(())
        });
        match watch.await {
            Ok(never) => match never {},
            Err(error) => (place, error),
        }
    }

    /// Leaves out what cannot be watched.
    fn lose(&self, place: usize, error: cluster::Error) -> Result<()> {
        let mut memory = self.memory.borrow_mut();
        memory.records.lose(place);
        let error = Error::from(error);
        let sources = || {
            let fields = memory.records.fields().enumerate();
            fields.filter(|(_, field)| {
                field.counts && crate::rollout::role(field.kind) == Some(Role::Source)
            })
        };
        let all = FOLLOWED
            .iter()
            .filter(|(_, role)| *role == Role::Source)
            .count();
        if sources().count() == all && sources().all(|(place, _)| memory.records.is_lost(place)) {
            return Err(error);
        }
        let kind = memory.records.fields().nth(place).map_or("", |f| f.kind);
        let text = format!("{kind} objects are left out: {}", error.chain());
        self.context.ui.warning(text);
        Ok(())
    }

    /// Says how far the revision is, and remembers what has arrived.
    fn assess(&self) -> Assessment {
        let mut memory = self.memory.borrow_mut();
        let Memory { records, seen } = &mut *memory;
        let assessment = assess(records, self.revision, self.focus.as_deref(), seen);
        for (id, standing) in &assessment.standings {
            if let (Progress::Done, Some(record)) = (&standing.progress, records.get(id)) {
                seen.arrive(id, record);
            }
        }
        assessment
    }

    fn is_suspended(&self, id: &Id) -> bool {
        let memory = self.memory.borrow();
        memory
            .records
            .get(id)
            .is_some_and(|r| r.suspension.is_some())
    }

    /// The parts of the cluster that have to be watched to know more.
    fn outside(&self, assessment: &Assessment) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for id in &assessment.unseen {
            if !fields.iter().any(|field| field.holds(id)) {
                fields.push(Field {
                    kind: id.kind,
                    namespace: Some(id.namespace.clone()),
                    counts: false,
                });
            }
        }
        fields
    }

    /// Lists everything anew, and returns what is to be said of it where that is the same.
    async fn confirm(&self, assessment: &Assessment) -> Option<Assessment> {
        let fields: Vec<(Field, bool)> = {
            let memory = self.memory.borrow();
            let fields = memory.records.fields().cloned().enumerate();
            fields
                .map(|(place, field)| (field, memory.records.is_lost(place)))
                .collect()
        };
        let (mut fresh, everything) = (Records::default(), Selection::default());
        for (field, lost) in fields {
            let kind = kinds::by_name(field.kind)?;
            let place = fresh.add(field.clone());
            if lost {
                fresh.lose(place);
                continue;
            }
            let scope = field
                .namespace
                .as_deref()
                .map_or(Scope::All, Scope::Namespace);
            let list = self.cluster.follow_all(kind, scope, &everything, |event| {
                let seen = &mut self.memory.borrow_mut().seen;
                show(&mut fresh, seen, place, kind, event);
                match event {
                    Event::InitDone => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            });
            // The watch of the kind will tell what is the matter.
            list.await.ok()?;
        }
        let seen = &self.memory.borrow().seen;
        let confirmed = assess(&fresh, self.revision, self.focus.as_deref(), seen);
        (confirmed.verdict == assessment.verdict).then_some(confirmed)
    }
}

/// Tells how it ended.
async fn conclude(
    round: &mut Round<'_>,
    follow: &Follow<'_>,
    assessment: &Assessment,
    in_time: bool,
) -> Result<()> {
    let ui = &follow.context.ui;
    let newer = assessment.newer();
    let mut targets: Vec<Target> = Vec::new();
    let mut outcomes: Vec<Result<String>> = Vec::new();
    let mut built = 0;
    for (id, standing) in &assessment.standings {
        if !standing.is_blocker() {
            built += usize::from(id.role() != Some(Role::Source));
            targets.extend(id.target());
            outcomes.push(Ok(standing.text.clone()));
        }
    }
    let mut failures: Vec<(Target, Error)> = assessment
        .blockers()
        .into_iter()
        .filter_map(|(id, standing)| {
            let error = failure(follow.revision, id, standing, newer, in_time)?;
            let target = id.target()?;
            let error = if follow.is_suspended(id) {
                error.hint(format!(
                    "resume it with `{{bin}} resume {} {} -n {}`",
                    target.kind.singular.path.join(" "),
                    target.name,
                    target.namespace
                ))
            } else {
                error
            };
            Some((target, error))
        })
        .collect();
    // The first one fixes the exit code: what failed for itself goes before what was overtaken.
    failures.sort_by_key(|(_, error)| in_time && error.kind() == ErrorKind::Conflict);
    if let Some(headline) = &assessment.headline {
        if failures.is_empty() {
            let text = format!("timed out: {headline}");
            return Err(Error::new(ErrorKind::TimedOut, text).hint(MORE_TIME));
        }
        ui.failure(headline);
    }
    tell(follow, &failures);
    for (target, error) in failures {
        targets.push(target);
        outcomes.push(Err(error));
    }
    if assessment.verdict == Verdict::Done && follow.focus.is_none() && built == 0 {
        ui.warning(format!("nothing is built from {}", follow.revision));
    }
    round.settle(&targets, outcomes).await;
    round.end(&format!("at {}", follow.revision), true)
}

/// Names those that are not there.
fn tell(follow: &Follow<'_>, failures: &[(Target, Error)]) {
    let ui = &follow.context.ui;
    let named = if ui.keeps_journal() {
        failures.len()
    } else {
        NAMED
    };
    for (target, error) in failures.iter().take(named) {
        ui.about(target).failure(error, error.chain());
    }
    if failures.len() > named {
        ui.note(format!("  and {} more", failures.len() - named));
    }
}

/// What is wrong with an object that keeps the revision from being there; nothing where it might
/// still have come, had not another one failed.
fn failure(
    revision: &Revision,
    id: &Id,
    standing: &Standing,
    newer: Option<&str>,
    in_time: bool,
) -> Option<Error> {
    let text = &standing.text;
    let superseded = |newer: &str| {
        let text = format!("{id}: {text}; {revision} is superseded by {newer}");
        Error::new(ErrorKind::Conflict, text)
    };
    Some(match (&standing.progress, &standing.newer) {
        (Progress::Missing, _) => Error::new(
            ErrorKind::NotFound,
            format!("{id} {text}, and nothing that is built from {revision} makes it"),
        ),
        (Progress::Failed, Some(newer)) => superseded(newer),
        (Progress::Failed, None) => Error::failed(format!("{id}: {text}")),
        (Progress::Pending, own) if !in_time => match own.as_deref().or(newer) {
            Some(newer) => superseded(newer),
            None => timed_out(&format!("{id}: {text}")),
        },
        (Progress::Pending | Progress::Done, _) => return None,
    })
}

fn timed_out(what: &str) -> Error {
    let text = format!("timed out waiting for {what}");
    Error::new(ErrorKind::TimedOut, text).hint(MORE_TIME)
}
