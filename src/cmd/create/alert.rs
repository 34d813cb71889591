//! `create alert`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use serde::Serialize;

use super::ready::{announce, finish};
use super::{Noun, Request, leaf};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::{List, ObjectReference};
use crate::kinds::ALERT;

pub(super) const NOUN: Noun = Noun {
    path: &["alert"],
    run,
};

// Flags of `create alert`.
#[derive(Args)]
struct AlertArgs {
    /// The provider to send to
    #[arg(long, value_name = "NAME")]
    provider_ref: Option<String>,
    /// The least severity to send: info, which is everything, or error
    #[arg(long, value_name = "SEVERITY")]
    event_severity: Option<String>,
    /// Whose events are sent, as KIND/NAME[.NAMESPACE], the name * for all of the kind; commas or
    /// repeats for several
    #[arg(long, value_name = "OBJECT")]
    event_source: Vec<List>,
}

// flux passes on whatever severities and kinds it is given and lets the server judge, so this is
// not the type of the API, which knows the possible values only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlertSpec {
    provider_ref: LocalObjectReference,
    #[serde(skip_serializing_if = "String::is_empty")]
    event_severity: String,
    event_sources: Vec<ObjectReference>,
}

pub(super) fn command() -> Command {
    leaf::<AlertArgs>(
        Command::new("alert")
            .about("Create or update an Alert")
            .after_help(
                "Examples:\n  \
                 # Tell the channel behind a provider when anything of two Kustomizations fails\n  \
                 {bin} create alert on-call --provider-ref=slack --event-severity=error \\\n    \
                 --event-source=Kustomization/apps,Kustomization/infra",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: AlertArgs = arguments(matches)?;
    let spec = spec(&args)?;
    announce(request, &ALERT);
    finish(request, &ALERT, &spec)?;
    Ok(())
}

fn spec(args: &AlertArgs) -> Result<AlertSpec> {
    let provider = args
        .provider_ref
        .as_deref()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Error::usage("provider ref is required"))?;
    let event_sources = List::all(&args.event_source)
        .iter()
        .map(|text| {
            let source = ObjectReference::namespaced(text);
            if source.kind.is_empty() {
                return Err(Error::usage(format!(
                    "invalid event source '{text}', must be in format <kind>/<name>"
                )));
            }
            Ok(source)
        })
        .collect::<Result<Vec<_>>>()?;
    if event_sources.is_empty() {
        return Err(Error::usage("at least one event source is required"));
    }
    Ok(AlertSpec {
        provider_ref: LocalObjectReference::new(provider),
        event_severity: args.event_severity.clone().unwrap_or_default(),
        event_sources,
    })
}
