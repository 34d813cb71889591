//! `create source git`.

use clap::{ArgMatches, Args, Command};
use flux_api::meta::LocalObjectReference;
use flux_api::source::{GitRepositoryRef, GitRepositorySpec};

use super::super::credentials::{self, CredentialArgs};
use super::super::{Noun, Request, choice, leaf, reference, some};
use super::{SourceArgs, fetched, ignore};
use crate::cluster::Cluster;
use crate::cmd::arguments;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags::{GitProvider, List};
use crate::git::url::{self, Scheme};
use crate::kinds::GIT_REPOSITORY;
use crate::manifests::secret::GitCredentials;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["source", "git"],
    run,
};

#[derive(Args)]
struct GitArgs {
    /// The repository's address, such as ssh://git@host/org/repository
    #[arg(long)]
    url: Option<String>,
    /// The branch to follow
    #[arg(long)]
    branch: Option<String>,
    /// The tag to check out
    #[arg(long)]
    tag: Option<String>,
    /// The range of versions, of which the newest tag is checked out
    #[arg(long, value_name = "RANGE")]
    tag_semver: Option<String>,
    /// The reference to check out, such as refs/pull/1/head
    #[arg(long, value_name = "REF")]
    ref_name: Option<String>,
    /// The commit to check out
    #[arg(long)]
    commit: Option<String>,
    #[command(flatten)]
    credentials: CredentialArgs,
    /// An existing secret with the credentials
    #[arg(long, value_name = "NAME")]
    secret_ref: Option<String>,
    /// An existing secret with the address of a proxy
    #[arg(long, value_name = "NAME")]
    proxy_secret_ref: Option<String>,
    /// Who authenticates: generic, github, aws or azure
    #[arg(long)]
    provider: Option<GitProvider>,
    /// The file with the authorities that may sign the server's certificate
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Fetch submodules, too
    #[arg(long)]
    recurse_submodules: bool,
    /// Do not ask whether the deploy key is set up
    #[arg(long, short = 's')]
    silent: bool,
    /// Paths to leave out, as .gitignore has them; commas or repeats for several
    #[arg(long, value_name = "PATH")]
    ignore_paths: Vec<List>,
    /// Folders to check out instead of all; commas or repeats for several
    #[arg(long, value_name = "PATH")]
    sparse_checkout_paths: Vec<List>,
}

