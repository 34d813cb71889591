//! The kustomization.yaml that is built: the folder's own or one that lists its manifests, with
//! what the Flux Kustomization adds.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kustomize::remote::is_remote;
use kustomize::yaml::{self, Node};
use serde_json::{Map, Value, json};

use super::ignore::Rules;
use super::spec::Spec;
use super::{Checkout, Error, Options};

/// The names of a kustomization file, best first.
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The fields of a kustomization; Flux drops all others.
const FIELDS: [&str; 33] = [
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
];

/// A kustomization file that is not on disk.
#[derive(Debug)]
pub(super) struct Generated {
    /// Where it would be.
    pub(super) path: PathBuf,
    /// What it holds.
    pub(super) content: String,
    /// The folder's own file, where it has one.
    pub(super) user: Option<Node>,
}

/// The kustomization file of `dir` with what `spec` adds.
///
/// # Errors
/// When a file cannot be read or is not there.
pub(super) fn generate(
    files: &dyn Checkout,
    dir: &Path,
    spec: &Spec,
    options: &Options,
) -> Result<Generated, Error> {
    let mut rules = Rules::default();
    let mut own = false;
    if !options.is_artifact {
        load_rules(files, dir, Path::new(""), &mut rules, &mut own)?;
    }
    if !options.ignore.is_empty() {
        rules.read(&options.ignore.join("\n"), Path::new(""));
        own = true;
    }
    let (path, user, mut fields) = match own_file(files, dir) {
        Some(path) => {
            let user = read(files, &path)?;
            let fields = fields(user.as_ref(), &path)?;
            (path, user, fields)
        }
        None => {
            let fields = list(files, dir, own.then_some(&rules))?;
            (dir.join(FILE_NAMES[0]), None, fields)
        }
    };
    if !options.is_artifact {
        for field in ["resources", "components", "crds"] {
            filter(files, dir, &rules, &mut fields, field)?;
        }
    }
    add(files, dir, spec, &mut fields)?;
    Ok(Generated {
        path,
        content: yaml::to_string(&Value::Object(fields)),
        user,
    })
}

/// The kustomization file that a folder has.
pub(super) fn own_file(files: &dyn Checkout, dir: &Path) -> Option<PathBuf> {
    let mut paths = FILE_NAMES.map(|name| dir.join(name)).into_iter();
    paths.find(|path| is_file(files, path))
}

fn is_file(files: &dyn Checkout, path: &Path) -> bool {
    files.exists(path) && !files.is_dir(path)
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("{}: {error}", path.display()))
}

/// Reads the `.sourceignore` file of one folder; says whether there is one.
pub(super) fn read_rules(
    files: &dyn Checkout,
    dir: &Path,
    below: &Path,
    rules: &mut Rules,
) -> Result<bool, Error> {
    let file = dir.join(".sourceignore");
    let is_there = is_file(files, &file);
    if is_there {
        let content = files.read(&file).map_err(|error| failed(&file, &error))?;
        rules.read(&String::from_utf8_lossy(&content), below);
    }
    Ok(is_there)
}

/// Reads the `.sourceignore` files in and below `dir`; `below` is where that is in the build.
pub(super) fn load_rules(
    files: &dyn Checkout,
    dir: &Path,
    below: &Path,
    rules: &mut Rules,
    own: &mut bool,
) -> Result<(), Error> {
    *own |= read_rules(files, dir, below, rules)?;
    for entry in files.list(dir).map_err(|error| failed(dir, &error))? {
        if entry.is_dir && entry.name != ".git" {
            let (dir, below) = (dir.join(&entry.name), below.join(&entry.name));
            load_rules(files, &dir, &below, rules, own)?;
        }
    }
    Ok(())
}

