//! `build all`: every Kustomization of a repository, without a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use clap::{ArgMatches, Args, Command, ValueHint};

use super::checkout::DiskCheckout;
pub(in crate::cmd) use super::checkout::remotes;
use super::files::write_atomically;
use super::render;
use crate::build::Network;
use crate::build::all::{self, Cluster, Given, Id, Rendered, Request, Tree};
use crate::cmd::remote::RemoteArgs;
use crate::cmd::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags::List;
use crate::git::ignored::ignored;

#[derive(Args)]
struct AllArgs {
    /// The folder that a cluster follows, or one with several of them below it
    #[arg(default_value = ".", value_name = "PATH", value_hint = ValueHint::DirPath)]
    path: String,
    #[command(flatten)]
    inputs: InputArgs,
    /// Write a file for each Kustomization into this folder, instead of standard output
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output_dir: Option<PathBuf>,
    /// Say of each object, in a comment, which file and line it came from
    #[arg(long)]
    show_origin: bool,
}

/// What a repository is built with besides its files.
#[derive(Args)]
pub(in crate::cmd) struct InputArgs {
    /// Where other sources are on disk, as Kind/namespace/name=path; commas or repeats for several
    #[arg(long, value_name = "SOURCE=DIR")]
    local_sources: Vec<List>,
    /// A file with variables for substituteFrom: lines of NAME=value, or YAML; repeat for several
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    vars_file: Vec<PathBuf>,
    /// Fail where a variable has neither a value nor a default, as kustomize-controller does; on
    /// unless it is false
    #[arg(long, default_value = "true")]
    strict_substitute: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What the flags of [`InputArgs`] stand for.
pub(in crate::cmd) struct Inputs {
    /// Where other sources are.
    pub(in crate::cmd) local_sources: BTreeMap<String, Tree>,
    /// Variables.
    pub(in crate::cmd) given: Given,
    /// Whether a variable without value and default is an error.
    pub(in crate::cmd) strict: bool,
    /// What fetches what kustomizations name on the network.
    pub(in crate::cmd) network: Option<Arc<dyn Network>>,
}

impl InputArgs {
    /// Reads the files that are named.
    pub(in crate::cmd) fn load(&self, context: &Context) -> Result<Inputs> {
        let mut local_sources = BTreeMap::new();
        for (source, path) in render::local_sources(&self.local_sources)? {
            let named = |error: Error| error.context(format!("--local-sources {source}={path}"));
            let tree = disk_tree(render::folder(&path).map_err(named)?)?;
            local_sources.insert(source, tree);
        }
        let mut given = Given::default();
        for file in &self.vars_file {
            let text = fs_err::read_to_string(file)?;
            given
                .read(&text, &file.display().to_string())
                .map_err(|error| Error::usage(error.to_string()))?;
        }
        Ok(Inputs {
            local_sources,
            given,
            strict: self.strict_substitute,
            network: self.remote.network(context),
        })
    }
}

/// The tree of files in and below a folder.
fn disk_tree(root: PathBuf) -> Result<Tree> {
    Ok(Tree {
        files: Box::new(DiskCheckout::at(&root)?),
        root,
    })
}

/// The repository around a folder; where there is none, the folder itself. What Git ignores is not
/// there, as it is in no source.
pub(in crate::cmd) fn repository(dir: &Path) -> Result<Tree> {
    let Some(root) = DiskCheckout::root_of(dir) else {
        return disk_tree(dir.to_path_buf());
    };
    // Where Git makes nothing of the checkout, or is not there, all files count.
    let mut ignored = ignored(root).unwrap_or_default();
    // Whoever asks for a folder that is ignored wants what is in it.
    if dir.ancestors().any(|dir| ignored.contains(dir)) {
        ignored.clear();
    }
    Ok(Tree {
        files: Box::new(DiskCheckout::at(root)?.without(ignored)),
        root: root.to_path_buf(),
    })
}

/// How many threads build.
pub(in crate::cmd) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

pub(super) const WORD: Verb = Verb {
    name: "all",
    command,
    run,
};

fn command() -> Command {
    leaf::<AllArgs>(
        Command::new(WORD.name)
            .about("Print what all Kustomizations of a repository stand for")
            .long_about(
                "Print what all Kustomizations of a repository stand for, without a cluster.\n\n\
                 The folder is built as kustomize-controller builds it, then the Kustomizations \
                 among its objects, and so on, many at once; they are printed in the order in \
                 which they would be applied. A plain folder with several clusters below it, as \
                 bootstrap makes them, stands for all of them. ConfigMaps and Secrets that are \
                 built or lie in the tree have the variables of substituteFrom; what the cluster \
                 has besides can be given in a file. Sources that are this repository are found by \
                 their address; any other is told, with how to say where it is. What kustomizations \
                 name on the network is fetched, each of it once. HelmReleases are printed as they \
                 are.",
            )
            .after_help(
                "Examples:\n  # Print everything that a cluster would apply\n  \
                 {bin} build all ./clusters/production\n\n  \
                 # Write a file for each Kustomization of all clusters\n  \
                 {bin} build all . --output-dir ./rendered\n\n  \
                 # Give variables that only the cluster has, and another repository\n  \
                 {bin} build all ./clusters/production --vars-file production.env \\\n    \
                 --local-sources GitRepository/flux-system/tenants=../tenants",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: AllArgs = arguments(matches)?;
    let dir = render::folder(&args.path)?;
    let inputs = args.inputs.load(context)?;
    let tree = repository(&dir)?;
    let progress = context.ui.progress("building Kustomizations");
    let request = Request {
        tree: &tree,
        path: &dir,
        remotes: &remotes(&tree.root),
        local_sources: &inputs.local_sources,
        given: &inputs.given,
        strict: inputs.strict,
        network: inputs.network.clone(),
        recall: None,
        threads: threads(),
        progress: &|name| progress.set(format!("built {name}")),
    };
    let clusters = all::build(&request)?;
    drop(progress);
    let printer = Printer {
        context,
        root: &tree.root,
        output_dir: args.output_dir.as_deref(),
        show_origin: args.show_origin,
        several: clusters.len() > 1,
    };
    tell(context, &clusters);
    if clusters.iter().all(Cluster::is_empty) {
        let message = format!("there is nothing to build in {:?}", args.path);
        return Err(Error::new(ErrorKind::NotFound, message)
            .hint("name the folder that a cluster follows, or one that such folders are in"));
    }
    printer.print(&clusters)
}

/// Warns of what is not built, and of what the controllers would stumble over.
pub(in crate::cmd) fn tell(context: &Context, clusters: &[Cluster]) {
    let mut elsewhere: BTreeMap<&str, (Option<&str>, BTreeSet<&Id>)> = BTreeMap::new();
    for cluster in clusters {
        for warning in &cluster.warnings {
            context.ui.warning(warning);
        }
        for other in &cluster.elsewhere {
            let entry = elsewhere.entry(&other.source).or_default();
            entry.0 = entry.0.or(other.url.as_deref());
            entry.1.extend(&other.kustomizations);
        }
    }
    for (source, (url, kustomizations)) in elsewhere {
        let kustomizations: Vec<String> = kustomizations.into_iter().map(all::title).collect();
        let place = match url {
            Some(url) => format!("{source} is not in this repository ({})", without_user(url)),
            None => format!("{source} is not in the tree"),
        };
        context.ui.warning(format!(
            "{place}, so these are not built: {}; say where it is with --local-sources {source}=DIR",
            kustomizations.join(", ")
        ));
    }
}

fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

/// An address without credentials.
fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    }
}

struct Printer<'p> {
    context: &'p Context,
    root: &'p Path,
    output_dir: Option<&'p Path>,
    show_origin: bool,
    several: bool,
}

