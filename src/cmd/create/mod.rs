//! `create`: make or change an object, and wait until it is ready.

mod alert;
mod alert_provider;
mod credentials;
mod dependencies;
mod helmrelease;
mod image;
mod kustomization;
mod ready;
mod receiver;
mod secret;
mod source;
mod tenant;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::str::FromStr;

use clap::{ArgMatches, Args, Command};
use flux_api::meta::{KubeConfigReference, LocalObjectReference, SecretKeyReference};
use flux_api::{Duration, UnknownChoice};
use kube::api::DynamicObject;
use serde::Serialize;
use serde_json::json;

use super::round::{Verdict, readiness};
use super::{Verb, arguments};
use crate::cluster::{Cluster, Upserted};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::flags::{self, List};
use crate::kinds::{Kind, Target};
use crate::yaml;

pub(super) const VERB: Verb = Verb {
    name: "create",
    command,
    run,
};

// Flags of every `create` command.
#[derive(Args)]
struct CreateArgs {
    /// How often the object is reconciled, as a Go duration
    #[arg(long, global = true, value_parser = flags::duration, default_value = "1m0s")]
    interval: Duration,
    /// Print the object as YAML and change nothing
    #[arg(long, global = true)]
    export: bool,
    /// Labels for the object, as key=value; commas or repeats for several
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    label: Vec<List>,
}

/// What a `create` command works with.
struct Request<'a> {
    context: &'a Context,
    name: String,
    namespace: String,
    labels: BTreeMap<String, String>,
    interval: Duration,
    export: bool,
}

struct Noun {
    path: &'static [&'static str],
    run: fn(&Request<'_>, &ArgMatches) -> Result<()>,
}

const NOUNS: &[Noun] = &[
    source::bucket::NOUN,
    source::chart::NOUN,
    source::git::NOUN,
    source::helm::NOUN,
    source::oci::NOUN,
    image::policy::NOUN,
    image::repository::NOUN,
    image::update::NOUN,
    helmrelease::NOUN,
    kustomization::NOUN,
    receiver::NOUN,
    alert_provider::NOUN,
    alert::NOUN,
    secret::git::NOUN,
    secret::githubapp::NOUN,
    secret::helm::NOUN,
    secret::notation::NOUN,
    secret::oci::NOUN,
    secret::proxy::NOUN,
    secret::receiver::NOUN,
    secret::tls::NOUN,
    tenant::NOUN,
];

