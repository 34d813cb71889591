//! `version`: what this program is and what runs in the cluster.

use clap::{ArgMatches, Args, Command};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, ListParams};
use serde_json::{Map, Value, json};

use super::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::identity::{Identity, REFLUX_VERSION};
use crate::manifests::versions::DISTRIBUTION as FLUX_VERSION;

pub(super) const VERB: Verb = Verb {
    name: "version",
    command,
    run,
};

#[derive(Args)]
struct VersionArgs {
    /// Print only what this program is
    #[arg(long)]
    client: bool,
    /// The format: yaml or json
    #[arg(long, short = 'o', default_value = "yaml", value_name = "FORMAT")]
    output: String,
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
    if args.output != "yaml" && args.output != "json" {
        return Err(Error::usage(format!(
            "--output must be json or yaml, not {}",
            args.output
        )));
    }
    let namespace = context.namespace()?;
    let mut rows = client(context.identity);
    if args.client {
        return print(context, &args, &rows);
    }
    match context.block_on(server(context, &namespace)) {
        Ok(found) => {
            rows.extend(found);
            print(context, &args, &rows)
        }
        Err(error) => {
            print(context, &args, &rows)?;
            Err(error)
        }
    }
}

fn client(identity: Identity) -> Vec<(String, String)> {
    let mut rows = vec![("flux".to_owned(), FLUX_VERSION.to_owned())];
    if identity == Identity::Reflux {
        rows.insert(0, ("reflux".to_owned(), format!("v{REFLUX_VERSION}")));
    }
    rows
}

async fn server(context: &Context, namespace: &str) -> Result<Vec<(String, String)>> {
    let cluster = context.cluster().await?;
    let deployments: Api<Deployment> = cluster.namespaced(namespace);
    let params = ListParams::default().labels("app.kubernetes.io/part-of=flux");
    let list = deployments
        .list(&params)
        .await
        .map_err(|e| cluster.error(e))?;
    if list.items.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            format!("no deployments found in {namespace} namespace"),
        )
        .hint(
            "Flux runs in another namespace (--namespace) or is not installed: run `{bin} check`",
        ));
    }
    let distribution = list.items.iter().find_map(|d| {
        d.metadata
            .labels
            .as_ref()?
            .get("app.kubernetes.io/version")
            .map(|v| ("distribution".to_owned(), format!("flux-{v}")))
    });
    let mut controllers: Vec<(String, String)> = list
        .items
        .iter()
        .filter_map(|d| d.spec.template.spec.as_ref())
        .flat_map(|pod| &pod.containers)
        .filter_map(|container| image_version(container.image.as_deref()?))
        .collect();
    controllers.sort();
    Ok(distribution.into_iter().chain(controllers).collect())
}

/// `registry:5000/org/name:tag@digest` is `name` at `tag`.
fn image_version(image: &str) -> Option<(String, String)> {
    let name_and_tag = image.rsplit('/').next()?;
    let (name, tag) = name_and_tag.split_once([':', '@'])?;
    Some((name.to_owned(), tag.to_owned()))
}

fn print(context: &Context, args: &VersionArgs, rows: &[(String, String)]) -> Result<()> {
    if args.output == "json" {
        // flux sorts the keys here, and only here.
        let map: Map<String, Value> = rows.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        let text = serde_json::to_string_pretty(&map)
            .map_err(|error| Error::failed("cannot write JSON").caused_by(error))?;
        return context.ui.answer(&format!("{text}\n"));
    }
    let text: String = rows.iter().map(|(k, v)| format!("{k}: {v}\n")).collect();
    context.ui.answer(&text)
}

#[cfg(test)]
mod tests {
    use super::image_version;

    #[test]
    fn images_have_names_and_tags() {
        let of = |image| image_version(image);
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            of("ghcr.io/fluxcd/source-controller:v1.9.4"),
            pair("source-controller", "v1.9.4")
        );
        assert_eq!(of("localhost:5000/x:v1"), pair("x", "v1"));
        assert_eq!(of("x:v1@sha256:00"), pair("x", "v1@sha256:00"));
        assert_eq!(of("x"), None);
    }
}
