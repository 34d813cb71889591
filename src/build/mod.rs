//! What Flux makes of a folder: kustomize with the Flux Kustomization laid over it, variables put
//! in, and SOPS values hidden.
//!
//! Pure: files come through [`Checkout`], and nothing is ever written to it. The kustomization.yaml
//! that Flux would write lies over the tree in memory.

mod generate;
mod ignore;
mod secrets;
pub mod spec;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use kustomize::Files;
use serde_json::{Map, Value};

use crate::substitute::{Missing, substitute};
use spec::{GROUP, Kustomization, PostBuild};

/// Why a build failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }
}

/// A tree of files whose folders can be listed.
pub trait Checkout: Files {
    /// What is in a folder, by name. A symbolic link is no folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>>;
}

/// A file or folder in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// What a build heeds besides the Kustomization.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Patterns of files to leave out.
    pub ignore: Vec<String>,
    /// Whether a variable without value and default is an error.
    pub strict: bool,
}

/// The tree with one file laid over it.
struct Overlay<'c> {
    below: &'c dyn Checkout,
    file: generate::Generated,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.file.path {
            return Ok(self.file.content.clone().into_bytes());
        }
        self.below.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        path != self.file.path && self.below.is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path == self.file.path || self.below.exists(path)
    }
}

/// Builds `dir` as `kustomization` has it: the objects in order.
///
/// # Errors
/// When the folder cannot be built, a variable cannot be put in, or a Secret is malformed.
pub fn build(
    files: &dyn Checkout,
    dir: &Path,
    kustomization: &Kustomization,
    options: &Options,
) -> Result<Vec<Value>, Error> {
    let dir = clean(dir);
    let file = generate::generate(files, &dir, &kustomization.spec, &options.ignore)
        .map_err(|error| Error::new(format!("failed to generate kustomization.yaml: {error}")))?;
    let overlay = Overlay { below: files, file };
    let mut objects = kustomize::build(&overlay, &dir)
        .map_err(|error| Error::new(format!("kustomize build failed: {error}")))?;
    if let Some(post_build) = &kustomization.spec.post_build {
        for object in &mut objects {
            put_in(object, post_build, options).map_err(|error| {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                Error::new(format!("var substitution failed for '{name}': {error}"))
            })?;
        }
    }
    let owner = BTreeMap::from([
        (format!("{GROUP}/name"), kustomization.metadata.name.clone()),
        (
            format!("{GROUP}/namespace"),
            kustomization.metadata.namespace.clone(),
        ),
    ]);
    let common = &kustomization.spec.common_metadata;
    for object in &mut objects {
        add_texts(object, "labels", &owner);
        secrets::mask(object)?;
        name_builder(object);
        add_texts(object, "labels", &common.labels);
        add_texts(object, "annotations", &common.annotations);
    }
    Ok(objects)
}

/// Puts variables into an object, unless it says not to.
fn put_in(object: &mut Value, post_build: &PostBuild, options: &Options) -> Result<(), Error> {
    let key = format!("{GROUP}/substitute");
    let metadata = &object["metadata"];
    let disabled = |field: &str| metadata[field][&key] == "disabled";
    let variables = &post_build.substitute;
    let always = post_build.substitute_strategy == "Always";
    if disabled("labels") || disabled("annotations") || (variables.is_empty() && !always) {
        return Ok(());
    }
    for name in variables.keys() {
        let mut characters = name.chars();
        let good = characters
            .next()
            .is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
            && characters.all(|c| c == '_' || c.is_ascii_alphanumeric());
        if !good {
            return Err(Error::new(format!(
                "envsubst error: '{name}' var name is invalid, must match \
                 '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"
            )));
        }
    }
    let lookup = |name: &str| {
        let value = variables.get(name)?.replace('\n', "");
        Some(Cow::Owned(value.into_bytes()))
    };
    let missing = if options.strict {
        Missing::Refused
    } else {
        Missing::Empty
    };
    let text = kustomize::yaml::to_string(object);
    let filled = substitute(text.as_bytes(), &lookup, missing).map_err(|error| {
        Error::new(format!(
            "envsubst error: variable substitution failed: {error}"
        ))
    })?;
    let malformed =
        |why: &dyn std::fmt::Display| Error::new(format!("envsubst error: YAMLToJSON: {why}"));
    let filled = String::from_utf8(filled).map_err(|_| malformed(&"not UTF-8"))?;
    match kustomize::yaml::parse_first(&filled) {
        Ok(Some(node)) if node.as_mapping().is_some() => *object = node.to_json(),
        Ok(_) => return Err(malformed(&"no object")),
        Err(error) => return Err(malformed(&error)),
    }
    Ok(())
}

/// Names the kustomize in the label of `managedByLabel` as Flux does, whose kustomize is a library
/// and knows no release of itself.
fn name_builder(object: &mut Value) {
    let label = object.pointer_mut("/metadata/labels/app.kubernetes.io~1managed-by");
    if let Some(label) = label.filter(|label| **label == "kustomize-v5.8.1") {
        *label = "kustomize-(devel)".into();
    }
}

fn add_texts(object: &mut Value, field: &str, texts: &BTreeMap<String, String>) {
    if texts.is_empty() {
        return;
    }
    let metadata = object.get_mut("metadata").and_then(Value::as_object_mut);
    let Some(metadata) = metadata else {
        return;
    };
    let fields = metadata
        .entry(field)
        .or_insert_with(|| Value::Object(Map::new()));
    if !fields.is_object() {
        *fields = Value::Object(Map::new());
    }
    if let Value::Object(fields) = fields {
        for (key, text) in texts {
            fields.insert(key.clone(), text.as_str().into());
        }
    }
}

/// A path without `.`, and without `..` where something stands before it.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(cleaned.components().next_back(), Some(Component::Normal(_))) =>
            {
                cleaned.pop();
            }
            Component::ParentDir if cleaned.has_root() => {}
            other => cleaned.push(other),
        }
    }
    cleaned
}
