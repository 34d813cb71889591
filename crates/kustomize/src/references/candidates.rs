//! The objects that references may mean.

use std::collections::{HashMap, HashSet};

use crate::id::{Gvk, Id};
use crate::resource::{Resource, text_at};
use crate::yaml::{Data, Node, Scalar};

/// An object that was renamed or moved, as it is now and as it was.
struct Candidate {
    id: Id,
    previous: Vec<Id>,
    original_namespace: String,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// The objects with a history, by the names they had.
pub(super) struct Candidates {
    all: Vec<Candidate>,
    /// Those that had a name, by where they are now.
    by_name: HashMap<String, HashMap<Scope, Vec<usize>>>,
    /// Where the objects are now that were in a namespace at first, each place once.
    moved_from: HashMap<String, HashSet<Scope>>,
}

/// Where an object is: in no namespace, or in one, as it is compared and as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scope {
    cluster_scoped: bool,
    effective_namespace: String,
    namespace: String,
}

impl Scope {
    fn of(id: &Id) -> Self {
        Self {
            cluster_scoped: id.is_cluster_scoped(),
            effective_namespace: id.effective_namespace().to_owned(),
            namespace: id.namespace.clone(),
        }
    }
}

/// The object whose references are being fixed.
pub(super) struct Referrer {
    id: Id,
    /// Namespaces that it may reach apart from its own.
    other_namespaces: HashSet<String>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// What a reference says about the object it means.
pub(super) struct Meant<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: Option<&'a str>,
    /// Whether the reference holds a namespace too, so that objects of one name are told apart by theirs.
    pub(super) by_namespace: bool,
    pub(super) target: &'a Gvk,
    /// The kind in a `roleRef`.
    pub(super) role: Option<&'a Gvk>,
}

impl Candidates {
    pub(super) fn new(resources: &[Resource]) -> Self {
        let mut found = Self {
            all: Vec::new(),
            by_name: HashMap::new(),
            moved_from: HashMap::new(),
        };
        for resource in resources {
            let previous: Vec<Id> = resource.previous_ids().collect();
            let Some(first) = previous.first() else {
                continue;
            };
            let id = resource.id();
            let original_namespace = first.effective_namespace().to_owned();
            let now = Scope::of(&id);
            let names: HashSet<&str> = previous.iter().map(|id| id.name.as_str()).collect();
            for name in names {
                let by_scope = found.by_name.entry(name.to_owned()).or_default();
                let there = by_scope.entry(now.clone()).or_default();
                there.push(found.all.len());
            }
            let moved = found.moved_from.entry(original_namespace.clone());
            moved.or_default().insert(now);
            found.all.push(Candidate {
                id,
                original_namespace,
                previous,
                prefixes: resource.prefixes.clone(),
                suffixes: resource.suffixes.clone(),
            });
        }
        found
    }

    /// The objects that had a name and that the referrer may reach, in order.
    fn named(&self, name: &str, referrer: &Referrer) -> Vec<&Candidate> {
        let by_scope = self.by_name.get(name).into_iter().flatten();
        let mut found: Vec<usize> = by_scope
            .filter(|(scope, _)| referrer.reaches(scope))
            .flat_map(|(_, places)| places)
            .copied()
            .collect();
        found.sort_unstable();
        found.into_iter().map(|at| &self.all[at]).collect()
    }

    /// An object in its role as one that refers to others.
    pub(super) fn referrer(&self, resource: &Resource) -> Result<Referrer, String> {
        Ok(Referrer {
            id: resource.id(),
            other_namespaces: subject_namespaces(resource)?,
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        })
    }

