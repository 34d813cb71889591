//! `build kustomization`: the objects that a Flux Kustomization stands for.

use clap::{ArgMatches, Args, Command};

use super::render::FolderArgs;
use crate::cmd::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

#[derive(Args)]
struct KustomizationArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Ask no cluster; variables from ConfigMaps and Secrets are left out
    #[arg(long)]
    dry_run: bool,
}

pub(super) const WORD: Verb = Verb {
    name: "kustomization",
    command,
    run,
};

fn command() -> Command {
    leaf::<KustomizationArgs>(
        Command::new(WORD.name)
            .visible_alias("ks")
            .about("Print the objects that a Kustomization stands for")
            .long_about(
                "Print the objects that a Kustomization stands for.\n\n\
                 The folder is built as kustomize-controller builds it: with a list of its \
                 manifests where it has no kustomization.yaml, and with the patches, images, \
                 components, names, metadata and variables of the Kustomization. Variables from \
                 ConfigMaps and Secrets are the cluster's. Values that SOPS encrypted are hidden. \
                 Nothing is written, and nothing is read outside of the repository that the folder \
                 is in, but for what kustomizations name on the network: that is fetched into the \
                 user's cache folder.",
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

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: KustomizationArgs = arguments(matches)?;
    args.folder.name()?;
    let namespace = context.namespace()?;
    let mut builder = args.folder.builder(context, &namespace)?;
    let dir = args.folder.folder()?;
    if args.dry_run && args.folder.kustomization_file.is_empty() {
        let error = Error::usage("dry-run mode requires a kustomization file");
        return Err(error.hint("name the file with --kustomization-file"));
    }
    let wanted = args.folder.wanted(&namespace)?;
    let built = context.block_on_answers(async {
        if !args.dry_run {
            builder.cluster = Some(context.cluster().await?);
        }
        let kustomization = wanted.read(builder.cluster.as_ref()).await?;
        builder.build(dir, kustomization).await
    });
    let built = built.map_err(|error| match error.kind() {
        Kind::Unreachable => error.hint(
            "no cluster is asked with --dry-run, which takes the Kustomization from \
             --kustomization-file",
        ),
        _ => error,
    })?;
    for object in built.iter().flat_map(|(_, objects)| objects) {
        let text = kustomize::yaml::to_string(&object.value);
        context.ui.answer(&format!("{text}---\n"))?;
    }
    Ok(())
}
