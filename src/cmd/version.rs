//! `version`: what this program is and what runs in the cluster.

use std::collections::BTreeMap;

use clap::{ArgMatches, Args, Command};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, ListParams};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Verb, arguments, leaf, output};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::identity::{Identity, REFLUX_VERSION};
use crate::manifests::versions::DISTRIBUTION as FLUX_VERSION;
use crate::output::{Asked, Format, Word};
use crate::ui::table;
use crate::yaml;

pub(super) const VERB: Verb = Verb {
    name: "version",
    command,
    run,
};

const FORMATS: &[Word] = &[
    Word::Yaml,
    Word::Json,
    Word::Wide,
    Word::JsonPath,
    Word::CustomColumns,
];

#[derive(Args)]
struct VersionArgs {
    /// Print only what this program is
    #[arg(long)]
    client: bool,
    /// The format: yaml, json, wide, jsonpath=… or custom-columns=…
    #[arg(long, short = 'o', default_value = "yaml", value_name = "FORMAT",
        value_parser = output::parser(FORMATS))]
    output: Asked,
    #[arg(hide = true)]
    stray: Vec<String>,
}

fn command() -> Command {
    leaf::<VersionArgs>(
        Command::new("version")
            .about("Print the versions of this program and of the controllers in the cluster")
            .long_about(
                "Print the versions of this program and of the controllers in the cluster.\n\n\
                 The program's own version is printed even where the cluster cannot be reached; \
                 the exit code then says so.",
            )
            .after_help("Examples:\n  # Print the client's and the cluster's versions\n  {bin} version\n\n  # Print the client's version as JSON\n  {bin} version --client -o json"),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: VersionArgs = arguments(matches)?;
    let format = output::load(args.output)?;
    let namespace = context.namespace()?;
    let client = client(context.identity);
    if args.client {
        return print(context, &format, client);
    }
    match context.block_on(server(context, &namespace)) {
        Ok(found) => print(
            context,
            &format,
            Versions {
                distribution: found.distribution,
                components: found.components,
                ..client
            },
        ),
        Err(error) => {
            print(context, &format, client)?;
            Err(error)
        }
    }
}

/// What `version` answers: components and their versions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "version")]
pub(super) struct Versions {
    /// This program; not there when called as `flux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reflux: Option<String>,
    /// The Flux that this program carries.
    flux: String,
    /// The Flux that is on the cluster, as its definitions are labelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    distribution: Option<String>,
    /// The controllers on the cluster, by the last part of their images' names.
    #[serde(flatten)]
    components: BTreeMap<String, Tag>,
}

/// The version of a component: its image's tag, and digest where it has one.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
struct Tag {
    tag: String,
    /// The whole image.
    #[serde(skip)]
    image: String,
}

/// What a cluster tells.
struct Found {
    distribution: Option<String>,
    components: BTreeMap<String, Tag>,
}

fn client(identity: Identity) -> Versions {
    Versions {
        reflux: (identity == Identity::Reflux).then(|| format!("v{REFLUX_VERSION}")),
        flux: FLUX_VERSION.to_owned(),
        distribution: None,
        components: BTreeMap::new(),
    }
}

async fn server(context: &Context, namespace: &str) -> Result<Found> {
    let cluster = context.cluster().await?;
    let deployments: Api<Deployment> = cluster.namespaced(namespace);
    let params = ListParams::default().labels("app.kubernetes.io/part-of=flux");
    let deployments = async {
        let list = deployments.list(&params).await;
        list.map_err(|error| cluster.error(error))
    };
    let (list, installation) = futures::try_join!(deployments, cluster.installation())?;
    if list.items.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            format!("no deployments found in {namespace} namespace"),
        )
        .hint(
            "Flux runs in another namespace (--namespace) or is not installed: run `{bin} check`",
        ));
    }
    let components = list
        .items
        .iter()
        .filter_map(|d| d.spec.template.spec.as_ref())
        .flat_map(|pod| &pod.containers)
        .filter_map(|container| image_version(container.image.as_deref()?))
        .collect();
    Ok(Found {
        distribution: installation.and_then(|installation| installation.distribution()),
        components,
    })
}

/// `registry:5000/org/name:tag@digest` is `name` at `tag`.
fn image_version(image: &str) -> Option<(String, Tag)> {
    let name_and_tag = image.rsplit('/').next()?;
    let (name, tag) = name_and_tag.split_once([':', '@'])?;
    let tag = Tag {
        tag: tag.to_owned(),
        image: image.to_owned(),
    };
    Some((name.to_owned(), tag))
}

fn print(context: &Context, format: &Format, versions: Versions) -> Result<()> {
    let text = match format {
        Format::Yaml => versions.lines()?,
        Format::Wide => table::render(&["Component", "Version", "Image"], &versions.rows()),
        // flux sorts the keys in JSON, and only there.
        format => {
            let sorted = serde_json::to_value(&versions)
                .map_err(|error| Error::failed("cannot write JSON").caused_by(error))?;
            format.write(&sorted, None)?.unwrap_or_default()
        }
    };
    context.ui.answer(&text)
}

impl Versions {
    /// Component, version and image: the program, the distribution, then the rest by name.
    fn rows(&self) -> Vec<Vec<String>> {
        let first = [
            ("reflux", self.reflux.as_deref()),
            ("flux", Some(&self.flux)),
            ("distribution", self.distribution.as_deref()),
        ];
        let first = first
            .into_iter()
            .filter_map(|(name, version)| Some((name, version?, "")));
        let rest = self.components.iter();
        let rest = rest.map(|(name, tag)| (name.as_str(), tag.tag.as_str(), tag.image.as_str()));
        let row = |(name, version, image): (&str, &str, &str)| {
            vec![name.to_owned(), version.to_owned(), image.to_owned()]
        };
        first.chain(rest).map(row).collect()
    }

    /// YAML in that order.
    fn lines(&self) -> Result<String> {
        let mut text = String::new();
        for mut row in self.rows() {
            let version = Value::String(std::mem::take(&mut row[1]));
            let name = std::mem::take(&mut row[0]);
            text.push_str(&yaml::to_string(&Map::from_iter([(name, version)]))?);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::image_version;

    #[test]
    fn images_have_names_and_tags() {
        let of = |image| image_version(image);
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        let of = |image| of(image).map(|(name, tag)| (name, tag.tag));
        assert_eq!(
            of("ghcr.io/fluxcd/source-controller:v1.9.4"),
            pair("source-controller", "v1.9.4")
        );
        assert_eq!(of("localhost:5000/x:v1"), pair("x", "v1"));
        assert_eq!(of("x:v1@sha256:00"), pair("x", "v1@sha256:00"));
        assert_eq!(of("x"), None);
    }
}
