//! Where clusters begin in a repository: the folders that a Kustomization in them builds from this
//! very repository, which is what a bootstrap leaves behind, and those that an instance of the
//! Flux operator syncs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kustomize::yaml::{self, Dialect};
use serde_json::{Value, json};

use super::super::spec::{GROUP, Kustomization, is_kustomization, of_instance};
use super::super::{Error, SharedCheckout, generate};
use super::Request;
use super::source::{Likely, Source, likely};

/// The most folders that are named to someone who named another one.
const MOST_NAMED: usize = 3;

/// The folders to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// The folders, none of them in another one.
    pub folders: Vec<PathBuf>,
    /// Whether something says that they are what clusters follow. Otherwise there is one, which was
    /// asked for.
    pub are_certain: bool,
    /// Folders that hold Kustomizations which none of the tree applies: what a cluster may follow.
    pub others: Vec<PathBuf>,
}

impl Entries {
    /// The folders to begin with where two revisions of a repository are compared.
    #[must_use]
    pub fn with(&self, other: &Entries) -> Entries {
        let sides = match (self.are_certain, other.are_certain) {
            (true, false) => vec![self],
            (false, true) => vec![other],
            _ => vec![self, other],
        };
        let all = sides.iter().flat_map(|side| side.folders.iter().cloned());
        let others = [self, other].into_iter().flat_map(|side| &side.others);
        Entries {
            folders: outermost(all.collect()),
            are_certain: self.are_certain || other.are_certain,
            others: others
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        }
    }

    /// What to say of a folder that cannot be built, where it may be the wrong one.
    pub(super) fn advice(&self, root: &Path) -> Option<String> {
        if self.are_certain || self.others.is_empty() || self.folders == self.others {
            return None;
        }
        let name = |folder: &PathBuf| {
            let folder = folder.strip_prefix(root).unwrap_or(folder);
            folder.display().to_string()
        };
        let names: Vec<String> = self.others.iter().take(MOST_NAMED).map(name).collect();
        Some(format!(
            "it is not known to be a folder that a cluster follows; name the one that is, perhaps {}",
            names.join(" or ")
        ))
    }
}

/// The folders to begin with for `path` of the request: itself, unless it is a plain folder and
/// clusters begin below it.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn entries(request: &Request<'_>) -> Result<Entries, Error> {
    let (files, path) = (request.tree.files.as_ref(), request.path);
    let itself = |are_certain, others| Entries {
        folders: vec![path.to_path_buf()],
        are_certain,
        others,
    };
    if generate::own_file(files, path).is_some() {
        return Ok(itself(true, Vec::new()));
    }
    let mut scan = Scan::new(request);
    scan.folder(path)?;
    let folders = chosen(&scan.found(request.remotes));
    if folders.is_empty() {
        return Ok(itself(false, scan.others()));
    }
    Ok(Entries {
        folders,
        are_certain: true,
        others: Vec::new(),
    })
}

/// The instance of the Flux operator that syncs a folder, wherever in the repository it is.
pub(super) fn instance_of(request: &Request<'_>, entry: &Path) -> Option<Value> {
    let mut scan = Scan::new(request);
    // What cannot be read is told once something is made of it.
    scan.folder(&request.tree.root).ok()?;
    let mut instances = scan.instances.into_iter();
    let (_, instance) = instances.find(|(folder, _)| folder == entry)?;
    Some(instance)
}

/// How much says that a cluster follows a folder; the most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// A Kustomization in it with the name of its source, as bootstrap and the operator make it.
    Sync,
    /// Another Kustomization in it, whose source is this repository.
    Own,
    /// Something whose source may be this repository.
    Guess,
}

/// A folder that a cluster may follow.
struct Candidate {
    folder: PathBuf,
    source: String,
    has_name_of_source: bool,
    is_instance: bool,
    /// Whether what says so is in the folder.
    is_inside: bool,
}

/// What the files below a folder say of clusters.
struct Scan<'s> {
    files: &'s dyn SharedCheckout,
    root: &'s Path,
    candidates: Vec<Candidate>,
    /// Instances, with the folders that they sync.
    instances: Vec<(PathBuf, Value)>,
    sources: BTreeMap<String, Source>,
    /// Folders of files with Kustomizations.
    holders: BTreeSet<PathBuf>,
    /// Folders that Kustomizations build.
    built: BTreeSet<PathBuf>,
}

