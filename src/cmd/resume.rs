//! `resume`: reconcile suspended objects again.

use std::ops::ControlFlow;

use clap::{ArgMatches, Args, Command};
use futures::future::join_all;
use kube::api::DynamicObject;
use serde_json::json;

use super::nouns::{self, Selected, Words};
use super::{Verb, arguments, wait};
use crate::cluster::{Cluster, Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Action, Kind, status};

pub(super) const VERB: Verb = Verb {
    name: "resume",
    command,
    run,
};

// Flags of every `resume` command.
#[derive(Args)]
struct ResumeArgs {
    /// Resume all objects of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
    /// Wait until the objects are reconciled; the default where exactly one is named
    #[arg(long, global = true)]
    wait: Option<bool>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = ResumeArgs::augment_args(
        Command::new("resume").about("Resume the reconciliation of suspended objects"),
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Suspend),
        noun: |kind| kind.singular,
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
    let selected = nouns::selected(|kind| kind.singular, matches)?;
    let args: ResumeArgs = arguments(selected.matches)?;
    let namespace = context.namespace()?;
    if selected.names.is_empty() && !args.all {
        return Err(selected.no_name());
    }
    let waits = args.wait.unwrap_or(selected.names.len() == 1);
    context.block_on(async {
        let cluster = context.cluster().await?;
        let (resumed, missing) = resume(context, &cluster, &selected, &namespace).await?;
        if waits {
            wait_all(context, &cluster, selected.kind, &namespace, &resumed).await?;
        }
        missing.map_or(Ok(()), Err)
    })
}

/// Resumes what was selected, and returns it with the failure for names that are not there.
async fn resume(
    context: &Context,
    cluster: &Cluster,
    selected: &Selected<'_>,
    namespace: &str,
) -> Result<(Vec<DynamicObject>, Option<Error>)> {
    let kind = selected.kind;
    let ui = &context.ui;
    let names = if selected.names.is_empty() {
        let scope = Scope::Namespace(namespace);
        let objects = cluster.list(kind, scope, &Selection::default()).await?;
        if objects.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("no {} objects found in {namespace} namespace", kind.kind),
            ));
        }
        objects
            .into_iter()
            .filter_map(|o| o.metadata.name)
            .collect()
    } else {
        selected.names.clone()
    };
    let (mut resumed, mut missing) = (Vec::new(), None);
    for name in names {
        match cluster.get(kind, namespace, &name).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => {
                let text = format!(
                    "{} object '{name}' not found in {namespace} namespace",
                    kind.kind
                );
                ui.failure(&text);
                missing = missing.or(Some(Error::reported(ErrorKind::NotFound, text)));
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        ui.action(format!(
            "resuming {} {name} in {namespace} namespace",
            kind.human
        ));
        let patch = json!({"spec": {"suspend": null}});
        resumed.push(cluster.merge_patch(kind, namespace, &name, &patch).await?);
        ui.success(format!("{} resumed", kind.human));
    }
    Ok((resumed, missing))
}

async fn wait_all(
    context: &Context,
    cluster: &Cluster,
    kind: &'static Kind,
    namespace: &str,
    objects: &[DynamicObject],
) -> Result<()> {
    let ui = &context.ui;
    for _ in objects {
        ui.waiting(format!("waiting for {} reconciliation", kind.kind));
    }
    let _progress = ui.progress(format!("waiting for {} reconciliation", kind.kind));
    let waits = objects
        .iter()
        .map(|object| wait_one(context, cluster, kind, namespace, object));
    let outcomes = join_all(waits).await;
    let mut failures = Vec::new();
    for (object, outcome) in objects.iter().zip(outcomes) {
        let name = object.metadata.name.as_deref().unwrap_or_default();
        match outcome {
            Ok(done) => {
                ui.success(format!("{} {name} reconciliation completed", kind.kind));
                ui.success((kind.done)(&done));
            }
            Err(error) => {
                ui.failure(format!(
                    "{} {name} reconciliation failed: {}",
                    kind.kind,
                    error.chain()
                ));
                failures.push(error);
            }
        }
    }
    match failures.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(
            first.kind(),
            format!(
                "reconciliation failed for {} {}(s)",
                failures.len(),
                kind.kind
            ),
        )),
    }
}

async fn wait_one(
    context: &Context,
    cluster: &Cluster,
    kind: &'static Kind,
    namespace: &str,
    resumed: &DynamicObject,
) -> Result<DynamicObject> {
    let name = resumed.metadata.name.as_deref().unwrap_or_default();
    let generation = resumed.metadata.generation.unwrap_or(0);
    let outcome = cluster.follow(kind, namespace, name, |object| {
        let Some(object) = object else {
            return ControlFlow::Break(Err(Error::new(
                ErrorKind::NotFound,
                "it was deleted meanwhile",
            )));
        };
        if object.metadata.generation.unwrap_or(0) < generation {
            return ControlFlow::Continue(());
        }
        match kind.state(object) {
            status::State::Ready => ControlFlow::Break(Ok(object.clone())),
            status::State::Stalled(reason) => {
                ControlFlow::Break(Err(Error::new(ErrorKind::NotReady, reason)))
            }
            _ => ControlFlow::Continue(()),
        }
    });
    wait::within(context, kind, namespace, name)
        .of(cluster, outcome)
        .await
}
