//! Reading kustomizations and resources from a tree of files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::error::Error;
use crate::files::{Fetched, Files, clean};
use crate::kustomization::Kustomization;
use crate::remote;
use crate::resource::{Resource, text_at, texts};
use crate::schema::Schema;
use crate::yaml::{self, Data, Dialect, Node};

/// The names that a kustomization file may have.
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A directory of the tree that is being built.
#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    pub(crate) files: &'a dyn Files,
    pub(crate) path: &'a Path,
    /// The types of the build.
    pub(crate) schema: &'a Rc<Schema>,
    /// The root of the repository that the directory was fetched from, out of which nothing leads.
    pub(crate) within: Option<&'a Path>,
}

/// A path as errors show it.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        ".".into()
    } else {
        path.display().to_string()
    }
}

impl Directory<'_> {
    /// The place that `path`, written in this directory's kustomization, stands for.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        clean(&self.path.join(path))
    }

    /// The place that `path` stands for, which is in the repository that the directory was fetched from.
    pub(crate) fn inside(&self, path: &str) -> Result<PathBuf, Error> {
        let resolved = self.resolve(path);
        match self.within {
            Some(root) if !resolved.starts_with(root) => {
                let root = shown(root);
                let message = format!("'{path}' leads out of the repository {root}");
                Err(Error::new(message))
            }
            _ => Ok(resolved),
        }
    }

    /// The content of a file that the kustomization names.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        if is_url(path) {
            return self.fetch_file(path);
        }
        let resolved = self.inside(path)?;
        if self.files.is_dir(&resolved) {
            let message = format!("read {}: is a directory", shown(&resolved));
            return Err(Error::new(message));
        }
        self.files.read(&resolved).map_err(|error| {
            Error::new(match error.kind() {
                ErrorKind::NotFound => {
                    format!("open {}: no such file or directory", shown(&resolved))
                }
                _ => error.to_string(),
            })
        })
    }

    /// The content of a file on the network.
    fn fetch_file(&self, url: &str) -> Result<Vec<u8>, Error> {
        match self.files.fetch(url) {
            Ok(Fetched::File(content)) => Ok(content),
            Ok(Fetched::Directory { .. }) => {
                let message = format!("read {}: is a directory", remote::shown(url));
                Err(Error::new(message))
            }
            Err(error) => {
                let message = format!("{}: {error}", remote::shown(url));
                Err(Error::new(message))
            }
        }
    }

    /// The text in a file that the kustomization names, and the file's name for errors.
    pub(crate) fn read_text(&self, path: &str) -> Result<(String, String), Error> {
        let name = if is_url(path) {
            remote::shown(path)
        } else {
            shown(&self.resolve(path))
        };
        let text = text(self.read(path)?, &name)?;
        Ok((text, name))
    }

    /// The objects in a text, as [`resources`], of the types of the build.
    pub(crate) fn resources(&self, text: &str, file: &str) -> Result<Vec<Resource>, Error> {
        Ok(self.typed(resources(text, file)?))
    }

    /// The partial objects in the text of a patch, likewise.
    pub(crate) fn partial_resources(&self, text: &str, file: &str) -> Result<Vec<Resource>, Error> {
        Ok(self.typed(partial_resources(text, file)?))
    }

    fn typed(&self, mut found: Vec<Resource>) -> Vec<Resource> {
        for resource in &mut found {
            resource.schema = Some(Rc::clone(self.schema));
        }
        found
    }

    /// Settles the types of the build, if the kustomization says of which.
    pub(crate) fn settle_schema(&self, kustomization: &Kustomization) -> Result<(), Error> {
        let at = |error: Error| error.at(&kustomization.file, kustomization.schema_position);
        let field = |name: &str| kustomization.schema.get(name).map(String::as_str);
        let text = match field("path") {
            Some(path) => Some(self.read_text(path).map_err(at)?.0),
            None => None,
        };
        if self.schema.is_settled() {
            return Ok(());
        }
        self.schema.settle(field("version"), text.as_deref(), at)
    }

    /// The kustomization of this directory. It is large, and many may stand on top of each other on the stack.
    pub(crate) fn kustomization(&self) -> Result<Box<Kustomization>, Error> {
        let candidates = FILE_NAMES.map(|name| self.path.join(name));
        let mut found = candidates
            .iter()
            .filter(|path| self.files.exists(path) && !self.files.is_dir(path));
        let directory = shown(self.path);
        match (found.next(), found.next()) {
            (Some(path), None) => {
                let file = shown(path);
                let content = self
                    .files
                    .read(path)
                    .map_err(|error| Error::new(error.to_string()).in_file(&file))?;
                Kustomization::parse(&file, &content).map(Box::new)
            }
            (Some(_), Some(_)) => Err(Error::new(format!(
                "Found multiple kustomization files under: {directory}"
            ))),
            (None, _) => Err(Error::new(self.without_kustomization(&candidates[0]))),
        }
    }

    /// Why there is no kustomization file here.
    fn without_kustomization(&self, candidate: &Path) -> String {
        let directory = shown(self.path);
        if self.files.is_dir(self.path) {
            // What may not be looked at seems not to be there.
            return match self.files.read(candidate) {
                Err(error) if error.kind() != ErrorKind::NotFound => error.to_string(),
                _ => format!(
                    "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{directory}'"
                ),
            };
        }
        let why = if self.files.exists(self.path) {
            "file is not directory"
        } else {
            "no such file or directory"
        };
        format!("must build at directory: '{directory}': {why}")
    }
}