    /// The name and namespace of the object that a reference means, if it is one of these.
    pub(super) fn find(
        &self,
        referrer: &Referrer,
        meant: &Meant<'_>,
    ) -> Result<Option<(String, String)>, String> {
        let mut left = self.named(meant.name, referrer);
        if left.is_empty() {
            return Ok(None);
        }
        if let Some(namespace) = meant.namespace {
            left = in_namespace(left, namespace, self, referrer);
        }
        let was = |candidate: &Candidate, gvk: &Gvk| {
            candidate.previous.iter().any(|id| id.gvk.is_selected(gvk))
        };
        left.retain(|candidate| was(candidate, meant.target));
        left.retain(|candidate| meant.role.is_none_or(|role| was(candidate, role)));
        left.retain(|candidate| referrer.shares_namespace(candidate));
        if left.len() != 1 {
            left.retain(|candidate| referrer.shares_affixes(candidate, true));
        }
        if left.len() > 1 {
            left.retain(|candidate| referrer.shares_affixes(candidate, false));
        }
        let Some(first) = left.first() else {
            return Ok(None);
        };
        let same = |other: &&Candidate| {
            other.id.name == first.id.name
                && (!meant.by_namespace || other.id.namespace == first.id.namespace)
        };
        if left.iter().all(same) {
            return Ok(Some((first.id.name.clone(), first.id.namespace.clone())));
        }
        let ids: Vec<String> = left
            .iter()
            .map(|candidate| candidate.id.to_string())
            .collect();
        Err(format!(
            "found multiple possible referrals: {}",
            ids.join(", ")
        ))
    }
}

/// The candidates that were in a namespace at first; if nothing at all was there, those that are in it now.
fn in_namespace<'c>(
    left: Vec<&'c Candidate>,
    namespace: &str,
    candidates: &Candidates,
    referrer: &Referrer,
) -> Vec<&'c Candidate> {
    let originally = |candidate: &Candidate| candidate.original_namespace == namespace;
    let moved = candidates.moved_from.get(namespace);
    let any = moved.into_iter().flatten().any(|now| referrer.reaches(now));
    let now = |candidate: &Candidate| candidate.id.effective_namespace() == namespace;
    left.into_iter()
        .filter(|candidate| {
            if any {
                originally(candidate)
            } else {
                now(candidate)
            }
        })
        .collect()
}

/// The namespaces of the service accounts that a role binding is for.
fn subject_namespaces(resource: &Resource) -> Result<HashSet<String>, String> {
    let mut found = HashSet::new();
    if resource.kind() != "RoleBinding" {
        return Ok(found);
    }
    let subjects = resource
        .node
        .get("subjects")
        .and_then(Node::as_sequence)
        .unwrap_or_default();
    for subject in subjects
        .iter()
        .filter(|subject| text_at(subject, &["kind"]) == "ServiceAccount")
    {
        match subject.get("namespace").map(|node| &node.data) {
            None => {}
            Some(Data::Scalar(namespace, Scalar::Text)) => {
                found.insert(namespace.clone());
            }
            Some(_) => {
                return Err(format!(
                    "Invalid Input: namespace is blank for resource \"{}\"",
                    resource.id()
                ));
            }
        }
    }
    Ok(found)
}

impl Referrer {
    /// Whether references may lead to the objects at a place at all.
    fn reaches(&self, scope: &Scope) -> bool {
        self.id.is_cluster_scoped()
            || scope.cluster_scoped
            || scope.effective_namespace == self.id.effective_namespace()
            || self.other_namespaces.contains(&scope.namespace)
    }

    fn shares_namespace(&self, candidate: &Candidate) -> bool {
        self.id.is_cluster_scoped()
            || candidate.id.is_cluster_scoped()
            || candidate.id.gvk.kind == "ServiceAccount"
            || candidate.id.effective_namespace() == self.id.effective_namespace()
    }

    /// Whether prefixes and suffixes are the same, as far as both have some; `lenient` lets one have none.
    fn shares_affixes(&self, candidate: &Candidate, lenient: bool) -> bool {
        let shared = |own: &[String], other: &[String]| {
            (lenient && (own.is_empty() || other.is_empty())) || same_ending(own, other)
        };
        shared(&self.prefixes, &candidate.prefixes) && shared(&self.suffixes, &candidate.suffixes)
    }
}

/// Whether the shorter list is the end of the longer one; an empty one only of an empty one.
fn same_ending(left: &[String], right: &[String]) -> bool {
    if left.is_empty() || right.is_empty() {
        return left.is_empty() && right.is_empty();
    }
    left.iter()
        .rev()
        .zip(right.iter().rev())
        .all(|(left, right)| left == right)
}
