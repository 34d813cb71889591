//! From the request to everything that is known before the first write.

use super::credentials;
use super::manifests::{self, Files, Objects};
use super::plan::{self, Plan};
use super::preflight::{Findings, preflight};
use super::provider::github::{Client, PUBLIC_HOST, PUBLIC_HOST_KEYS, Repo};
use super::request::{Auth, Request};
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::git::host_keys::{self, HostKeys};

/// Everything that is known before the first write.
pub struct Prepared {
    /// What was found.
    pub findings: Findings,
    /// The files to have.
    pub files: Files,
    /// The objects they amount to.
    pub objects: Objects,
    /// What is to be done.
    pub plan: Plan,
    /// The keys of the SSH server, where a Secret is to hold them.
    pub host_keys: Option<HostKeys>,
}

/// Looks at host and cluster and decides what is to be done. Nothing is written.
///
/// # Errors
/// Whatever would go wrong later and can be known now.
pub async fn prepare(
    context: &Context,
    request: &Request,
    client: &Client,
    cluster: &Cluster,
) -> Result<Prepared> {
    context.ui.action(format!("connecting to {}", request.host));
    let progress = context
        .ui
        .progress("looking at the repository and the cluster");
    let findings = preflight(context, request, client, cluster).await?;
    let files = manifests::files(request, &findings.texts)?;
    let objects = manifests::objects(request, &files, &findings.texts)?;
    let plan = plan::plan(request, &files, &findings.observed);
    let repo = client.repo(&request.owner, &request.repository);
    barriers(request, &repo, &findings, &plan).await?;
    let host_keys = match &plan.credentials {
        Some(_) => known_hosts(&request.auth).await?,
        None => None,
    };
    drop(progress);
    Ok(Prepared {
        findings,
        files,
        objects,
        plan,
        host_keys,
    })
}

/// Refuses a branch that takes no direct commits, where commits are to be made.
async fn barriers(
    request: &Request,
    repo: &Repo<'_>,
    findings: &Findings,
    plan: &Plan,
) -> Result<()> {
    let Some(repository) = &findings.observed.repository else {
        return Ok(());
    };
    if plan.commits.is_empty() {
        return Ok(());
    }
    let admin = repository.permissions.admin;
    let signed = request.signer.is_some();
    let barriers = repo.barriers(&request.branch, admin, signed).await?;
    if barriers.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Refused,
        format!(
            "branch {:?} of {} is protected and takes no direct commits: {}",
            request.branch,
            repository.full_name,
            barriers.join(", ")
        ),
    )
    .hint("let the token's user bypass the protection, or use another branch with --branch"))
}

/// Whether the SSH server is GitHub's own, whose keys are published.
pub(super) fn is_public(ssh_host: &str) -> bool {
    credentials::host_and_port(ssh_host) == (PUBLIC_HOST, 22)
}

/// The keys of the SSH server: the user's file's, GitHub's published ones, or what the server
/// itself says.
async fn known_hosts(auth: &Auth) -> Result<Option<HostKeys>> {
    let Auth::DeployKey {
        ssh_host,
        known_hosts,
        ..
    } = auth
    else {
        return Ok(None);
    };
    let (host, port) = credentials::host_and_port(ssh_host);
    let keys = match known_hosts {
        Some(text) => host_keys::from_known_hosts(text, host, port)?,
        None if is_public(ssh_host) => {
            host_keys::from_known_hosts(PUBLIC_HOST_KEYS, host, port)?
        }
        None => host_keys::scan(host, port).await.map_err(|error| {
            error.hint("give the server's keys with --known-hosts-file, or its address with --ssh-hostname")
        })?,
    };
    Ok(Some(keys))
}
