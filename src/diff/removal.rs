//! What goes with what a Kustomization does not contain any more, to the end.
//!
//! Pure: [`Removal`] says which objects it has to see ([`Removal::wanted`]) and is shown them
//! ([`Removal::see`]), round by round, until there is nothing left to see.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Action, Change, Side};
use super::objects::{in_metadata, owner_of};
use super::report::Failure;
use super::secrets::Secrets;
use crate::kinds::ObjectName;

const GROUP: &str = "kustomize.toolkit.fluxcd.io";
const HELM_GROUP: &str = "helm.toolkit.fluxcd.io";

/// Labels and annotations that keep an object from being pruned.
const KEEPERS: &[(&str, &str)] = &[
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
    ("kustomize.toolkit.fluxcd.io/reconcile", "disabled"),
    ("kustomize.toolkit.fluxcd.io/ssa", "ignore"),
];

/// Group, kind, namespace and name.
type Key = (String, String, String, String);

fn key(subject: &ObjectName) -> Key {
    let (group, kind, namespace, name) = subject.identity();
    (
        group.to_owned(),
        kind.to_owned(),
        namespace.to_owned(),
        name.to_owned(),
    )
}

/// An object that goes with its owner.
#[derive(Debug, Clone)]
struct Member {
    subject: ObjectName,
    /// The Kustomization or HelmRelease in whose inventory it is.
    owner: ObjectName,
    /// The change that takes it along; none at the top.
    above: Option<usize>,
    /// Whether it lives on another cluster, where nobody looks.
    remote: bool,
}

/// What goes with what a Kustomization does not contain any more.
#[derive(Debug)]
pub struct Removal {
    kustomization: String,
    next: Vec<Member>,
    seen: BTreeSet<Key>,
    /// What other Kustomizations of the same change contain, and which.
    elsewhere: BTreeMap<Key, String>,
    found: Vec<(Option<usize>, Change)>,
    failures: Vec<Failure>,
}

impl Removal {
    /// The removal of what `owner` does not contain any more.
    pub fn new(owner: &ObjectName, stale: Vec<ObjectName>) -> Self {
        let namespace = owner.namespace.as_deref().unwrap_or_default();
        let mut removal = Removal {
            kustomization: format!("{namespace}/{}", owner.name),
            next: Vec::new(),
            seen: BTreeSet::new(),
            elsewhere: BTreeMap::new(),
            found: Vec::new(),
            failures: Vec::new(),
        };
        removal.take(stale, owner, None, false);
        removal
    }

    /// Says what other Kustomizations, called `namespace/name`, contain after the change.
    #[must_use]
    pub fn with_elsewhere<'s>(
        mut self,
        elsewhere: impl IntoIterator<Item = (&'s ObjectName, &'s str)>,
    ) -> Self {
        let entries = elsewhere.into_iter();
        let entries = entries.map(|(subject, owner)| (key(subject), owner.to_owned()));
        self.elsewhere.extend(entries);
        self
    }

    /// The objects to see next.
    pub fn wanted(&self) -> Vec<ObjectName> {
        let near = self.next.iter().filter(|member| !member.remote);
        near.map(|member| member.subject.clone()).collect()
    }

    /// Whether there is nothing left to see.
    pub fn is_done(&self) -> bool {
        self.next.is_empty()
    }

    /// Sees the wanted objects as they are, in order; none for those that are gone already.
    pub fn see(&mut self, live: Vec<Result<Option<Value>, String>>) {
        let mut live = live.into_iter();
        for member in std::mem::take(&mut self.next) {
            if member.remote {
                let change = self.deleted(&member).because("it is on another cluster");
                self.found.push((member.above, change));
                continue;
            }
            match live.next() {
                Some(Ok(Some(object))) => self.judge(&member, &object),
                // It is gone.
                Some(Ok(None)) | None => {}
                Some(Err(message)) => self.failures.push(Failure {
                    object: Some(member.subject.clone()),
                    kustomization: self.kustomization.clone(),
                    message,
                    advice: None,
                }),
            }
        }
    }

    /// What happens, parents before what they take along, and what could not be seen.
    pub fn finish(self) -> (Vec<Change>, Vec<Failure>) {
        let mut below: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (place, (above, _)) in self.found.iter().enumerate() {
            below.entry(*above).or_default().push(place);
        }
        let rank = |place: &usize| self.found.get(*place).map(|(_, c)| c.subject.clone());
        let mut order = Vec::new();
        let mut waiting = below.get(&None).cloned().unwrap_or_default();
        let sort = |places: &mut Vec<usize>| {
            // The last one is taken first.
            places.sort_by(|a, b| {
                let (a, b) = (rank(a), rank(b));
                b.as_ref()
                    .map(ObjectName::rank)
                    .cmp(&a.as_ref().map(ObjectName::rank))
            });
        };
        sort(&mut waiting);
        while let Some(place) = waiting.pop() {
            order.push(place);
            let mut children = below.get(&Some(place)).cloned().unwrap_or_default();
            sort(&mut children);
            waiting.extend(children);
        }
        let mut found: Vec<Option<Change>> = self
            .found
            .into_iter()
            .map(|(_, change)| Some(change))
            .collect();
        let changes = order
            .into_iter()
            .filter_map(|place| found.get_mut(place)?.take());
        (changes.collect(), self.failures)
    }

    fn take(
        &mut self,
        subjects: Vec<ObjectName>,
        owner: &ObjectName,
        above: Option<usize>,
        remote: bool,
    ) {
        for subject in subjects {
            // An object that takes itself along, however far down, is looked at once.
            if self.seen.insert(key(&subject)) {
                self.next.push(Member {
                    subject,
                    owner: owner.clone(),
                    above,
                    remote,
                });
            }
        }
    }

    fn judge(&mut self, member: &Member, live: &Value) {
        let is_release = member.owner.is(HELM_GROUP, "HelmRelease");
        let stays = if is_release {
            kept_by_helm(&member.subject, live)
        } else {
            kept_by_flux(live)
        };
        if let Some(reason) = stays {
            return self.add(member, Action::Kept, |change| change.because(reason));
        }
        if let Some(owner) = self.elsewhere.get(&key(&member.subject)).cloned() {
            return self.add(member, Action::Moved, |change| moved(change, owner));
        }
        if !is_release {
            match owner_of(live) {
                Some(owner) if key(&owner) == key(&member.owner) => {}
                Some(owner) => {
                    let namespace = owner.namespace.as_deref().unwrap_or_default();
                    let owner = format!("{namespace}/{}", owner.name);
                    return self.add(member, Action::Moved, |change| moved(change, owner));
                }
                None => {
                    return self.add(member, Action::Kept, |change| {
                        change.because("its labels do not name the Kustomization")
                    });
                }
            }
        }
        let place = self.found.len();
        let side = Side {
            object: live,
            built: live,
            secret: &[],
            hidden: None,
        };
        let mut change = self
            .deleted(member)
            .between(Some(side), None, &Secrets::default());
        match below(&member.subject, live) {
            Below::Nothing => {}
            Below::Stays(reason) | Below::Everything(reason) => change = change.because(reason),
            Below::Inventory { remote } => {
                let entries = ObjectName::in_inventory(live);
                self.take(entries, &member.subject, Some(place), remote);
            }
        }
        self.found.push((member.above, change));
    }

    fn add(&mut self, member: &Member, action: Action, more: impl FnOnce(Change) -> Change) {
        let change = Change::new(member.subject.clone(), action, &self.kustomization);
        self.found.push((member.above, more(change)));
    }

    fn deleted(&self, member: &Member) -> Change {
        let mut change = Change::new(member.subject.clone(), Action::Deleted, &self.kustomization);
        change.removed_with = member.above.map(|_| member.owner.clone());
        change
    }
}

