//! `uninstall`: Flux off the cluster, and nothing else.
//!
//! The order matters. A controller that still runs when its objects go would remove what it
//! applied: so the controllers end first, then Flux's own finalizer comes off its objects, then
//! their kinds go, then the namespace. Each step is waited for, and a step that fails ends it.

mod remains;

use std::future::Future;

use clap::{ArgMatches, Args, Command};

use super::{Verb, arguments, leaf};
use crate::cluster::removal::FluxObject;
use crate::cluster::{self, Cluster};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::kinds::ObjectName;

pub(super) const VERB: Verb = Verb {
    name: "uninstall",
    command,
    run,
};

#[derive(Args)]
struct UninstallArgs {
    /// Leave the namespace and what else is in it
    #[arg(long)]
    keep_namespace: bool,
    /// Print what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short = 's')]
    silent: bool,
}

fn command() -> Command {
    leaf::<UninstallArgs>(
        Command::new("uninstall")
            .about("Remove Flux and its custom resource definitions")
            .long_about(
                "Remove Flux from a cluster: its controllers, its objects with their definitions, \
                 and its namespace.\n\n\
                 What Flux applied keeps running. Of the finalizers on Flux's objects only its own \
                 are removed. Each step is waited for; when one fails, the steps after it are left, \
                 and running the command again goes on from there. Where Flux also runs in another \
                 namespace, the definitions and the objects outside of this namespace are kept.",
            )
            .after_help(
                "Examples:\n  \
                 # Remove Flux and the flux-system namespace\n  \
                 {bin} uninstall --namespace=flux-system\n\n  \
                 # See what would be deleted\n  \
                 {bin} uninstall --dry-run\n\n  \
                 # Remove Flux and keep its namespace\n  \
                 {bin} uninstall --namespace=infra --keep-namespace",
            ),
    )
}

/// The kinds of the parts of Flux, in the order in which they are deleted: API version, kind and
/// whether it lives in namespaces.
const PARTS: &[(&str, &str, bool)] = &[
    ("v1", "Service", true),
    ("networking.k8s.io/v1", "NetworkPolicy", true),
    ("v1", "ServiceAccount", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false),
];

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: UninstallArgs = arguments(matches)?;
    let namespace = context.namespace()?;
    context.block_on(async {
        let cluster = context.cluster().await?;
        if !args.dry_run && !args.silent {
            confirm(context, &cluster).await?;
        }
        let mut removal = Removal {
            context,
            cluster: &cluster,
            namespace: &namespace,
            args: &args,
            alone: true,
            failure: None,
        };
        removal.run().await
    })
}

async fn confirm(context: &Context, cluster: &Cluster) -> Result<()> {
    let installation = cluster
        .installation()
        .await
        .map_err(|error| Error::from(error).context("cluster info unavailable"))?;
    let manager = installation.as_ref().and_then(|i| i.other_manager());
    let question = match manager {
        Some(manager) => format!(
            "Flux is managed by {manager}! Are you sure you want to delete Flux and its CRDs using Flux CLI"
        ),
        None => {
            "Are you sure you want to delete Flux and its custom resource definitions".to_owned()
        }
    };
    if context
        .ui
        .confirm(&question, "to delete it without being asked, use --silent")?
    {
        Ok(())
    } else {
        Err(Error::new(Kind::Interrupted, "aborting"))
    }
}

/// A removal on its way.
struct Removal<'a> {
    context: &'a Context,
    cluster: &'a Cluster,
    namespace: &'a str,
    args: &'a UninstallArgs,
    /// Whether Flux runs in no other namespace.
    alone: bool,
    /// The first failure.
    failure: Option<Kind>,
}

