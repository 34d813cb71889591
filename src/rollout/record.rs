//! What is remembered of an object while a revision is followed: a fraction of what it holds.

use std::fmt;

use kube::ResourceExt;
use kube::api::DynamicObject;

use crate::kinds::status::{self, State};
use crate::kinds::suspension::Suspension;
use crate::kinds::{self, Kind, SourceReference, Target, inventory};
use crate::kinds::{
    BUCKET, EXTERNAL_ARTIFACT, GIT_REPOSITORY, HELM_CHART, HELM_RELEASE, KUSTOMIZATION,
    OCI_REPOSITORY,
};

/// What part an object has in bringing a revision into the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It fetches revisions.
    Source,
    /// It makes a chart from what a source fetched.
    Chart,
    /// It builds and applies what a source fetched.
    Kustomization,
    /// It releases a chart.
    Release,
}

/// The kinds that a revision passes through, in the order in which it does.
pub static FOLLOWED: &[(&Kind, Role)] = &[
    (&GIT_REPOSITORY, Role::Source),
    (&OCI_REPOSITORY, Role::Source),
    (&BUCKET, Role::Source),
    (&EXTERNAL_ARTIFACT, Role::Source),
    (&HELM_CHART, Role::Chart),
    (&KUSTOMIZATION, Role::Kustomization),
    (&HELM_RELEASE, Role::Release),
];

/// The part that objects of the kind have, if any.
pub fn role(kind: &str) -> Option<Role> {
    let row = FOLLOWED.iter().find(|(k, _)| k.kind == kind)?;
    Some(row.1)
}

/// An object's names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

impl From<&Target> for Id {
    fn from(target: &Target) -> Self {
        Id {
            kind: target.kind.kind,
            namespace: target.namespace.clone(),
            name: target.name.clone(),
        }
    }
}

impl Id {
    /// The names of an object of a kind.
    pub fn of(kind: &'static Kind, object: &DynamicObject) -> Self {
        Id::from(&Target::of(kind, object))
    }

    /// The part that the object has.
    pub fn role(&self) -> Option<Role> {
        role(self.kind)
    }

    /// The object, for those who talk about it.
    pub fn target(&self) -> Option<Target> {
        Some(Target {
            kind: kinds::by_name(self.kind)?,
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        })
    }

    fn of_reference(reference: SourceReference) -> Option<Self> {
        Some(Id {
            kind: kinds::by_name(&reference.kind)?.kind,
            namespace: reference.namespace,
            name: reference.name,
        })
    }
}

/// What a source has fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its revision.
    pub revision: String,
    /// The revision of the sources that it was made from, where it is itself made from some.
    pub origin: Option<String>,
}

/// What is remembered of an object.
#[derive(Debug, Clone)]
pub struct Record {
    /// The generation of its spec.
    pub generation: i64,
    /// Whether it is where its spec wants it.
    pub state: State,
    /// The reason of its Ready condition.
    pub reason: String,
    /// Who suspended it and why; nothing where it is not suspended.
    pub suspension: Option<String>,
    /// What it is made from.
    pub source: Option<Id>,
    /// What it has fetched or made.
    pub artifact: Option<Artifact>,
    /// Where it fetches from.
    pub address: Option<String>,
    /// Whether it is fixed to one commit.
    pub pinned: bool,
    /// The revisions that its present state is made of.
    pub built: Vec<String>,
    /// The revision that it tried last.
    pub attempted: Option<String>,
    /// The revisions of earlier attempts.
    pub history: Vec<String>,
    /// The objects among those it applied that a revision passes through.
    pub carries: Vec<Id>,
    /// What has to be ready before it.
    pub depends_on: Vec<Id>,
    /// The Kustomization that applied it.
    pub owner: Option<Id>,
}

/// Where sources keep the revision of what theirs was made from.
const ORIGIN: &str = "org.opencontainers.image.revision";

/// The labels by which kustomize-controller marks what it applied.
const OWNER_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const OWNER_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";

/// Where statuses keep what the object is built from. No kind has all of them.
const BUILT: &[&str] = &[
    "lastAppliedRevision",
    "lastAppliedOriginRevision",
    "observedSourceArtifactRevision",
    "lastAttemptedRevisionDigest",
];

