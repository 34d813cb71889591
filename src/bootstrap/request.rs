//! What a bootstrap is asked for: the command line, read and checked.

use secrecy::SecretString;

use super::names;
use super::provider::github::Permission;
use super::signing::Signer;
use crate::manifests::keys::KeySpec;
use crate::manifests::secret::SecretObject;
use crate::manifests::{install, sync};

/// Everything that decides a bootstrap.
pub struct Request {
    /// The Git host, with a port where it is not the usual one.
    pub host: String,
    /// The user or organisation that owns the repository.
    pub owner: String,
    /// The repository's name.
    pub repository: String,
    /// Whether the owner is a user.
    pub personal: bool,
    /// Whether the repository is made private.
    pub private: bool,
    /// Whether settings of an existing repository are changed, too.
    pub reconcile: bool,
    /// Whether the repository may be made; unset asks on a terminal and allows it elsewhere.
    pub create: Option<bool>,
    /// Teams and what they are to be allowed.
    pub teams: Vec<(String, Permission)>,
    /// The branch to commit to.
    pub branch: String,
    /// The components.
    pub install: install::Options,
    /// The source and the Kustomization. The URL is the one the cluster uses.
    pub sync: sync::Options,
    /// How the cluster reads the repository.
    pub auth: Auth,
    /// The token for the host.
    pub token: SecretString,
    /// Authorities to trust besides the system's, PEM.
    pub ca: Option<String>,
    /// Who commits.
    pub author: Author,
    /// What follows the messages of commits; empty for nothing.
    pub appendix: String,
    /// What signs commits.
    pub signer: Option<Signer>,
    /// The Secret for pulling images.
    pub image_pull: Option<SecretObject>,
    /// Whether an installation by another tool is taken over without asking.
    pub force: bool,
    /// Whether credentials are renewed although they fit.
    pub rotate: bool,
}

/// Who commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address; it may be empty.
    pub email: String,
}

/// How the cluster reads the repository.
#[derive(Debug, Clone)]
pub enum Auth {
    /// With the token, over HTTPS.
    Token,
    /// With a key of its own, over SSH.
    DeployKey {
        /// What kind of key.
        spec: KeySpec,
        /// Whether the key only reads.
        read_only: bool,
        /// The SSH server, with a port where it is not 22.
        ssh_host: String,
        /// The lines of `known_hosts` that the user gives for it.
        known_hosts: Option<String>,
    },
}

impl Request {
    /// The repository's page, which is how status lines name it.
    pub fn web_url(&self) -> String {
        names::web_url(&self.host, &self.owner, &self.repository)
    }

    /// The address that commits go to.
    pub fn push_url(&self) -> String {
        names::https_url(&self.host, &self.owner, &self.repository)
    }

    /// The address that the cluster reads.
    pub fn sync_url(&self) -> String {
        match &self.auth {
            Auth::Token => self.push_url(),
            Auth::DeployKey { ssh_host, .. } => {
                names::ssh_url(ssh_host, &self.owner, &self.repository)
            }
        }
    }

    /// The title of the cluster's deploy key.
    pub fn key_title(&self) -> String {
        names::deploy_key(
            &self.sync.namespace,
            &self.branch,
            &self.sync.secret,
            &self.sync.target_path,
        )
    }

    /// Namespace and name of the source, of the Kustomization and of the like.
    pub fn object(&self, name: &str) -> String {
        format!("{}/{name}", self.sync.namespace)
    }
}
