//! `create secret git`.

use clap::{ArgMatches, Args, Command};
use secrecy::{ExposeSecret, SecretString};

use super::super::credentials::{self, CredentialArgs};
use super::super::{Noun, Request, leaf};
use crate::cli;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::git::url::{self, Scheme};
use crate::manifests::secret::GitCredentials;

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
    /// The bearer token for HTTP
    #[arg(long, value_name = "TOKEN", value_parser = cli::secret)]
    bearer_token: Option<SecretString>,
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
    let address = args
        .url
        .as_deref()
        .filter(|u| !u.is_empty())
        .ok_or_else(|| Error::usage("url is required"))?;
    let (address, scheme) = url::parse(address)?;
    let context = request.context;
    let ca = match scheme {
        Scheme::Ssh => None,
        Scheme::Http | Scheme::Https => {
            http(&args)?;
            credentials::ca_file(args.ca_crt_file.as_deref())?
        }
    };
    context.block_on(async {
        let credentials = match scheme {
            Scheme::Ssh => args.credentials.ssh(request, &address).await?,
            Scheme::Http | Scheme::Https => http(&args)?,
        };
        let Some(secret) = credentials::secret(request, Some(&credentials), ca.as_deref()) else {
            return Ok(());
        };
        if request.export {
            // flux ends this document with an empty line.
            let text = secret.to_yaml();
            return context.ui.answer(&format!("{}\n", text.expose_secret()));
        }
        if let Some(key) = secret.public_key() {
            context.ui.generate(format!("deploy key: {key}"));
        }
        let cluster = context.cluster().await?;
        cluster.upsert_secret(secret.expose()).await?;
        context.ui.action(format!(
            "git secret '{}' created in '{}' namespace",
            request.name, request.namespace
        ));
        Ok(())
    })
}

fn http(args: &GitSecretArgs) -> Result<GitCredentials> {
    let username = args.credentials.username.clone().filter(|u| !u.is_empty());
    let password = args.credentials.password()?;
    let bearer = args
        .bearer_token
        .clone()
        .filter(|t| !t.expose_secret().is_empty());
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