fn moved(mut change: Change, to: String) -> Change {
    change.moved_to = Some(to);
    change
}

fn kept_by_flux(live: &Value) -> Option<String> {
    let keeps = |(key, value): &&(&str, &str)| in_metadata(live, key, value);
    let (key, value) = KEEPERS.iter().find(keeps)?;
    Some(format!("{key}: {value}"))
}

fn kept_by_helm(subject: &ObjectName, live: &Value) -> Option<String> {
    let annotations = &live["metadata"]["annotations"];
    if annotations["helm.sh/resource-policy"] == "keep" {
        return Some("helm.sh/resource-policy: keep".to_owned());
    }
    let in_folder = subject.kind == "CustomResourceDefinition"
        && annotations["meta.helm.sh/release-name"].is_null();
    in_folder.then(|| "Helm does not delete definitions from a chart's crds folder".to_owned())
}

/// What happens to what is below an object when it goes.
enum Below {
    Nothing,
    /// It stays.
    Stays(&'static str),
    /// All of it goes, and nobody has a list.
    Everything(&'static str),
    /// What is in its inventory goes.
    Inventory {
        remote: bool,
    },
}

fn below(subject: &ObjectName, live: &Value) -> Below {
    let spec = &live["spec"];
    let remote = spec["kubeConfig"].is_object();
    if subject.is(GROUP, "Kustomization") {
        let policy = spec["deletionPolicy"].as_str().unwrap_or("MirrorPrune");
        return match policy {
            _ if spec["suspend"] == true => Below::Stays("it is suspended: what it applied stays"),
            "MirrorPrune" if spec["prune"] == true => Below::Inventory { remote },
            "MirrorPrune" => Below::Stays("prune is false: what it applied stays"),
            "Delete" | "WaitForTermination" => Below::Inventory { remote },
            _ => Below::Stays("its deletionPolicy is Orphan: what it applied stays"),
        };
    }
    if subject.is(HELM_GROUP, "HelmRelease") {
        return if spec["suspend"] == true {
            Below::Stays("it is suspended: what it installed stays")
        } else {
            Below::Inventory { remote }
        };
    }
    if subject.is("", "Namespace") {
        return Below::Everything("with everything in it");
    }
    if subject.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        return Below::Everything("with all objects of its kind");
    }
    Below::Nothing
}

/// What is to be said of an object that goes where nobody looks into the cluster: what goes with it
/// and is in no list here, or that it leaves it.
pub fn unseen(subject: &ObjectName, object: &Value) -> Option<&'static str> {
    match below(subject, object) {
        Below::Nothing => None,
        Below::Stays(reason) | Below::Everything(reason) => Some(reason),
        Below::Inventory { .. } if subject.is(HELM_GROUP, "HelmRelease") => {
            Some("with the release that it installed, which is not seen here")
        }
        Below::Inventory { .. } => Some("with all that it applied, which is not seen here"),
    }
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