impl<'s> Scan<'s> {
    fn new(request: &Request<'s>) -> Self {
        Scan {
            files: request.tree.files.as_ref(),
            root: &request.tree.root,
            candidates: Vec::new(),
            instances: Vec::new(),
            sources: BTreeMap::new(),
            holders: BTreeSet::new(),
            built: BTreeSet::new(),
        }
    }

    fn folder(&mut self, dir: &Path) -> Result<(), Error> {
        let entries = self
            .files
            .list(dir)
            .map_err(|error| Error::new(format!("{}: {error}", dir.display())))?;
        for entry in entries {
            let path = dir.join(&entry.name);
            if entry.is_dir {
                if entry.name != ".git" {
                    self.folder(&path)?;
                }
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                // A file that cannot be read matters once something is made of it.
                let text = self.files.read(&path).unwrap_or_default();
                self.file(&text, &path);
            }
        }
        Ok(())
    }

    fn file(&mut self, text: &[u8], file: &Path) {
        let matters = [GROUP, "GitRepository", "FluxInstance", CHART];
        let matters = |text: &&str| matters.iter().any(|word| text.contains(word));
        let Some(text) = std::str::from_utf8(text).ok().filter(matters) else {
            return;
        };
        let documents = yaml::parse(text, Dialect::Kubernetes).unwrap_or_default();
        for object in documents.iter().map(yaml::Node::to_json) {
            let object = of_release(&object).unwrap_or(object);
            if let Some(source) = Source::of(&object) {
                self.sources.entry(source.id.clone()).or_insert(source);
            }
            let instance = of_instance(&object);
            let is_instance = instance.is_some();
            if !is_instance && !is_kustomization(&object) {
                continue;
            }
            let Ok(kustomization) = Kustomization::of(instance.as_ref().unwrap_or(&object)) else {
                continue;
            };
            self.kustomization(&kustomization, is_instance, file);
            if is_instance {
                let folder = folder(self.root, &kustomization.spec.path);
                self.instances.push((folder, object));
            }
        }
    }

    fn kustomization(&mut self, kustomization: &Kustomization, is_instance: bool, file: &Path) {
        let folder = folder(self.root, &kustomization.spec.path);
        if !is_instance {
            self.holders.extend(file.parent().map(Path::to_path_buf));
            if folder != self.root {
                self.built.insert(folder.clone());
            }
        }
        let is_inside = file.starts_with(&folder);
        // What is no part of the repository has an instance of its own, or is found by what is in it.
        let is_synced = is_instance && folder != self.root && self.files.is_dir(&folder);
        if is_inside || is_synced {
            let (metadata, source) = (&kustomization.metadata, &kustomization.spec.source_ref);
            self.candidates.push(Candidate {
                folder,
                source: kustomization.source(),
                has_name_of_source: source.name == metadata.name
                    && (source.namespace.is_empty() || source.namespace == metadata.namespace),
                is_instance,
                is_inside,
            });
        }
    }

    /// The folders that clusters follow, as far as something says so.
    fn found(&self, remotes: &[String]) -> BTreeMap<PathBuf, Evidence> {
        let mut found = BTreeMap::new();
        for candidate in &self.candidates {
            let source = self.sources.get(&candidate.source);
            let evidence = match likely(&candidate.source, source, remotes) {
                Some(Likely::Surely) if candidate.has_name_of_source => Evidence::Sync,
                _ if candidate.is_instance && candidate.is_inside => Evidence::Sync,
                Some(Likely::Surely) => Evidence::Own,
                _ if candidate.is_instance => Evidence::Guess,
                Some(Likely::Perhaps) => Evidence::Guess,
                None => continue,
            };
            let best = found.entry(candidate.folder.clone()).or_insert(evidence);
            *best = evidence.min(*best);
        }
        found
    }

    /// Folders with Kustomizations that are in none that a Kustomization builds.
    fn others(self) -> Vec<PathBuf> {
        let mut others = self.holders;
        others.retain(|holder| !self.built.iter().any(|built| holder.starts_with(built)));
        outermost(others)
    }
}

