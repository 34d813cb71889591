//! `check`: whether a cluster can run Flux, and whether the Flux on it is in order.

mod definitions;
mod report;
mod versions;

use std::collections::BTreeSet;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};
use flux_api::Duration;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::{Api, ListParams};

use self::definitions::Found;
pub(super) use self::report::Document;
use self::report::{Part, Report};
use super::components::SelectionArgs;
use super::{Verb, arguments, leaf, output};
use crate::bootstrap::provider::github::releases;
use crate::cluster::health::{Health, Patience, Rollout};
use crate::cluster::{Cluster, proxy};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::flags;
use crate::manifests::install::{PART_OF, PART_OF_FLUX};
use crate::manifests::versions::DISTRIBUTION;
use crate::output::{Asked, Word};

pub(super) const VERB: Verb = Verb {
    name: "check",
    command,
    run,
};

/// There are no objects here that would have names.
const FORMATS: &[Word] = &[
    Word::Json,
    Word::Yaml,
    Word::Wide,
    Word::JsonPath,
    Word::CustomColumns,
];

#[derive(Args)]
struct CheckArgs {
    /// Check only what an installation needs
    #[arg(long)]
    pre: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Ask GitHub for the latest release of Flux, too
    #[arg(long)]
    latest: bool,
    /// Accepted for flux's sake: changes are watched
    #[arg(long, value_parser = flags::duration, default_value = "5s")]
    poll_interval: Duration,
    /// The format of the answer: json, yaml, wide, jsonpath=… or custom-columns=…
    #[arg(long, short = 'o', value_name = "FORMAT", value_parser = output::parser(FORMATS))]
    output: Option<Asked>,
}

