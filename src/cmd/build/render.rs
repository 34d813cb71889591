//! Building Kustomizations from folders on disk, with what a cluster has where there is one.
//!
//! What `build kustomization` prints and `diff kustomization` compares comes from here.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use serde_json::json;

use super::checkout::DiskCheckout;
use super::wanted::Wanted;
use crate::build::spec::{Kustomization, VariablesReference, is_kustomization};
use crate::build::{self, Artifact, Object, Options, Variables};
use crate::cluster::Cluster;
use crate::cmd::remote::RemoteArgs;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags::List;
use crate::kinds::KINDS;

/// What `build kustomization` and `diff kustomization` are told of a folder and its Kustomization.
#[derive(Args)]
pub(in crate::cmd) struct FolderArgs {
    /// The name of the Kustomization
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The folder with the manifests
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    path: String,
    /// The file with the Kustomization, instead of the one in the cluster
    #[arg(long, default_value = "", hide_default_value = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cmd) kustomization_file: String,
    /// Files to leave out, as patterns of .gitignore; commas or repeats for several
    #[arg(long, value_name = "PATTERN")]
    ignore_paths: Vec<List>,
    /// Fail where a variable has neither a value nor a default
    #[arg(long)]
    strict_substitute: bool,
    /// Take the Kustomizations among the objects along, too
    #[arg(long, short = 'r')]
    pub(in crate::cmd) recursive: bool,
    /// Where sources are on disk, as Kind/namespace/name=path; commas or repeats for several
    #[arg(long, value_name = "SOURCE=DIR")]
    local_sources: Vec<List>,
    /// Accepted: nothing is ever written into the folder
    #[arg(long)]
    in_memory_build: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl FolderArgs {
    /// The name of the Kustomization.
    pub(in crate::cmd) fn name(&self) -> Result<&str> {
        match self.names.as_slice() {
            [] => Err(Error::usage("Kustomization name is required")
                .hint("name it behind the command, and its folder with --path")),
            [name] => Ok(name),
            [_, other, ..] => Err(Error::usage(format!(
                "one Kustomization at a time: {other:?} is one too many"
            ))),
        }
    }

    /// The folder.
    pub(in crate::cmd) fn folder(&self) -> Result<PathBuf> {
        folder(&self.path)
    }

    /// Where the Kustomization is read from; a file that is named has to be there.
    pub(in crate::cmd) fn wanted<'a>(&'a self, namespace: &'a str) -> Result<Wanted<'a>> {
        let wanted = Wanted {
            name: self.name()?,
            namespace,
            file: &self.kustomization_file,
        };
        wanted.check_file()?;
        Ok(wanted)
    }

    /// What builds the folder, without a cluster yet.
    pub(in crate::cmd) fn builder(&self, context: &Context, namespace: &str) -> Result<Builder> {
        Ok(Builder {
            options: Options {
                ignore: List::all(&self.ignore_paths),
                strict: self.strict_substitute,
                network: self.remote.network(context),
                ..Options::default()
            },
            recursive: self.recursive,
            local_sources: local_sources(&self.local_sources)?,
            cluster: None,
            namespace: namespace.to_owned(),
        })
    }
}

/// The real path of the folder to build.
pub(in crate::cmd) fn folder(path: &str) -> Result<PathBuf> {
    if path.is_empty() {
        let error = Error::usage("invalid resource path \"\"");
        return Err(error.hint("say which folder to build with --path"));
    }
    let why = match fs_err::canonicalize(path) {
        Ok(real) if real.is_dir() => return Ok(real),
        Ok(_) => "it is a file: name the folder that it is in",
        Err(error) if error.kind() == io::ErrorKind::NotFound => "there is no such folder",
        Err(_) => "it cannot be read",
    };
    let message = format!("invalid resource path {path:?}");
    Err(Error::new(ErrorKind::NotFound, message).hint(why))
}

/// Where sources are on disk, by `Kind/namespace/name`.
pub(in crate::cmd) type LocalSources = BTreeMap<String, String>;

/// Reads the values of `--local-sources`.
pub(in crate::cmd) fn local_sources(given: &[List]) -> Result<LocalSources> {
    let pair = |item: String| match item.split_once('=') {
        Some((source, path)) => Ok((source.to_owned(), path.to_owned())),
        None => Err(Error::usage(format!(
            "invalid argument {item:?} for \"--local-sources\" flag: {item} must be formatted as \
             key=value"
        ))),
    };
    List::all(given).into_iter().map(pair).collect()
}

/// Builds Kustomizations one after the other.
pub(in crate::cmd) struct Builder {
    /// What a build heeds besides the Kustomization.
    pub(in crate::cmd) options: Options,
    /// Whether the Kustomizations among the objects are built, too.
    pub(in crate::cmd) recursive: bool,
    /// Where their sources are.
    pub(in crate::cmd) local_sources: LocalSources,
    /// Who is asked for variables. Without one, those of ConfigMaps and Secrets are left out.
    pub(in crate::cmd) cluster: Option<Cluster>,
    /// Where a Kustomization is that names no namespace.
    pub(in crate::cmd) namespace: String,
}

/// Which Kustomization: its namespace and name.
type Id = (String, String);

impl Builder {
    /// Builds `dir` as `kustomization` has it and, where that is asked for, the Kustomizations
    /// among the objects: parents before their children, each child and what is below it before
    /// its next sibling.
    pub(in crate::cmd) async fn build(
        &self,
        dir: PathBuf,
        kustomization: Kustomization,
    ) -> Result<Vec<(Kustomization, Vec<Object>)>> {
        let mut built = Vec::new();
        let mut next = Some((dir, kustomization, Vec::new()));
        // Children whose folder is looked up when it is their turn, the next one last.
        let mut waiting: Vec<(Kustomization, Vec<Id>)> = Vec::new();
        while let Some((dir, kustomization, mut above)) = next.take() {
            let objects = self.build_one(&dir, &kustomization).await?;
            if self.recursive {
                above.push(id(&kustomization));
                let children = children(&objects, &above)?.into_iter().rev();
                waiting.extend(children.map(|child| (child, above.clone())));
            }
            built.push((kustomization, objects));
            if let Some((child, above)) = waiting.pop() {
                next = Some((self.dir_of(&child)?, child, above));
            }
        }
        Ok(built)
    }