impl Record {
    /// What is worth remembering of the object.
    pub fn of(kind: &'static Kind, object: &DynamicObject) -> Self {
        let (spec, status) = (&object.data["spec"], &object.data["status"]);
        let text = |value: &serde_json::Value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let attempted = text(&status["lastAttemptedRevision"]);
        let mut built: Vec<String> = BUILT.iter().filter_map(|f| text(&status[*f])).collect();
        // What a release tried last and is ready with is what it runs.
        if role(kind.kind) == Some(Role::Release) {
            built.extend(attempted.clone());
        }
        let source = kind.reconciled_first.or(kind.source);
        Record {
            generation: object.metadata.generation.unwrap_or(0),
            state: kind.state(object),
            reason: status::condition(object, "Ready").map_or_else(String::new, |c| c.reason),
            suspension: (kind.suspended)(object).then(|| suspended(&Suspension::of(object))),
            source: source.and_then(|of| of(object)).and_then(Id::of_reference),
            artifact: text(&status["artifact"]["revision"]).map(|revision| Artifact {
                revision,
                origin: text(&status["artifact"]["metadata"][ORIGIN]),
            }),
            address: text(&spec["url"]),
            pinned: text(&spec["ref"]["commit"]).is_some(),
            built,
            attempted,
            history: history(status),
            carries: carried(object),
            depends_on: dependencies(kind, object),
            owner: owner(object),
        }
    }
}

/// The revisions in a status's history, the latest first, each once.
fn history(status: &serde_json::Value) -> Vec<String> {
    let mut revisions: Vec<String> = Vec::new();
    for entry in status["history"].as_array().into_iter().flatten() {
        for key in ["revision", "originRevision"] {
            let revision = entry["metadata"][key].as_str().unwrap_or_default();
            if !revision.is_empty() && !revisions.iter().any(|known| known == revision) {
                revisions.push(revision.to_owned());
            }
        }
    }
    revisions
}

fn carried(object: &DynamicObject) -> Vec<Id> {
    let entries = inventory::entries(object).into_iter();
    let mut carried: Vec<Id> = entries
        .filter_map(|entry| {
            let (kind, role) = FOLLOWED.iter().find(|(kind, _)| kind.kind == entry.kind)?;
            let builds = matches!(role, Role::Kustomization | Role::Release);
            (builds && kind.group == entry.group).then_some(Id {
                kind: kind.kind,
                namespace: entry.namespace,
                name: entry.name,
            })
        })
        .collect();
    carried.shrink_to_fit();
    carried
}

fn dependencies(kind: &'static Kind, object: &DynamicObject) -> Vec<Id> {
    let list = object.data["spec"]["dependsOn"].as_array();
    let id = |entry: &serde_json::Value| {
        Some(Id {
            kind: kind.kind,
            namespace: match entry["namespace"].as_str() {
                Some(namespace) if !namespace.is_empty() => namespace.to_owned(),
                _ => object.namespace().unwrap_or_default(),
            },
            name: entry["name"].as_str()?.to_owned(),
        })
    };
    list.into_iter().flatten().filter_map(id).collect()
}

fn owner(object: &DynamicObject) -> Option<Id> {
    let labels = object.labels();
    Some(Id {
        kind: KUSTOMIZATION.kind,
        namespace: labels.get(OWNER_NAMESPACE)?.clone(),
        name: labels.get(OWNER_NAME)?.clone(),
    })
}