/// A file's content as text.
pub(crate) fn text(content: Vec<u8>, file: &str) -> Result<String, Error> {
    String::from_utf8(content).map_err(|error| {
        let position = yaml::position_at(error.as_bytes(), error.utf8_error().valid_up_to());
        Error::new("not UTF-8").at(file, position)
    })
}

/// Whether a path is the URL of a file.
fn is_url(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}

/// The objects in a text.
pub(crate) fn resources(text: &str, file: &str) -> Result<Vec<Resource>, Error> {
    objects(yaml::parse(text, Dialect::Resource), file)
}

/// The partial objects in the text of a patch.
fn partial_resources(text: &str, file: &str) -> Result<Vec<Resource>, Error> {
    // Metadata and the items of lists are rewritten, which would make texts of their keys.
    let rewritten = |node: &Node| match node.get("metadata") {
        _ if text_at(node, &["kind"]).ends_with("List") => node.misnamed(),
        metadata => metadata?.misnamed(),
    };
    let documents = yaml::partial_documents(text).and_then(|documents| {
        let error = documents.iter().find_map(rewritten);
        error.map_or(Ok(documents), Err)
    });
    objects(documents, file)
}

fn objects(documents: Result<Vec<Node>, yaml::Error>, file: &str) -> Result<Vec<Resource>, Error> {
    let documents = documents.map_err(|error| {
        let message = if error.is_malformed() {
            let line = error.position().line;
            format!(
                "MalformedYAMLError: yaml: line {line}: {} in File: {file}",
                error.message()
            )
        } else {
            error.message().to_owned()
        };
        Error::new(message).at(file, error.position())
    })?;
    let file_name: Rc<str> = file.into();
    let mut pending: std::collections::VecDeque<Node> = unwrap_list(documents).into();
    let mut found = Vec::new();
    for node in &pending {
        check(node, file)?;
    }
    while let Some(node) = pending.pop_front() {
        match items(&node, file)? {
            None => {
                let mut resource = Resource::new(node, Rc::clone(&file_name));
                resource.read_notes()?;
                found.push(resource);
            }
            // The items come after what follows the list, and as if they had been read from JSON.
            Some(items) => {
                for item in items {
                    let item = Node {
                        position: item.position,
                        ..Node::from_json(&item.to_json())
                    };
                    if !is_blank(&item) {
                        check(&item, file)?;
                        pending.push_back(item);
                    }
                }
            }
        }
    }
    Ok(found)
}

/// A list that is the only document of its file stands for its items, which may be anything.
fn unwrap_list(mut documents: Vec<Node>) -> Vec<Node> {
    if let [document] = documents.as_mut_slice()
        && matches!(text_at(document, &["kind"]), "List" | "ResourceList")
        && let Some(items) = document
            .as_mapping_mut()
            .and_then(|entries| entries.remove("items"))
    {
        documents = match items.value.data {
            Data::Sequence(items) => items,
            _ => Vec::new(),
        };
    }
    documents.retain(|node| !is_blank(node));
    documents
}

/// Whether a document holds nothing.
pub(crate) fn is_blank(node: &Node) -> bool {
    node.is_null()
        || node
            .as_mapping()
            .is_some_and(crate::yaml::Mapping::is_empty)
        || node.as_sequence().is_some_and(<[Node]>::is_empty)
}

/// Refuses what is no object: without kind, or without a name where it needs one.
pub(crate) fn check(node: &Node, file: &str) -> Result<(), Error> {
    let (kind, api_version) = (text_at(node, &["kind"]), text_at(node, &["apiVersion"]));
    let has_metadata = node
        .get("metadata")
        .is_some_and(|metadata| !is_blank(metadata));
    let message = if kind.is_empty() && api_version.is_empty() && !has_metadata {
        "missing Resource metadata".to_owned()
    } else if kind.is_empty() {
        format!("missing kind in object {}", go_metadata(node))
    } else if !kind.ends_with("List") && text_at(node, &["metadata", "name"]).is_empty() {
        format!("missing metadata.name in object {}", go_metadata(node))
    } else {
        return Ok(());
    };
    Err(Error::new(message).at(file, node.position))
}

/// What identifies an object, as Go prints it: version and kind, name and namespace, labels and annotations.
fn go_metadata(node: &Node) -> String {
    let pairs = |key| {
        let texts = texts(node.at(&["metadata", key]));
        let pairs: Vec<String> = texts
            .iter()
            .map(|(key, text)| format!("{key}:{text}"))
            .collect();
        format!("map[{}]", pairs.join(" "))
    };
    let text = |path: &[&str]| text_at(node, path).to_owned();
    format!(
        "{{{{{} {}}} {{{{{} {}}} {} {}}}}}",
        text(&["apiVersion"]),
        text(&["kind"]),
        text(&["metadata", "name"]),
        text(&["metadata", "namespace"]),
        pairs("labels"),
        pairs("annotations")
    )
}

/// The items of a list of objects; `None` for other objects.
fn items<'n>(node: &'n Node, file: &str) -> Result<Option<&'n [Node]>, Error> {
    let kind = text_at(node, &["kind"]);
    let Some(items) = node.get("items").filter(|_| kind.ends_with("List")) else {
        return Ok(None);
    };
    match &items.data {
        Data::Sequence(items) => Ok(Some(items)),
        _ if items.is_null() => Ok(Some(&[])),
        _ => Err(Error::new(format!("expected array in {kind}/items")).at(file, items.position)),
    }
}
