//! `export`: objects as YAML, without what the cluster added.

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use k8s_openapi::api::core::v1::Secret;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::nouns::{self, Words};
use super::{Verb, arguments};
use crate::cluster::{Cluster, Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Action, Kind};
use crate::yaml;

pub(super) const VERB: Verb = Verb {
    name: "export",
    command,
    run,
};

const WITH_CREDENTIALS: &str = "with-credentials";

// Flags of every `export` command.
#[derive(Args)]
struct ExportArgs {
    /// Export all objects of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = ExportArgs::augment_args(
        Command::new("export").about("Print sources and resources as YAML"),
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Export),
        noun: |kind| kind.singular,
        about: |kind| format!("Print {} objects as YAML", kind.kind),
        examples: |kind| {
            let path = kind.singular.path.join(" ");
            format!(
                "  # Export all {} objects\n  {{bin}} export {path} --all > all.yaml\n\n  \
                 # Export one\n  {{bin}} export {path} {} > {}.yaml",
                kind.kind, kind.example, kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, kind| {
        if kind.credentials.is_some() {
            command.arg(
                Arg::new(WITH_CREDENTIALS)
                    .long(WITH_CREDENTIALS)
                    .help("Print the secret with the credentials, too")
                    .action(ArgAction::SetTrue),
            )
        } else {
            command
        }
    })
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let selected = nouns::selected(|kind| kind.singular, matches)?;
    let args: ExportArgs = arguments(selected.matches)?;
    let namespace = context.namespace()?;
    let kind = selected.kind;
    let with_credentials = nouns::flag(selected.matches, WITH_CREDENTIALS);
    if !args.all && selected.names.is_empty() {
        return Err(Error::usage("name is required"));
    }
    context.block_on(async {
        let cluster = context.cluster().await?;
        let objects = if args.all {
            let scope = Scope::Namespace(&namespace);
            let objects = cluster.list(kind, scope, &Selection::default()).await?;
            if objects.is_empty() {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!("no objects found in {namespace} namespace"),
                ));
            }
            objects
        } else {
            let mut objects = Vec::new();
            for name in &selected.names {
                objects.push(cluster.get(kind, &namespace, name).await?);
            }
            objects
        };
        for object in &objects {
            context
                .ui
                .answer(&yaml::to_document(&clean(kind, object)?)?)?;
            if with_credentials {
                print_credentials(context, &cluster, kind, &namespace, object).await?;
            }
        }
        Ok(())
    })
}

/// The object as a user would have written it.
fn clean(kind: &Kind, object: &DynamicObject) -> Result<Value> {
    let spec = (kind.normalize)(&object.data["spec"]).map_err(|error| {
        Error::failed(format!(
            "{} {} has a spec that cannot be read",
            kind.kind,
            object.metadata.name.as_deref().unwrap_or_default()
        ))
        .caused_by(error)
    })?;
    let mut metadata = json!({
        "name": object.metadata.name,
        "namespace": object.metadata.namespace,
    });
    if let Some(labels) = object.metadata.labels.as_ref().filter(|l| !l.is_empty()) {
        metadata["labels"] = json!(labels);
    }
    if let Some(annotations) = object
        .metadata
        .annotations
        .as_ref()
        .filter(|a| !a.is_empty())
    {
        metadata["annotations"] = json!(annotations);
    }
    Ok(json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": metadata,
        "spec": spec,
    }))
}

async fn print_credentials(
    context: &Context,
    cluster: &Cluster,
    kind: &Kind,
    namespace: &str,
    object: &DynamicObject,
) -> Result<()> {
    let Some(name) = kind.credentials.and_then(|secret| secret(object)) else {
        return Ok(());
    };
    let secret: Secret = cluster
        .namespaced(namespace)
        .get(&name)
        .await
        .map_err(|error| {
            let error = Error::from(cluster.error(error));
            let text = format!("failed to retrieve secret {name}, error: {error}");
            Error::new(error.kind(), text)
        })?;
    let mut clean = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
    });
    if let Some(data) = secret.data {
        clean["data"] = json!(data);
    }
    if let Some(type_) = secret.type_ {
        clean["type"] = json!(type_);
    }
    context.ui.answer(&yaml::to_document(&clean)?)
}
