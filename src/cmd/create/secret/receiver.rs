//! `create secret receiver`.

use clap::{ArgMatches, Args, Command};
use secrecy::SecretString;

use super::super::credentials::secret_value;
use super::super::{Noun, Request, leaf, some};
use super::{finish, metadata};
use crate::cli;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::ReceiverType;
use crate::manifests::secret::{self, GoogleClaims, Webhook};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "receiver"],
    run,
};

#[derive(Args)]
struct ReceiverSecretArgs {
    /// The type of the receiver, such as generic, github or gcr
    #[arg(long)]
    r#type: Option<ReceiverType>,
    /// What the caller must know; random unless given, and better from a file
    #[arg(long, value_parser = cli::secret)]
    token: Option<SecretString>,
    /// The file with the token; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<String>,
    /// The host of the webhook, such as flux.example.com
    #[arg(long, value_name = "HOST")]
    hostname: Option<String>,
    /// The address of the service account that calls; for receivers of type gcr
    #[arg(long, value_name = "ADDRESS")]
    email_claim: Option<String>,
    /// Whom the caller's tokens are for, if not for the webhook's address; for type gcr
    #[arg(long, value_name = "AUDIENCE")]
    audience_claim: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<ReceiverSecretArgs>(
        Command::new("receiver")
            .about("Create or update a secret with the token of a webhook")
            .long_about(
                "Create or update a secret with the token of a webhook.\n\n\
                 An annotation gives the webhook's address. It is right for a receiver of the \
                 secret's name and namespace.",
            )
            .after_help(
                "Examples:\n  \
                 # A random token for GitHub\n  \
                 {bin} create secret receiver github-receiver --type=github --hostname=flux.example.com\n\n  \
                 # Calls from Google's registry\n  \
                 {bin} create secret receiver gcr-receiver --type=gcr --hostname=flux.example.com \\\n    \
                 --email-claim=sa@project.iam.gserviceaccount.com",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: ReceiverSecretArgs = arguments(matches)?;
    let kind = args
        .r#type
        .ok_or_else(|| Error::usage("--type is required"))?;
    let hostname = some(&args.hostname).ok_or_else(|| Error::usage("--hostname is required"))?;
    let claims = match kind.as_str() {
        "gcr" => Some(GoogleClaims {
            email: some(&args.email_claim)
                .ok_or_else(|| Error::usage("--email-claim is required for gcr receiver type"))?,
            audience: some(&args.audience_claim),
        }),
        _ => None,
    };
    let token = secret_value(
        args.token.as_ref(),
        args.token_file.as_deref(),
        "token file",
    )?;
    let webhook = Webhook {
        token: token.unwrap_or_else(|| secret::new_token(&mut rand::rng())),
        hostname,
        claims,
    };
    finish(
        request,
        &secret::receiver(&metadata(request), &webhook),
        "receiver",
    )
}