impl Printer<'_> {
    /// Writes what was built; what failed is told, each of it. Where nothing can be written, that
    /// is the end.
    fn print(&self, clusters: &[Cluster]) -> Result<()> {
        let ui = &self.context.ui;
        let (mut built, mut objects, mut failed) = (0, 0, 0);
        for cluster in clusters {
            for rendered in &cluster.rendered {
                let title = self.title(cluster, rendered);
                match &rendered.objects {
                    Ok(rendered_objects) => {
                        self.write(cluster, rendered, &title)?;
                        objects += rendered_objects.len();
                        built += 1;
                    }
                    Err(error) => {
                        failed += 1;
                        let error = Error::from(error.clone()).context(title);
                        ui.error(&error, self.context.identity.name());
                    }
                }
            }
        }
        if failed > 0 {
            let message = format!("{failed} of {} could not be built", built + failed);
            ui.failure(&message);
            return Err(Error::reported(ErrorKind::Failed, message));
        }
        let objects = counted(objects, "object");
        let built = counted(built, "Kustomization");
        ui.success(format!("{objects} of {built} built"));
        Ok(())
    }

    fn title(&self, cluster: &Cluster, rendered: &Rendered) -> String {
        let title = if rendered.kustomization.metadata.name.is_empty() {
            let entry = cluster.entry.display().to_string();
            format!("folder {}", if entry.is_empty() { "." } else { &entry })
        } else {
            rendered.title()
        };
        if self.several {
            format!("{}: {title}", cluster.entry.display())
        } else {
            title
        }
    }

    fn write(&self, cluster: &Cluster, rendered: &Rendered, title: &str) -> Result<()> {
        let text = self.text(rendered, title);
        let Some(dir) = self.output_dir else {
            return self.context.ui.answer(&text);
        };
        let mut path = dir.to_path_buf();
        if self.several {
            path.push(&cluster.entry);
        }
        let metadata = &rendered.kustomization.metadata;
        for part in [&metadata.namespace, &metadata.name] {
            if part.starts_with('.') || part.contains(['/', '\\']) {
                let message = format!("{title}: {part:?} is no name for a file");
                return Err(Error::failed(message));
            }
        }
        if metadata.name.is_empty() {
            path.push("objects.yaml");
        } else {
            path.push(&metadata.namespace);
            path.push(format!("{}.yaml", metadata.name));
        }
        write_atomically(&path, text.as_bytes())
            .map_err(|error| error.context(format!("cannot write {title}")))
    }

    fn text(&self, rendered: &Rendered, title: &str) -> String {
        let objects = rendered.objects.as_deref().unwrap_or_default();
        let mut text = String::new();
        for (position, object) in objects.iter().enumerate() {
            text.push_str("---\n");
            if position == 0 {
                text.push_str(&format!("# {title}\n"));
            }
            if self.show_origin {
                let file = object.origin.file.as_path();
                let file = file.strip_prefix(self.root).unwrap_or(file).display();
                match object.origin.line {
                    0 => text.push_str(&format!("# from {file}\n")),
                    line => text.push_str(&format!("# from {file}:{line}\n")),
                }
            }
            text.push_str(&kustomize::yaml::to_string(&object.value));
        }
        text
    }
}
