//! `kustomize DIR`: builds a plain directory, without Flux and without a cluster.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueHint};
use kustomize::DiskFiles;

use super::remote::RemoteArgs;
use super::{Verb, arguments, leaf};
use crate::build::WithNetwork;
use crate::context::Context;
use crate::error::{Error, Kind, Result};

pub(super) const VERB: Verb = Verb {
    name: "kustomize",
    command,
    run,
};

#[derive(Args)]
struct KustomizeArgs {
    /// The directory with the kustomization file
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    dir: PathBuf,
    /// The directory outside of which nothing is read
    #[arg(long, value_name = "DIR", default_value = "/", value_hint = ValueHint::DirPath)]
    root: PathBuf,
    #[command(flatten)]
    remote: RemoteArgs,
}

fn command() -> Command {
    leaf::<KustomizeArgs>(
        Command::new("kustomize")
            .about("Build a directory with a kustomization file and print its objects")
            .long_about(
                "Build a directory with a kustomization file and print its objects.\n\n\
                 The output is that of `kustomize build --load-restrictor LoadRestrictionsNone`. \
                 Nothing is read outside of the root, also not through symbolic links, and no \
                 program is run but git: it fetches what kustomizations name in other \
                 repositories, into the user's cache folder.",
            )
            .after_help("Examples:\n  # Build an overlay\n  {bin} kustomize ./apps/production\n\n  # Build an overlay of a checkout and read nothing outside of the checkout\n  {bin} kustomize ./apps/production --root ."),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: KustomizeArgs = arguments(matches)?;
    let root = directory(&args.root)?;
    let dir = directory(&args.dir)?;
    if !dir.starts_with(&root) {
        return Err(Error::usage(format!(
            "{} is not in or below the root {}",
            dir.display(),
            root.display()
        )));
    }
    let network = args.remote.network(context);
    let files = WithNetwork {
        files: &DiskFiles::new(&root)?,
        network: network.as_deref(),
    };
    let text = kustomize::build_to_yaml(&files, &dir)?;
    context.ui.answer(&text)
}

/// The real path of a directory that was named.
fn directory(path: &Path) -> Result<PathBuf> {
    let refuse = |kind, why: &str| {
        let shown = path.display();
        Err(Error::new(
            kind,
            format!("must build at directory: '{shown}': {why}"),
        ))
    };
    match fs_err::canonicalize(path) {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(_) => refuse(Kind::Usage, "file is not directory"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            refuse(Kind::NotFound, "no such file or directory")
        }
        Err(error) => {
            Err(Error::failed(format!("cannot build {}", path.display())).caused_by(error))
        }
    }
}