    /// Builds `dir` as `kustomization` has it, and nothing else.
    pub(in crate::cmd) async fn build_one(
        &self,
        dir: &Path,
        kustomization: &Kustomization,
    ) -> Result<Vec<Object>> {
        let variables = match &self.cluster {
            Some(cluster) => variables(cluster, kustomization, &self.namespace).await?,
            None => Variables::default(),
        };
        let ignore = match &self.cluster {
            Some(cluster) if DiskCheckout::root_of(dir).is_some() => {
                left_out(cluster, kustomization, &self.namespace).await
            }
            _ => String::new(),
        };
        let (dir, kustomization) = (dir.to_path_buf(), kustomization.clone());
        let options = self.options.clone();
        // What is fetched may take long: Ctrl-C is heard meanwhile, and other answers are.
        let built = tokio::task::spawn_blocking(move || {
            build_at(&dir, &kustomization, &ignore, &variables, &options)
        });
        built
            .await
            .map_err(|error| Error::failed("the build ended early").caused_by(error))?
    }

    /// The folder of a Kustomization, by where its source is on disk.
    pub(in crate::cmd) fn dir_of(&self, kustomization: &Kustomization) -> Result<PathBuf> {
        let source = kustomization.source();
        let root = self.local_sources.get(&source).ok_or_else(|| {
            let name = &kustomization.metadata.name;
            Error::usage(format!(
                "cannot get local path for {source} of kustomization {name}"
            ))
            .hint(format!("say where it is: --local-sources {source}=DIR"))
        })?;
        let path = kustomization.spec.path.trim_start_matches('/');
        let named = |error: Error| error.context(format!("--local-sources {source}={root}"));
        folder(root).map_err(named)?;
        folder(&Path::new(root).join(path).to_string_lossy())
    }
}

/// Builds a folder; `ignore` is what its source leaves out.
fn build_at(
    dir: &Path,
    kustomization: &Kustomization,
    ignore: &str,
    variables: &Variables,
    options: &Options,
) -> Result<Vec<Object>> {
    let files = DiskCheckout::around(dir)?;
    let Some(root) = DiskCheckout::root_of(dir) else {
        let built = build::build(&files, dir, kustomization, variables, options);
        return built.map_err(Error::from);
    };
    let artifact = Artifact::around(&files, root, dir, ignore)?;
    let built = build::build(&artifact, dir, kustomization, variables, options);
    built.map_err(Error::from)
}

/// The Kustomizations among the objects, without the one they are of.
fn children(objects: &[Object], above: &[Id]) -> Result<Vec<Kustomization>> {
    let mut children = Vec::new();
    let found = objects
        .iter()
        .filter(|object| is_kustomization(&object.value));
    for (_, child) in found.filter_map(Object::kustomization) {
        let child = child?;
        let child_id = id(&child);
        if above.last() == Some(&child_id) {
            continue;
        }
        if above.contains(&child_id) {
            let (namespace, name) = child_id;
            return Err(Error::failed(format!(
                "Kustomization {namespace}/{name} contains itself"
            )));
        }
        children.push(child);
    }
    Ok(children)
}

fn id(kustomization: &Kustomization) -> Id {
    let metadata = &kustomization.metadata;
    (metadata.namespace.clone(), metadata.name.clone())
}

/// What the source of a Kustomization leaves out of its files, as far as the cluster has the source
/// and lets it be read.
async fn left_out(cluster: &Cluster, kustomization: &Kustomization, namespace: &str) -> String {
    let source = &kustomization.spec.source_ref;
    let Some(kind) = KINDS.iter().find(|kind| kind.kind == source.kind) else {
        return String::new();
    };
    let own = kustomization.metadata.namespace.as_str();
    let mut namespaces = [source.namespace.as_str(), own, namespace].into_iter();
    let namespace = namespaces.find(|name| !name.is_empty()).unwrap_or_default();
    let Ok(source) = cluster.get(kind, namespace, &source.name).await else {
        return String::new();
    };
    let ignore = source.data["spec"]["ignore"].as_str();
    ignore.unwrap_or_default().to_owned()
}

/// The variables that the cluster has for a Kustomization. What cannot be read is an error only
/// once an object needs it.
async fn variables(
    cluster: &Cluster,
    kustomization: &Kustomization,
    namespace: &str,
) -> Result<Variables> {
    let mut variables = Variables::default();
    let Some(post_build) = &kustomization.spec.post_build else {
        return Ok(variables);
    };
    let own = kustomization.metadata.namespace.as_str();
    let namespace = if own.is_empty() { namespace } else { own };
    for reference in &post_build.substitute_from {
        let VariablesReference { kind, name, .. } = reference;
        let read = match kind.as_str() {
            "ConfigMap" => {
                let api = cluster.namespaced::<ConfigMap>(namespace);
                let read = api.get(name).await;
                read.map(|object| json!({"kind": kind, "data": object.data}))
            }
            "Secret" => {
                let api = cluster.namespaced::<Secret>(namespace);
                let read = api.get(name).await;
                read.map(|object| json!({"kind": kind, "data": object.data}))
            }
            _ => continue,
        };
        let why = match read.map_err(|error| cluster.error(error)) {
            Ok(object) => match variables.add(&object) {
                Ok(()) => continue,
                Err(error) => error.to_string(),
            },
            Err(error) if error.is_not_found() => {
                if reference.optional {
                    continue;
                }
                error.to_string()
            }
            // No rights, no connection: whatever the objects are.
            Err(error) => {
                let doing = format!("substitute from '{kind}/{name}' error");
                return Err(Error::from(error).context(doing));
            }
        };
        variables.fail(format!("substitute from '{kind}/{name}' error: {why}"));
    }
    Ok(variables)
}
