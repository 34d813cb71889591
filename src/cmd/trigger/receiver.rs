//! `trigger receiver`.

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;

use super::call::Call;
use super::caller::{Caller, CallerArgs};
use super::webhook::Webhook;
use crate::cmd::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::flags;

const NAME: &str = "object";

// Flags of `trigger receiver`.
#[derive(Args)]
struct ReceiverArgs {
    /// The address below which notification-controller's webhooks are
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    caller: CallerArgs,
    /// What is sent, in JSON
    #[arg(long, default_value = "{}", value_name = "JSON")]
    payload: String,
    /// How often to try again when the connection fails or the server is not ready for it (404, 408,
    /// 429, 500, 502, 503, 504)
    #[arg(long, value_parser = flags::int, default_value = "10", value_name = "NUMBER")]
    retries: i64,
    /// How long to wait before that, as a Go duration
    #[arg(long, value_parser = flags::duration, default_value = "10s")]
    retry_delay: Duration,
}

pub(super) const WORD: Verb = Verb {
    name: "receiver",
    command,
    run,
};

fn command() -> Command {
    leaf::<ReceiverArgs>(
        Command::new(WORD.name)
            .about("Call the webhook of a Receiver")
            .long_about(
                "Call the webhook of a Receiver, as the service would that it waits for.\n\n\
                 The address is made from the Receiver's token, name and namespace; the cluster is \
                 not asked.",
            )
            .after_help(
                "Examples:\n  \
                 # A Receiver of the type generic\n  \
                 {bin} trigger receiver build --url=https://flux.example.com --token-file=token\n\n  \
                 # With a signature, and something to say\n  \
                 {bin} trigger receiver build --url=https://flux.example.com --token-file=- \\\n    \
                 --type=generic-hmac --payload='{\"image\":\"ghcr.io/org/app:v1.0.0\"}'\n\n  \
                 # From a job of GitHub Actions with the permission id-token: write\n  \
                 {bin} trigger receiver build --url=https://flux.example.com \\\n    \
                 --type=generic-oidc --oidc-provider=github",
            ),
    )
    .arg(
        clap::Arg::new(NAME)
            .value_name("NAME")
            .help("The Receiver's name")
            .num_args(0..),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: ReceiverArgs = arguments(matches)?;
    let names: Vec<&String> = matches
        .get_many(NAME)
        .map(Iterator::collect)
        .unwrap_or_default();
    let [name] = names[..] else {
        let given = names.len();
        return Err(Error::usage(format!("accepts 1 arg(s), received {given}")));
    };
    let namespace = context.namespace()?;
    let base = args.url.as_deref().filter(|url| !url.is_empty());
    let base = base.ok_or_else(|| Error::usage("--url is required"))?;
    let caller = Caller::new(&args.caller, &context.env)?;
    let call = Call {
        context,
        receiver: format!("{namespace}/{name}"),
        webhook: Webhook::new(base, caller.token(), name, &namespace)?,
        payload: args.payload.as_bytes(),
        retries: args.retries,
        delay: args.retry_delay,
    };
    context.block_on(call.run(&caller))
}