/// Those of the folders to begin with. What is in a cluster belongs to it, unless more says that
/// the cluster begins with the inner one.
fn chosen(found: &BTreeMap<PathBuf, Evidence>) -> Vec<PathBuf> {
    let best = found.values().min();
    let is_chosen = |(folder, evidence): &(&PathBuf, &Evidence)| {
        let counts = **evidence != Evidence::Guess || best == Some(&Evidence::Guess);
        counts
            && !found.iter().any(|(other, more)| {
                let (inside, around) = (other.starts_with(folder), folder.starts_with(other));
                other != *folder && (around && more <= *evidence || inside && more < *evidence)
            })
    };
    let chosen = found.iter().filter(is_chosen);
    chosen.map(|(folder, _)| folder.clone()).collect()
}

/// The folders without those that are in another one.
fn outermost(folders: BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut outermost: Vec<PathBuf> = Vec::new();
    for folder in folders {
        if !outermost.iter().any(|outer| folder.starts_with(outer)) {
            outermost.push(folder);
        }
    }
    outermost
}

/// The chart that makes an instance of the Flux operator.
const CHART: &str = "flux-instance";

/// The instance that a HelmRelease of [`CHART`] makes, where its values say what to sync.
fn of_release(object: &Value) -> Option<Value> {
    let api_version = object["apiVersion"].as_str()?;
    let spec = &object["spec"];
    let charts = [&spec["chart"]["spec"]["chart"], &spec["chartRef"]["name"]];
    if !api_version.starts_with("helm.toolkit.fluxcd.io/")
        || object["kind"] != "HelmRelease"
        || !charts.into_iter().any(|chart| chart == CHART)
    {
        return None;
    }
    let instance = &spec["values"]["instance"];
    instance["sync"]["path"].as_str()?;
    let namespaces = [&spec["targetNamespace"], &object["metadata"]["namespace"]];
    let namespace = namespaces.into_iter().find_map(Value::as_str);
    Some(json!({
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "FluxInstance",
        "metadata": {"name": "flux", "namespace": namespace.unwrap_or("flux-system")},
        "spec": instance,
    }))
}

/// The folder that a path of a Kustomization stands for; what leads out of the source leads to its
/// root.
pub(super) fn folder(root: &Path, path: &str) -> PathBuf {
    let path = super::super::clean(&Path::new("/").join(path.trim_start_matches('/')));
    root.join(path.strip_prefix("/").unwrap_or(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stay_in_the_source() {
        for (path, wanted) in [
            ("./apps", "/repo/apps"),
            ("/apps/../x", "/repo/x"),
            ("../../etc", "/repo/etc"),
            ("./", "/repo/"),
            ("", "/repo/"),
        ] {
            assert_eq!(
                folder(Path::new("/repo"), path),
                Path::new(wanted),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_known_best_counts() {
        use Evidence::{Guess, Own, Sync};
        for (found, wanted) in [
            (
                &[("/", Own), ("/c/a", Sync), ("/c/b", Sync)][..],
                "/c/a /c/b",
            ),
            (&[("/", Sync), ("/c/a", Sync)], "/"),
            (&[("/c/a", Sync), ("/c/a/apps", Own)], "/c/a"),
            (&[("/c/a", Sync), ("/c/b", Own), ("/x", Guess)], "/c/a /c/b"),
            (&[("/x", Guess), ("/y", Guess)], "/x /y"),
            (&[], ""),
        ] {
            let found = found
                .iter()
                .map(|(path, evidence)| (path.into(), *evidence));
            let chosen = chosen(&found.collect());
            let chosen: Vec<String> = chosen.iter().map(|c| c.display().to_string()).collect();
            assert_eq!(chosen.join(" "), wanted);
        }
    }

    #[test]
    fn both_sides_of_a_comparison_count() {
        let entries = |folders: &[&str], are_certain| Entries {
            folders: folders.iter().map(PathBuf::from).collect(),
            are_certain,
            others: Vec::new(),
        };
        for (one, other, wanted) in [
            (entries(&["/a"], true), entries(&["/a"], true), &["/a"][..]),
            (
                entries(&["/a"], true),
                entries(&["/b"], true),
                &["/a", "/b"],
            ),
            (entries(&["/"], false), entries(&["/b"], true), &["/b"]),
            (entries(&["/c"], true), entries(&["/c/b"], true), &["/c"]),
            (entries(&["/"], false), entries(&["/"], false), &["/"]),
        ] {
            for both in [one.with(&other), other.with(&one)] {
                assert_eq!(both.folders, entries(wanted, true).folders);
            }
        }
    }
}
