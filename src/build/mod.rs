//! What Flux makes of a folder: kustomize with the Flux Kustomization laid over it, variables put
//! in, and SOPS values hidden.
//!
//! Pure: files come through [`Checkout`], and nothing is ever written to it. The kustomization.yaml
//! that Flux would write lies over the tree in memory.

pub mod all;
mod artifact;
mod contents;
mod error;
mod generate;
mod ignore;
mod network;
mod positions;
mod post_build;
mod secrets;
pub mod spec;
pub mod variables;

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use kustomize::yaml::Position;
use kustomize::{Fetched, Files};
use serde_json::{Map, Value};

pub use artifact::{Artifact, SharedCheckout};
pub use error::Error;
pub use network::{Network, WithNetwork};
use positions::{Positions, Written};
use post_build::Filling;
pub use post_build::SecretValues;
pub use secrets::Hidden;
use spec::{GROUP, Kustomization};
pub use variables::Variables;

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
#[derive(Clone, Default)]
pub struct Options {
    /// Patterns of files to leave out.
    pub ignore: Vec<String>,
    /// Whether a variable without value and default is an error.
    pub strict: bool,
    /// Whether the files are those of a source's artifact. Nothing more is left out of those,
    /// which is how kustomize-controller builds; the flux command line looks at `.sourceignore`
    /// files itself.
    pub is_artifact: bool,
    /// What fetches what kustomizations name on the network; without it, that is refused.
    pub network: Option<Arc<dyn Network>>,
}

/// An object of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What would be applied.
    pub value: Value,
    /// JSON pointers of the fields that hold what came from a Secret by a variable.
    pub secret: Vec<String>,
    /// What is hidden because SOPS encrypted it.
    pub hidden: Hidden,
    /// The values of Secrets' variables that were put in.
    pub secret_values: SecretValues,
    /// Where it came from.
    pub origin: Origin,
}

impl Object {
    /// The Kustomization that it is, or that the Flux operator makes of it: the manifest, and what
    /// it says; nothing for other objects.
    ///
    /// # Errors
    /// When it cannot be read. The error shows nothing that came from a Secret.
    pub fn kustomization(&self) -> Option<(Value, Result<Kustomization, Error>)> {
        let object = if spec::is_kustomization(&self.value) {
            self.value.clone()
        } else {
            spec::of_instance(&self.value)?
        };
        let read = Kustomization::of(&object).map_err(|error| {
            if self.secret.is_empty() {
                return error;
            }
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            Error::new(format!(
                "the Kustomization {name} cannot be read, with values of Secrets in it"
            ))
        });
        Some((object, read))
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file that an object was read from, or the kustomization that generated it.
    pub file: PathBuf,
    /// The line; 0 where it is not known.
    pub line: u32,
}

impl Origin {
    /// The place as messages begin with it; nothing where it is not known.
    fn place(&self) -> String {
        match self.line {
            0 => String::new(),
            line => format!("{}:{line}: ", self.file.display()),
        }
    }
}

/// The tree with one file laid over it.
struct Overlay<'c> {
    below: WithNetwork<'c>,
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

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.below.real(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        self.below.fetch(address)
    }
}

/// What Flux's kustomize calls itself in the label of `managedByLabel`: it is a library there, and knows no release of
/// itself.
const RELEASE: &str = "(devel)";

/// Builds `dir` as `kustomization` has it, which is plain where that has no name, with `variables` from ConfigMaps and Secrets: the
/// objects in order.
///
/// # Errors
/// When the folder cannot be built, a variable cannot be put in, or a Secret is malformed.
pub fn build(
    files: &dyn Checkout,
    dir: &Path,
    kustomization: &Kustomization,
    variables: &Variables,
    options: &Options,
) -> Result<Vec<Object>, Error> {
    let dir = clean(dir);
    let file = generate::generate(files, &dir, &kustomization.spec, options)
        .map_err(|error| Error::new(format!("failed to generate kustomization.yaml: {error}")))?;
    let below = WithNetwork {
        files,
        network: options.network.as_deref(),
    };
    let overlay = Overlay { below, file };
    let built = kustomize::build_traced(&overlay, &dir, RELEASE).map_err(|error| {
        let error = Positions::new(&overlay.file, kustomization).of_error(error);
        Error::from(error).reworded(|why| format!("kustomize build failed: {why}"))
    })?;
    let mut objects: Vec<Object> = built.into_iter().map(Object::from).collect();
    correct_origins(&mut objects, &overlay.file, kustomization);
    if let Some(post_build) = &kustomization.spec.post_build {
        let filling = Filling::new(post_build, variables, options);
        for object in &mut objects {
            let from = filling.fill(&mut object.value).map_err(|error| {
                let name = object.value["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default();
                let place = object.origin.place();
                error.reworded(|why| format!("{place}var substitution failed for '{name}': {why}"))
            })?;
            object.secret = from.places;
            object.secret_values = from.values;
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
    let has_owner = !kustomization.metadata.name.is_empty();
    for object in &mut objects {
        let Object { value, hidden, .. } = object;
        if has_owner {
            add_texts(value, "labels", &owner);
        }
        *hidden = secrets::mask(value)?;
        let object = value;
        add_texts(object, "labels", &common.labels);
        add_texts(object, "annotations", &common.annotations);
    }
    Ok(objects)
}

/// Tells of objects that the generated kustomization generates where the user wrote that.
fn correct_origins(
    objects: &mut [Object],
    file: &generate::Generated,
    kustomization: &Kustomization,
) {
    let mut positions = None;
    let generated = objects
        .iter_mut()
        .filter(|object| object.origin.file == file.path);
    for Object { origin, .. } in generated {
        let positions = positions.get_or_insert_with(|| Positions::new(file, kustomization));
        let end = Position {
            line: origin.line,
            column: u32::MAX,
        };
        origin.line = match positions.written(end) {
            Written::Here(place) => place.line,
            Written::Spec(_) | Written::Nowhere => 0,
        };
    }
}

impl From<kustomize::Traced> for Object {
    fn from(traced: kustomize::Traced) -> Self {
        Object {
            value: traced.object,
            secret: Vec::new(),
            hidden: Hidden::new(),
            secret_values: SecretValues::default(),
            origin: Origin {
                file: traced.file.into(),
                line: traced.position.line,
            },
        }
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
