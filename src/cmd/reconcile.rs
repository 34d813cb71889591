//! `reconcile`: ask a controller to look at an object now, and wait for what comes of it.

use std::ops::ControlFlow;

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use jiff::Timestamp;
use kube::api::DynamicObject;
use serde_json::json;

use super::nouns::{self, Words};
use super::{Verb, wait};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{self, Action, Kind, status};

pub(super) const VERB: Verb = Verb {
    name: "reconcile",
    command,
    run,
};

const WITH_SOURCE: &str = "with-source";

/// The annotation whose value a controller answers in `status.lastHandledReconcileAt`.
const REQUESTED_AT: &str = "reconcile.fluxcd.io/requestedAt";

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = Command::new("reconcile").about("Reconcile sources and resources now");
    let words = Words {
        applies: |kind| kind.allows(Action::Reconcile),
        noun: |kind| kind.singular,
        about: |kind| format!("Reconcile a {} now and wait for the outcome", kind.kind),
        examples: |kind| {
            let path = kind.singular.path.join(" ");
            let name = kind.example;
            let mut text = format!("  # Reconcile one\n  {{bin}} reconcile {path} {name}");
            if kind.reconciled_first.is_some() {
                text.push_str(&format!(
                    "\n\n  # Fetch its source first\n  {{bin}} reconcile {path} {name} --with-source"
                ));
            }
            text
        },
    };
    nouns::tree::<None>(base, words, |command, kind| {
        if kind.reconciled_first.is_some() {
            command.arg(
                Arg::new(WITH_SOURCE)
                    .long(WITH_SOURCE)
                    .help("Reconcile its source first")
                    .action(ArgAction::SetTrue),
            )
        } else {
            command
        }
    })
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let selected = nouns::selected(|kind| kind.singular, matches)?;
    let namespace = context.namespace()?;
    let kind = selected.kind;
    if selected.names.is_empty() {
        return Err(Error::usage(format!("{} name is required", kind.kind)));
    }
    let with_source = nouns::flag(selected.matches, WITH_SOURCE);
    context.block_on(async {
        let cluster = context.cluster().await?;
        // Every name is tried; the first failure fixes the exit code.
        let mut first: Option<Error> = None;
        for name in &selected.names {
            let one = async {
                let object = get_active(&cluster, kind, &namespace, name).await?;
                if with_source {
                    reconcile_source(context, &cluster, kind, &object).await?;
                }
                reconcile(context, &cluster, kind, &namespace, name).await
            };
            let Err(error) = one.await else {
                continue;
            };
            if selected.names.len() == 1 {
                return Err(error);
            }
            context.ui.error(&error, context.identity.name());
            first.get_or_insert(Error::reported(error.kind(), error.to_string()));
        }
        first.map_or(Ok(()), Err)
    })
}

async fn reconcile_source(
    context: &Context,
    cluster: &Cluster,
    kind: &Kind,
    object: &DynamicObject,
) -> Result<()> {
    let reference = kind
        .reconciled_first
        .and_then(|source| source(object))
        .ok_or_else(|| Error::failed(format!("the {} names no source", kind.kind)))?;
    let source = kinds::by_name(&reference.kind).ok_or_else(|| {
        Error::failed(format!(
            "cannot reconcile source of kind {}",
            reference.kind
        ))
    })?;
    get_active(cluster, source, &reference.namespace, &reference.name).await?;
    reconcile(
        context,
        cluster,
        source,
        &reference.namespace,
        &reference.name,
    )
    .await
}

async fn get_active(
    cluster: &Cluster,
    kind: &Kind,
    namespace: &str,
    name: &str,
) -> Result<DynamicObject> {
    let object = cluster.get(kind, namespace, name).await?;
    if (kind.suspended)(&object) {
        let noun = kind.singular.path.join(" ");
        return Err(
            Error::new(ErrorKind::NotReady, "resource is suspended").hint(format!(
                "resume it with `{{bin}} resume {noun} {name} -n {namespace}`"
            )),
        );
    }
    Ok(object)
}

async fn reconcile(
    context: &Context,
    cluster: &Cluster,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> Result<()> {
    let ui = &context.ui;
    ui.action(format!(
        "annotating {} {name} in {namespace} namespace",
        kind.kind
    ));
    let requested = request_time();
    let patch = json!({"metadata": {"annotations": {REQUESTED_AT: requested.to_string()}}});
    cluster.merge_patch(kind, namespace, name, &patch).await?;
    ui.success(format!("{} annotated", kind.kind));
    ui.waiting(format!("waiting for {} reconciliation", kind.kind));
    let progress = ui.progress(format!("{} {name}", kind.kind));
    let outcome = cluster.follow(kind, namespace, name, |object| {
        let Some(object) = object else {
            return ControlFlow::Break(Err(Error::new(
                ErrorKind::NotFound,
                format!("{} {name} was deleted meanwhile", kind.kind),
            )));
        };
        if !is_handled(object, requested) {
            progress.set(format!("{} {name}: waiting for the controller", kind.kind));
            return ControlFlow::Continue(());
        }
        match kind.state(object) {
            status::State::Ready => ControlFlow::Break(Ok(object.clone())),
            // The attempt we asked for is over, and this is what came of it.
            status::State::Failing(reason) | status::State::Stalled(reason) => {
                ControlFlow::Break(Err(Error::new(
                    ErrorKind::NotReady,
                    format!("{} reconciliation failed: '{reason}'", kind.kind),
                )))
            }
            status::State::InProgress(text) => {
                progress.set(format!("{} {name}: {text}", kind.kind));
                ControlFlow::Continue(())
            }
            status::State::Terminating => ControlFlow::Break(Err(Error::new(
                ErrorKind::NotReady,
                format!("{} {name} is being deleted", kind.kind),
            ))),
        }
    });
    let done = wait::within(context, kind, namespace, name)
        .of(cluster, outcome)
        .await?;
    drop(progress);
    ui.success((kind.done)(&done));
    Ok(())
}

/// Now, as a request's time. Requests are told apart by it, so it is never a whole second, which
/// would be written shorter.
fn request_time() -> Timestamp {
    let now = Timestamp::now();
    if now.subsec_nanosecond() == 0 {
        now + jiff::SignedDuration::from_nanos(1)
    } else {
        now
    }
}

/// Whether the controller has dealt with our request, or with a later one that replaced it.
fn is_handled(object: &DynamicObject, requested: Timestamp) -> bool {
    let handled = object.data["status"]["lastHandledReconcileAt"].as_str();
    handled
        .and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|handled| handled >= requested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_request_or_a_later_one_counts() {
        let object = |handled: serde_json::Value| -> DynamicObject {
            serde_json::from_value(json!({
                "apiVersion": "v1", "kind": "K", "metadata": {"name": "n"},
                "status": {"lastHandledReconcileAt": handled},
            }))
            .unwrap()
        };
        let requested: Timestamp = "2026-01-01T00:00:10.5Z".parse().unwrap();
        assert!(is_handled(
            &object(json!("2026-01-01T00:00:10.5Z")),
            requested
        ));
        assert!(is_handled(
            &object(json!("2026-01-01T01:00:10.5+01:00")),
            requested
        ));
        assert!(is_handled(
            &object(json!("2026-01-01T00:00:11Z")),
            requested
        ));
        assert!(!is_handled(
            &object(json!("2026-01-01T00:00:09Z")),
            requested
        ));
        assert!(!is_handled(&object(json!("by hand")), requested));
        assert!(!is_handled(&object(json!(null)), requested));
    }
}
