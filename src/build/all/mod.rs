//! A whole repository: every Flux Kustomization that is found from a folder on, built as the
//! controllers would build it.
//!
//! A cluster begins with a folder. What it is built to has Kustomizations and sources among its
//! objects; those Kustomizations are built, too, and so on. ConfigMaps and Secrets that are come
//! across have the variables of others. Kustomizations that wait for nothing are built side by
//! side.

mod entries;
mod given;
mod known;
#[cfg(test)]
pub(crate) mod memory;
mod order;
mod parallel;
mod places;
mod recall;
mod source;
mod waiting;
mod walk;
mod within;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::spec::Kustomization;
use super::{Error, Network, Object, Options, SharedCheckout};
pub use entries::Entries;
pub use given::Given;
pub use parallel::{STACK, each};
pub use recall::Recall;

/// Namespace and name of a Kustomization.
pub type Id = (String, String);

/// A tree of files and where in it a source begins.
pub struct Tree {
    /// The files.
    pub files: Box<dyn SharedCheckout>,
    /// The folder that is the root of the source.
    pub root: PathBuf,
}

/// What is to be built.
pub struct Request<'r> {
    /// The repository.
    pub tree: &'r Tree,
    /// The folder to begin with, in the repository.
    pub path: &'r Path,
    /// Addresses of the repository.
    pub remotes: &'r [String],
    /// Where other sources are, by `Kind/namespace/name`.
    pub local_sources: &'r BTreeMap<String, Tree>,
    /// Variables that the user gives.
    pub given: &'r Given,
    /// Whether a variable without value and default is an error.
    pub strict: bool,
    /// What fetches what kustomizations name on the network; without it, that is refused.
    pub network: Option<Arc<dyn Network>>,
    /// The builds of another revision, for those that are the same; what is built here goes in.
    pub recall: Option<&'r Recall>,
    /// How many threads build.
    pub threads: usize,
    /// Is told whenever a Kustomization has been built.
    pub progress: &'r (dyn Fn(&str) + Sync),
}

impl Request<'_> {
    fn options(&self) -> Options {
        Options {
            strict: self.strict,
            is_artifact: true,
            network: self.network.clone(),
            ..Options::default()
        }
    }
}

/// What is found from one folder on.
#[derive(Debug)]
pub struct Cluster {
    /// The folder, relative to the root of the repository.
    pub entry: PathBuf,
    /// Its Kustomizations, in the order in which they would be applied.
    pub rendered: Vec<Rendered>,
    /// Sources that are not in the repository.
    pub elsewhere: Vec<Elsewhere>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Cluster {
    /// Whether there is nothing in it, neither built nor to be built.
    pub fn is_empty(&self) -> bool {
        let is_empty = |rendered: &Rendered| rendered.objects.as_ref().is_ok_and(|o| o.is_empty());
        self.elsewhere.is_empty() && self.rendered.iter().all(is_empty)
    }
}

/// A Kustomization and what came of it.
#[derive(Debug)]
pub struct Rendered {
    /// The Kustomization. The folder to begin with has none: its name is empty.
    pub kustomization: Kustomization,
    /// The Kustomization that it is an object of.
    pub above: Option<Id>,
    /// Its objects, or why there are none.
    pub objects: Result<Arc<[Object]>, Error>,
}

impl Rendered {
    /// What it is called in messages and output.
    pub fn title(&self) -> String {
        title(&id(&self.kustomization))
    }
}

/// A source that is not in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// `Kind/namespace/name`.
    pub source: String,
    /// Its address, where the tree says one.
    pub url: Option<String>,
    /// The Kustomizations that need it.
    pub kustomizations: Vec<Id>,
}

/// Namespace and name of a Kustomization.
pub fn id(kustomization: &Kustomization) -> Id {
    let metadata = &kustomization.metadata;
    (metadata.namespace.clone(), metadata.name.clone())
}

/// What a Kustomization is called in messages and output; the folder to begin with has no name.
pub fn title((namespace, name): &Id) -> String {
    match (namespace.as_str(), name.as_str()) {
        (_, "") => "the folder itself".to_owned(),
        ("", name) => format!("Kustomization/{name}"),
        (namespace, name) => format!("Kustomization/{namespace}/{name}"),
    }
}

/// Builds everything that is found from a folder on: one cluster, or all that begin below it.
///
/// # Errors
/// When the folder cannot be read. What goes wrong in a Kustomization stands in its place.
pub fn build(request: &Request<'_>) -> Result<Vec<Cluster>, Error> {
    build_entries(request, &entries(request)?)
}

/// Where the clusters of a request begin: with its folder, or with others below it.
///
/// # Errors
/// When the folder cannot be read.
pub fn entries(request: &Request<'_>) -> Result<Entries, Error> {
    entries::entries(request)
}

/// Builds everything that is found from these folders on, as far as they are there, whatever the
/// request says of where to begin.
///
/// # Errors
/// As [`build`].
pub fn build_entries(request: &Request<'_>, entries: &Entries) -> Result<Vec<Cluster>, Error> {
    let advice = entries.advice(&request.tree.root);
    let there = entries
        .folders
        .iter()
        .filter(|folder| request.tree.files.is_dir(folder));
    there
        .map(|entry| walk::cluster(request, entry, advice.as_deref()))
        .collect()
}

#[cfg(test)]
mod tests;
