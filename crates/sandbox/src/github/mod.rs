//! A GitHub of our own on loopback: REST, Git over HTTPS and Git over SSH, over bare repositories.
//!
//! It answers as a GitHub Enterprise Server does (`https://HOST/api/v3`), with a certificate of a private authority, so a
//! client reaches it by the options it has for such servers and nothing else. Objects are made by libgit2 and Git, hence
//! every number is the one Git computes; keys, tokens, protections and redirects are checked where GitHub checks them.
//! Every request is recorded, and any can be made to fail.
//!
//! - one request: `server` → `rest` (`auth`, `limits`, `routes`) → a handler (`users`, `orgs`, `teams`, `repos`, `keys`,
//!   `branches`, `commits`, `contents`, `pulls`, `git_data`) → `reply` or `errors`;
//! - Git: `smart_http` and `ssh`, which hand over to the real `git`;
//! - tests: [`GitHub`] (set-up in `setup`, limits, faults and records in `control`, assertions in `inspect`), [`Fault`], [`Recorded`], [`openapi`].
//!
//! Not there: reviews, checks, webhooks, forks, GraphQL, search, releases, merging by rebase.

mod auth;
mod branches;
mod commits;
mod compare;
mod contents;
mod control;
mod errors;
mod faults;
mod git_data;
mod inspect;
mod keys;
mod limits;
mod model;
mod objects;
pub mod openapi;
mod orgs;
mod page;
mod protect;
mod pulls;
mod pulls_view;
mod record;
mod reply;
mod repos;
mod rest;
mod routes;
mod server;
mod setup;
mod smart_http;
mod spec;
mod ssh;
mod teams;
pub(crate) mod tls;
mod users;
mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

pub use faults::{Failure, Fault, When};
pub use inspect::CommitRecord;
pub use limits::RateLimit;
pub use record::Recorded;
pub use setup::RepositorySpec;
pub use spec::{DeployKey, OrgRole, Permission, Protection, Rule, TokenKind, TokenSpec};

use crate::process::Den;
use model::{State, Urls};
use server::Shared;

/// How to start a server.
#[derive(Clone, Debug)]
pub struct GitHubOptions {
    /// Whether SSH has an RSA host key too; making it takes seconds.
    pub rsa_host_key: bool,
    /// Entries after which a recursive tree is cut; GitHub's own limit by default.
    pub tree_limit: usize,
    /// The HTTPS port; a free one where 0.
    pub port: u16,
    /// The SSH port; a free one where 0.
    pub ssh_port: u16,
}

impl Default for GitHubOptions {
    fn default() -> Self {
        Self {
            rsa_host_key: false,
            tree_limit: 100_000,
            port: 0,
            ssh_port: 0,
        }
    }
}

/// A running server. Dropped, it is gone with all its repositories.
#[derive(Debug)]
pub struct GitHub {
    shared: Arc<Shared>,
    host: String,
    ssh_host: String,
    ca_pem: String,
    ca_file: PathBuf,
    /// Threads of its own: a test that blocks its runtime does not stall the server.
    runtime: Option<Runtime>,
    /// Holds everything on disk; goes however this process ends.
    _den: Den,
}

impl GitHub {
    /// Starts a server that knows no one yet.
    ///
    /// # Errors
    ///
    /// When a port, the temporary folder or a key cannot be had.
    pub async fn start(options: GitHubOptions) -> anyhow::Result<Self> {
        tokio::task::spawn_blocking(move || Self::start_blocking(&options)).await?
    }

    fn start_blocking(options: &GitHubOptions) -> anyhow::Result<Self> {
        let den = Den::new()?;
        let root = den.path().canonicalize()?;
        install_hook(&root.join("hooks"))?;
        fs_err::create_dir_all(root.join("repositories"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox-github")
            .enable_all()
            .build()?;
        let bind = |port: u16| runtime.block_on(TcpListener::bind(("127.0.0.1", port)));
        let https = bind(options.port).context("listen for HTTPS")?;
        let ssh = bind(options.ssh_port).context("listen for SSH")?;
        let host = format!("localhost:{}", https.local_addr()?.port());
        let ssh_host = format!("localhost:{}", ssh.local_addr()?.port());

        let identity = tls::identity()?;
        let ca_file = root.join("ca.pem");
        fs_err::write(&ca_file, &identity.ca_pem)?;
        let (private, public) = ssh::host_keys(options.rsa_host_key)?;
        let urls = Urls {
            host: host.clone(),
            ssh_host: ssh_host.clone(),
        };
        let shared = Arc::new(Shared::new(State::new(
            root,
            urls,
            public,
            options.tree_limit,
        )));
        let acceptor = TlsAcceptor::from(identity.config);
        runtime.spawn(server::serve(https, acceptor, Arc::clone(&shared)));
        runtime.spawn(ssh::serve(ssh, private, Arc::clone(&shared)));
        Ok(Self {
            shared,
            host,
            ssh_host,
            ca_pem: identity.ca_pem,
            ca_file,
            runtime: Some(runtime),
            _den: den,
        })
    }

    /// `localhost:PORT` of HTTPS, as `--hostname` takes it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `localhost:PORT` of SSH, as `--ssh-hostname` takes it.
    #[must_use]
    pub fn ssh_host(&self) -> &str {
        &self.ssh_host
    }

    /// The address of REST.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("https://{}/api/v3", self.host)
    }

    /// The certificate of the authority to trust, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A file that holds [`Self::ca_pem`].
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The host keys of SSH as lines of a `known_hosts` file.
    #[must_use]
    pub fn known_hosts(&self) -> String {
        let port = self.ssh_host.rsplit(':').next().unwrap_or_default();
        let state = self.shared.state();
        let line = |key: &model::HostKey| {
            format!("[localhost]:{port},[127.0.0.1]:{port} {}\n", key.public)
        };
        state.host_keys.iter().map(line).collect()
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for the threads here would block, and panic inside another runtime.
            runtime.shutdown_background();
        }
    }
}

/// Writes the hook that guards branches against pushes.
fn install_hook(directory: &Path) -> anyhow::Result<()> {
    fs_err::create_dir_all(directory)?;
    let path = directory.join("update");
    fs_err::write(&path, protect::UPDATE_HOOK)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
