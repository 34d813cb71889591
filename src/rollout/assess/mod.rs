//! Who of all objects that a revision concerns is there, who is not, and why.
//!
//! [`sources`] finds out which sources have or had the revision; [`judge`] says of one object where
//! it stands. Here the objects that count are gathered, from the sources on, and summed up.

mod judge;
mod sources;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::record::{Id, Record, Role};
use super::records::{Records, Sight};
use super::revision::Revision;
use super::seen::Seen;
use sources::Sources;

/// What became of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is built from it, or from a later one, and ready.
    Done,
    /// Something is still missing.
    Pending,
    /// It will not come about.
    Failed,
    /// Nor will this, but the revision that failed is a later one.
    Superseded(String),
}

/// Where one object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Where it should be.
    Done,
    /// Not yet.
    Pending,
    /// It will not get there.
    Failed,
    /// It does not exist, and nothing is left that could make it.
    Missing,
}

/// Where one object stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub progress: Progress,
    /// Why.
    pub text: String,
    /// The later revision that counts for it, where its source has moved on.
    pub newer: Option<String>,
    /// What it waits for.
    pub because: Vec<Id>,
}

impl Standing {
    /// Whether it keeps the revision from being there.
    pub fn is_blocker(&self) -> bool {
        self.progress != Progress::Done
    }
}

/// What is to be said of a revision at some moment.
#[derive(Debug)]
pub struct Assessment {
    /// The sum.
    pub verdict: Verdict,
    /// What is true of the whole, where it is not told by any object.
    pub headline: Option<String>,
    /// Every object that counts.
    pub standings: BTreeMap<Id, Standing>,
    /// Objects that would have to be watched to know more.
    pub unseen: BTreeSet<Id>,
}

/// Says how far `revision` has come. Where `focus` names objects, only they and what they are made
/// from count; otherwise everything that is built from the revision.
pub fn assess(
    records: &Records,
    revision: &Revision,
    focus: Option<&[Id]>,
    seen: &Seen,
) -> Assessment {
    let mut survey = Survey {
        records,
        revision,
        seen,
        focused: focus.is_some(),
        sources: Sources::find(records, revision, seen),
        parents: HashMap::new(),
        standings: BTreeMap::new(),
        unseen: BTreeSet::new(),
        queue: Vec::new(),
    };
    match focus {
        Some(ids) => survey.queue.extend(ids.iter().cloned()),
        None => {
            survey.look_outside();
            survey.seek_everything();
        }
    }
    survey.work();
    if let Some(ids) = focus {
        survey.look_for_missing(ids);
    }
    survey.finish()
}

/// An assessment under way.
struct Survey<'a> {
    records: &'a Records,
    revision: &'a Revision,
    seen: &'a Seen,
    /// Whether only certain objects count.
    focused: bool,
    sources: Sources<'a>,
    /// By whom an object was applied, as far as inventories say.
    parents: HashMap<Id, Id>,
    standings: BTreeMap<Id, Standing>,
    unseen: BTreeSet<Id>,
    queue: Vec<Id>,
}

