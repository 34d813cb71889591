//! What is missing: what is wanted, less what is there. Pure.

use std::collections::BTreeMap;

use super::credentials::{self, Stored};
use super::manifests::{File, Files};
use super::names;
use super::provider::github::{Branch, DeployKey, Head, Permission, Repository};
use super::request::{Auth, Request};

/// The message of the commit by which an empty repository becomes one that signed commits can be
/// made in. It stands for an instant only.
pub const SEED_MESSAGE: &str = "Prepare the repository for signed commits";

/// What was found on the host and in the cluster.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The repository, where there is one.
    pub repository: Option<Repository>,
    /// The branch and what the folder holds there.
    pub tip: Tip,
    /// The deploy keys, where they matter.
    pub keys: Vec<DeployKey>,
    /// What teams may do.
    pub grants: Vec<(String, Permission)>,
    /// The Secret with the credentials.
    pub secret: Option<Stored>,
    /// The Secret for pulling images.
    pub pull_secret: Option<Stored>,
    /// Whether Flux runs here and has applied the repository once.
    pub installed: bool,
}

/// A branch and the files of the folder at its tip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// Where the branch stands.
    pub branch: Branch,
    /// The numbers of the files in the folder, by path in the repository.
    pub blobs: BTreeMap<String, String>,
}

impl Tip {
    /// The tip of a repository that is yet to be made.
    pub fn empty() -> Self {
        Tip {
            branch: Branch::EmptyRepository,
            blobs: BTreeMap::new(),
        }
    }

    /// The commit at the tip.
    pub fn head(&self) -> Option<&Head> {
        match &self.branch {
            Branch::At(head) => Some(head),
            Branch::EmptyRepository | Branch::Missing => None,
        }
    }

    /// Whether the tip is the commit that only prepares for a signed one.
    pub fn is_seed(&self) -> bool {
        self.head()
            .is_some_and(|head| head.is_root && head.message == SEED_MESSAGE)
    }

    /// The files among `wanted` that are not there, or not like that.
    pub fn changed<'a>(&self, wanted: &[&'a File]) -> Vec<&'a File> {
        let differs = |file: &&&File| {
            self.blobs.get(&file.path) != Some(&names::blob_id(file.content.as_bytes()))
        };
        wanted.iter().filter(differs).copied().collect()
    }
}

/// What is to be done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The repository is made.
    pub create: bool,
    /// The repository is made private, or public.
    pub private: Option<bool>,
    /// Teams get permissions.
    pub grants: Vec<(String, Permission)>,
    /// Commits are made.
    pub commits: Vec<Commit>,
    /// The components are installed.
    pub install: bool,
    /// The Secret for pulling images is written.
    pub pull_secret: bool,
    /// The Secret with the credentials is written.
    pub credentials: Option<NewCredentials>,
    /// Deploy keys are removed once nobody uses them.
    pub stale_keys: Vec<DeployKey>,
}

/// A commit to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// What for.
    pub part: Part,
    /// Its message.
    pub message: String,
    /// The files it adds or changes.
    pub files: Vec<File>,
}

/// The two commits of a bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The components.
    Components,
    /// The source and the Kustomization.
    Sync,
}

impl Part {
    /// What is committed, in flux's words.
    pub fn noun(self) -> &'static str {
        match self {
            Part::Components => "component manifests",
            Part::Sync => "sync manifests",
        }
    }

    /// The first line of the commit's message.
    pub fn subject(self, version: &str) -> String {
        match self {
            Part::Components => format!("Add Flux {version} component manifests"),
            Part::Sync => "Add Flux sync manifests".to_owned(),
        }
    }

    /// The files of the part.
    pub fn files(self, files: &Files) -> Vec<&File> {
        match self {
            Part::Components => vec![&files.components],
            Part::Sync => std::iter::once(&files.sync).chain(&files.list).collect(),
        }
    }
}

/// Credentials to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredentials {
    /// Why the ones that are there do not do.
    pub reason: &'static str,
    /// The deploy key that is made for them: its title and whether it only reads.
    pub key: Option<(String, bool)>,
}

impl Plan {
    /// Whether everything on the host and every Secret is as it should be. Objects that are
    /// applied are compared by the API server.
    pub fn is_empty(&self) -> bool {
        !self.create
            && self.private.is_none()
            && self.grants.is_empty()
            && self.commits.is_empty()
            && !self.install
            && !self.pull_secret
            && self.credentials.is_none()
            && self.stale_keys.is_empty()
    }
}

/// Decides what is to be done.
pub fn plan(request: &Request, files: &Files, observed: &Observed) -> Plan {
    let credentials =
        credentials::misfit(request, observed.secret.as_ref(), &observed.keys).map(|reason| {
            NewCredentials {
                reason,
                key: match &request.auth {
                    Auth::Token => None,
                    Auth::DeployKey { read_only, .. } => Some((request.key_title(), *read_only)),
                },
            }
        });
    Plan {
        create: observed.repository.is_none(),
        private: visibility(request, observed.repository.as_ref()),
        grants: grants(request, &observed.grants),
        commits: commits(request, files, &observed.tip),
        install: !observed.installed,
        pull_secret: request.image_pull.as_ref().is_some_and(|wanted| {
            !observed
                .pull_secret
                .as_ref()
                .is_some_and(|stored| stored.equals(wanted))
        }),
        stale_keys: stale_keys(request, observed, credentials.is_some()),
        credentials,
    }
}

/// An existing repository keeps its visibility unless the user asks to reconcile it.
fn visibility(request: &Request, repository: Option<&Repository>) -> Option<bool> {
    let repository = repository?;
    (request.reconcile && repository.private != request.private).then_some(request.private)
}

/// A permission that is there is raised where the user asks for it, and never lowered.
fn grants(request: &Request, held: &[(String, Permission)]) -> Vec<(String, Permission)> {
    let missing = |(team, wanted): &&(String, Permission)| match held
        .iter()
        .find(|(held, _)| held.eq_ignore_ascii_case(team))
    {
        None => true,
        Some((_, permission)) => request.reconcile && permission < wanted,
    };
    request.teams.iter().filter(missing).cloned().collect()
}

fn commits(request: &Request, files: &Files, tip: &Tip) -> Vec<Commit> {
    let again = request.signer.is_some() && tip.is_seed();
    [Part::Components, Part::Sync]
        .into_iter()
        .filter_map(|part| {
            let wanted = part.files(files);
            let changed = if again { wanted } else { tip.changed(&wanted) };
            (!changed.is_empty()).then(|| Commit {
                part,
                message: names::message(&part.subject(&request.install.version), &request.appendix),
                files: changed.into_iter().cloned().collect(),
            })
        })
        .collect()
}

fn stale_keys(request: &Request, observed: &Observed, renewed: bool) -> Vec<DeployKey> {
    if matches!(request.auth, Auth::Token) {
        return Vec::new();
    }
    let in_use = observed
        .secret
        .as_ref()
        .and_then(Stored::public_key)
        .filter(|_| !renewed);
    credentials::stale(&observed.keys, &request.key_title(), in_use)
        .into_iter()
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
