//! Where one object stands.

use super::super::record::{Id, Record, Role};
use super::super::records::Sight;
use super::sources::Carrier;
use super::{DEEPEST, Progress, Standing, Survey, pending};
use crate::kinds::status::State;

/// The reason of kustomize-controller where a revision cannot be built.
const BUILD_FAILED: &str = "BuildFailed";
/// The reason of controllers where something else has to be ready first.
const DEPENDENCY_NOT_READY: &str = "DependencyNotReady";

/// How the revision comes to an object.
enum Way<'s> {
    /// It is made from the source.
    Built(&'s Carrier<'s>),
    /// Nothing of it is made from the revision, but what applied it is.
    Applied,
    /// It waits for that.
    Waits(Vec<Id>, String),
    /// It does not.
    None,
}

impl<'a> Survey<'a> {
    /// Says where the object stands.
    pub(super) fn judge(&self, id: &Id, record: &Record) -> Standing {
        if id.role() == Some(Role::Source) {
            return self.judge_source(id, record);
        }
        let newer = self.newer(id, record);
        if let Some(suspension) = &record.suspension {
            return failed(suspension.clone());
        }
        let way = match self.way(id, record) {
            Way::Waits(because, text) => {
                return Standing {
                    because,
                    newer,
                    ..pending(text)
                };
            }
            Way::None => {
                return failed("is not made from anything that has such a revision");
            }
            way => way,
        };
        let built = match &way {
            Way::Built(carrier) => self.is_built(id, record, carrier),
            _ => true,
        };
        let standing = self.judge_state(id, record, built);
        // What is built from the revision itself is not later.
        let exact = record.built.iter().any(|b| self.revision.matches(b));
        let newer = newer.filter(|_| standing.is_blocker() || !exact);
        Standing { newer, ..standing }
    }

    fn judge_state(&self, id: &Id, record: &Record, built: bool) -> Standing {
        let may_pass = self.may_pass(id, record, built);
        match &record.state {
            State::Ready if built => done(record),
            State::InProgress(_) if built && self.seen.has_arrived(id, record) => done(record),
            State::Ready => pending(match record.built.first() {
                Some(built) => format!("is still at {built}"),
                None => "has not taken it up yet".to_owned(),
            }),
            State::Stalled(text) if may_pass => pending(text),
            State::Stalled(text) => failed(text),
            State::Failing(text) if record.reason == BUILD_FAILED => {
                if self.has_tried(record) && !may_pass {
                    failed(text)
                } else {
                    pending(text)
                }
            }
            State::Failing(text) if record.reason == DEPENDENCY_NOT_READY => {
                self.wait_for_root(id, text)
            }
            State::Failing(text) | State::InProgress(text) => self.wait_for_children(record, text),
            State::Terminating => pending("is being deleted"),
        }
    }

    fn judge_source(&self, id: &Id, record: &Record) -> Standing {
        let at = record.artifact.as_ref().map(|a| a.revision.as_str());
        if let Some(carrier) = self.sources.carriers.get(id) {
            return Standing {
                newer: carrier.newer.map(str::to_owned),
                progress: Progress::Done,
                ..pending(format!("fetched {}", at.unwrap_or_default()))
            };
        }
        let mut text = match at {
            Some(revision) => format!("is at {revision}"),
            None => "has fetched nothing yet".to_owned(),
        };
        if let State::Failing(why) | State::Stalled(why) = &record.state {
            text = format!("{text}: {why}");
        }
        if let Some(suspension) = &record.suspension {
            let text = format!("{text}, {suspension}");
            return if self.focused || self.are_candidates_suspended() {
                failed(text)
            } else {
                pending(text)
            };
        }
        match (self.moved_past(id), at) {
            (true, Some(at)) => Standing {
                newer: Some(at.to_owned()),
                ..failed(text)
            },
            _ => pending(text),
        }
    }

    /// Whether the source has fetched another revision of the branch since the run began. The
    /// revision was there to be fetched then, so it is this one or an earlier one.
    fn moved_past(&self, id: &Id) -> bool {
        let Some(before) = self.seen.moved(id) else {
            return false;
        };
        let Some(now) = self.seen.fetched(id).last() else {
            return false;
        };
        let same_line = super::super::revision::same_line(&before.revision, &now.revision);
        let ours = !self.revision.is_named() || self.revision.shares_name(&now.revision);
        // Of several repositories, nothing says whose branch is meant.
        let meant = self.focused || self.sources.one_repository;
        same_line && ours && meant
    }

