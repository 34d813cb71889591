//! `build kustomization`: the objects that a Flux Kustomization stands for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueHint};
use serde_json::Value;

use super::checkout::DiskCheckout;
use crate::build::spec::{Kustomization, is_kustomization};
use crate::build::{self, Options};
use crate::cmd::{arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags::List;

#[derive(Args)]
struct KustomizationArgs {
    /// The name of the Kustomization
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The folder with the manifests
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    path: String,
    /// The file with the Kustomization
    #[arg(long, default_value = "", hide_default_value = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    kustomization_file: String,
    /// Files to leave out, as patterns of .gitignore; commas or repeats for several
    #[arg(long, value_name = "PATTERN")]
    ignore_paths: Vec<List>,
    /// Ask no cluster; variables from ConfigMaps and Secrets are left out
    #[arg(long)]
    dry_run: bool,
    /// Fail where a variable has neither a value nor a default
    #[arg(long)]
    strict_substitute: bool,
    /// Build the Kustomizations among the objects, too
    #[arg(long, short = 'r')]
    recursive: bool,
    /// Where sources are on disk, as Kind/namespace/name=path; commas or repeats for several
    #[arg(long, value_name = "SOURCE=DIR")]
    local_sources: Vec<List>,
    /// Accepted: nothing is ever written into the folder
    #[arg(long)]
    in_memory_build: bool,
}

pub(super) fn command() -> Command {
    leaf::<KustomizationArgs>(
        Command::new("kustomization")
            .visible_alias("ks")
            .about("Print the objects that a Kustomization stands for")
            .long_about(
                "Print the objects that a Kustomization stands for.\n\n\
                 The folder is built as kustomize-controller builds it: with a list of its \
                 manifests where it has no kustomization.yaml, and with the patches, images, \
                 components, names, metadata and variables of the Kustomization. Values that SOPS \
                 encrypted are hidden. Nothing is written, and nothing is read outside of the \
                 repository that the folder is in.",
            )
            .after_help(
                "Examples:\n  # Build a folder as a file says, without a cluster\n  \
                 {bin} build kustomization my-app --path ./apps/my-app \\\n    \
                 --kustomization-file ./clusters/my-app.yaml --dry-run\n\n  \
                 # Build the Kustomizations among the objects, too\n  \
                 {bin} build kustomization apps --path ./apps \\\n    \
                 --kustomization-file ./clusters/apps.yaml --dry-run \\\n    \
                 --recursive --local-sources GitRepository/flux-system/flux-system=.",
            ),
    )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: KustomizationArgs = arguments(matches)?;
    let Some(name) = args.names.first() else {
        return Err(Error::usage("Kustomization name is required"));
    };
    let local_sources = local_sources(&args.local_sources)?;
    let dir = folder(&args.path)?;
    if args.dry_run && args.kustomization_file.is_empty() {
        return Err(Error::usage("dry-run mode requires a kustomization file"));
    }
    if !args.dry_run {
        return Err(
            Error::usage("a build that asks the cluster is not there yet")
                .hint("build without one: --dry-run --kustomization-file FILE"),
        );
    }
    let file = args.kustomization_file.as_str();
    if !Path::new(file).is_file() {
        return Err(Error::usage(format!("invalid kustomization file {file:?}")));
    }
    let text = fs_err::read_to_string(file)?;
    let kustomization = Kustomization::find(&text, file, name, &context.namespace()?)
        .map_err(|error| Error::failed(format!("failed to get kustomization object: {error}")))?;
    let builder = Builder {
        options: Options {
            ignore: List::all(&args.ignore_paths),
            strict: args.strict_substitute,
        },
        recursive: args.recursive,
        local_sources,
    };
    for object in builder.build(&dir, &kustomization, &mut Vec::new())? {
        let text = kustomize::yaml::to_string(&object);
        context.ui.answer(&format!("{text}---\n"))?;
    }
    Ok(())
}

/// The real path of the folder to build.
fn folder(path: &str) -> Result<PathBuf> {
    let refused = |path: &str| {
        let message = format!("invalid resource path {path:?}");
        Error::new(ErrorKind::NotFound, message)
    };
    if path.is_empty() {
        return Err(Error::usage("invalid resource path \"\""));
    }
    match fs_err::canonicalize(path) {
        Ok(real) if real.is_dir() => Ok(real),
        _ => Err(refused(path)),
    }
}

fn local_sources(given: &[List]) -> Result<BTreeMap<String, String>> {
    let pair = |item: String| match item.split_once('=') {
        Some((source, path)) => Ok((source.to_owned(), path.to_owned())),
        None => Err(Error::usage(format!(
            "invalid argument {item:?} for \"--local-sources\" flag: {item} must be formatted as \
             key=value"
        ))),
    };
    List::all(given).into_iter().map(pair).collect()
}

/// Which Kustomization: its namespace and name.
type Id = (String, String);

struct Builder {
    options: Options,
    recursive: bool,
    local_sources: BTreeMap<String, String>,
}

impl Builder {
    /// The objects of `dir`, and behind them those of the Kustomizations among them. `above` are
    /// the Kustomizations on the way.
    fn build(
        &self,
        dir: &Path,
        kustomization: &Kustomization,
        above: &mut Vec<Id>,
    ) -> Result<Vec<Value>> {
        let files = DiskCheckout::around(dir)?;
        let failed = |error: build::Error| Error::failed(error.to_string());
        let mut objects =
            build::build(&files, dir, kustomization, &self.options).map_err(failed)?;
        if !self.recursive {
            return Ok(objects);
        }
        above.push(id(kustomization));
        let mut below = Vec::new();
        for object in objects.iter().filter(|object| is_kustomization(object)) {
            let child = Kustomization::of(object).map_err(failed)?;
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
            let source = child.source();
            let root = self.local_sources.get(&source).ok_or_else(|| {
                let name = &child.metadata.name;
                Error::usage(format!(
                    "cannot get local path for {source} of kustomization {name}"
                ))
            })?;
            let path = child.spec.path.trim_start_matches('/');
            let dir = folder(&Path::new(root).join(path).to_string_lossy())?;
            below.extend(self.build(&dir, &child, above)?);
        }
        above.pop();
        objects.extend(below);
        Ok(objects)
    }
}

fn id(kustomization: &Kustomization) -> Id {
    let metadata = &kustomization.metadata;
    (metadata.namespace.clone(), metadata.name.clone())
}