fn suspended(suspension: &Suspension) -> String {
    let mut text = "suspended".to_owned();
    if let Some(by) = &suspension.by {
        text.push_str(&format!(" by {by}"));
    }
    if let Some(until) = suspension.until {
        text.push_str(&format!(" until {until}"));
    }
    if let Some(reason) = &suspension.reason {
        text.push_str(&format!(": {reason}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: Value) -> DynamicObject {
        let mut object = json!({"apiVersion": "v1", "kind": "K",
            "metadata": {"name": "apps", "namespace": "prod", "generation": 2}});
        for (key, part) in value.as_object().unwrap() {
            match key.as_str() {
                "labels" | "annotations" => object["metadata"][key] = part.clone(),
                _ => object[key] = part.clone(),
            }
        }
        serde_json::from_value(object).unwrap()
    }

    fn texts(ids: &[Id]) -> Vec<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_kustomization() {
        let object = object(json!({
            "labels": {OWNER_NAME: "flux-system", OWNER_NAMESPACE: "flux-system"},
            "annotations": {"reflux.dev/suspended-by": "ops", "reflux.dev/suspend-reason": "why not"},
            "spec": {
                "suspend": true,
                "sourceRef": {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"},
                "dependsOn": [{"name": "infra"}, {"name": "crds", "namespace": "base"}],
            },
            "status": {
                "lastAppliedRevision": "main@sha1:1", "lastAttemptedRevision": "main@sha1:2",
                "history": [
                    {"metadata": {"revision": "main@sha1:2"}},
                    {"metadata": {"revision": "latest@sha256:1", "originRevision": "main@sha1:1"}},
                    {"metadata": {"revision": "main@sha1:2"}},
                ],
                "inventory": {"entries": [
                    {"id": "prod_web_apps_Deployment", "v": "v1"},
                    {"id": "prod_child_kustomize.toolkit.fluxcd.io_Kustomization", "v": "v1"},
                    {"id": "prod_podinfo_helm.toolkit.fluxcd.io_HelmRelease", "v": "v2"},
                    {"id": "prod_podinfo_helm.cattle.io_HelmRelease", "v": "v1"},
                    {"id": "prod_fleet_source.toolkit.fluxcd.io_GitRepository", "v": "v1"},
                ]},
            },
        }));
        let record = Record::of(&KUSTOMIZATION, &object);
        assert_eq!(
            record.source.unwrap().to_string(),
            "GitRepository flux-system/fleet"
        );
        assert_eq!(
            record.owner.unwrap().to_string(),
            "Kustomization flux-system/flux-system"
        );
        assert_eq!(
            record.suspension.as_deref(),
            Some("suspended by ops: why not")
        );
        assert_eq!(record.built, ["main@sha1:1"]);
        assert_eq!(record.attempted.as_deref(), Some("main@sha1:2"));
        assert_eq!(
            record.history,
            ["main@sha1:2", "latest@sha256:1", "main@sha1:1"]
        );
        assert_eq!(
            texts(&record.carries),
            ["Kustomization prod/child", "HelmRelease prod/podinfo"]
        );
        assert_eq!(
            texts(&record.depends_on),
            ["Kustomization prod/infra", "Kustomization base/crds"]
        );
    }

    #[test]
    fn a_release_and_its_chart() {
        let release = object(json!({
            "spec": {"chart": {"spec": {"chart": "./charts/web",
                "sourceRef": {"kind": "GitRepository", "name": "fleet", "namespace": "base"}}}},
            "status": {"lastAttemptedRevision": "1.0.0", "lastAttemptedRevisionDigest": ""},
        }));
        let record = Record::of(&HELM_RELEASE, &release);
        assert_eq!(
            record.source.unwrap().to_string(),
            "HelmChart base/prod-apps"
        );
        assert_eq!(record.built, ["1.0.0"]);
        let chart = object(json!({
            "spec": {"chart": "./charts/web", "sourceRef": {"kind": "GitRepository", "name": "fleet"}},
            "status": {"observedSourceArtifactRevision": "main@sha1:1",
                "artifact": {"revision": "1.0.0"}},
        }));
        let record = Record::of(&HELM_CHART, &chart);
        assert_eq!(
            record.source.unwrap().to_string(),
            "GitRepository prod/fleet"
        );
        assert_eq!(record.built, ["main@sha1:1"]);
        assert_eq!(record.artifact.unwrap().revision, "1.0.0");
    }

    #[test]
    fn a_source() {
        let source = object(json!({
            "spec": {"url": "oci://registry/fleet", "ref": {"tag": "latest"}},
            "status": {"artifact": {"revision": "latest@sha256:1",
                "metadata": {ORIGIN: "main@sha1:1"}}},
        }));
        let record = Record::of(&OCI_REPOSITORY, &source);
        let artifact = record.artifact.unwrap();
        assert_eq!(artifact.revision, "latest@sha256:1");
        assert_eq!(artifact.origin.as_deref(), Some("main@sha1:1"));
        assert_eq!(record.address.as_deref(), Some("oci://registry/fleet"));
        assert!(!record.pinned && record.suspension.is_none() && record.built.is_empty());
    }
}
