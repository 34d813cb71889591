//! `create alert-provider`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use serde::Serialize;

use super::ready::{announce, finish};
use super::{Noun, Request, leaf, reference, some};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::kinds::PROVIDER;

pub(super) const NOUN: Noun = Noun {
    path: &["alert-provider"],
    run,
};

// Flags of `create alert-provider`.
#[derive(Args)]
struct ProviderArgs {
    /// The service to send to, such as slack, msteams or github
    #[arg(long, value_name = "SERVICE")]
    r#type: Option<String>,
    /// The channel, room or topic to post in
    #[arg(long)]
    channel: Option<String>,
    /// The name to post under
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Where the service is: a webhook, a repository or the like
    #[arg(long)]
    address: Option<String>,
    /// The secret with the credentials
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
}

// Not the type of the API, which knows certain services only: flux lets the server judge.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderSpec {
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_ref: Option<LocalObjectReference>,
}

pub(super) fn command() -> Command {
    leaf::<ProviderArgs>(
        Command::new("alert-provider")
            .about("Create or update a Provider for alerts")
            .after_help(
                "Examples:\n  \
                 # A channel of Slack; the secret holds the token of a bot\n  \
                 {bin} create alert-provider slack --type=slack --channel=general \\\n    \
                 --address=https://slack.com/api/chat.postMessage --secret-ref=slack-bot\n\n  \
                 # The statuses of commits on GitHub\n  \
                 {bin} create alert-provider github --type=github \\\n    \
                 --address=https://github.com/me/fleet --secret-ref=github-token",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: ProviderArgs = arguments(matches)?;
    let spec = ProviderSpec {
        r#type: some(&args.r#type).ok_or_else(|| Error::usage("Provider type is required"))?,
        channel: some(&args.channel),
        username: some(&args.username),
        address: some(&args.address),
        secret_ref: reference(&args.secret_ref),
    };
    announce(request, &PROVIDER);
    finish(request, &PROVIDER, &spec)?;
    Ok(())
}
