//! What a run has seen that objects do not show any more.

use std::collections::HashMap;

use super::record::{Artifact, Id, Record};

/// What a run remembers beside the records of the moment.
#[derive(Debug, Default)]
pub struct Seen {
    /// What each source had fetched, in the order in which it showed.
    fetched: HashMap<Id, Vec<Artifact>>,
    /// How objects were when they had arrived.
    arrived: HashMap<Id, Mark>,
}

/// What has to change before an object that had arrived has not.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    generation: i64,
    built: Vec<String>,
}

impl Seen {
    /// Remembers what a source has fetched.
    pub fn note(&mut self, id: &Id, record: &Record) {
        let Some(artifact) = &record.artifact else {
            return;
        };
        let fetched = self.fetched.entry(id.clone()).or_default();
        if fetched.last() != Some(artifact) {
            fetched.push(artifact.clone());
        }
    }

    /// Remembers that the object has arrived. A controller that looks at it again now and then, and
    /// says so in its conditions, does not undo that.
    pub fn arrive(&mut self, id: &Id, record: &Record) {
        let mark = Mark::of(record);
        if self.arrived.get(id) != Some(&mark) {
            self.arrived.insert(id.clone(), mark);
        }
    }

    /// Whether it had arrived, and has not been changed since then.
    pub fn has_arrived(&self, id: &Id, record: &Record) -> bool {
        let mark = self.arrived.get(id);
        mark.is_some_and(|mark| mark.generation == record.generation && mark.built == record.built)
    }

    /// What the source had fetched, the first first.
    pub fn fetched(&self, id: &Id) -> &[Artifact] {
        self.fetched.get(id).map_or(&[], Vec::as_slice)
    }

    /// What the source had fetched when it was first seen, where that has changed since.
    pub fn moved(&self, id: &Id) -> Option<&Artifact> {
        match self.fetched(id) {
            [first, .., last] if first != last => Some(first),
            _ => None,
        }
    }
}

impl Mark {
    fn of(record: &Record) -> Self {
        Mark {
            generation: record.generation,
            built: record.built.clone(),
        }
    }
}
