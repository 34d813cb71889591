//! `reconcile`: ask controllers to look at objects now, and wait for what comes of it.
//!
//! What has to be reconciled, and in which order, is decided in [`order`]; [`once`] lets suspended
//! objects run a single time.

mod once;
mod order;
mod request;

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use jiff::Timestamp;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use self::once::Resuspend;
use self::order::{Plan, Step};
use super::nouns::{self, Words};
use super::output::JournalArgs;
use super::round::{Round, Verdict, told};
use super::select::{self, Request, SelectArgs};
use super::{Verb, arguments};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::status::State;
use crate::kinds::suspension;
use crate::kinds::{Action, KINDS, Kind, Target};

pub(super) const VERB: Verb = Verb {
    name: "reconcile",
    command,
    run,
};

const WITH_SOURCE: &str = "with-source";

/// The annotation whose value a controller answers in `status.lastHandledReconcileAt`.
const REQUESTED_AT: &str = "reconcile.fluxcd.io/requestedAt";

// Flags of every `reconcile` command.
#[derive(Args)]
struct ReconcileArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Let suspended objects run one time: resume them, wait, suspend them again
    #[arg(long, global = true)]
    once: bool,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = ReconcileArgs::augment_args(
        Command::new("reconcile").about("Reconcile sources and resources now"),
    )
    .after_help(
        "Examples:\n  # Reconcile several objects of different kinds, sources first\n  \
         {bin} reconcile ks/apps hr/podinfo\n\n  \
         # Try again whatever is not ready, in all namespaces\n  {bin} reconcile -A --not-ready",
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Reconcile),
        noun: |kind| kind.singular,
        across: true,
        about: |kind| format!("Reconcile a {} now and wait for the outcome", kind.kind),
        examples,
    };
    nouns::tree::<None>(base, words, with_flags)
}

fn examples(kind: &Kind) -> String {
    let path = kind.singular.path.join(" ");
    let name = kind.example;
    let mut text = format!("  # Reconcile one\n  {{bin}} reconcile {path} {name}");
    if kind.reconciled_first.is_some() {
        text.push_str(&format!(
            "\n\n  # Fetch its source first\n  {{bin}} reconcile {path} {name} --with-source"
        ));
    }
    text
}

/// The flags that only some kinds have.
fn with_flags(mut command: Command, kind: &'static Kind) -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .help(help)
            .action(ArgAction::SetTrue)
    };
    if kind.reconciled_first.is_some() {
        command = command.arg(flag(WITH_SOURCE, "Reconcile its source first"));
    }
    for request in kind.requests {
        command = command.arg(flag(request.flag, request.help));
    }
    command
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let leaf = nouns::deepest(matches);
    let args: ReconcileArgs = arguments(leaf)?;
    args.journal.begin(&context.ui);
    let request = select::request(
        context,
        matches,
        |kind| kind.singular,
        |kind| kind.allows(Action::Reconcile),
    )?;
    request.require(|kind| format!("{} name is required", kind.kind))?;
    let job = Job {
        context,
        with_source: nouns::flag(leaf, WITH_SOURCE),
        once: args.once,
        annotations: KINDS
            .iter()
            .flat_map(|kind| kind.requests)
            .filter(|flag| nouns::flag(leaf, flag.flag))
            .map(|flag| flag.annotation)
            .collect(),
        request,
        resuspend: Resuspend::default(),
    };
    let outcome = context.block_on(job.work());
    // Whatever ended the work, Ctrl-C included: nothing stays resumed that was suspended.
    job.resuspend.finish(context, outcome)
}

/// What was asked for, in one place.
struct Job<'a> {
    context: &'a Context,
    request: Request,
    with_source: bool,
    once: bool,
    /// Annotations that carry the request's time, besides the one that makes it.
    annotations: Vec<&'static str>,
    resuspend: Resuspend,
}