fn command() -> Command {
    leaf::<CheckArgs>(
        Command::new("check")
            .about("Check requirements and the installation")
            .long_about(
                "Check that the cluster can run Flux, and that the Flux on it is in order: its \
                 version, its controllers and its definitions.\n\n\
                 Controllers that are starting are waited for. Controllers that are asked for by \
                 name must be there. Whatever cannot be read is a failure. Nothing outside the \
                 cluster is asked but with --latest.",
            )
            .after_help(
                "Examples:\n  \
                 # Check what an installation needs\n  \
                 {bin} check --pre\n\n  \
                 # Check the installation\n  \
                 {bin} check\n\n  \
                 # Check two controllers, for a script\n  \
                 {bin} check --components=source-controller,kustomize-controller -o json\n\n  \
                 # What failed, one a line\n  \
                 {bin} check -o jsonpath='{range .checks[?(@.status==\"failed\")]}{.message}{\"\\n\"}{end}'",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: CheckArgs = arguments(matches)?;
    let format = args.output.map(output::load).transpose()?;
    let given = |flag: &str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let asked = Wanted {
        names: if given("components") {
            args.selection.names()
        } else {
            args.selection.extra()
        },
        only_those: given("components"),
    };
    let namespace = context.namespace()?;
    let mut report = Report::new(&context.ui);
    let outcome = context.block_on(async {
        report.begin("prerequisites");
        if args.latest {
            latest(context, &mut report).await;
        }
        let cluster = context.cluster().await?;
        let mut check = Check {
            context,
            cluster: &cluster,
            namespace: &namespace,
            report: &mut report,
        };
        check.kubernetes().await?;
        if args.pre {
            return Ok(());
        }
        check.version().await;
        let controllers = check.controllers(&asked).await;
        check.definitions(&controllers).await;
        Ok(())
    });
    let passed = report.passed();
    if let Some(format) = format {
        context.ui.answer(&report.write(&format)?)?;
    }
    outcome?;
    conclude(context, passed, args.pre)
}

/// Whether there is a later Flux than the one that this program carries.
async fn latest(context: &Context, report: &mut Report<'_>) {
    const CHECK: Part = Part::Latest;
    let api = http::Uri::from_static("https://api.github.com");
    let found = match proxy::of_address(&api, &context.env) {
        Ok(proxy) => releases::latest("fluxcd", "flux2", proxy.as_ref()).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(tag) => match versions::later(&tag) {
            Some(message) => report.warn(CHECK, &tag, message),
            None => report.pass(CHECK, &tag, format!("flux {tag} is the latest version")),
        },
        Err(error) => report.fail(CHECK, "", error.chain()),
    }
}

fn conclude(context: &Context, passed: bool, pre: bool) -> Result<()> {
    if passed {
        context.ui.success(if pre {
            "prerequisites checks passed"
        } else {
            "all checks passed"
        });
        return Ok(());
    }
    if !pre {
        context.ui.failure("check failed");
    }
    Err(Error::reported(Kind::NotReady, "check failed"))
}

/// The controllers that the user asked for by name.
struct Wanted {
    names: Vec<String>,
    /// Whether those are all that is to be looked at, rather than some that must be there.
    only_those: bool,
}

struct Check<'a, 'u> {
    context: &'a Context,
    cluster: &'a Cluster,
    namespace: &'a str,
    report: &'a mut Report<'u>,
}

impl Check<'_, '_> {
    /// The server's version. Where the server does not answer this, it answers nothing.
    async fn kubernetes(&mut self) -> Result<()> {
        const CHECK: Part = Part::Kubernetes;
        let version = match self.cluster.client().apiserver_version().await {
            Ok(version) => version.git_version,
            Err(error) => {
                let error = Error::from(self.cluster.error(error));
                let message = format!("Kubernetes API call failed: {}", error.chain());
                self.report.fail(CHECK, "", &message);
                let reported = Error::reported(error.kind(), message);
                return Err(error.hints().iter().fold(reported, |e, hint| e.hint(hint)));
            }
        };
        let range = versions::KUBERNETES;
        match versions::kubernetes(&version) {
            Some((parsed, true)) => {
                self.report
                    .pass(CHECK, &version, format!("Kubernetes {parsed} {range}"));
            }
            Some((_, false)) => {
                let message = format!("Kubernetes version {version} does not match {range}");
                self.report.fail(CHECK, &version, message);
            }
            None => self
                .report
                .fail(CHECK, &version, "Kubernetes version can't be determined"),
        }
        Ok(())
    }

    /// What is installed, and whether this program goes with it.
    async fn version(&mut self) {
        const CHECK: Part = Part::Version;
        self.report.begin("version in cluster");
        let installation = match self.cluster.installation().await {
            Ok(Some(installation)) => installation,
            Ok(None) => {
                let message = "checking failed: Flux is not installed on this cluster: its definition of GitRepository is missing";
                return self.report.fail(CHECK, "", message);
            }
            Err(error) => {
                return self
                    .report
                    .fail(CHECK, "", format!("checking failed: {error}"));
            }
        };
        if let Some(distribution) = installation.distribution() {
            self.report.pass(
                CHECK,
                &distribution,
                format!("distribution: {distribution}"),
            );
        }
        let bootstrapped = installation.bootstrapped;
        self.report.pass(
            CHECK,
            "bootstrapped",
            format!("bootstrapped: {bootstrapped}"),
        );
        if let Some(skew) = installation.version.as_deref().and_then(versions::skew) {
            self.report.warn(CHECK, "skew", skew);
        }
    }

    /// The controllers; returns the names of those that were looked at.
    async fn controllers(&mut self, asked: &Wanted) -> Vec<String> {
        const CHECK: Part = Part::Controllers;
        self.report.begin(CHECK.word());
        let found = match self.installed_controllers().await {
            Ok(found) => found,
            Err(message) => {
                self.report.fail(CHECK, "", message);
                return asked.names.clone();
            }
        };
        let mut names: BTreeSet<&str> = asked.names.iter().map(String::as_str).collect();
        if !asked.only_those {
            names.extend(found.iter().map(|controller| controller.name.as_str()));
        }
        if names.is_empty() {
            let message = format!(
                "no controllers found in the '{}' namespace with the label selector '{PART_OF}={PART_OF_FLUX}'",
                self.namespace
            );
            self.report.fail(CHECK, "", message);
            return Vec::new();
        }
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let healths = {
            let _progress = self.context.ui.progress("waiting for the controllers");
            let limit = self.context.remaining();
            let patience = Patience::UntilStuck;
            self.cluster
                .wait_deployments(self.namespace, &names, limit, patience, |_| {})
                .await
        };
        match healths {
            Ok(healths) => {
                for health in &healths {
                    let version = found.iter().find(|c| c.name == health.name);
                    self.controller(health, version.and_then(|c| c.version.as_deref()));
                }
            }
            Err(error) => {
                self.report
                    .fail(CHECK, "", format!("checking controllers failed: {error}"))
            }
        }
        names
    }

    fn controller(&mut self, health: &Health, version: Option<&str>) {
        const CHECK: Part = Part::Controllers;
        let name = &health.name;
        match (&health.rollout, health.why()) {
            (Rollout::Done, _) if health.is_scaled_to_zero() => {
                self.report
                    .fail(CHECK, name, format!("{name}: deployment scaled to zero"));
            }
            (Rollout::Done, _) => {
                self.report
                    .pass(CHECK, name, format!("{name}: deployment ready"));
            }
            (Rollout::Missing, _) => {
                self.report
                    .fail(CHECK, name, format!("{name}: deployment not found"));
            }
            (_, why) => {
                let why = why.unwrap_or_default();
                self.report
                    .fail(CHECK, name, format!("{name}: deployment not ready: {why}"));
            }
        }
        for image in &health.images {
            self.report.show(image);
            let skew = versions::controller_skew(name, image);
            if let Some(skew) = skew.filter(|_| version == Some(DISTRIBUTION)) {
                self.report.warn(CHECK, name, skew);
            }
        }
    }

    async fn installed_controllers(&self) -> Result<Vec<Controller>, String> {
        let api: Api<Deployment> = self.cluster.namespaced(self.namespace);
        let params = ListParams::default().labels(&format!("{PART_OF}={PART_OF_FLUX}"));
        let list = api.list_metadata(&params).await.map_err(|error| {
            format!("checking controllers failed: {}", self.cluster.error(error))
        })?;
        let controller = |found: kube::core::PartialObjectMeta<Deployment>| Controller {
            version: found
                .labels()
                .get(crate::manifests::install::VERSION)
                .cloned(),
            name: found.name_any(),
        };
        Ok(list.items.into_iter().map(controller).collect())
    }

    async fn definitions(&mut self, controllers: &[String]) {
        const CHECK: Part = Part::Crds;
        self.report.begin(CHECK.word());
        let api: Api<CustomResourceDefinition> = Api::all(self.cluster.client().clone());
        let params = ListParams::default().labels(&format!("{PART_OF}={PART_OF_FLUX}"));
        let list = match api.list(&params).await {
            Ok(list) => list.items,
            Err(error) => {
                let error = self.cluster.error(error);
                return self
                    .report
                    .fail(CHECK, "", format!("checking crds failed: {error}"));
            }
        };
        if list.is_empty() {
            let message =
                format!("no crds found with the label selector '{PART_OF}={PART_OF_FLUX}'");
            return self.report.fail(CHECK, "", message);
        }
        for definition in &list {
            let name = definition.name_any();
            match definitions::look_at(definition) {
                Found::Stored(version, earlier) => {
                    self.report.pass(CHECK, &name, format!("{name}/{version}"));
                    if !earlier.is_empty() {
                        let earlier = earlier.join(", ");
                        let message = format!(
                            "{name} may hold objects stored as {earlier}: migrate them before that version goes"
                        );
                        self.report.warn(CHECK, &name, message);
                    }
                }
                Found::Broken(message) => self.report.fail(CHECK, &name, message),
            }
        }
        let needed = controllers
            .iter()
            .flat_map(|name| definitions::of_controller(name));
        for name in needed.filter(|name| !list.iter().any(|d| d.name_any() == *name)) {
            // Tools that install Flux in their own way may leave the label out.
            match api.get_metadata_opt(&name).await {
                Ok(Some(_)) => {}
                Ok(None) => self.report.fail(CHECK, &name, format!("{name}: not found")),
                Err(error) => {
                    let error = self.cluster.error(error);
                    self.report.fail(CHECK, &name, format!("{name}: {error}"));
                }
            }
        }
    }
}

/// A controller that is there.
struct Controller {
    name: String,
    /// The version of the distribution that it is of.
    version: Option<String>,
}
