//! `build kustomization`: the objects that a Flux Kustomization stands for.

use clap::{ArgMatches, Args, Command, ValueHint};

use super::render::{self, Builder, Wanted};
use crate::build::Options;
use crate::cmd::{arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::flags::List;

#[derive(Args)]
struct KustomizationArgs {
    /// The name of the Kustomization
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The folder with the manifests
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    path: String,
    /// The file with the Kustomization, instead of the one in the cluster
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
                 components, names, metadata and variables of the Kustomization. Variables from \
                 ConfigMaps and Secrets are the cluster's. Values that SOPS encrypted are hidden. \
                 Nothing is written, and nothing is read outside of the repository that the folder \
                 is in.",
            )
            .after_help(
                "Examples:\n  # Build a folder as the Kustomization in the cluster says\n  \
                 {bin} build kustomization my-app --path ./apps/my-app\n\n  # Build a folder as a file says, without a cluster\n  \
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
    let local_sources = render::local_sources(&args.local_sources)?;
    let dir = render::folder(&args.path)?;
    if args.dry_run && args.kustomization_file.is_empty() {
        return Err(Error::usage("dry-run mode requires a kustomization file"));
    }
    let namespace = context.namespace()?;
    let wanted = Wanted {
        name,
        namespace: &namespace,
        file: &args.kustomization_file,
    };
    wanted.check_file()?;
    let mut builder = Builder {
        options: Options {
            ignore: List::all(&args.ignore_paths),
            strict: args.strict_substitute,
            ..Options::default()
        },
        recursive: args.recursive,
        local_sources,
        cluster: None,
        namespace: namespace.clone(),
    };
    let built = context.block_on_answers(async {
        if !args.dry_run {
            builder.cluster = Some(context.cluster().await?);
        }
        let kustomization = wanted.read(builder.cluster.as_ref()).await?;
        builder.build(dir, kustomization).await
    })?;
    for object in built.iter().flat_map(|(_, objects)| objects) {
        let text = kustomize::yaml::to_string(&object.value);
        context.ui.answer(&format!("{text}---\n"))?;
    }
    Ok(())
}
