//! `delete`: delete objects, and wait until they are gone.

use std::collections::{BTreeSet, VecDeque};

use clap::{ArgMatches, Args, Command};

use super::nouns::{self, Words};
use super::output::JournalArgs;
use super::round::{Round, Verdict, told};
use super::select::{self, Found, Request, SelectArgs};
use super::{Verb, arguments};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::inventory::Entry;
use crate::kinds::{self, Action, Kind, Target};

pub(super) const VERB: Verb = Verb {
    name: "delete",
    command,
    run,
};

/// How many of the objects that go with one are named before the question.
const NAMED: usize = 20;

// Flags of every `delete` command.
#[derive(Args)]
struct DeleteArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Delete without asking
    #[arg(long, short = 's', global = true)]
    silent: bool,
    /// Wait until the objects are gone [default: true]
    #[arg(long, global = true)]
    wait: Option<bool>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base =
        DeleteArgs::augment_args(Command::new("delete").about("Delete sources and resources"))
            .after_help(
                "Examples:\n  # Delete several objects of different kinds\n  \
                 {bin} delete ks/apps gitrepository/fleet\n\n  \
                 # Delete whatever has a label, without a question\n  {bin} delete -l team=web --silent",
            );
    let words = Words {
        applies: |kind| kind.allows(Action::Delete),
        noun: |kind| kind.singular,
        across: true,
        about: |kind| format!("Delete {} objects", kind.kind),
        examples: |kind| {
            format!(
                "  # Delete one\n  {{bin}} delete {} {}",
                kind.singular.path.join(" "),
                kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, _| command)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: DeleteArgs = arguments(nouns::deepest(matches))?;
    args.journal.begin(&context.ui);
    let request = select::request(
        context,
        matches,
        |kind| kind.singular,
        |kind| kind.allows(Action::Delete),
    )?;
    request.require(|kind| format!("{} name is required", kind.human))?;
    context.block_on(async {
        let cluster = context.cluster().await?;
        let outcome = request.resolve(&cluster).await.or_failure()?;
        if outcome.found.is_empty() && outcome.failures.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "no objects found"));
        }
        let mut round = Round::new(context, &cluster, request.args.all_namespaces);
        round.not_found(&outcome.failures);
        if !args.silent && !outcome.found.is_empty() {
            ask(context, &cluster, &request, &outcome.found).await?;
        }
        delete(
            &mut round,
            &request,
            &outcome.found,
            args.wait.unwrap_or(true),
        )
        .await
    })
}

/// Says what would go, and asks.
async fn ask(
    context: &Context,
    cluster: &Cluster,
    request: &Request,
    found: &[Found],
) -> Result<()> {
    let ui = &context.ui;
    let single = request.is_single() && found.len() == 1;
    for one in found {
        if !single {
            ui.note(format!("  {}", one.target()));
        }
        let pruned = pruned(cluster, one).await;
        if pruned.is_empty() {
            continue;
        }
        ui.warning(format!(
            "deleting {} prunes {} objects with it:",
            one.target(),
            pruned.len()
        ));
        for entry in pruned.iter().take(NAMED) {
            ui.note(format!("  {entry}"));
        }
        if pruned.len() > NAMED {
            ui.note(format!("  and {} more", pruned.len() - NAMED));
        }
    }
    let question = match (single, found) {
        (true, [one]) => format!("Are you sure you want to delete this {}", one.kind.human),
        _ => format!(
            "Are you sure you want to delete these {} objects",
            found.len()
        ),
    };
    if ui.confirm(&question, "pass --silent to delete without a question")? {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Interrupted, "aborting"))
    }
}

/// What goes with an object: what its controller prunes, and what goes with that in turn.
async fn pruned(cluster: &Cluster, found: &Found) -> BTreeSet<Entry> {
    let mut all = BTreeSet::new();
    let Some(of) = found.kind.pruned else {
        return all;
    };
    let mut next: VecDeque<Entry> = of(&found.object).into();
    while let Some(entry) = next.pop_front() {
        // An object that holds itself, however far down, is looked at once.
        if !all.insert(entry.clone()) {
            continue;
        }
        let row = kinds::by_name(&entry.kind).filter(|kind| kind.group == entry.group);
        if let Some((kind, of)) = row.and_then(|kind| Some((kind, kind.pruned?)))
            && let Ok(below) = cluster.get(kind, &entry.namespace, &entry.name).await
        {
            next.extend(of(&below));
        }
    }
    all
}

async fn delete(
    round: &mut Round<'_>,
    request: &Request,
    found: &[Found],
    waits: bool,
) -> Result<()> {
    let ui = &round.context.ui;
    let single = request.is_single();
    let targets: Vec<Target> = found.iter().map(Found::target).collect();
    let cluster = round.cluster;
    let (mut going, mut failures) = (Vec::new(), Vec::new());
    let work = |place: usize| {
        let target: &Target = &targets[place];
        async move {
            cluster
                .delete(target.kind, &target.namespace, &target.name)
                .await
        }
    };
    round
        .each(&targets, work, |place, result| {
            let target = &targets[place];
            let about = ui.about(target);
            about.action(format!(
                "deleting {} {} in {} namespace",
                target.kind.human, target.name, target.namespace
            ));
            match result {
                Ok(()) => going.push(target.clone()),
                Err(error) => {
                    let error = Error::from(error);
                    if !single {
                        about.failure(&error, told(target, &error));
                    }
                    failures.push(error);
                }
            }
        })
        .await;
    if single && let Some(error) = failures.pop() {
        return Err(error);
    }
    for error in &failures {
        round.failed(error);
    }
    if waits {
        wait(round, &going, single).await;
    } else {
        for target in &going {
            ui.about(target).success(gone(target.kind));
            round.done();
        }
    }
    let always = !request.is_flux_form();
    round.end("deleted", always)
}

async fn wait(round: &mut Round<'_>, going: &[Target], single: bool) {
    let ui = &round.context.ui;
    let outcomes = round
        .wait(
            going,
            |place, object| match object {
                None => Verdict::Done(gone(going[place].kind)),
                Some(object) => {
                    let holders = object.metadata.finalizers.clone().unwrap_or_default();
                    Verdict::Pending(format!("held by {}", holders.join(", ")))
                }
            },
            |place, outcome| {
                let target = &going[place];
                let about = ui.about(target);
                match outcome {
                    Ok(text) if single => about.success(text),
                    Ok(_) => about.success(format!("{target} deleted")),
                    Err(error) => about.failure(error, told(target, error)),
                }
            },
        )
        .await;
    round.settle(going, outcomes).await;
}

fn gone(kind: &Kind) -> String {
    format!("{} deleted", kind.human)
}
