//! `create secret githubapp`.

use clap::{ArgMatches, Args, Command};

use super::super::credentials::key_file;
use super::super::{Noun, Request, leaf, some};
use super::{finish, metadata_without_labels};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::manifests::secret::{self, GitHubApp};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "githubapp"],
    run,
};

#[derive(Args)]
struct GitHubAppArgs {
    /// The app's number
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// The user or organization that the app is installed for
    #[arg(long, value_name = "NAME")]
    app_installation_owner: Option<String>,
    /// The installation's number
    #[arg(long, value_name = "ID")]
    app_installation_id: Option<String>,
    /// The file with the app's private key; - is standard input
    #[arg(long, value_name = "FILE")]
    app_private_key: Option<String>,
    /// The address of the API, where it is not github.com's
    #[arg(long, value_name = "URL")]
    app_base_url: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<GitHubAppArgs>(
        Command::new("githubapp")
            .about("Create or update a secret with the credentials of a GitHub app")
            .long_about(
                "Create or update a secret with the credentials of a GitHub app, for \
                 GitRepositories whose provider is github.\n\n\
                 This command is a preview and may change.",
            )
            .after_help(
                "Examples:\n  \
                 # To be encrypted and committed\n  \
                 {bin} create secret githubapp podinfo-auth --app-id=1 --app-installation-id=2 \\\n    \
                 --app-private-key=./key.pem --export > githubapp-auth.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: GitHubAppArgs = arguments(matches)?;
    let path =
        some(&args.app_private_key).ok_or_else(|| Error::usage("--app-private-key is required"))?;
    let app = GitHubApp {
        id: args.app_id.unwrap_or_default(),
        installation_owner: args.app_installation_owner.unwrap_or_default(),
        installation_id: args.app_installation_id.unwrap_or_default(),
        private_key: key_file(&path, "private key file")?,
        base_url: args.app_base_url.unwrap_or_default(),
    };
    let secret = secret::github_app(&metadata_without_labels(request), &app)?;
    finish(request, &secret, "githubapp")
}
