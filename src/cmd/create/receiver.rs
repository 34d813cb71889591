//! `create receiver`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use serde::Serialize;

use super::ready::{announce, finish};
use super::{Noun, Request, leaf};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{List, ObjectReference, ReceiverType};
use crate::kinds::RECEIVER;

pub(super) const NOUN: Noun = Noun {
    path: &["receiver"],
    run,
};

// Flags of `create receiver`.
#[derive(Args)]
struct ReceiverArgs {
    /// Who calls: generic, generic-hmac, github, gitlab, bitbucket, harbor, dockerhub, quay, gcr,
    /// nexus, acr or cdevents
    #[arg(long)]
    r#type: Option<ReceiverType>,
    /// The secret with the token that makes the address, and that callers sign with
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// An event that counts, as the caller names it; commas or repeats for several
    #[arg(long)]
    event: Vec<List>,
    /// An object to reconcile, as KIND/NAME, the name * for all of the kind; commas or repeats for
    /// several
    #[arg(long, value_name = "OBJECT")]
    resource: Vec<List>,
}

// Not the type of the API, which knows the kinds that can be reconciled: flux lets the server
// judge.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiverSpec {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<String>,
    resources: Vec<ObjectReference>,
    secret_ref: LocalObjectReference,
}

pub(super) fn command() -> Command {
    leaf::<ReceiverArgs>(
        Command::new("receiver")
            .about("Create or update a Receiver")
            .after_help(
                "Examples:\n  \
                 # Fetch two sources as soon as GitHub tells of a push\n  \
                 {bin} create receiver github --type=github --event=ping,push \\\n    \
                 --secret-ref=webhook-token \\\n    \
                 --resource=GitRepository/webapp,HelmRepository/webapp",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: ReceiverArgs = arguments(matches)?;
    let spec = spec(&args)?;
    announce(request, &RECEIVER);
    if let Some(ready) = finish(request, &RECEIVER, &spec)? {
        let path = ready.data["status"]["webhookPath"].as_str();
        request.context.ui.success(format!(
            "generated webhook URL {}",
            path.unwrap_or_default()
        ));
    }
    Ok(())
}

fn spec(args: &ReceiverArgs) -> Result<ReceiverSpec> {
    let caller = args
        .r#type
        .ok_or_else(|| Error::usage("Receiver type is required"))?;
    let secret = args
        .secret_ref
        .as_deref()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Error::usage("secret ref is required"))?;
    let resources = List::all(&args.resource)
        .iter()
        .map(|text| {
            let resource = ObjectReference::local(text);
            if resource.kind.is_empty() {
                return Err(Error::usage(format!(
                    "invalid event source '{text}', must be in format <kind>/<name>"
                )));
            }
            Ok(resource)
        })
        .collect::<Result<Vec<_>>>()?;
    if resources.is_empty() {
        return Err(Error::usage("atleast one resource is required"));
    }
    Ok(ReceiverSpec {
        r#type: caller.as_str(),
        events: List::all(&args.event),
        resources,
        secret_ref: LocalObjectReference::new(secret),
    })
}