    fn are_candidates_suspended(&self) -> bool {
        let mut candidates = self.sources.candidates.iter();
        candidates.all(|id| {
            let record = self.records.get(id);
            record.is_some_and(|record| record.suspension.is_some())
        })
    }

    /// How the revision comes to the object.
    fn way(&self, id: &Id, record: &Record) -> Way<'_> {
        if let Some(carrier) = self.carrier(record) {
            return match self
                .chart(record)
                .map(|chart| (chart, self.records.get(chart)))
            {
                Some((chart, Some(found))) if !self.is_arrived(chart, found, carrier) => {
                    Way::Waits(vec![chart.clone()], format!("waits for {chart}"))
                }
                _ => Way::Built(carrier),
            };
        }
        if !self.focused {
            return Way::Applied;
        }
        if let Some(chart) = self.chart(record)
            && matches!(
                self.records.sight(chart),
                Sight::Outside | Sight::Coming | Sight::Missing
            )
        {
            return Way::Waits(vec![chart.clone()], format!("waits for {chart}"));
        }
        if self.comes_by_owner(id, record)
            && let Some(owner) = self.owner(id, record)
        {
            let applied = self.records.get(owner).is_some_and(|found| {
                self.carrier(found)
                    .is_none_or(|carrier| self.is_built(owner, found, carrier))
            });
            return if applied {
                Way::Applied
            } else {
                Way::Waits(vec![owner.clone()], format!("waits for {owner}"))
            };
        }
        match self.origin(record) {
            Some(source) => Way::Waits(vec![source.clone()], format!("waits for {source}")),
            None => Way::None,
        }
    }

    /// The source with the revision that the object is made from.
    pub(super) fn carrier(&self, record: &Record) -> Option<&Carrier<'a>> {
        self.sources.carriers.get(self.origin(record)?)
    }

    /// The source that the object is made from, past the chart between them.
    fn origin<'r>(&'r self, record: &'r Record) -> Option<&'r Id> {
        let source = record.source.as_ref()?;
        match source.role()? {
            Role::Source => Some(source),
            Role::Chart => {
                let chart = self.records.get(source)?;
                chart
                    .source
                    .as_ref()
                    .filter(|s| s.role() == Some(Role::Source))
            }
            Role::Kustomization | Role::Release => None,
        }
    }

    /// The chart that a release is made from.
    pub(super) fn chart<'r>(&self, record: &'r Record) -> Option<&'r Id> {
        let source = record.source.as_ref()?;
        (source.role() == Some(Role::Chart)).then_some(source)
    }

    /// Whether the object is built from the revision or a later one.
    fn is_built(&self, id: &Id, record: &Record, carrier: &Carrier<'_>) -> bool {
        if id.role() == Some(Role::Release)
            && let Some(chart) = self.chart(record)
        {
            // The chart is built from it; the release has to be of that chart.
            let made = self.records.get(chart).and_then(|c| c.artifact.as_ref());
            return made.is_some_and(|artifact| record.built.contains(&artifact.revision));
        }
        record
            .built
            .iter()
            .any(|built| self.revision.matches(built) || carrier.accepts(built))
    }

    fn is_arrived(&self, id: &Id, record: &Record, carrier: &Carrier<'_>) -> bool {
        self.is_built(id, record, carrier)
            && (record.state == State::Ready || self.seen.has_arrived(id, record))
    }

    /// Whether the object has at least tried the revision or a later one. What is not made from it
    /// has.
    pub(super) fn has_tried(&self, record: &Record) -> bool {
        let Some(carrier) = self.carrier(record) else {
            return true;
        };
        let mut reported = record.built.iter().chain(&record.attempted);
        reported.any(|r| self.revision.matches(r) || carrier.accepts(r))
    }

    /// Whether a failure may be of what was there before the revision, so that it can still pass.
    fn may_pass(&self, id: &Id, record: &Record, built: bool) -> bool {
        let lags = matches!(id.role(), Some(Role::Release | Role::Chart)) && !built;
        lags || self.is_owner_behind(id, record, 0)
    }

    /// Whether what applied the object may apply it anew.
    fn is_owner_behind(&self, id: &Id, record: &Record, depth: usize) -> bool {
        let Some(owner) = self.owner(id, record) else {
            return false;
        };
        let Some(found) = self.records.get(owner) else {
            return false;
        };
        let behind = match self.carrier(found) {
            Some(carrier) => !self.is_built(owner, found, carrier),
            None => false,
        };
        behind || (depth < DEEPEST && self.is_owner_behind(owner, found, depth + 1))
    }

    /// What applied the object.
    pub(super) fn owner<'r>(&'r self, id: &Id, record: &'r Record) -> Option<&'r Id> {
        let owner = self.parents.get(id).or(record.owner.as_ref());
        // The first Kustomization of a cluster applies itself.
        owner.filter(|owner| *owner != id)
    }

    /// Whether the revision comes to the object by what applied it, and not by what it is made from.
    pub(super) fn comes_by_owner(&self, id: &Id, record: &Record) -> bool {
        self.carrier(record).is_none()
            && (self.origin(record).is_none() || self.is_owner_concerned(id, record, 0))
    }

    fn is_owner_concerned(&self, id: &Id, record: &Record, depth: usize) -> bool {
        let Some(owner) = self.owner(id, record) else {
            return false;
        };
        let Some(found) = self.records.get(owner) else {
            return false;
        };
        self.carrier(found).is_some()
            || (depth < DEEPEST && self.is_owner_concerned(owner, found, depth + 1))
    }

    /// The later revision that counts for the object, where its source, or that of what applied it,
    /// has moved on.
    fn newer(&self, id: &Id, record: &Record) -> Option<String> {
        let (mut id, mut record) = (id, record);
        for _ in 0..DEEPEST {
            if let Some(carrier) = self.carrier(record) {
                return carrier.newer.map(str::to_owned);
            }
            id = self.owner(id, record)?;
            record = self.records.get(id)?;
        }
        None
    }

    /// A wait that the objects it applied may be the cause of.
    fn wait_for_children(&self, record: &Record, text: &str) -> Standing {
        Standing {
            because: record.carries.clone(),
            ..pending(text)
        }
    }

    /// A wait for a dependency: the one that the others wait for is named.
    fn wait_for_root(&self, id: &Id, text: &str) -> Standing {
        match self.root(id, &mut vec![id.clone()]) {
            Some((root, why)) => Standing {
                because: vec![root.clone()],
                ..pending(format!("depends on {root}, which {why}"))
            },
            None => pending(text),
        }
    }

    /// The dependency that is not ready for a reason of its own.
    fn root(&self, id: &Id, path: &mut Vec<Id>) -> Option<(Id, String)> {
        let record = self.records.get(id)?;
        for dependency in &record.depends_on {
            if path.contains(dependency) {
                return Some((dependency.clone(), "depends on it in turn".to_owned()));
            }
            let found = match self.records.sight(dependency) {
                Sight::There(found) => found,
                Sight::Missing => {
                    return Some((dependency.clone(), "does not exist".to_owned()));
                }
                Sight::Coming | Sight::Outside | Sight::Lost => continue,
            };
            path.push(dependency.clone());
            let deeper = self.root(dependency, path);
            path.pop();
            if deeper.is_some() {
                return deeper;
            }
            if let Some(why) = self.unmet(dependency, found) {
                return Some((dependency.clone(), why));
            }
        }
        None
    }

    /// Why the dependency is not met.
    fn unmet(&self, id: &Id, record: &Record) -> Option<String> {
        if let Some(suspension) = &record.suspension
            && record.state != State::Ready
        {
            return Some(format!("is {suspension}"));
        }
        match &record.state {
            State::Ready => self
                .carrier(record)
                .filter(|carrier| !self.is_built(id, record, carrier))
                .map(|_| "has not taken it up yet".to_owned()),
            State::Terminating => Some("is being deleted".to_owned()),
            State::InProgress(text) | State::Stalled(text) | State::Failing(text) => {
                Some(format!("is not ready: {text}"))
            }
        }
    }
}

fn done(record: &Record) -> Standing {
    let text = match record.built.first() {
        Some(built) => format!("ready at {built}"),
        None => "ready".to_owned(),
    };
    Standing {
        progress: Progress::Done,
        ..pending(text)
    }
}

fn failed(text: impl Into<String>) -> Standing {
    Standing {
        progress: Progress::Failed,
        ..pending(text)
    }
}