pub(super) fn command() -> Command {
    leaf::<GitArgs>(
        Command::new("git")
            .about("Create or update a GitRepository source")
            .long_about(
                "Create or update a GitRepository source and wait until it is fetched.\n\n\
                 For SSH, a key pair is made unless one is given, and stored in a secret with the \
                 server's own keys. For HTTP, a user name and a password are stored there.",
            )
            .after_help(
                "Examples:\n  \
                 # A public repository\n  \
                 {bin} create source git podinfo --url=https://github.com/stefanprodan/podinfo --branch=master\n\n  \
                 # The newest version of a range\n  \
                 {bin} create source git podinfo --url=https://github.com/stefanprodan/podinfo \\\n    \
                 --tag-semver='>=6.0.0 <7.0.0'\n\n  \
                 # A private repository over SSH\n  \
                 {bin} create source git podinfo --url=ssh://git@github.com/stefanprodan/podinfo --branch=master",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: GitArgs = arguments(matches)?;
    let source: SourceArgs = arguments(matches)?;
    let address = some(&args.url).ok_or_else(|| Error::usage("url is required"))?;
    let (parsed, scheme) = url::parse(&address)?;
    let checked_out = checkout(&args)?;
    if some(&args.ca_file).is_some() && scheme == Scheme::Ssh {
        return Err(Error::usage(
            "specifying a CA file is not supported for Git over SSH",
        ));
    }
    let mut spec = GitRepositorySpec {
        url: address,
        interval: request.interval,
        timeout: source.timeout(),
        reference: Some(checked_out),
        secret_ref: reference(&args.secret_ref),
        proxy_secret_ref: reference(&args.proxy_secret_ref),
        provider: args.provider.map(|p| choice(p.as_str())).transpose()?,
        ignore: ignore(&args.ignore_paths),
        recurse_submodules: args.recurse_submodules,
        sparse_checkout: List::all(&args.sparse_checkout_paths),
        ..GitRepositorySpec::default()
    };
    if request.export {
        return request.print(&request.object(&GIT_REPOSITORY, &spec)?);
    }
    let ui = &request.context.ui;
    let ready = request.context.block_on(async {
        let cluster = request.context.cluster().await?;
        ui.generate("generating GitRepository source");
        if spec.secret_ref.is_none()
            && let Some(name) =
                credentials_secret(request, &args, &cluster, &parsed, scheme).await?
        {
            spec.secret_ref = Some(LocalObjectReference::new(name));
        }
        let object = request.object(&GIT_REPOSITORY, &spec)?;
        request.apply(&cluster, &GIT_REPOSITORY, &object).await
    })?;
    ui.success("GitRepository source reconciliation completed");
    let otherwise = "GitRepository source reconciliation completed but no artifact was found";
    fetched(request, &GIT_REPOSITORY, &ready, otherwise)
}

/// Stores the credentials that the flags give, and returns the name of their secret.
async fn credentials_secret(
    request: &Request<'_>,
    args: &GitArgs,
    cluster: &Cluster,
    address: &::url::Url,
    scheme: Scheme,
) -> Result<Option<String>> {
    let ui = &request.context.ui;
    let (credentials, ca) = match scheme {
        Scheme::Ssh => (Some(args.credentials.ssh(request, address).await?), None),
        Scheme::Https => (
            http(request, args)?,
            credentials::ca_file(args.ca_file.as_deref())?,
        ),
        Scheme::Http => (http(request, args)?, None),
    };
    if scheme == Scheme::Http && credentials.is_some() {
        ui.warning("insecure configuration: credentials configured for an HTTP URL");
    }
    let Some(secret) = credentials::secret(request, credentials.as_ref(), ca.as_deref()) else {
        return Ok(None);
    };
    if let Some(known_hosts) = secret.known_hosts() {
        ui.success(format!(
            "collected public key from SSH server:\n{known_hosts}"
        ));
    }
    if let Some(key) = secret.public_key() {
        ui.generate(format!("deploy key: {key}"));
        let question = "Have you added the deploy key to your repository";
        if !args.silent
            && !ui.confirm(
                question,
                "pass --silent where the deploy key is set up already",
            )?
        {
            return Err(Error::new(ErrorKind::Interrupted, "aborting"));
        }
    }
    ui.action("applying secret with repository credentials");
    cluster.put_secret(secret.expose()).await?;
    ui.success("authentication configured");
    Ok(Some(request.name.clone()))
}

fn http(request: &Request<'_>, args: &GitArgs) -> Result<Option<GitCredentials>> {
    let username = some(&args.credentials.username);
    let password = args.credentials.password()?;
    Ok(match (username, password) {
        (Some(username), Some(password)) => Some(GitCredentials::Basic { username, password }),
        (None, None) => None,
        _ => {
            request
                .context
                .ui
                .warning("no credentials are stored: --username and --password go together");
            None
        }
    })
}

/// What to check out. The most specific flag wins, as in flux.
fn checkout(args: &GitArgs) -> Result<GitRepositoryRef> {
    let branch = some(&args.branch);
    let mut reference = GitRepositoryRef::default();
    if let Some(commit) = some(&args.commit) {
        reference.commit = Some(commit);
        reference.branch = branch;
    } else if let Some(name) = some(&args.ref_name) {
        reference.name = Some(name);
    } else if let Some(range) = some(&args.tag_semver) {
        reference.semver = Some(range);
    } else if let Some(tag) = some(&args.tag) {
        reference.tag = Some(tag);
    } else if branch.is_some() {
        reference.branch = branch;
    } else {
        return Err(Error::usage(
            "a Git ref is required, use one of the following: --branch, --tag, --commit, \
             --ref-name or --tag-semver",
        ));
    }
    Ok(reference)
}
