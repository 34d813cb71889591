//! `export`: objects as YAML, without what the cluster added.

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use k8s_openapi::api::core::v1::Secret;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::nouns::{self, Words};
use super::output;
use super::round::Round;
use super::select::{self, Found, Request, SelectArgs};
use super::{Verb, arguments};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Action, Kind};
use crate::output::{Asked, Word, objects};
use crate::yaml;

pub(super) const VERB: Verb = Verb {
    name: "export",
    command,
    run,
};

const WITH_CREDENTIALS: &str = "with-credentials";

/// The formats of `-o`.
const FORMATS: &[Word] = &[
    Word::Json,
    Word::Yaml,
    Word::Name,
    Word::JsonPath,
    Word::CustomColumns,
];

// Flags of every `export` command.
#[derive(Args)]
struct ExportArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// The format of the answer instead of YAML documents
    #[arg(long, short = 'o', global = true, value_name = "FORMAT", value_parser = output::parser(FORMATS))]
    output: Option<Asked>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = ExportArgs::augment_args(
        Command::new("export").about("Print sources and resources as YAML"),
    )
    .after_help(
        "Examples:\n  # Export several objects of different kinds\n  \
         {bin} export ks/apps hr/podinfo > apps.yaml\n\n  \
         # Export everything, as one list for a program\n  {bin} export --all -A -o json",
    );
    let words = Words {
        applies: |kind| kind.allows(Action::Export),
        noun: |kind| kind.singular,
        across: true,
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
    // As in flux, all sources have the flag, and the word for them, too.
    nouns::tree::<None>(base, words, |command, _| command).mut_subcommand("source", |group| {
        group.arg(
            Arg::new(WITH_CREDENTIALS)
                .long(WITH_CREDENTIALS)
                .help("Print the secret with the credentials, too")
                .action(ArgAction::SetTrue)
                .global(true),
        )
    })
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let leaf = nouns::deepest(matches);
    let args: ExportArgs = arguments(leaf)?;
    let mut request = select::request(
        context,
        matches,
        |kind| kind.singular,
        |kind| kind.allows(Action::Export),
    )?;
    request.require(|_| "name is required".to_owned())?;
    if args.select.all {
        // As in flux, a name beside it says nothing.
        request.names.clear();
    }
    let with_credentials = nouns::flag(leaf, WITH_CREDENTIALS);
    context.block_on_answers(async {
        let cluster = context.cluster().await?;
        if request.names.is_empty() && args.output.is_none() && !with_credentials {
            return documents(context, &cluster, &request).await;
        }
        let outcome = request.resolve(&cluster).await.or_failure()?;
        if outcome.found.is_empty() && outcome.failures.is_empty() {
            return Err(nothing(&request));
        }
        let mut cleaned = Vec::new();
        for found in &outcome.found {
            cleaned.push(clean(found.kind, &found.object)?);
            if with_credentials {
                match credentials(&cluster, found).await {
                    Ok(secret) => cleaned.extend(secret),
                    Err(error) => {
                        // What was read is of use without the rest.
                        print(context, &args, &request, cleaned)?;
                        return Err(error);
                    }
                }
            }
        }
        print(context, &args, &request, cleaned)?;
        let mut round = Round::new(context, &cluster, request.args.all_namespaces);
        outcome.found.iter().for_each(|_| round.done());
        round.not_found(&outcome.failures);
        round.end("exported", false)
    })
}

/// Prints a YAML document for each object that is picked. Only their text is kept.
async fn documents(context: &Context, cluster: &Cluster, request: &Request) -> Result<()> {
    let document = |found: Found| yaml::to_document(&clean(found.kind, &found.object)?);
    let (documents, failures) = request.list_as(cluster, document).await;
    if documents.is_empty() && failures.is_empty() {
        return Err(nothing(request));
    }
    let mut round = Round::new(context, cluster, request.args.all_namespaces);
    for document in documents {
        context.ui.answer(&document?)?;
        round.done();
    }
    round.not_found(&failures);
    round.end("exported", false)
}

fn nothing(request: &Request) -> Error {
    let namespace = &request.namespace;
    Error::new(
        ErrorKind::NotFound,
        format!("no objects found in {namespace} namespace"),
    )
}

fn print(
    context: &Context,
    args: &ExportArgs,
    request: &Request,
    objects: Vec<Value>,
) -> Result<()> {
    let Some(asked) = &args.output else {
        for object in &objects {
            context.ui.answer(&yaml::to_document(object)?)?;
        }
        return Ok(());
    };
    let objects: Vec<DynamicObject> = objects
        .into_iter()
        .map(serde_json::from_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::failed("cannot write the object").caused_by(error))?;
    let format = output::load(asked.clone())?;
    let text = objects::write(&format, &objects, request.is_single(), true)?;
    context.ui.answer(&text.unwrap_or_default())
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

/// The Secret with the credentials of an object, where it names one.
async fn credentials(cluster: &Cluster, found: &Found) -> Result<Option<Value>> {
    let Some(name) = found
        .kind
        .credentials
        .and_then(|secret| secret(&found.object))
    else {
        return Ok(None);
    };
    let namespace = found.target().namespace;
    let secret: Secret = cluster
        .namespaced(&namespace)
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
    Ok(Some(clean))
}
