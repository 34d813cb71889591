//! Records for tests.

use super::super::record::{Artifact, FOLLOWED, Id, Record};
use super::super::records::{Field, Records};
use super::super::seen::Seen;
use super::{Assessment, assess};
use crate::kinds::status::State;

pub(in crate::rollout) const OLD: &str = "main@sha1:0000000000";
pub(in crate::rollout) const REV: &str = "main@sha1:1111111111";
pub(in crate::rollout) const NEW: &str = "main@sha1:2222222222";

/// `ks/apps` in the namespace `ns`; `ks/other/apps` in another one.
pub(in crate::rollout) fn id(text: &str) -> Id {
    let words: Vec<&str> = text.split('/').collect();
    let (word, namespace, name) = match words.as_slice() {
        [word, name] => (*word, "ns", *name),
        [word, namespace, name] => (*word, *namespace, *name),
        _ => panic!("{text}"),
    };
    let kind = match word {
        "git" => "GitRepository",
        "oci" => "OCIRepository",
        "chart" => "HelmChart",
        "ks" => "Kustomization",
        "hr" => "HelmRelease",
        _ => panic!("{text}"),
    };
    Id {
        kind,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// A record of something that is ready.
pub(in crate::rollout) fn record() -> Record {
    Record {
        generation: 1,
        state: State::Ready,
        reason: "Succeeded".to_owned(),
        suspension: None,
        source: None,
        artifact: None,
        address: None,
        pinned: false,
        built: Vec::new(),
        attempted: None,
        history: Vec::new(),
        carries: Vec::new(),
        depends_on: Vec::new(),
        owner: None,
    }
}

impl Record {
    pub(in crate::rollout) fn fetched(mut self, revision: &str) -> Self {
        self.artifact = Some(Artifact {
            revision: revision.to_owned(),
            origin: None,
        });
        self.at("https://git/fleet")
    }

    pub(in crate::rollout) fn origin(mut self, revision: &str) -> Self {
        self.artifact.as_mut().unwrap().origin = Some(revision.to_owned());
        self
    }

    pub(in crate::rollout) fn at(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    pub(in crate::rollout) fn from(mut self, source: &str) -> Self {
        self.source = Some(id(source));
        self
    }

    pub(in crate::rollout) fn built(mut self, revision: &str) -> Self {
        self.built.push(revision.to_owned());
        self
    }

    pub(in crate::rollout) fn tried(mut self, revision: &str) -> Self {
        self.attempted = Some(revision.to_owned());
        self
    }

    pub(in crate::rollout) fn was(mut self, revision: &str) -> Self {
        self.history.push(revision.to_owned());
        self
    }

    pub(in crate::rollout) fn carries(mut self, child: &str) -> Self {
        self.carries.push(id(child));
        self
    }

    pub(in crate::rollout) fn after(mut self, dependency: &str) -> Self {
        self.depends_on.push(id(dependency));
        self
    }

    pub(in crate::rollout) fn by(mut self, owner: &str) -> Self {
        self.owner = Some(id(owner));
        self
    }

    pub(in crate::rollout) fn suspended(mut self) -> Self {
        self.suspension = Some("suspended by ops".to_owned());
        self
    }

    pub(in crate::rollout) fn busy(mut self) -> Self {
        self.state = State::InProgress("at work".to_owned());
        self
    }

    pub(in crate::rollout) fn stalled(mut self) -> Self {
        self.state = State::Stalled("given up".to_owned());
        self
    }

    pub(in crate::rollout) fn failing(mut self, reason: &str) -> Self {
        self.state = State::Failing("no luck".to_owned());
        reason.clone_into(&mut self.reason);
        self
    }
}

/// A cluster whose namespace `ns` is watched.
pub(in crate::rollout) struct World {
    pub(in crate::rollout) records: Records,
    pub(in crate::rollout) seen: Seen,
}

impl World {
    pub(in crate::rollout) fn of(objects: &[(&str, Record)]) -> Self {
        let mut world = World {
            records: Records::default(),
            seen: Seen::default(),
        };
        for (kind, _) in FOLLOWED {
            let place = world.records.add(Field {
                kind: kind.kind,
                namespace: Some("ns".to_owned()),
                counts: true,
            });
            world.records.end(place);
        }
        for (name, record) in objects {
            world.put(name, record.clone());
        }
        world
    }

    pub(in crate::rollout) fn put(&mut self, name: &str, record: Record) {
        let id = id(name);
        self.seen.note(&id, &record);
        self.records.put(usize::MAX, id, record);
    }

    /// Follows [`REV`]; those that have arrived are remembered.
    pub(in crate::rollout) fn assess(&mut self, focus: &[&str]) -> Assessment {
        let focus: Vec<Id> = focus.iter().map(|name| id(name)).collect();
        let focus = (!focus.is_empty()).then_some(focus.as_slice());
        let revision = REV.parse().unwrap();
        let assessment = assess(&self.records, &revision, focus, &self.seen);
        for (id, standing) in &assessment.standings {
            if !standing.is_blocker()
                && let Some(record) = self.records.get(id)
            {
                self.seen.arrive(id, record);
            }
        }
        assessment
    }
}