/// The folder's own file.
fn read(files: &dyn Checkout, path: &Path) -> Result<Option<Node>, Error> {
    let content = files.read(path).map_err(|error| failed(path, &error))?;
    let text = String::from_utf8(content)
        .map_err(|_| Error::new(format!("{}: not UTF-8", path.display())))?;
    yaml::parse_first(&text).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

/// The fields of the folder's own file.
fn fields(user: Option<&Node>, path: &Path) -> Result<Map<String, Value>, Error> {
    let mut fields = match user.map(Node::to_json) {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => {
            return Err(Error::new(format!("{}: no mapping", path.display())));
        }
    };
    let build_metadata = fields.remove("buildMetadata");
    fields.retain(|field, value| FIELDS.contains(&field.as_str()) && !value.is_null());
    let resources = fields.get("resources").and_then(Value::as_array);
    if resources.is_none_or(Vec::is_empty) {
        // As in Flux: kustomize would refuse a file without anything in it.
        fields.insert("buildMetadata".to_owned(), json!(["originAnnotations"]));
    } else if let Some(build_metadata) = build_metadata {
        fields.insert("buildMetadata".to_owned(), build_metadata);
    }
    Ok(fields)
}

/// A file that lists the manifests in `dir`, and the folders that have a file of their own.
fn list(
    files: &dyn Checkout,
    dir: &Path,
    rules: Option<&Rules>,
) -> Result<Map<String, Value>, Error> {
    let mut resources = Vec::new();
    walk(files, dir, Path::new(""), rules, &mut resources)?;
    let mut fields = Map::new();
    if resources.is_empty() {
        // Kustomize wants something in the file.
        fields.insert("namespace".to_owned(), "_placeholder".into());
    } else {
        fields.insert("resources".to_owned(), resources.into());
    }
    Ok(fields)
}

fn walk(
    files: &dyn Checkout,
    dir: &Path,
    below: &Path,
    rules: Option<&Rules>,
    resources: &mut Vec<String>,
) -> Result<(), Error> {
    for entry in files.list(dir).map_err(|error| failed(dir, &error))? {
        let (path, below) = (dir.join(&entry.name), below.join(&entry.name));
        if entry.is_dir {
            if FILE_NAMES
                .iter()
                .any(|name| is_file(files, &path.join(name)))
            {
                resources.push(format!("./{}", below.display()));
            } else {
                walk(files, &path, &below, rules, resources)?;
            }
        } else if below.extension().is_some_and(|e| e == "yaml" || e == "yml")
            && !rules.is_some_and(|rules| rules.leave_out(&below, false))
        {
            resources.push(format!("./{}", below.display()));
        }
    }
    Ok(())
}

/// Leaves out of a list of paths what the rules leave out.
fn filter(
    files: &dyn Checkout,
    dir: &Path,
    rules: &Rules,
    fields: &mut Map<String, Value>,
    field: &str,
) -> Result<(), Error> {
    let Some(Value::Array(items)) = fields.get_mut(field) else {
        return Ok(());
    };
    let mut kept = Vec::new();
    for item in std::mem::take(items) {
        if let Some(name) = item.as_str()
            && (field == "crds" || !is_url(name))
        {
            let path = super::clean(&dir.join(name));
            if !files.exists(&path) {
                if field != "crds" && is_remote(name) {
                    kept.push(item);
                    continue;
                }
                let shown = path.display();
                // What leads out of the tree, or nowhere, is no missing file.
                return Err(match files.real(&path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => failed(&path, &error),
                    _ => Error::new(format!("lstat {shown}: no such file or directory")),
                });
            }
            let below = super::clean(Path::new(name));
            if rules.leave_out(&below, files.is_dir(&path)) {
                continue;
            }
        }
        kept.push(item);
    }
    if kept.is_empty() {
        fields.remove(field);
    } else {
        *items = kept;
    }
    Ok(())
}

/// Whether the text begins with a scheme.
fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// Puts in what the Flux Kustomization says.
fn add(
    files: &dyn Checkout,
    dir: &Path,
    spec: &Spec,
    fields: &mut Map<String, Value>,
) -> Result<(), Error> {
    for (field, text) in [
        ("namespace", &spec.target_namespace),
        ("namePrefix", &spec.name_prefix),
        ("nameSuffix", &spec.name_suffix),
    ] {
        if !text.is_empty() {
            fields.insert(field.to_owned(), text.as_str().into());
        }
    }
    for patch in &spec.patches {
        push(fields, "patches", json!(patch));
    }
    for component in &spec.components {
        if !is_local(component) {
            return Err(Error::new(format!(
                "component path '{component}' must be local and relative"
            )));
        }
        let exists = files.exists(&super::clean(&dir.join(component)));
        if exists || !spec.ignore_missing_components {
            push(fields, "components", component.as_str().into());
        }
    }
    for image in &spec.images {
        add_image(fields, image);
    }
    if !spec.build_metadata.is_empty() {
        fields.insert("buildMetadata".to_owned(), json!(spec.build_metadata));
    }
    Ok(())
}

fn push(fields: &mut Map<String, Value>, field: &str, item: Value) {
    match fields.get_mut(field) {
        Some(Value::Array(items)) => items.push(item),
        _ => {
            fields.insert(field.to_owned(), Value::Array(vec![item]));
        }
    }
}

/// Whether a component is a folder of the same source.
fn is_local(path: &str) -> bool {
    const REMOTE: [&str; 8] = [
        "git::",
        "gh:",
        "ssh://",
        "https://",
        "http://",
        "git@",
        "github.com:",
        "github.com/",
    ];
    let path = path.to_lowercase();
    let remote = REMOTE
        .iter()
        .any(|start| path.len() > start.len() && path.starts_with(start));
    !remote
        && !path
            .strip_prefix("file://")
            .unwrap_or(&path)
            .starts_with('/')
}

/// A change to an image, merged into one for the same name: tag and digest go together.
fn add_image(fields: &mut Map<String, Value>, image: &BTreeMap<String, String>) {
    let given = |field: &str| image.get(field).filter(|text| !text.is_empty());
    let name = given("name").map_or("", String::as_str);
    let same = |other: &&mut Value| other["name"].as_str().unwrap_or_default() == name;
    let images = fields.get_mut("images").and_then(Value::as_array_mut);
    let Some(Value::Object(existing)) = images.and_then(|all| all.iter_mut().find(same)) else {
        let new: Map<String, Value> = ["name", "newName", "newTag", "digest"]
            .into_iter()
            .filter_map(|field| Some((field.to_owned(), given(field)?.as_str().into())))
            .collect();
        push(fields, "images", Value::Object(new));
        return;
    };
    if let Some(new_name) = given("newName") {
        existing.insert("newName".to_owned(), new_name.as_str().into());
    }
    if given("newTag").is_some() || given("digest").is_some() {
        for field in ["newTag", "digest"] {
            existing.remove(field);
            if let Some(text) = given(field) {
                existing.insert(field.to_owned(), text.as_str().into());
            }
        }
    }
}
