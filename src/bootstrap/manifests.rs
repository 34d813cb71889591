//! The files that bootstrap puts into the repository, and the objects that come of its folder.
//! Pure.

use std::collections::BTreeMap;
use std::path::Path;

use kustomize::{MemoryFiles, yaml};
use serde_json::Value;

use super::request::Request;
use crate::error::{Error, Result};
use crate::manifests::{install, sync};

/// The names by which kustomize knows a folder's list of resources, best first.
const LISTS: [&str; 3] = [
    sync::KUSTOMIZATION_FILE,
    "kustomization.yml",
    "Kustomization",
];

/// A file, by its path in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its text.
    pub content: String,
}

/// The files that bootstrap writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The folder they are in.
    pub folder: String,
    /// The components.
    pub components: File,
    /// The source and the Kustomization.
    pub sync: File,
    /// The list of the two, where the repository has none.
    pub list: Option<File>,
}

/// The objects that the folder amounts to, in the two parts in which they are applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objects {
    /// What runs Flux, and whatever else the folder holds.
    pub components: Vec<Value>,
    /// The source and the Kustomization.
    pub sync: Vec<Value>,
}

/// The texts of the files that stand in the folder, by path in the repository.
pub type Texts = BTreeMap<String, String>;

/// The folder that bootstrap writes to.
pub fn folder(request: &Request) -> String {
    parent(&request.install.path()).to_owned()
}

/// The file in the folder that lists its resources, among those that are there.
pub fn list_path<'a>(
    folder: &str,
    mut paths: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    LISTS
        .iter()
        .map(|name| join(folder, name))
        .find(|path| paths.clone().any(|p| p == path) || paths.any(|p| p == path))
}

/// The files to write, for a folder that holds `existing` files (their texts, where they matter).
///
/// # Errors
/// When the components cannot be generated.
pub fn files(request: &Request, existing: &Texts) -> Result<Files> {
    let folder = folder(request);
    let components = File {
        path: request.install.path(),
        content: install::to_yaml(&request.install)?,
    };
    let sync = File {
        path: request.sync.path(),
        content: sync::to_yaml(&request.sync),
    };
    let listed = list_path(&folder, existing.keys().map(String::as_str)).is_some();
    let list = (!listed).then(|| File {
        path: request.sync.kustomization_path(),
        content: sync::kustomization_file(resources(&folder, &components, &sync, existing)),
    });
    Ok(Files {
        folder,
        components,
        sync,
        list,
    })
}

/// The resources of a folder without a list: our two files, the user's own manifests, and
/// sub-folders that have a list of their own, in order.
fn resources<'a>(
    folder: &str,
    components: &'a File,
    sync: &'a File,
    existing: &'a Texts,
) -> Vec<&'a str> {
    let prefix = format!("{folder}/");
    let inside = |path: &'a str| path.strip_prefix(prefix.as_str());
    let mut names: Vec<&str> = [&components.path, &sync.path]
        .into_iter()
        .filter_map(|path| inside(path))
        .collect();
    let listed: Vec<&str> = existing
        .keys()
        .filter_map(|path| inside(path))
        .filter_map(|path| path.rsplit_once('/'))
        .filter(|(_, name)| LISTS.contains(name))
        .map(|(sub, _)| sub)
        .collect();
    for (path, text) in existing {
        let Some(name) = inside(path) else { continue };
        let covered = listed.iter().find(|sub| {
            name.strip_prefix(**sub)
                .is_some_and(|rest| rest.starts_with('/'))
        });
        match covered {
            Some(sub) => names.push(sub),
            None if is_manifest(text) => names.push(name),
            None => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a file holds objects.
fn is_manifest(text: &str) -> bool {
    yaml::parse(text, yaml::Dialect::Resource).is_ok_and(|documents| {
        let has =
            |node: &yaml::Node, key: &str| node.get(key).is_some_and(|n| n.as_text().is_some());
        !documents.is_empty()
            && documents
                .iter()
                .all(|node| has(node, "kind") && has(node, "apiVersion"))
    })
}

/// The objects that the folder amounts to once the files are written. `existing` holds the texts
/// of the others in it.
///
/// # Errors
/// When the user's own list cannot be built.
pub fn objects(request: &Request, files: &Files, existing: &Texts) -> Result<Objects> {
    let text = match &files.list {
        Some(list) => Some(list.content.as_str()),
        None => list_path(&files.folder, existing.keys().map(String::as_str))
            .and_then(|path| existing.get(&path))
            .map(String::as_str),
    };
    let plain = sync::kustomization_file([
        request.install.manifest_file.as_str(),
        request.sync.manifest_file.as_str(),
    ]);
    if text == Some(plain.as_str()) {
        // What kustomize would make of the two files is what they hold.
        return Ok(Objects {
            components: install::objects(&request.install)?,
            sync: vec![
                sync::git_repository(&request.sync),
                sync::kustomization(&request.sync),
            ],
        });
    }
    let built = build(files, existing)?;
    let (sync, components) = built
        .into_iter()
        .partition(|object| is_sync(object, &request.sync));
    Ok(Objects { components, sync })
}

fn is_sync(object: &Value, options: &sync::Options) -> bool {
    let alike = |wanted: &Value| {
        object["kind"] == wanted["kind"]
            && object["metadata"]["name"] == options.name.as_str()
            && object["metadata"]["namespace"] == options.namespace.as_str()
    };
    alike(&sync::git_repository(options)) || alike(&sync::kustomization(options))
}

/// Builds the folder by its own list.
fn build(files: &Files, existing: &Texts) -> Result<Vec<Value>> {
    let ours = [
        Some(&files.components),
        Some(&files.sync),
        files.list.as_ref(),
    ];
    let ours = ours.into_iter().flatten();
    let all = existing
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .chain(ours.map(|file| (file.path.as_str(), file.content.as_str())));
    let tree: MemoryFiles = all.collect();
    kustomize::build(&tree, Path::new(&files.folder)).map_err(|error| {
        Error::failed(format!("the folder {:?} of the repository cannot be built", files.folder))
            .caused_by(error)
            .hint("nothing was written: the components are installed as this folder's kustomization.yaml says")
    })
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
