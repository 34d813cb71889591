//! `suspend`: stop reconciling objects.

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::nouns::{self, Words};
use super::output::JournalArgs;
use super::round::Round;
use super::select::{self, Failure, Request, SelectArgs};
use super::{Verb, arguments};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags;
use crate::kinds::Target;
use crate::kinds::suspension::Suspension;
use crate::kinds::{Action, Kind};

pub(super) const VERB: Verb = Verb {
    name: "suspend",
    command,
    run,
};

// Flags of every `suspend` command.
#[derive(Args)]
struct SuspendArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Why, for whoever finds it suspended
    #[arg(long, global = true, value_name = "TEXT")]
    reason: Option<String>,
    /// How long it is meant to stay suspended, as a Go duration; `resume --expired` ends it
    #[arg(long = "for", global = true, value_parser = flags::duration, value_name = "DURATION")]
    period: Option<Duration>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = SuspendArgs::augment_args(
        Command::new("suspend").about("Suspend the reconciliation of sources and resources"),
    )
    .after_help(
        "Examples:\n  # Suspend several objects of different kinds, and say why\n  \
         {bin} suspend ks/apps hr/podinfo --reason=\"database migration\" --for=2h\n\n  \
         # Suspend whatever has a label, in all namespaces\n  {bin} suspend -A -l team=web",
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Suspend),
        noun: |kind| kind.singular,
        across: true,
        about: |kind| format!("Suspend the reconciliation of {} objects", kind.kind),
        examples: |kind| {
            let path = kind.singular.path.join(" ");
            format!(
                "  # Suspend one\n  {{bin}} suspend {path} {}\n\n  \
                 # Suspend all\n  {{bin}} suspend {path} --all",
                kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, _| command)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: SuspendArgs = arguments(nouns::deepest(matches))?;
    args.journal.begin(&context.ui);
    let request = select::request(
        context,
        matches,
        |kind| kind.singular,
        |kind| kind.allows(Action::Suspend),
    )?;
    request.require(|kind| format!("{} name is required", kind.human))?;
    context.block_on_answers(async {
        let cluster = context.cluster().await?;
        let patch = patch(&cluster, &args).await?;
        suspend(context, &cluster, &request, &patch).await
    })
}

/// The patch that suspends, with who did it, why and until when where the flags say something of
/// that.
async fn patch(cluster: &Cluster, args: &SuspendArgs) -> Result<Value> {
    let mut patch = json!({"spec": {"suspend": true}});
    if args.reason.is_none() && args.period.is_none() {
        return Ok(patch);
    }
    let until = match args.period {
        Some(period) => Some(end(period)?),
        None => None,
    };
    let suspension = Suspension {
        by: cluster.user_name().await,
        reason: args.reason.clone(),
        until,
    };
    patch["metadata"] = json!({"annotations": suspension.annotations()});
    Ok(patch)
}

/// When a period that begins now is over, as whole seconds.
fn end(period: Duration) -> Result<Timestamp> {
    let period = SignedDuration::try_from(flags::std_duration(period))
        .ok()
        .filter(|period| period.is_positive())
        .ok_or_else(|| Error::usage("--for: the duration must be positive"))?;
    let now = Timestamp::now();
    now.checked_add(period)
        .and_then(|end| end.round(jiff::Unit::Second))
        .map_err(|error| Error::usage("--for: the duration is too long").caused_by(error))
}

async fn suspend(
    context: &Context,
    cluster: &Cluster,
    request: &Request,
    patch: &Value,
) -> Result<()> {
    let ui = &context.ui;
    let outcome = request.resolve(cluster).await.or_shut_out()?;
    if outcome.found.is_empty() && outcome.failures.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no objects found"));
    }
    let targets: Vec<Target> = outcome.found.iter().map(select::Found::target).collect();
    let mut round = Round::new(context, cluster, request.args.all_namespaces);
    let mut results = Vec::new();
    let progress = ui.progress(format!("suspending {} objects", targets.len()));
    round
        .patch(
            &targets,
            |_| patch.clone(),
            |place, result| {
                let Target {
                    kind,
                    namespace,
                    name,
                } = &targets[place];
                let about = ui.about(&targets[place]);
                about.action(format!(
                    "suspending {} {name} in {namespace} namespace",
                    kind.human
                ));
                results.push(match result {
                    Ok(_) => {
                        about.success(format!("{} suspended", kind.human));
                        Ok(())
                    }
                    Err(error) => {
                        let error = Error::from(error);
                        about.failure(&error, failed(kind, name, namespace, &error));
                        Err(error)
                    }
                });
            },
        )
        .await;
    drop(progress);
    for result in &results {
        match result {
            Ok(()) => round.done(),
            Err(error) => round.failed(error),
        }
    }
    for failure in &outcome.failures {
        ui.failure(not_found(failure, &request.namespace));
        round.failed(&failure.error);
    }
    round.end("suspended", !request.is_flux_form())
}

fn not_found(failure: &Failure, namespace: &str) -> String {
    let (kind, error) = (failure.kind, &failure.error);
    match &failure.name {
        Some(name) if error.kind() == ErrorKind::NotFound && error.hints().is_empty() => {
            format!("{} {name} not found in {namespace} namespace", kind.kind)
        }
        Some(name) => failed(kind, name, namespace, error),
        None => error.chain(),
    }
}

fn failed(kind: &Kind, name: &str, namespace: &str, error: &Error) -> String {
    format!(
        "failed suspending {} {name} in {namespace} namespace: {}",
        kind.kind,
        error.chain()
    )
}
