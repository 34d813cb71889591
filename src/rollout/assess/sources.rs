//! Which sources have the revision, had it, or may still get it.

use std::collections::{HashMap, HashSet};

use super::super::record::{Artifact, Id, Record, Role};
use super::super::records::Records;
use super::super::revision::{self, Revision};
use super::super::seen::Seen;

/// The sources, as the revision sees them.
#[derive(Default)]
pub(super) struct Sources<'a> {
    /// Those that have the revision, or have moved on from it.
    pub(super) carriers: HashMap<Id, Carrier<'a>>,
    /// Those that fetch the same branch of the same repository and are not there yet.
    pub(super) laggards: Vec<Id>,
    /// While there are no carriers: those that may become one.
    pub(super) candidates: Vec<Id>,
    /// Whether all candidates fetch from one repository.
    pub(super) one_repository: bool,
    /// Whether there is any source.
    any: bool,
}

/// A source that has, or had, the revision.
pub(super) struct Carrier<'a> {
    /// What it fetched from then on: what is built from one of these is built from the revision or
    /// a later one.
    accepted: Vec<&'a str>,
    /// What it has now, where it has moved on.
    pub(super) newer: Option<&'a str>,
}

impl Carrier<'_> {
    /// Whether a status that reports this is of the revision or a later one. Releases report
    /// digests alone.
    pub(super) fn accepts(&self, built: &str) -> bool {
        self.accepted.iter().any(|accepted| {
            *accepted == built
                || (built.contains(':')
                    && accepted
                        .strip_suffix(built)
                        .is_some_and(|rest| rest.ends_with('@')))
        })
    }
}

impl<'a> Sources<'a> {
    /// Looks through all records.
    pub(super) fn find(records: &'a Records, revision: &Revision, seen: &'a Seen) -> Self {
        let used: HashSet<&Id> = records
            .all()
            .filter_map(|(_, r)| r.source.as_ref())
            .collect();
        let mut all: Vec<(&Id, &Record)> = records
            .all()
            .filter(|(id, _)| id.role() == Some(Role::Source))
            .filter(|(id, _)| records.counts(id) || used.contains(id))
            .collect();
        all.sort_by_key(|(id, _)| *id);
        let passed = passed(records, revision);
        let mut sources = Sources {
            any: !all.is_empty(),
            ..Sources::default()
        };
        for (id, record) in &all {
            let Some(current) = &record.artifact else {
                continue;
            };
            let fetched = seen.fetched(id);
            let carrier = match fetched.iter().position(|a| is_at(a, revision)) {
                Some(first) => Carrier::of(&fetched[first..], current, revision),
                None if is_at(current, revision) || passed.contains(*id) => {
                    Carrier::of(&[], current, revision)
                }
                None => continue,
            };
            sources.carriers.insert((*id).clone(), carrier);
        }
        if sources.carriers.is_empty() {
            sources.seek_candidates(&all, revision);
        } else {
            sources.seek_siblings(&all);
        }
        sources
    }

    /// Finds those that fetch what a carrier fetches, too.
    fn seek_siblings(&mut self, all: &[(&'a Id, &'a Record)]) {
        let mut by_address: HashMap<_, Vec<(&Artifact, &Carrier<'a>)>> = HashMap::new();
        let fetched = |id: &Id, record: &'a Record| {
            let artifact = record.artifact.as_ref()?;
            Some(((id.kind, record.address.as_deref()?), artifact))
        };
        for (id, record) in all {
            if let (Some(carrier), Some((place, artifact))) =
                (self.carriers.get(*id), fetched(id, record))
            {
                let carriers = by_address.entry(place).or_default();
                // Most often they are all of one branch.
                let known = carriers.iter().any(|(theirs, known)| {
                    theirs == &artifact && known.accepted == carrier.accepted
                });
                if !known {
                    carriers.push((artifact, carrier));
                }
            }
        }
        let mut carriers = Vec::new();
        for (id, record) in all {
            let Some((place, artifact)) = fetched(id, record) else {
                continue;
            };
            if self.carriers.contains_key(*id) || record.pinned {
                continue;
            }
            let siblings = by_address.get(&place).into_iter().flatten();
            let mut siblings = siblings
                .filter(|(theirs, _)| revision::same_line(&theirs.revision, &artifact.revision))
                .peekable();
            if siblings.peek().is_none() {
                continue;
            }
            match siblings.find(|(_, carrier)| carrier.accepts(&artifact.revision)) {
                Some((_, carrier)) => {
                    let newer = Some(artifact.revision.as_str());
                    let accepted = carrier.accepted.clone();
                    carriers.push(((*id).clone(), Carrier { accepted, newer }));
                }
                None => self.laggards.push((*id).clone()),
            }
        }
        self.carriers.extend(carriers);
    }

    /// Finds those that fetch the branch of the revision, or whatever there is where it names none.
    fn seek_candidates(&mut self, all: &[(&Id, &Record)], revision: &Revision) {
        let may = |record: &Record| match &record.artifact {
            Some(artifact) => {
                let names = [Some(&artifact.revision), artifact.origin.as_ref()];
                let shares = names.into_iter().flatten().any(|r| revision.shares_name(r));
                !record.pinned && (!revision.is_named() || shares)
            }
            None => true,
        };
        let candidates: Vec<_> = all.iter().filter(|(_, record)| may(record)).collect();
        let addresses: HashSet<_> = candidates.iter().map(|(_, r)| &r.address).collect();
        self.one_repository = revision.is_named() && addresses.len() == 1;
        self.candidates = candidates
            .into_iter()
            .map(|(id, _)| (*id).clone())
            .collect();
    }

    /// Whether there are no sources at all.
    pub(super) fn is_none(&self) -> bool {
        !self.any
    }

    /// What is said while no source has the revision.
    pub(super) fn nowhere(&self, revision: &Revision) -> String {
        if self.is_none() {
            format!("no source is at {revision}: there are no sources")
        } else if self.candidates.is_empty() {
            format!("no source is at {revision} yet, and none of that branch or tag is known")
        } else {
            format!("no source is at {revision} yet")
        }
    }
}

impl<'a> Carrier<'a> {
    fn of(since: &'a [Artifact], current: &'a Artifact, revision: &Revision) -> Self {
        let accepted = since.iter().chain([current]);
        Carrier {
            accepted: accepted
                .flat_map(|a| [Some(a.revision.as_str()), a.origin.as_deref()])
                .flatten()
                .collect(),
            newer: (!is_at(current, revision)).then_some(&current.revision),
        }
    }
}

fn is_at(artifact: &Artifact, revision: &Revision) -> bool {
    revision.matches(&artifact.revision)
        || artifact
            .origin
            .as_deref()
            .is_some_and(|o| revision.matches(o))
}

/// The sources of which something was built at the revision: they had it, whatever they have now.
fn passed<'a>(records: &'a Records, revision: &Revision) -> HashSet<&'a Id> {
    records
        .all()
        .filter(|(id, _)| matches!(id.role(), Some(Role::Kustomization | Role::Chart)))
        .filter(|(_, record)| {
            let reported = record.built.iter().chain(&record.attempted);
            reported.chain(&record.history).any(|r| revision.matches(r))
        })
        .filter_map(|(_, record)| record.source.as_ref())
        .collect()
}
