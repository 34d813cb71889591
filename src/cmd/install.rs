//! `install`: the controllers on a cluster, without a repository.

use clap::{ArgMatches, Args, Command};
use serde_json::Value;

use super::components::ComponentArgs;
use super::output::JournalArgs;
use super::{Verb, arguments, deadline, leaf};
use crate::cluster::Cluster;
use crate::cluster::diagnosis::Subject;
use crate::cluster::health::{Health, Patience, Rollout};
use crate::cluster::installation::Installation;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::manifests::install::{self, Options};
use crate::manifests::secret::SecretObject;

pub(super) const VERB: Verb = Verb {
    name: "install",
    command,
    run,
};

#[derive(Args)]
struct InstallArgs {
    /// Print the manifests and do nothing else
    #[arg(long)]
    export: bool,
    #[command(flatten)]
    components: ComponentArgs,
    /// Take over an installation that another tool manages, without asking
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    journal: JournalArgs,
}

fn command() -> Command {
    leaf::<InstallArgs>(
        Command::new("install")
            .about("Install or upgrade Flux")
            .long_about(
                "Install or upgrade Flux in a namespace, and wait until it runs.\n\n\
                 What an earlier installation put there and this one does not contain is removed; \
                 definitions whose kinds are in use are kept. A cluster that was bootstrapped is \
                 left alone: its repository decides what runs there.",
            )
            .after_help(
                "Examples:\n  \
                 # Install Flux in the flux-system namespace\n  \
                 {bin} install --namespace=flux-system\n\n  \
                 # Install two controllers only\n  \
                 {bin} install --components=source-controller,kustomize-controller\n\n  \
                 # Install the controllers for images, too\n  \
                 {bin} install --components-extra=image-reflector-controller,image-automation-controller\n\n  \
                 # Install from a private registry, with the credentials from a file\n  \
                 {bin} install --registry=registry.example.com/flux --image-pull-secret=pull --registry-creds-file=creds.txt\n\n  \
                 # Write the manifests to a file\n  \
                 {bin} install --export > flux-system.yaml",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: InstallArgs = arguments(matches)?;
    let ui = &context.ui;
    if args.journal.is_asked_for() && (args.export || context.globals.verbose) {
        return Err(Error::usage(
            "--output=jsonl needs standard output for itself: leave out --export and --verbose",
        ));
    }
    args.journal.begin(ui);
    let options = args.components.options(&context.namespace()?)?;
    if args.export {
        return ui.answer(&install::to_yaml(&options)?);
    }
    let pull_secret = args.components.pull_secret(&options)?;
    ui.generate("generating manifests");
    let objects = install::objects(&options)?;
    if context.globals.verbose {
        ui.answer(&install::to_yaml(&options)?)?;
    }
    ui.success("manifests build completed");
    ui.action(format!(
        "installing components in {} namespace",
        options.namespace
    ));
    context.block_on(async {
        let cluster = context.cluster().await?;
        let existing = cluster
            .installation()
            .await
            .map_err(|error| Error::from(error).context("cluster info unavailable"))?;
        if let Some(existing) = existing {
            may_replace(context, &existing, args.force)?;
        }
        let installing = Installing {
            context,
            cluster: &cluster,
            options: &options,
        };
        installing.apply(&objects, pull_secret.as_ref()).await?;
        installing.verify().await?;
        installing.prune(&objects).await?;
        ui.success("install finished");
        Ok(())
    })
}

/// Refuses to replace what a repository or, unless the user agrees, another tool manages.
fn may_replace(context: &Context, existing: &Installation, force: bool) -> Result<()> {
    let version = existing.version.as_deref().unwrap_or("of unknown version");
    if existing.bootstrapped {
        return Err(Error::new(
            Kind::Conflict,
            format!(
                "this cluster has already been bootstrapped with Flux {version}! Please use '{} bootstrap' to upgrade",
                context.identity.name()
            ),
        ));
    }
    let Some(manager) = existing.other_manager().filter(|_| !force) else {
        return Ok(());
    };
    context.ui.note(format!(
        "Flux {version} has been installed on this cluster with {manager}!"
    ));
    let agreed = context.ui.confirm(
        &format!("Are you sure you want to override the {manager} installation?"),
        "to override it without being asked, use --force",
    )?;
    if agreed {
        Ok(())
    } else {
        Err(Error::new(Kind::Interrupted, "installation cancelled"))
    }
}

/// An installation on its way.
struct Installing<'a> {
    context: &'a Context,
    cluster: &'a Cluster,
    options: &'a Options,
}

impl Installing<'_> {
    async fn apply(&self, objects: &[Value], pull_secret: Option<&SecretObject>) -> Result<()> {
        let ui = &self.context.ui;
        let progress = ui.progress("applying manifests");
        let mut answered = Ok(());
        let applied = self.cluster.apply(objects, |change| {
            progress.set(change.to_string());
            if answered.is_ok() {
                answered = ui.answer(&format!("{change}\n"));
            }
        });
        applied.await.map_err(failed)?;
        answered?;
        drop(progress);
        if let Some(secret) = pull_secret {
            let name = self
                .options
                .image_pull_secret
                .as_deref()
                .unwrap_or_default();
            ui.action(format!("generating image pull secret {name}"));
            self.cluster
                .put_secret(secret.expose())
                .await
                .map_err(failed)?;
        }
        Ok(())
    }

    /// Waits until the controllers run.
    async fn verify(&self) -> Result<()> {
        let ui = &self.context.ui;
        ui.waiting("verifying installation");
        let mut names: Vec<String> = self.options.component_names().map(str::to_owned).collect();
        names.sort();
        let namespace = &self.options.namespace;
        let limit = self.context.remaining();
        let progress = ui.progress("waiting for the controllers");
        let healths = self
            .cluster
            .wait_deployments(namespace, &names, limit, Patience::Full, |now| {
                let left = now
                    .iter()
                    .find_map(|h| Some(format!("{}: {}", h.name, h.why()?)));
                progress.set(left.unwrap_or_default());
            })
            .await
            .map_err(failed)?;
        drop(progress);
        report(self.context, &healths);
        let components: Vec<&str> = healths
            .iter()
            .filter(|health| !health.is_ready())
            .map(|health| health.name.as_str())
            .collect();
        if components.is_empty() {
            return Ok(());
        }
        let subject = Subject {
            namespace: Some(namespace),
            components,
            ..Subject::default()
        };
        let error = Error::new(Kind::NotReady, "install failed");
        Err(deadline::explain(self.context, self.cluster, &subject, error).await)
    }

    /// Removes what an earlier installation left.
    async fn prune(&self, objects: &[Value]) -> Result<()> {
        let namespace = &self.options.namespace;
        let pruned = self
            .cluster
            .prune_install(namespace, objects)
            .await
            .map_err(failed)?;
        for change in &pruned.deleted {
            self.context.ui.answer(&format!("{change}\n"))?;
        }
        for kept in &pruned.kept {
            self.context.ui.warning(format!(
                "{kept} is not part of this installation and is kept: there are objects of its kind"
            ));
        }
        Ok(())
    }
}

fn failed(error: crate::cluster::Error) -> Error {
    Error::from(error).context("install failed")
}

/// Says how each controller is, as flux does, and why it is not ready.
pub(super) fn report(context: &Context, healths: &[Health]) {
    let ui = &context.ui;
    for health in healths {
        let name = &health.name;
        match (&health.rollout, health.why()) {
            (Rollout::Done, _) => ui.success(format!("{name}: deployment ready")),
            (Rollout::Missing, _) => ui.failure(format!("{name}: deployment not found")),
            (_, why) => ui.failure(format!(
                "{name}: deployment not ready: {}",
                why.unwrap_or_default()
            )),
        }
    }
}
