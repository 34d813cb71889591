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
use super::conclusion::{MORE_TIME, conclude};
use crate::cluster::{self, Cluster, Scope, Selection};
use crate::cmd::round::Round;
use crate::cmd::select::Request;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{self, Kind};
use crate::rollout::{
    Assessment, FOLLOWED, Field, Id, Progress, Record, Records, Revision, Role, Seen, Verdict,
    assess,
};

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
pub(super) struct Follow<'a> {
    pub(super) context: &'a Context,
    cluster: &'a Cluster,
    pub(super) revision: &'a Revision,
    pub(super) focus: Option<Vec<Id>>,
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

    pub(super) fn is_suspended(&self, id: &Id) -> bool {
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
