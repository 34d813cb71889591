//! `create secret helm`.

use clap::{ArgMatches, Args, Command};

use super::super::{Noun, Request, leaf};
use super::{BasicArgs, TlsArgs, finish, metadata};
use crate::cmd::arguments;
use crate::error::Result;
use crate::manifests::secret::{self, HelmCredentials};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "helm"],
    run,
};

#[derive(Args)]
struct HelmArgs {
    #[command(flatten)]
    basic: BasicArgs,
    #[command(flatten)]
    tls: TlsArgs,
}

pub(super) fn command() -> Command {
    leaf::<HelmArgs>(
        Command::new("helm")
            .about("Create or update a secret with the credentials for a Helm repository")
            .after_help(
                "Examples:\n  \
                 # To be encrypted and committed; no process list shows the password\n  \
                 {bin} create secret helm repo-auth --username=me --password-file=- --export > repo-auth.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: HelmArgs = arguments(matches)?;
    let credentials = HelmCredentials {
        username: args.basic.username(),
        password: args.basic.password()?,
        tls: args.tls.files()?,
    };
    let secret = secret::helm(&metadata(request), &credentials)?;
    finish(request, &secret, "helm")
}
