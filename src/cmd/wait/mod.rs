//! `wait`: until objects are as wanted, or a revision has come to everything that is built from it.
//!
//! [`goal`] says what a state of one object means; [`revision`] follows a revision, and [`board`]
//! tells how far it is.

mod board;
mod conclusion;
mod goal;
mod revision;

use clap::{ArgMatches, Args, Command};

use self::goal::Goal;
use super::nouns::{self, Words};
use super::output::JournalArgs;
use super::round::Round;
use super::select::{self, Outcome, Request, SelectArgs};
use super::{Verb, arguments};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Kind, Target};
use crate::rollout::{self, Revision};

pub(super) const VERB: Verb = Verb {
    name: "wait",
    command,
    run,
};

// Flags of every `wait` command.
#[derive(Args)]
struct WaitArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// What to wait for: ready, which is meant where nothing is said, suspended, deleted or
    /// condition=TYPE[=STATUS]
    #[arg(long = "for", global = true, value_name = "STATE", value_parser = goal::Parser, hide_possible_values = true)]
    goal: Option<Goal>,
    /// Follow this revision, such as main@sha1:9fceb02, from its source through everything that is
    /// built from it
    #[arg(long, global = true, value_name = "REVISION")]
    revision: Option<Revision>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = WaitArgs::augment_args(
        Command::new("wait")
            .about("Wait until objects are as wanted, or a revision has arrived everywhere"),
    )
    .after_help(
        "Examples:\n  # Wait until several objects of different kinds are ready\n  \
         {bin} wait ks/apps hr/podinfo\n\n  \
         # Wait until whatever is not ready is, in all namespaces\n  {bin} wait -A --not-ready\n\n  \
         # Wait until a condition has a status\n  \
         {bin} wait ks/apps --for=condition=Healthy=True\n\n  \
         # Follow a commit from its source through all that is built from it\n  \
         {bin} wait -A --revision=main@sha1:9fceb02 --timeout=10m",
    );
    let words = Words {
        applies: |_| true,
        noun: |kind| kind.singular,
        across: true,
        about: |kind| format!("Wait for {} objects", kind.kind),
        examples: |kind| {
            let path = kind.singular.path.join(" ");
            format!(
                "  # Wait until one is ready\n  {{bin}} wait {path} {0}\n\n  \
                 # Wait until one is gone\n  {{bin}} wait {path} {0} --for=deleted",
                kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, _| command)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: WaitArgs = arguments(nouns::deepest(matches))?;
    args.journal.begin(&context.ui);
    if let Some(revision) = &args.revision {
        if args.goal.is_some() {
            return Err(Error::usage("--for and --revision cannot be used together"));
        }
        let request = request(context, matches, is_followed, "--revision")?;
        return context.block_on(async {
            let cluster = context.cluster().await?;
            revision::wait(context, &cluster, &request, revision).await
        });
    }
    let goal = args.goal.unwrap_or(Goal::Ready);
    let request = request(context, matches, goal.applies(), "--for=suspended")?;
    request.require(|kind| format!("{} name is required", kind.human))?;
    context.block_on(async {
        let cluster = context.cluster().await?;
        wait(context, &cluster, &request, &goal).await
    })
}

fn is_followed(kind: &Kind) -> bool {
    rollout::role(kind.kind).is_some()
}

/// Reads what to wait for; `flag` is what does not apply to some kinds.
fn request(
    context: &Context,
    matches: &ArgMatches,
    applies: fn(&Kind) -> bool,
    flag: &str,
) -> Result<Request> {
    let request = select::request(context, matches, |kind| kind.singular, applies)?;
    match request.kind {
        Some(kind) if !applies(kind) => Err(Error::usage(format!(
            "{flag} does not apply to {}",
            kind.kind
        ))),
        _ => Ok(request),
    }
}

async fn wait(context: &Context, cluster: &Cluster, request: &Request, goal: &Goal) -> Result<()> {
    let ui = &context.ui;
    let mut outcome = request.resolve(cluster).await;
    let mut round = Round::new(context, cluster, request.args.all_namespaces);
    let gone = if *goal == Goal::Deleted {
        take_gone(&mut outcome, &request.namespace)
    } else {
        Vec::new()
    };
    if outcome.found.is_empty() && outcome.failures.is_empty() && gone.is_empty() {
        if *goal == Goal::Deleted {
            ui.success("no objects found");
            return Ok(());
        }
        return Err(Error::new(ErrorKind::NotFound, "no objects found"));
    }
    for target in &gone {
        ui.about(target).success(format!("{target}: deleted"));
        round.done();
    }
    round.not_found(&outcome.failures);
    let targets: Vec<Target> = outcome.found.iter().map(select::Found::target).collect();
    let uids: Vec<Option<String>> = outcome
        .found
        .into_iter()
        .map(|found| found.object.metadata.uid)
        .collect();
    match targets.as_slice() {
        [] => {}
        [target] => ui
            .about(target)
            .waiting(format!("waiting for {target} {}", goal.sentence())),
        _ => ui.waiting(format!(
            "waiting for {} objects {}",
            targets.len(),
            goal.sentence()
        )),
    }
    let outcomes = round
        .wait(
            &targets,
            |place, object| goal.judge(&targets[place], uids[place].as_deref(), object),
            |place, outcome| {
                let target = &targets[place];
                let about = ui.about(target);
                match outcome {
                    Ok(text) => about.success(format!("{target}: {text}")),
                    // What has timed out names its object.
                    Err(error) if error.kind() == ErrorKind::TimedOut => {
                        about.failure(error, error.chain());
                    }
                    Err(error) => about.failure(error, format!("{target}: {}", error.chain())),
                }
            },
        )
        .await;
    round.settle(&targets, outcomes).await;
    round.end(goal.word(), true)
}

/// Takes the names that do not exist out of the failures: they are what is waited for.
fn take_gone(outcome: &mut Outcome, namespace: &str) -> Vec<Target> {
    let mut gone = Vec::new();
    outcome.failures.retain(|failure| match &failure.name {
        Some(name) if failure.error.kind() == ErrorKind::NotFound => {
            gone.push(Target {
                kind: failure.kind,
                namespace: namespace.to_owned(),
                name: name.clone(),
            });
            false
        }
        _ => true,
    });
    gone
}