impl Job<'_> {
    async fn work(&self) -> Result<()> {
        let cluster = self.context.cluster().await?;
        let outcome = self.request.resolve(&cluster).await.or_failure()?;
        if outcome.found.is_empty() && outcome.failures.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "no objects found"));
        }
        let mut round = Round::new(self.context, &cluster, self.request.args.all_namespaces);
        round.not_found(&outcome.failures);
        let plan = self.plan(&mut round, outcome.found).await?;
        let single = self.request.is_single();
        for level in plan.levels() {
            self.level(&mut round, &plan, &level, single).await?;
        }
        round.end("reconciled", !self.request.is_flux_form())
    }

    /// Asks for all objects of a level, and waits for them together.
    async fn level(
        &self,
        round: &mut Round<'_>,
        plan: &Plan,
        level: &[usize],
        single: bool,
    ) -> Result<()> {
        let steps: Vec<&Step> = self.runnable(round, plan, level);
        let requested = request::time();
        let ui = &self.context.ui;
        for step in steps.iter().filter(|step| step.once) {
            self.resuspend.remember(&step.target);
        }
        let targets: Vec<Target> = steps.iter().map(|step| step.target.clone()).collect();
        let mut annotated = Vec::new();
        let mut failures = Vec::new();
        round
            .patch(
                &targets,
                |place| self.patch(steps[place], requested),
                |place, result| {
                    let target = &targets[place];
                    let about = ui.about(target);
                    about.action(format!(
                        "annotating {} {} in {} namespace",
                        target.kind.kind, target.name, target.namespace
                    ));
                    match result {
                        Ok(_) => {
                            about.success(format!("{} annotated", target.kind.kind));
                            annotated.push(place);
                        }
                        Err(error) => {
                            let error = Error::from(error);
                            if !single {
                                about.failure(&error, told(target, &error));
                            }
                            failures.push((place, error));
                        }
                    }
                },
            )
            .await;
        for (place, error) in failures {
            plan.fail(&targets[place]);
            if single {
                return Err(error);
            }
            round.failed(&error);
        }
        let targets: Vec<Target> = annotated
            .iter()
            .map(|place| targets[*place].clone())
            .collect();
        self.wait(round, plan, &targets, requested, single).await
    }

    /// The steps of a level that can be run: those whose sources did not fail.
    fn runnable<'p>(
        &self,
        round: &mut Round<'_>,
        plan: &'p Plan,
        level: &[usize],
    ) -> Vec<&'p Step> {
        let mut runnable = Vec::new();
        for step in level.iter().map(|place| &plan.steps[*place]) {
            match plan.failed_source(step) {
                None => runnable.push(step),
                Some(source) => {
                    let error = Error::new(
                        ErrorKind::NotReady,
                        format!("{}: not reconciled, because {source} failed", step.target),
                    );
                    let about = self.context.ui.about(&step.target);
                    about.failure(&error, error.chain());
                    plan.fail(&step.target);
                    round.failed(&error);
                }
            }
        }
        runnable
    }

    fn patch(&self, step: &Step, requested: Timestamp) -> Value {
        let mut annotations = serde_json::Map::new();
        annotations.insert(REQUESTED_AT.to_owned(), json!(requested.to_string()));
        if step.asked_for {
            for annotation in &self.annotations {
                annotations.insert((*annotation).to_owned(), json!(requested.to_string()));
            }
        }
        let mut patch = json!({"metadata": {"annotations": annotations}});
        if step.once {
            patch["spec"] = json!({"suspend": null});
        }
        patch
    }

    async fn wait(
        &self,
        round: &mut Round<'_>,
        plan: &Plan,
        targets: &[Target],
        requested: Timestamp,
        single: bool,
    ) -> Result<()> {
        let ui = &self.context.ui;
        match targets {
            [] => return Ok(()),
            [target] => ui
                .about(target)
                .waiting(format!("waiting for {} reconciliation", target.kind.kind)),
            _ => ui.waiting(format!("waiting for {} reconciliations", targets.len())),
        }
        let outcomes = round
            .wait(
                targets,
                |place, object| judge(&targets[place], requested, object),
                |place, outcome| {
                    let target = &targets[place];
                    let about = ui.about(target);
                    match outcome {
                        Ok(text) if single => about.success(text),
                        Ok(text) => about.success(format!("{target}: {text}")),
                        Err(error) => {
                            plan.fail(target);
                            about.failure(error, told(target, error));
                        }
                    }
                },
            )
            .await;
        round.settle(targets, outcomes).await;
        self.resuspend.restore(round.cluster, targets).await
    }
}

/// What a state of the object says about our request.
fn judge(target: &Target, requested: Timestamp, object: Option<&DynamicObject>) -> Verdict {
    let failed = |kind, text| Verdict::Failed(Error::new(kind, text));
    let Some(object) = object else {
        return failed(
            ErrorKind::NotFound,
            format!("{target} was deleted meanwhile"),
        );
    };
    if !request::is_handled(object, requested) {
        return Verdict::Pending("the controller has not answered the request yet".to_owned());
    }
    match target.kind.state(object) {
        State::Ready => Verdict::Done((target.kind.done)(object)),
        // The attempt we asked for is over, and this is what came of it.
        State::Failing(reason) | State::Stalled(reason) => failed(
            ErrorKind::NotReady,
            format!("{} reconciliation failed: '{reason}'", target.kind.kind),
        ),
        State::InProgress(text) => Verdict::Pending(text),
        State::Terminating => failed(ErrorKind::NotReady, format!("{target} is being deleted")),
    }
}

/// The refusal of an object that is suspended.
fn suspended(target: &Target, object: &DynamicObject) -> Error {
    let noun = target.kind.singular.path.join(" ");
    let why = suspension::Suspension::of(object);
    let mut text = "resource is suspended".to_owned();
    if let Some(by) = why.by {
        text.push_str(&format!(" by {by}"));
    }
    if let Some(reason) = why.reason {
        text.push_str(&format!(": {reason}"));
    }
    Error::new(ErrorKind::NotReady, text).hint(format!(
        "resume it with `{{bin}} resume {noun} {} -n {}`, or let it run one time with --once",
        target.name, target.namespace
    ))
}
