//! `create secret git`.

use clap::{ArgMatches, Args, Command};
use secrecy::SecretString;

use super::super::credentials::{self, CredentialArgs, secret_value};
use super::super::{Noun, Request, leaf, some};
use super::{finish, metadata, print, save};
use crate::cli;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::git::url::{self, Scheme};
use crate::manifests::secret::{self, GitCredentials};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "git"],
    run,
};

#[derive(Args)]
struct GitSecretArgs {
    /// The repository's address, such as ssh://git@host/org/repository
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    credentials: CredentialArgs,
    /// The bearer token for HTTP; better from a file
    #[arg(long, value_name = "TOKEN", value_parser = cli::secret)]
    bearer_token: Option<SecretString>,
    /// The file with the bearer token; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "bearer_token")]
    bearer_token_file: Option<String>,
    /// The file with the authorities that may sign the server's certificate
    #[arg(long, value_name = "FILE")]
    ca_crt_file: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<GitSecretArgs>(
        Command::new("git")
            .about("Create or update a secret with the credentials for a Git repository")
            .after_help(
                "Examples:\n  \
                 # A new SSH key; the public half is printed, to be added to the repository\n  \
                 {bin} create secret git podinfo --url=ssh://git@github.com/stefanprodan/podinfo\n\n  \
                 # A user name and a password that no process list shows\n  \
                 {bin} create secret git podinfo --url=https://github.com/stefanprodan/podinfo \\\n    \
                 --username=me --password-file=-",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: GitSecretArgs = arguments(matches)?;
    let address = some(&args.url).ok_or_else(|| Error::usage("url is required"))?;
    let (address, scheme) = url::parse(&address)?;
    match scheme {
        Scheme::Http | Scheme::Https => {
            let credentials = http(&args)?;
            let ca = credentials::ca_file(args.ca_crt_file.as_deref())?;
            let secret = secret::git(&metadata(request), &credentials, ca.as_deref());
            finish(request, &secret, "git")
        }
        // Its host keys may have to be asked for.
        Scheme::Ssh => request.context.block_on(async {
            let credentials = args.credentials.ssh(request, &address).await?;
            let secret = secret::git(&metadata(request), &credentials, None);
            if request.export {
                return print(request, &secret);
            }
            if let Some(key) = secret.public_key() {
                request.context.ui.generate(format!("deploy key: {key}"));
            }
            save(request, &secret, "git").await
        }),
    }
}

fn http(args: &GitSecretArgs) -> Result<GitCredentials> {
    if args.credentials.password_is_piped() && args.bearer_token_file.as_deref() == Some("-") {
        return Err(Error::usage(
            "only one of --password-file and --bearer-token-file can be standard input",
        ));
    }
    let username = some(&args.credentials.username);
    let password = args.credentials.password()?;
    let bearer = secret_value(
        args.bearer_token.as_ref(),
        args.bearer_token_file.as_deref(),
        "bearer token file",
    )?;
    match (username, password, bearer) {
        (Some(_), Some(_), Some(_)) => Err(Error::usage(
            "user credentials and bearer token cannot be used together",
        )),
        (Some(username), Some(password), None) => Ok(GitCredentials::Basic { username, password }),
        (_, _, Some(token)) => Ok(GitCredentials::Bearer(token)),
        _ => Err(Error::usage(
            "for Git over HTTP/S the username and password, or a bearer token is required",
        )),
    }
}
