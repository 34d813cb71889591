//! `create`: make or change an object, and wait until it is ready.

mod credentials;
mod kustomization;
mod secret;
mod source;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use kube::api::DynamicObject;
use serde::Serialize;
use serde_json::json;

use super::{Verb, arguments};
use crate::cluster::{Cluster, Upserted};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags;
use crate::kinds::{Kind, status};
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
    #[arg(long, global = true, value_delimiter = ',', value_name = "KEY=VALUE")]
    label: Vec<String>,
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

const NOUNS: &[Noun] = &[source::git::NOUN, kustomization::NOUN, secret::git::NOUN];

fn command() -> Command {
    CreateArgs::augment_args(
        Command::new("create")
            .about("Create or update sources and resources")
            .subcommand(source::command())
            .subcommand(kustomization::command())
            .subcommand(secret::command()),
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
        kind: &Kind,
        object: &DynamicObject,
    ) -> Result<DynamicObject> {
        let ui = &self.context.ui;
        ui.action(format!("applying {}", kind.title));
        let upserted = cluster.upsert(kind, object).await?;
        ui.success(match &upserted {
            Upserted::Created(_) => format!("{} created", kind.title),
            Upserted::Updated(_) => format!("{} updated", kind.title),
        });
        ui.waiting(format!("waiting for {} reconciliation", kind.title));
        let progress = ui.progress(format!("{} {}", kind.kind, self.name));
        let generation = upserted.object().metadata.generation.unwrap_or(0);
        let outcome = cluster.follow(kind, &self.namespace, &self.name, |object| {
            let Some(object) = object else {
                return ControlFlow::Break(Err(self.deleted(kind)));
            };
            if object.metadata.generation.unwrap_or(0) < generation {
                return ControlFlow::Continue(());
            }
            match kind.state(object) {
                status::State::Ready => ControlFlow::Break(Ok(object.clone())),
                status::State::Stalled(reason) => {
                    ControlFlow::Break(Err(Error::new(ErrorKind::NotReady, reason)))
                }
                status::State::Terminating => ControlFlow::Break(Err(self.deleted(kind))),
                // A first attempt may fail because something it needs is still on its way.
                status::State::InProgress(text) | status::State::Failing(text) => {
                    progress.set(format!("{} {}: {text}", kind.kind, self.name));
                    ControlFlow::Continue(())
                }
            }
        });
        let deadline = super::deadline::within(self.context, kind, &self.namespace, &self.name);
        deadline.of(cluster, outcome).await
    }

    fn deleted(&self, kind: &Kind) -> Error {
        Error::new(
            ErrorKind::Conflict,
            format!("{} {} was deleted meanwhile", kind.kind, self.name),
        )
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

fn labels(given: &[String]) -> Result<BTreeMap<String, String>> {
    flags::strings(given)
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
