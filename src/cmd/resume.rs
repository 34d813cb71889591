//! `resume`: reconcile suspended objects again.

use clap::{ArgMatches, Args, Command};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::nouns::{self, Words};
use super::output::JournalArgs;
use super::round::{Round, readiness, told};
use super::select::{self, Found, Outcome, Request, SelectArgs};
use super::{Verb, arguments};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::suspension::Suspension;
use crate::kinds::{Action, Target};

pub(super) const VERB: Verb = Verb {
    name: "resume",
    command,
    run,
};

// Flags of every `resume` command.
#[derive(Args)]
struct ResumeArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Wait until each object is reconciled; one name alone is always waited for
    #[arg(long, global = true)]
    wait: Option<bool>,
    /// Only objects whose suspension is over: the time that `suspend --for` gave it has passed
    #[arg(long, global = true)]
    expired: bool,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = ResumeArgs::augment_args(
        Command::new("resume")
            .about("Resume the reconciliation of suspended sources and resources"),
    )
    .after_help(
        "Examples:\n  # Resume several objects of different kinds, and wait for all of them\n  \
         {bin} resume ks/apps hr/podinfo --wait\n\n  \
         # Resume whatever was suspended for a time that is over\n  {bin} resume -A --expired",
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Suspend),
        noun: |kind| kind.singular,
        across: true,
        about: |kind| {
            format!(
                "Resume the reconciliation of suspended {} objects",
                kind.kind
            )
        },
        examples: |kind| {
            let path = kind.singular.path.join(" ");
            format!(
                "  # Resume one and wait until it is reconciled\n  {{bin}} resume {path} {}\n\n  \
                 # Resume all\n  {{bin}} resume {path} --all",
                kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, _| command)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: ResumeArgs = arguments(nouns::deepest(matches))?;
    args.journal.begin(&context.ui);
    let request = select::request(
        context,
        matches,
        |kind| kind.singular,
        |kind| kind.allows(Action::Suspend),
    )?;
    if !args.expired {
        request.require(|kind| format!("{} name is required", kind.human))?;
    }
    let waits = args.wait.unwrap_or(request.names.len() == 1);
    context.block_on(async {
        let cluster = context.cluster().await?;
        let mut outcome = request.resolve(&cluster).await.or_shut_out()?;
        if args.expired {
            let now = Timestamp::now();
            outcome.found.retain(|found| {
                (found.kind.suspended)(&found.object)
                    && Suspension::of(&found.object).is_expired(now)
            });
        }
        resume(context, &cluster, &request, &outcome, waits).await
    })
}

async fn resume(
    context: &Context,
    cluster: &Cluster,
    request: &Request,
    outcome: &Outcome,
    waits: bool,
) -> Result<()> {
    if outcome.found.is_empty() && outcome.failures.is_empty() {
        return Err(nothing(request));
    }
    let ui = &context.ui;
    let mut round = Round::new(context, cluster, request.args.all_namespaces);
    for failure in &outcome.failures {
        let text = match &failure.name {
            Some(name)
                if failure.error.kind() == ErrorKind::NotFound
                    && failure.error.hints().is_empty() =>
            {
                format!(
                    "{} object '{name}' not found in {} namespace",
                    failure.kind.kind, request.namespace
                )
            }
            _ => failure.error.chain(),
        };
        ui.failure(text);
        round.failed(&failure.error);
    }
    let resumed = unsuspend(&mut round, &outcome.found).await;
    if waits {
        wait(&mut round, &resumed).await;
    } else {
        resumed.iter().for_each(|_| round.done());
    }
    round.end("resumed", !request.is_flux_form())
}

/// Takes the suspension off each, and returns those that it came off with the generation of their
/// spec since then.
async fn unsuspend(round: &mut Round<'_>, found: &[Found]) -> Vec<(Target, i64)> {
    let ui = &round.context.ui;
    let targets: Vec<Target> = found.iter().map(Found::target).collect();
    let mut resumed = Vec::new();
    let mut failures = Vec::new();
    let patches: Vec<Value> = found.iter().map(patch).collect();
    let patched = round.patch(
        &targets,
        |place| patches[place].clone(),
        |place, result| {
            let target = &targets[place];
            let about = ui.about(target);
            about.action(format!(
                "resuming {} {} in {} namespace",
                target.kind.human, target.name, target.namespace
            ));
            match result {
                Ok(object) => {
                    about.success(format!("{} resumed", target.kind.human));
                    let generation = object.metadata.generation.unwrap_or(0);
                    resumed.push((target.clone(), generation));
                }
                Err(error) => {
                    let error = Error::from(error);
                    about.failure(&error, told(target, &error));
                    failures.push(error);
                }
            }
        },
    );
    patched.await;
    for error in &failures {
        round.failed(error);
    }
    resumed
}

fn patch(found: &Found) -> Value {
    let mut patch = json!({"spec": {"suspend": null}});
    let annotations = Suspension::removal(&found.object);
    if !annotations.is_empty() {
        patch["metadata"] = json!({"annotations": annotations});
    }
    patch
}

async fn wait(round: &mut Round<'_>, resumed: &[(Target, i64)]) {
    let ui = &round.context.ui;
    let targets: Vec<Target> = resumed.iter().map(|(target, _)| target.clone()).collect();
    for target in &targets {
        ui.about(target)
            .waiting(format!("waiting for {} reconciliation", target.kind.kind));
    }
    let outcomes = round
        .wait(
            &targets,
            |place, object| readiness(&targets[place], resumed[place].1, object),
            |place, outcome| {
                let target = &targets[place];
                let about = ui.about(target);
                match outcome {
                    Ok(text) => {
                        about.success(format!(
                            "{} {} reconciliation completed",
                            target.kind.kind, target.name
                        ));
                        about.success(text);
                    }
                    Err(error) => about.failure(
                        error,
                        format!(
                            "{} {} reconciliation failed: {}",
                            target.kind.kind,
                            target.name,
                            error.chain()
                        ),
                    ),
                }
            },
        )
        .await;
    round.settle(&targets, outcomes).await;
}

fn nothing(request: &Request) -> Error {
    let place = if request.args.all_namespaces {
        "any"
    } else {
        &request.namespace
    };
    let what = request.kind.map_or("", |kind| kind.kind);
    let what = if what.is_empty() {
        String::new()
    } else {
        format!("{what} ")
    };
    Error::new(
        ErrorKind::NotFound,
        format!("no {what}objects found in {place} namespace"),
    )
}
