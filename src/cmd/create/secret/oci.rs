//! `create secret oci`.

use clap::{ArgMatches, Args, Command};

use super::super::{Noun, Request, leaf, some};
use super::{BasicArgs, finish, metadata_without_labels};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::manifests::secret::{self, RegistryCredentials};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "oci"],
    run,
};

#[derive(Args)]
struct OciArgs {
    /// The registry's or the repository's address, such as ghcr.io or ghcr.io/org/charts
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    basic: BasicArgs,
}

pub(super) fn command() -> Command {
    leaf::<OciArgs>(
        Command::new("oci")
            .about("Create or update a secret for pulling from an image registry")
            .long_about(
                "Create or update a secret for pulling from an image registry, for \
                 OCIRepositories.\n\n\
                 This command is a preview and may change.",
            )
            .after_help(
                "Examples:\n  \
                 # To be encrypted and committed; no process list shows the password\n  \
                 {bin} create secret oci podinfo-auth --url=ghcr.io --username=me --password-file=- \\\n    \
                 --export > repo-auth.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: OciArgs = arguments(matches)?;
    let required = |flag: &str| Error::usage(format!("{flag} is required"));
    let url = some(&args.url).ok_or_else(|| required("--url"))?;
    let username = args.basic.username();
    if username.is_empty() {
        return Err(required("--username"));
    }
    let password = args.basic.password()?;
    let password = password.ok_or_else(|| required("--password"))?;
    secret::check_reference(&url)?;
    let credentials = RegistryCredentials { username, password };
    let secret = secret::image_pull(&metadata_without_labels(request), &url, &credentials)?;
    finish(request, &secret, "oci")
}