impl Removal<'_> {
    async fn run(&mut self) -> Result<()> {
        let ui = &self.context.ui;
        ui.action(format!(
            "deleting components in {} namespace",
            self.namespace
        ));
        self.look_around().await?;
        self.controllers().await;
        self.go_on()?;
        self.components().await;
        self.go_on()?;
        ui.action("deleting toolkit.fluxcd.io finalizers in all namespaces");
        let objects = self.finalizers().await;
        self.go_on()?;
        // Later nobody knows any more.
        for line in remains::lines(&objects, self.namespace, !self.args.keep_namespace) {
            ui.action(line);
        }
        if self.alone {
            ui.action("deleting toolkit.fluxcd.io custom resource definitions");
            self.definitions().await;
            self.go_on()?;
        }
        if !self.args.keep_namespace {
            self.delete_namespace().await;
            self.go_on()?;
        }
        ui.success("uninstall finished");
        Ok(())
    }

    /// Finds out whether the kinds are in use by another installation.
    async fn look_around(&mut self) -> Result<()> {
        let mut others = self.cluster.flux_namespaces().await?;
        others.remove(self.namespace);
        self.alone = others.is_empty();
        if !self.alone {
            let others: Vec<String> = others.into_iter().collect();
            self.context.ui.warning(format!(
                "Flux also runs in {}: its definitions, and its objects outside of {}, are kept",
                others.join(", "),
                self.namespace
            ));
        }
        Ok(())
    }

    /// Deletes the controllers and waits until they have ended.
    async fn controllers(&mut self) {
        let kind = ("apps/v1", "Deployment");
        let Some(objects) = self.parts(kind, Some(self.namespace)).await else {
            return;
        };
        let deployments = match self.cluster.deployments(&objects).await {
            Ok(deployments) => deployments,
            Err(error) => return self.failed("listing Deployment", error),
        };
        self.delete_all(&objects).await;
        if self.args.dry_run || deployments.is_empty() {
            return;
        }
        let progress = self
            .context
            .ui
            .progress("waiting for the controllers to end");
        let ended = self
            .cluster
            .pods_gone(self.namespace, &deployments, |left| {
                progress.set(format!(
                    "waiting for the controllers to end: {left} pods left"
                ));
            });
        let ended = self.in_time(ended).await;
        drop(progress);
        if let Err(error) = ended {
            self.failed("waiting for the controllers to end", error);
        }
    }

    async fn components(&mut self) {
        for (api_version, kind, namespaced) in PARTS {
            let namespace = namespaced.then_some(self.namespace);
            if let Some(objects) = self.parts((api_version, kind), namespace).await {
                self.delete_all(&objects).await;
            }
        }
    }

    /// The parts of a kind, or nothing where they cannot be read, which is a failure.
    async fn parts(
        &mut self,
        kind: (&str, &str),
        namespace: Option<&str>,
    ) -> Option<Vec<ObjectName>> {
        let instance = (!self.alone).then_some(self.namespace);
        match self.cluster.flux_parts(kind, namespace, instance).await {
            Ok(objects) => Some(objects),
            Err(error) => {
                self.failed(&format!("listing {}", kind.1), error);
                None
            }
        }
    }

    async fn delete_all(&mut self, objects: &[ObjectName]) {
        for object in objects {
            match self.cluster.remove(object, self.args.dry_run).await {
                Ok(()) => self.done(&format!("{object} deleted")),
                Err(error) => self.failed(&format!("{object} deletion"), error),
            }
        }
    }

    /// Takes Flux's finalizer off its objects; returns them.
    async fn finalizers(&mut self) -> Vec<FluxObject> {
        let namespace = (!self.alone).then_some(self.namespace);
        let objects = match self.cluster.flux_objects(namespace).await {
            Ok(objects) => objects,
            Err(error) => {
                self.failed("listing the objects of Flux", error);
                return Vec::new();
            }
        };
        for object in &objects {
            match self.cluster.release(object, self.args.dry_run).await {
                Ok(others) => {
                    self.done(&format!("{} finalizers deleted", object.name));
                    if !others.is_empty() {
                        self.context.ui.warning(format!(
                            "{} stays until the owners of these finalizers let go of it: {}",
                            object.name,
                            others.join(", ")
                        ));
                    }
                }
                Err(error) => {
                    self.failed(&format!("{} removing finalizers", object.name), error);
                }
            }
        }
        objects
    }

    async fn definitions(&mut self) {
        let kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        let Some(objects) = self.parts(kind, None).await else {
            return;
        };
        self.delete_all(&objects).await;
        self.until_gone(&objects, "waiting for the definitions to go")
            .await;
    }

    async fn delete_namespace(&mut self) {
        let namespace = ObjectName {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: self.namespace.to_owned(),
        };
        self.delete_all(std::slice::from_ref(&namespace)).await;
        let namespace = std::slice::from_ref(&namespace);
        self.until_gone(namespace, "waiting for the namespace to go")
            .await;
    }

    /// Waits until none of the objects exists any more, unless something has failed.
    async fn until_gone(&mut self, objects: &[ObjectName], what: &str) {
        if self.failure.is_some() || self.args.dry_run {
            return;
        }
        let progress = self.context.ui.progress(what);
        let waits = objects
            .iter()
            .map(|object| self.in_time(self.cluster.gone(object)));
        let ends = futures::future::join_all(waits).await;
        drop(progress);
        for (object, end) in objects.iter().zip(ends) {
            if let Err(error) = end {
                self.failed(&format!("{object} deletion"), error);
            }
        }
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, cluster::Error>>,
    ) -> Result<T, cluster::Error> {
        match tokio::time::timeout(self.context.remaining(), work).await {
            Ok(result) => result,
            Err(_) => Err(cluster::Error::TimedOut(format!(
                "timed out after {}: run the command again to go on",
                self.context.globals.timeout
            ))),
        }
    }

    fn done(&self, what: &str) {
        let dry_run = if self.args.dry_run { " (dry run)" } else { "" };
        self.context.ui.success(format!("{what}{dry_run}"));
    }

    fn failed(&mut self, what: &str, error: cluster::Error) {
        let error = Error::from(error);
        self.context
            .ui
            .failure(format!("{what} failed: {}", error.chain()));
        self.failure.get_or_insert(error.kind());
    }

    /// Ends the removal where something has failed.
    fn go_on(&self) -> Result<()> {
        match self.failure {
            None => Ok(()),
            Some(kind) => Err(Error::new(kind, "uninstall failed").hint(
                "what comes after the failed step was left alone: when its cause is gone, run the command again",
            )),
        }
    }
}