impl Survey<'_> {
    /// Puts everything that is made from the revision into the queue; while no source has it, the
    /// sources that may get it.
    fn seek_everything(&mut self) {
        if self.sources.carriers.is_empty() {
            self.queue.extend(self.sources.candidates.iter().cloned());
            return;
        }
        self.queue.extend(self.sources.carriers.keys().cloned());
        self.queue.extend(self.sources.laggards.iter().cloned());
        let made = self.records.all().filter(|(id, record)| {
            id.role() != Some(Role::Source)
                && self.records.counts(id)
                && self.carrier(record).is_some()
        });
        let made: Vec<Id> = made.map(|(id, _)| id.clone()).collect();
        self.queue.extend(made);
    }

    /// Asks for what objects are made from and no watch shows.
    fn look_outside(&mut self) {
        for (_, record) in self.records.all() {
            if let Some(source) = &record.source {
                self.want(source);
            }
        }
    }

    /// Asks for the object where no watch shows it.
    fn want(&mut self, id: &Id) {
        if id.role().is_some() && matches!(self.records.sight(id), Sight::Outside) {
            self.unseen.insert(id.clone());
        }
    }

    /// Judges what is in the queue, and what that leads to.
    fn work(&mut self) {
        while let Some(id) = self.queue.pop() {
            if self.standings.contains_key(&id) {
                continue;
            }
            let standing = match self.records.sight(&id) {
                Sight::There(record) => {
                    let standing = self.judge(&id, record);
                    self.follow(&id, record);
                    standing
                }
                Sight::Outside => {
                    self.unseen.insert(id.clone());
                    pending("being looked up")
                }
                Sight::Coming => pending("being looked up"),
                Sight::Missing => pending("does not exist"),
                // Its kind is left out, and that has been told.
                Sight::Lost => continue,
            };
            self.standings.insert(id, standing);
        }
    }

    /// Puts what the object leads to into the queue.
    fn follow(&mut self, id: &Id, record: &Record) {
        if self.focused {
            self.follow_back(id, record);
            return;
        }
        if !self.has_tried(record) {
            return;
        }
        for child in record.carries.iter().filter(|child| *child != id) {
            if !self.parents.contains_key(child) {
                self.parents.insert(child.clone(), id.clone());
            }
            self.queue.push(child.clone());
        }
    }

    /// Puts what the object is made from into the queue, and what applied it, where the revision
    /// comes to it that way.
    fn follow_back(&mut self, id: &Id, record: &Record) {
        let owner = self.owner(id, record).cloned();
        for needed in record.source.iter().chain(&owner) {
            self.want(needed);
        }
        if self.comes_by_owner(id, record) {
            self.queue.extend(owner);
        } else {
            let made_from = record.source.iter();
            self.queue
                .extend(made_from.filter(|source| source.role().is_some()).cloned());
        }
    }

    /// Finds out whether objects that were asked for and do not exist may still come.
    fn look_for_missing(&mut self, focus: &[Id]) {
        let missing: Vec<&Id> = focus
            .iter()
            .filter(|id| matches!(self.records.sight(id), Sight::Missing))
            .collect();
        if missing.is_empty() {
            return;
        }
        // Only what is built from the revision can make them.
        self.focused = false;
        self.seek_everything();
        self.work();
        self.focused = true;
        let settled = self.unseen.is_empty()
            && self
                .standings
                .iter()
                .all(|(id, standing)| missing.contains(&id) || !standing.is_blocker());
        let hopeless = self.sources.is_none() || (settled && !self.sources.carriers.is_empty());
        for id in missing {
            if let Some(standing) = self.standings.get_mut(id)
                && hopeless
            {
                standing.progress = Progress::Missing;
            }
        }
    }

    fn finish(self) -> Assessment {
        let nowhere = self.sources.carriers.is_empty();
        let headline = nowhere.then(|| self.sources.nowhere(self.revision));
        let blockers = || self.standings.values().filter(|s| s.is_blocker());
        let failed = || blockers().filter(|s| s.progress != Progress::Pending);
        let verdict = if failed().any(|s| s.newer.is_none()) {
            Verdict::Failed
        } else if let Some(newer) = failed().find_map(|s| s.newer.clone()) {
            Verdict::Superseded(newer)
        } else if nowhere || blockers().next().is_some() || !self.unseen.is_empty() {
            Verdict::Pending
        } else {
            Verdict::Done
        };
        Assessment {
            verdict,
            headline,
            standings: self.standings,
            unseen: self.unseen,
        }
    }
}

impl Assessment {
    /// The objects that are not where they should be: those that failed first, then those that the
    /// others wait for.
    pub fn blockers(&self) -> Vec<(&Id, &Standing)> {
        let mut blockers: Vec<_> = self
            .standings
            .iter()
            .filter(|(_, standing)| standing.is_blocker())
            .map(|(id, standing)| {
                let waits = standing.progress == Progress::Pending;
                ((waits, self.height(id, &mut Vec::new())), id, standing)
            })
            .collect();
        blockers.sort_by_key(|(rank, ..)| *rank);
        blockers.into_iter().map(|(_, id, s)| (id, s)).collect()
    }

    /// The later revision that has taken its place, where something still waits for one.
    pub fn newer(&self) -> Option<&str> {
        let mut blockers = self.standings.values().filter(|s| s.is_blocker());
        blockers.find_map(|standing| standing.newer.as_deref())
    }

    /// How many blockers stand one behind the other below it.
    fn height<'a>(&'a self, id: &'a Id, path: &mut Vec<&'a Id>) -> usize {
        let Some(standing) = self.standings.get(id).filter(|s| s.is_blocker()) else {
            return 0;
        };
        // What waits for itself, by whatever way, is as deep as it gets.
        if path.contains(&id) || path.len() > DEEPEST {
            return 0;
        }
        path.push(id);
        let below = standing
            .because
            .iter()
            .map(|cause| self.height(cause, path))
            .max();
        path.pop();
        1 + below.unwrap_or(0)
    }
}

/// How long a chain of causes is followed.
const DEEPEST: usize = 16;

fn pending(text: impl Into<String>) -> Standing {
    Standing {
        progress: Progress::Pending,
        text: text.into(),
        newer: None,
        because: Vec::new(),
    }
}