fn command() -> Command {
    CreateArgs::augment_args(
        Command::new("create")
            .about("Create or update sources and resources")
            .subcommand(source::command())
            .subcommand(image::command())
            .subcommand(helmrelease::command())
            .subcommand(kustomization::command())
            .subcommand(receiver::command())
            .subcommand(alert_provider::command())
            .subcommand(alert::command())
            .subcommand(secret::command())
            .subcommand(tenant::command()),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let mut path = Vec::new();
    let mut leaf = matches;
    while let Some((word, below)) = leaf.subcommand() {
        path.push(word);
        leaf = below;
    }
    let noun = NOUNS
        .iter()
        .find(|n| n.path == path)
        .ok_or_else(|| Error::usage(format!("unknown command {:?}", path.join(" "))))?;
    let args: CreateArgs = arguments(leaf)?;
    let name = leaf
        .get_many::<String>(NAME)
        .and_then(|mut names| names.next())
        .ok_or_else(|| Error::usage("name is required"))?;
    check_name(name)?;
    // flux reads neither the kubeconfig's namespace here nor checks the one that is given.
    let namespace = match &context.globals.namespace {
        Some(namespace) => namespace.clone(),
        None => context.fixed_namespace()?,
    };
    let request = Request {
        context,
        name: name.clone(),
        namespace,
        labels: labels(&args.label)?,
        interval: args.interval,
        export: args.export,
    };
    (noun.run)(&request, leaf)
}

const NAME: &str = "object";

/// A leaf of `create`: one name and the flags of `A`.
fn leaf<A: Args>(command: Command) -> Command {
    A::augment_args(
        command.arg(
            clap::Arg::new(NAME)
                .value_name("NAME")
                .help("The object's name")
                .num_args(0..),
        ),
    )
}

impl Request<'_> {
    /// The object with its spec, in the form the API takes.
    fn object(&self, kind: &Kind, spec: &impl Serialize) -> Result<DynamicObject> {
        let mut metadata = json!({"name": self.name});
        if !self.namespace.is_empty() {
            metadata["namespace"] = json!(self.namespace);
        }
        if !self.labels.is_empty() {
            metadata["labels"] = json!(self.labels);
        }
        let object = json!({
            "apiVersion": kind.api_version(),
            "kind": kind.kind,
            "metadata": metadata,
            "spec": serde_json::to_value(spec)
                .map_err(|error| Error::failed("cannot make the object").caused_by(error))?,
        });
        serde_json::from_value(object)
            .map_err(|error| Error::failed("cannot make the object").caused_by(error))
    }

    /// Answers with the object as YAML.
    fn print(&self, object: &DynamicObject) -> Result<()> {
        self.context.ui.answer(&yaml::to_document(object)?)
    }

    /// Creates or updates the object and waits until it is ready for its new spec.
    async fn apply(
        &self,
        cluster: &Cluster,
        kind: &'static Kind,
        object: &DynamicObject,
    ) -> Result<DynamicObject> {
        self.apply_as(cluster, kind, object, kind.title).await
    }

    /// As [`Request::apply`]; the line about the write calls the object `noun`.
    async fn apply_as(
        &self,
        cluster: &Cluster,
        kind: &'static Kind,
        object: &DynamicObject,
        noun: &str,
    ) -> Result<DynamicObject> {
        let ui = &self.context.ui;
        ui.action(format!("applying {}", kind.title));
        let upserted = cluster.upsert(kind, object).await?;
        ui.success(match &upserted {
            Upserted::Created(_) => format!("{noun} created"),
            Upserted::Updated(_) => format!("{noun} updated"),
        });
        self.until_ready(cluster, kind, upserted.object()).await
    }

    /// Waits until the object is ready for the spec that `written` has.
    async fn until_ready(
        &self,
        cluster: &Cluster,
        kind: &'static Kind,
        written: &DynamicObject,
    ) -> Result<DynamicObject> {
        let ui = &self.context.ui;
        ui.waiting(format!("waiting for {} reconciliation", kind.title));
        let progress = ui.progress(format!("{} {}", kind.kind, self.name));
        let target = Target::of(kind, written);
        let generation = written.metadata.generation.unwrap_or(0);
        let outcome = cluster.follow(kind, &self.namespace, &self.name, |object| {
            match (readiness(&target, generation, object), object) {
                (Verdict::Done(_), Some(object)) => ControlFlow::Break(Ok(object.clone())),
                (Verdict::Failed(error), _) => ControlFlow::Break(Err(error)),
                (Verdict::Pending(text) | Verdict::Done(text), _) => {
                    progress.set(format!("{target}: {text}"));
                    ControlFlow::Continue(())
                }
            }
        });
        let deadline = super::deadline::within(self.context, kind, &self.namespace, &self.name);
        deadline.of(cluster, outcome).await
    }
}

/// Refuses a name that flux refuses: 2 to 63 of lower-case letters, digits and dashes.
fn check_name(name: &str) -> Result<()> {
    if name.len() >= 2 && crate::context::is_dns_label(name) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "name '{name}' is invalid, it should adhere to standard defined in RFC 1123, the name can \
         only contain alphanumeric characters or '-'"
    )))
}

fn labels(given: &[List]) -> Result<BTreeMap<String, String>> {
    List::all(given)
        .into_iter()
        .map(|label| match label.split('=').collect::<Vec<_>>()[..] {
            [key, value] => {
                flags::label_key(key)
                    .map_err(|why| Error::usage(format!("invalid label '{key}': [{why}]")))?;
                flags::label_value(value).map_err(|why| {
                    Error::usage(format!("invalid label value '{value}': [{why}]"))
                })?;
                Ok((key.to_owned(), value.to_owned()))
            }
            _ => Err(Error::usage(format!(
                "invalid label format '{label}', must be key=value"
            ))),
        })
        .collect()
}

/// A flag's text; an empty one counts as not given.
fn some(text: &Option<String>) -> Option<String> {
    text.clone().filter(|t| !t.is_empty())
}

/// The object that a flag names.
fn reference(name: &Option<String>) -> Option<LocalObjectReference> {
    some(name).map(LocalObjectReference::new)
}

/// The cluster whose kubeconfig is in the Secret that a flag names.
fn kubeconfig(name: &Option<String>) -> Option<KubeConfigReference> {
    some(name).map(|name| KubeConfigReference {
        secret_ref: Some(SecretKeyReference {
            name,
            ..SecretKeyReference::default()
        }),
        ..KubeConfigReference::default()
    })
}

/// A word that a flag has let through, as the API's types have it.
fn choice<T: FromStr<Err = UnknownChoice>>(word: &str) -> Result<T> {
    let choice = word.parse();
    choice.map_err(|error| Error::usage("unknown word").caused_by(error))
}
