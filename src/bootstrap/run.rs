//! The steps, in flux's order, with flux's status lines.

use std::time::Duration;

use serde_json::Value;

use super::commits::{Committed, Committer};
use super::credentials;
use super::plan::{Part, Plan};
use super::prepare::{self, Prepared};
use super::provider::github::{Client, Repo};
use super::request::{Auth, Request};
use super::wait::Wait;
use crate::cluster::Cluster;
use crate::cluster::diagnosis::{Object, Subject};
use crate::cluster::health::{Health, Patience};
use crate::cmd::deadline;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::git::host_keys::HostKeys;
use crate::kinds::{GIT_REPOSITORY, KUSTOMIZATION, Kind as ObjectKind};
use crate::manifests::keys::KeyPair;
use crate::manifests::secret::{self, GitCredentials, SecretObject};
use crate::ui::Ui;

/// One run, with everything it works on.
pub struct Run<'a> {
    /// The surroundings.
    pub context: &'a Context,
    /// What is wanted.
    pub request: &'a Request,
    /// The host.
    pub client: &'a Client,
    /// The cluster.
    pub cluster: &'a Cluster,
}

impl Run<'_> {
    /// Does what is missing, and waits until the cluster follows the repository.
    ///
    /// # Errors
    /// Whatever goes wrong; running it again goes on from there.
    pub async fn execute(&self, prepared: &Prepared) -> Result<()> {
        let plan = &prepared.plan;
        self.takeover(prepared)?;
        self.repository(plan).await?;
        let mut committer = self.committer(prepared);
        self.components(prepared, &mut committer).await?;
        self.credentials(prepared).await?;
        let changed = self.sync(prepared, &mut committer).await?;
        let commit = committer.head().unwrap_or_default().to_owned();
        self.wait(prepared, &commit).await?;
        if plan.is_empty() && !changed {
            self.ui()
                .success("nothing to do: the repository and the cluster were up to date");
        }
        Ok(())
    }

    fn ui(&self) -> &Ui {
        &self.context.ui
    }

    fn repo(&self) -> Repo<'_> {
        self.client
            .repo(&self.request.owner, &self.request.repository)
    }

    fn committer(&self, prepared: &Prepared) -> Committer<'_> {
        Committer::new(
            self.request,
            self.repo(),
            prepared.findings.observed.tip.clone(),
            &prepared.findings.identity,
            jiff::Timestamp::now().as_second(),
        )
    }

    /// Asks before an installation by another tool is taken over.
    fn takeover(&self, prepared: &Prepared) -> Result<()> {
        let standing = &prepared.findings.standing;
        let Some((fact, question)) = standing.takeover() else {
            return Ok(());
        };
        if self.request.force {
            return Ok(());
        }
        self.ui().warning(fact);
        if self.ui().confirm(&question, "override it with --force")? {
            Ok(())
        } else {
            Err(Error::new(Kind::Interrupted, "bootstrap cancelled"))
        }
    }

    async fn repository(&self, plan: &Plan) -> Result<()> {
        let (ui, url) = (self.ui(), self.request.web_url());
        let repo = self.repo();
        if plan.create {
            repo.create(self.request.personal, self.request.private)
                .await?;
            ui.success(format!("repository {url:?} created"));
        }
        if let Some(private) = plan.private {
            repo.set_private(private).await?;
            ui.success(format!("repository {url:?} reconciled"));
        }
        if !self.request.teams.is_empty() {
            ui.action("reconciling repository permissions");
            for (team, permission) in &plan.grants {
                repo.grant(team, *permission).await?;
                ui.success(format!("granted \"{permission}\" permissions to {team:?}"));
            }
            ui.success("reconciled repository permissions");
        }
        Ok(())
    }

    async fn components(&self, prepared: &Prepared, committer: &mut Committer<'_>) -> Result<()> {
        let ui = self.ui();
        let (branch, url) = (&self.request.branch, self.request.push_url());
        ui.action(format!(
            "reading branch {branch:?} of Git repository {url:?}"
        ));
        ui.success("read repository");
        ui.action("generating component manifests");
        ui.success("generated component manifests");
        self.commit(prepared, committer, Part::Components).await?;
        if prepared.plan.install {
            let namespace = &self.request.install.namespace;
            ui.action(format!("installing components in {namespace:?} namespace"));
            self.apply(&prepared.objects.components).await?;
            ui.success("installed components");
        }
        if let Some(secret) = &self.request.image_pull
            && prepared.plan.pull_secret
        {
            self.cluster.put_secret(secret.expose()).await?;
            let name = self.request.install.image_pull_secret.as_deref();
            ui.success(format!(
                "reconciled image pull secret {}",
                name.unwrap_or_default()
            ));
        }
        ui.success("reconciled components");
        Ok(())
    }

    /// Commits one part's files; returns whether that took a commit.
    async fn commit(
        &self,
        prepared: &Prepared,
        committer: &mut Committer<'_>,
        part: Part,
    ) -> Result<bool> {
        let ui = self.ui();
        let noun = part.noun();
        let progress = ui.progress(format!("committing {noun}"));
        let files = part.files(&prepared.files);
        let committed = committer.commit(part, &files).await?;
        drop(progress);
        match committed {
            Committed::Made(commit) => {
                let branch = &self.request.branch;
                ui.success(format!("committed {noun} to {branch:?} ({commit:?})"));
                ui.action(format!("pushing {noun} to {:?}", self.request.push_url()));
                Ok(true)
            }
            Committed::UpToDate => {
                ui.success(format!("{noun} are up to date"));
                Ok(false)
            }
        }
    }

    /// Applies objects; returns whether that changed any.
    async fn apply(&self, objects: &[Value]) -> Result<bool> {
        let verbose = self.context.globals.verbose;
        let progress = self.ui().progress("applying");
        let changes = self
            .cluster
            .apply(objects, |change| {
                progress.set(change.to_string());
                if verbose {
                    self.ui().note(change.to_string());
                }
            })
            .await?;
        Ok(changes
            .iter()
            .any(|change| change.action != crate::cluster::apply::Action::Unchanged))
    }

    async fn credentials(&self, prepared: &Prepared) -> Result<()> {
        let ui = self.ui();
        let name = self.request.object(&self.request.sync.secret);
        ui.action(format!("determining if source secret {name:?} exists"));
        let Some(new) = &prepared.plan.credentials else {
            ui.success("source secret up to date");
            return Ok(());
        };
        ui.action("generating source secret");
        let secret = match (&self.request.auth, &prepared.host_keys) {
            (Auth::DeployKey { spec, .. }, Some(hosts)) => {
                let pair = KeyPair::generate(*spec, &mut rand::rng())?;
                self.show_hosts(hosts);
                self.secret_with_key(pair, hosts)
            }
            _ => credentials::token(self.request),
        };
        if let (Some((title, read_only)), Some(public)) = (&new.key, secret.public_key()) {
            ui.success(format!("public key: {}", public.trim()));
            let repo = self.repo();
            let added = repo.add_deploy_key(title, public, *read_only).await;
            added.map_err(|error| {
                Error::from(error).hint("with --token-auth the cluster needs no deploy key")
            })?;
            let url = self.request.web_url();
            ui.success(format!("configured deploy key {title:?} for {url:?}"));
        }
        ui.action(format!("applying source secret {name:?}"));
        self.cluster.put_secret(secret.expose()).await?;
        ui.success("reconciled source secret");
        Ok(())
    }

    fn secret_with_key(&self, key_pair: KeyPair, hosts: &HostKeys) -> SecretObject {
        let credentials = GitCredentials::Ssh {
            key_pair,
            passphrase: None,
            known_hosts: hosts.known_hosts(),
        };
        secret::git(&credentials::metadata(self.request), &credentials, None)
    }

    /// What a server says of itself is shown, so that somebody can compare it.
    fn show_hosts(&self, hosts: &HostKeys) {
        let Auth::DeployKey {
            ssh_host,
            known_hosts,
            ..
        } = &self.request.auth
        else {
            return;
        };
        if known_hosts.is_none() && !prepare::is_public(ssh_host) {
            self.ui().warning(format!(
                "the host keys of {ssh_host} are taken as the server shows them, compare:"
            ));
            for fingerprint in hosts.fingerprints() {
                self.ui().note(format!("  {fingerprint}"));
            }
        }
    }

    /// Commits and applies what makes the cluster follow the repository; returns whether anything
    /// changed.
    async fn sync(&self, prepared: &Prepared, committer: &mut Committer<'_>) -> Result<bool> {
        let ui = self.ui();
        ui.action("generating sync manifests");
        ui.success("generated sync manifests");
        let committed = self.commit(prepared, committer, Part::Sync).await?;
        ui.action("applying sync manifests");
        let upgraded = prepared
            .plan
            .commits
            .iter()
            .any(|c| c.part == Part::Components);
        let mut changed = committed;
        if upgraded && !prepared.plan.install {
            // As flux does: an upgrade does not wait for the old controllers to carry it out.
            changed |= self.apply(&prepared.objects.components).await?;
        }
        changed |= self.apply(&prepared.objects.sync).await?;
        ui.success("reconciled sync configuration");
        Ok(changed)
    }

    /// Waits for source, Kustomization and components, each with its share of what time is left.
    async fn wait(&self, prepared: &Prepared, commit: &str) -> Result<()> {
        let ui = self.ui();
        let object = self.request.object(&self.request.sync.name);
        let mut wait = Wait {
            cluster: self.cluster,
            request: self.request,
            repo: self.repo(),
            commit,
            // Before old keys go, too, the new one has to prove itself.
            renewed: prepared.plan.credentials.is_some() || !prepared.plan.stale_keys.is_empty(),
            ui,
        };
        ui.waiting(format!(
            "waiting for GitRepository {object:?} to be reconciled"
        ));
        let ready = wait.until_ready(&GIT_REPOSITORY, share(self.context.remaining(), 3));
        self.explained(&GIT_REPOSITORY, ready.await).await?;
        ui.success("GitRepository reconciled successfully");
        self.remove_stale_keys(prepared).await?;
        wait.renewed = false;
        ui.waiting(format!(
            "waiting for Kustomization {object:?} to be reconciled"
        ));
        let ready = wait.until_ready(&KUSTOMIZATION, share(self.context.remaining(), 2));
        self.explained(&KUSTOMIZATION, ready.await).await?;
        ui.success("Kustomization reconciled successfully");
        ui.action("confirming components are healthy");
        self.health().await?;
        ui.success("all components are healthy");
        Ok(())
    }

    /// Says why nothing came of a wait for an object.
    async fn explained(&self, kind: &ObjectKind, outcome: Result<()>) -> Result<()> {
        let error = match outcome {
            Err(error) if matches!(error.kind(), Kind::TimedOut | Kind::NotReady) => error,
            outcome => return outcome,
        };
        let subject = Subject {
            namespace: Some(&self.request.sync.namespace),
            objects: vec![Object {
                kind,
                namespace: &self.request.sync.namespace,
                name: &self.request.sync.name,
            }],
            ..Subject::default()
        };
        Err(deadline::explain(self.context, self.cluster, &subject, error).await)
    }

    /// Once the source is read with the new key, the old ones open the repository for nobody.
    async fn remove_stale_keys(&self, prepared: &Prepared) -> Result<()> {
        for key in &prepared.plan.stale_keys {
            self.repo().remove_deploy_key(key.id).await?;
            self.ui()
                .success(format!("removed unused deploy key {:?}", key.title));
        }
        Ok(())
    }

    async fn health(&self) -> Result<()> {
        let ui = self.ui();
        let names: Vec<String> = self
            .request
            .install
            .component_names()
            .map(str::to_owned)
            .collect();
        let progress = ui.progress("waiting for the components");
        let mut told: Vec<String> = Vec::new();
        let health = self
            .cluster
            .wait_deployments(
                &self.request.install.namespace,
                &names,
                self.context.remaining(),
                Patience::Full,
                |now| {
                    for health in now.iter().filter(|health| health.is_ready()) {
                        if !told.contains(&health.name) {
                            ui.success(format!("{}: deployment ready", health.name));
                            told.push(health.name.clone());
                        }
                    }
                },
            )
            .await?;
        drop(progress);
        let broken: Vec<&Health> = health.iter().filter(|h| !h.is_ready()).collect();
        if broken.is_empty() {
            return Ok(());
        }
        for health in &broken {
            let why = health
                .why()
                .unwrap_or_else(|| "deployment not found".to_owned());
            ui.failure(format!("{}: {why}", health.name));
        }
        let components: Vec<&str> = broken.iter().map(|h| h.name.as_str()).collect();
        let error = Error::new(
            Kind::NotReady,
            format!("components are not healthy: {}", components.join(", ")),
        );
        let subject = Subject {
            namespace: Some(&self.request.sync.namespace),
            components,
            ..Subject::default()
        };
        Err(deadline::explain(self.context, self.cluster, &subject, error).await)
    }
}

/// One of so many parts of the time that is left.
fn share(left: Duration, parts: u32) -> Duration {
    left.checked_div(parts).unwrap_or(left)
}
