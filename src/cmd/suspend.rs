//! `suspend`: stop reconciling objects.

use clap::{ArgMatches, Args, Command};
use serde_json::json;

use super::nouns::{self, Selected, Words};
use super::{Verb, arguments};
use crate::cluster::{Cluster, Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Action;

pub(super) const VERB: Verb = Verb {
    name: "suspend",
    command,
    run,
};

// Flags of every `suspend` command.
#[derive(Args)]
struct SuspendArgs {
    /// Suspend all objects of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = SuspendArgs::augment_args(
        Command::new("suspend").about("Suspend the reconciliation of sources and resources"),
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Suspend),
        noun: |kind| kind.singular,
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
    let selected = nouns::selected(|kind| kind.singular, matches)?;
    let args: SuspendArgs = arguments(selected.matches)?;
    let namespace = context.namespace()?;
    if selected.names.is_empty() && !args.all {
        return Err(selected.no_name());
    }
    context.block_on(async {
        let cluster = context.cluster().await?;
        if selected.names.is_empty() {
            suspend_all(context, &cluster, &selected, &namespace).await
        } else {
            suspend_named(context, &cluster, &selected, &namespace).await
        }
    })
}

async fn suspend_all(
    context: &Context,
    cluster: &Cluster,
    selected: &Selected<'_>,
    namespace: &str,
) -> Result<()> {
    let scope = Scope::Namespace(namespace);
    let objects = cluster
        .list(selected.kind, scope, &Selection::default())
        .await?;
    if objects.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no objects found"));
    }
    for object in objects {
        let name = object.metadata.name.unwrap_or_default();
        suspend(context, cluster, selected, namespace, &name).await?;
    }
    Ok(())
}

/// Tries every name and tells of each; any failure is the command's.
async fn suspend_named(
    context: &Context,
    cluster: &Cluster,
    selected: &Selected<'_>,
    namespace: &str,
) -> Result<()> {
    let kind = selected.kind;
    let mut failed: Option<Error> = None;
    for name in &selected.names {
        let result = async {
            cluster.get(kind, namespace, name).await?;
            suspend(context, cluster, selected, namespace, name).await
        };
        let Err(error) = result.await else {
            continue;
        };
        context.ui.failure(match error.kind() {
            ErrorKind::NotFound if error.hints().is_empty() => {
                format!("{} {name} not found in {namespace} namespace", kind.kind)
            }
            _ => format!(
                "failed suspending {} {name} in {namespace} namespace: {}",
                kind.kind,
                error.chain()
            ),
        });
        // The first failure fixes the exit code; its hints are worth showing once.
        failed = failed.or_else(|| {
            let hints = error.hints().to_vec();
            let reported = Error::reported(error.kind(), error.to_string());
            Some(hints.into_iter().fold(reported, Error::hint))
        });
    }
    failed.map_or(Ok(()), Err)
}

async fn suspend(
    context: &Context,
    cluster: &Cluster,
    selected: &Selected<'_>,
    namespace: &str,
    name: &str,
) -> Result<()> {
    let kind = selected.kind;
    context.ui.action(format!(
        "suspending {} {name} in {namespace} namespace",
        kind.human
    ));
    let patch = json!({"spec": {"suspend": true}});
    cluster.merge_patch(kind, namespace, name, &patch).await?;
    context.ui.success(format!("{} suspended", kind.human));
    Ok(())
}
