//! Looking for the objects: what is there, and what is not or cannot be read.

use std::collections::HashMap;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{AT_ONCE, Request};
use crate::cluster::{Cluster, Selection};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::status::State;
use crate::kinds::{Kind, Target};

/// From how many names on it is cheaper to list the namespace.
const LIST_FROM: usize = 5;

/// An object that was found.
pub(in crate::cmd) struct Found {
    /// Its kind.
    pub(in crate::cmd) kind: &'static Kind,
    /// The object.
    pub(in crate::cmd) object: DynamicObject,
}

impl Found {
    /// The object by its names.
    pub(in crate::cmd) fn target(&self) -> Target {
        Target::of(self.kind, &self.object)
    }
}

/// What came of looking.
#[derive(Default)]
pub(in crate::cmd) struct Outcome {
    /// What is there, in the order asked for.
    pub(in crate::cmd) found: Vec<Found>,
    /// What is not there, or cannot be read: whom it is about, and why.
    pub(in crate::cmd) failures: Vec<Failure>,
}

impl Outcome {
    /// Whether nothing was found because nothing could be asked.
    fn is_shut_out(&self) -> bool {
        let shut_out = |failure: &Failure| {
            matches!(
                failure.error.kind(),
                ErrorKind::Unreachable | ErrorKind::Refused
            )
        };
        self.found.is_empty() && !self.failures.is_empty() && self.failures.iter().all(shut_out)
    }

    /// [`Outcome::or_failure`] where the server could not be asked at all; what it says is missing
    /// is left to the verb to tell.
    ///
    /// # Errors
    /// That failure.
    pub(in crate::cmd) fn or_shut_out(self) -> Result<Self> {
        if self.is_shut_out() {
            self.or_failure()
        } else {
            Ok(self)
        }
    }

    /// The failure that is all there is to say, where nothing was found and there is just one reason:
    /// a single name that is missing, a server that is away.
    ///
    /// # Errors
    /// That failure.
    pub(in crate::cmd) fn or_failure(mut self) -> Result<Self> {
        let same = |failure: &Failure, other: &Failure| {
            failure.error.kind() == other.error.kind()
                && failure.error.chain() == other.error.chain()
        };
        let alike = match &self.failures[..] {
            [first, rest @ ..] => rest.iter().all(|failure| same(first, failure)),
            [] => false,
        };
        if self.found.is_empty() && alike {
            return Err(self.failures.swap_remove(0).error);
        }
        Ok(self)
    }
}

/// Why an object or a kind is not among the found.
pub(in crate::cmd) struct Failure {
    /// The kind.
    pub(in crate::cmd) kind: &'static Kind,
    /// The name, where one was given.
    pub(in crate::cmd) name: Option<String>,
    /// What went wrong.
    pub(in crate::cmd) error: Error,
}

impl Request {
    fn wants(&self, kind: &Kind, object: &DynamicObject) -> bool {
        (!self.args.not_ready || kind.state(object) != State::Ready)
            && (!self.args.suspended || (kind.suspended)(object))
    }

    /// Looks for the objects. What cannot be found or read is told apart, so that the rest can
    /// still be worked on.
    pub(in crate::cmd) async fn resolve(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = if self.names.is_empty() {
            self.list(cluster).await
        } else if self.args.all_namespaces || self.args.picks() || self.names.len() >= LIST_FROM {
            self.pick_named(cluster).await
        } else {
            self.get_named(cluster).await
        };
        outcome
            .found
            .retain(|found| self.wants(found.kind, &found.object));
        outcome
    }

    fn labels(&self) -> Selection {
        Selection {
            labels: self.args.label_selector.clone().filter(|s| !s.is_empty()),
            ..Selection::default()
        }
    }

    async fn list(&self, cluster: &Cluster) -> Outcome {
        let (found, failures) = self.list_as(cluster, |found| found).await;
        Outcome { found, failures }
    }

    /// Lists the kinds side by side, and keeps of each object what `keep` makes of it.
    pub(in crate::cmd) async fn list_as<T>(
        &self,
        cluster: &Cluster,
        keep: impl Fn(Found) -> T,
    ) -> (Vec<T>, Vec<Failure>) {
        let (scope, labels, keep) = (self.scope(), self.labels(), &keep);
        let lists = self.kinds.iter().map(async |kind| {
            let kind: &'static Kind = kind;
            let keep = |object: DynamicObject| {
                let wanted = self.wants(kind, &object);
                wanted.then(|| keep(Found { kind, object }))
            };
            (kind, cluster.list_as(kind, scope, &labels, keep).await)
        });
        let (mut all, mut failures) = (Vec::new(), Vec::new());
        for (kind, list) in join_all(lists).await {
            match list {
                Ok(list) => all.extend(list),
                // A kind that is not installed has no objects, unless it was asked for by name.
                Err(error) if error.is_kind_missing() && self.kind.is_none() => {}
                Err(error) => failures.push(Failure {
                    kind,
                    name: None,
                    error: error.into(),
                }),
            }
        }
        (all, failures)
    }

    /// Reads few names one by one: the server's own words say what is missing.
    async fn get_named(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        let mut answers = stream::iter(&self.names)
            .map(async |(kind, name)| (*kind, name, cluster.get(kind, &self.namespace, name).await))
            .buffered(AT_ONCE);
        while let Some((kind, name, answer)) = answers.next().await {
            match answer {
                Ok(object) => outcome.found.push(Found { kind, object }),
                Err(error) => outcome.failures.push(Failure {
                    kind,
                    name: Some(name.clone()),
                    error: error.into(),
                }),
            }
        }
        outcome
    }

    /// Picks the names out of lists: one request for many names, or for all namespaces.
    async fn pick_named(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        let mut kinds: Vec<&'static Kind> = Vec::new();
        for (kind, _) in &self.names {
            if !kinds.iter().any(|k| k.kind == kind.kind) {
                kinds.push(kind);
            }
        }
        let places_of: HashMap<(&str, &str), usize> = self
            .names
            .iter()
            .enumerate()
            .map(|(place, (kind, name))| ((kind.kind, name.as_str()), place))
            .collect();
        let (scope, labels, places_of) = (self.scope(), self.labels(), &places_of);
        let lists = kinds.into_iter().map(async |kind| {
            let keep = |object: DynamicObject| {
                let place = *places_of.get(&(kind.kind, object.name_any().as_str()))?;
                Some((place, Found { kind, object }))
            };
            (kind, cluster.list_as(kind, scope, &labels, keep).await)
        });
        let mut places: Vec<Vec<Found>> = self.names.iter().map(|_| Vec::new()).collect();
        for (kind, list) in join_all(lists).await {
            match list {
                Ok(list) => list
                    .into_iter()
                    .for_each(|(place, found)| places[place].push(found)),
                Err(error) => outcome.failures.push(Failure {
                    kind,
                    name: None,
                    error: error.into(),
                }),
            }
        }
        for ((kind, name), found) in self.names.iter().zip(places) {
            let unread = outcome
                .failures
                .iter()
                .any(|f| f.kind.kind == kind.kind && f.name.is_none());
            if found.is_empty() && !unread {
                outcome.failures.push(self.missing(kind, name));
            }
            outcome.found.extend(found);
        }
        outcome
    }

    fn missing(&self, kind: &'static Kind, name: &str) -> Failure {
        Failure {
            kind,
            name: Some(name.to_owned()),
            error: Error::new(
                ErrorKind::NotFound,
                format!("{}.{} {name:?} not found", kind.plural, kind.group),
            ),
        }
    }
}
