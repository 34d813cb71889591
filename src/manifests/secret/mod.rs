//! The Secrets that hold credentials, one file for each use.
//!
//! - [`git`]: a Git repository over HTTP or SSH; [`github_app`]: GitHub as an app
//! - [`tls`], [`helm`], [`proxy`]: servers that speak HTTP; [`bucket`]: a store that speaks S3
//! - [`image_pull`]: an image registry; [`notation`]: whose signatures count there
//! - [`receiver`]: a webhook
//!
//! What is secret comes in as [`SecretString`] and goes out inside a [`SecretObject`], which does
//! not show it unless asked. Types and keys of the data are those of flux, which the controllers
//! read.

mod bucket;
mod git;
mod github_app;
mod http;
mod notation;
mod receiver;
mod registry;
mod tls;

use std::collections::BTreeMap;
use std::fmt;

use kustomize::yaml;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

pub use bucket::bucket;
pub use git::{GitCredentials, git, git_ca};
pub use github_app::{GitHubApp, github_app};
pub use http::{HelmCredentials, Proxy, helm, proxy};
pub use notation::{PolicyError, TrustedCertificate, check_policy, notation};
pub use receiver::{GoogleClaims, Webhook, new_token, receiver};
pub use registry::{RegistryCredentials, check_reference, image_pull};
pub use tls::{TlsFiles, tls};

/// The key of a private SSH key.
pub const IDENTITY: &str = "identity";
/// The key of a public SSH key.
pub const IDENTITY_PUB: &str = "identity.pub";
/// The key of the host keys that are trusted.
pub const KNOWN_HOSTS: &str = "known_hosts";
/// The key of a user's name.
pub const USERNAME: &str = "username";
/// The key of a password, or of the passphrase of a private key.
pub const PASSWORD: &str = "password";
/// The key of a bearer token.
pub const BEARER_TOKEN: &str = "bearerToken";
/// The key of the certificates of authorities that are trusted.
pub const CA_CRT: &str = "ca.crt";

/// The type of Secrets that hold credentials of an image registry.
pub const DOCKER_CONFIG_TYPE: &str = "kubernetes.io/dockerconfigjson";
/// The type of Secrets that may hold anything; also that of those that name none.
pub const OPAQUE_TYPE: &str = "Opaque";

/// The name of a Secret, where it is, and its labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// A Secret that does not show what it holds.
///
/// [`fmt::Debug`] gives its name and the keys of its data.
#[derive(Clone)]
pub struct SecretObject(Value);

impl SecretObject {
    /// The object with everything in it: for the API server, and for comparing.
    pub fn expose(&self) -> &Value {
        &self.0
    }

    /// The keys of its data, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let data = self.0["stringData"].as_object().into_iter().flatten();
        data.map(|(key, _)| key.as_str())
    }

    /// The public SSH key that it holds.
    pub fn public_key(&self) -> Option<&str> {
        self.0["stringData"][IDENTITY_PUB].as_str()
    }

    /// The lines of `known_hosts` that it holds.
    pub fn known_hosts(&self) -> Option<&str> {
        self.0["stringData"][KNOWN_HOSTS].as_str()
    }

    /// The object as one YAML document that begins with `---`.
    pub fn to_yaml(&self) -> SecretString {
        SecretString::from(format!("---\n{}", yaml::to_string(&self.0)))
    }
}

impl fmt::Debug for SecretObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretObject")
            .field("namespace", &self.0["metadata"]["namespace"])
            .field("name", &self.0["metadata"]["name"])
            .field("keys", &self.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The object. Without a type it has none, as the Secrets that flux makes for Git.
fn object(metadata: &Metadata, kind: Option<&str>, data: Map<String, Value>) -> SecretObject {
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": metadata.name },
    });
    if !metadata.namespace.is_empty() {
        object["metadata"]["namespace"] = json!(metadata.namespace);
    }
    if !metadata.labels.is_empty() {
        object["metadata"]["labels"] = json!(metadata.labels);
    }
    if !data.is_empty() {
        object["stringData"] = data.into();
    }
    if let Some(kind) = kind {
        object["type"] = kind.into();
    }
    SecretObject(object)
}

/// Puts `text` into `data` under `key`.
fn put(data: &mut Map<String, Value>, key: &str, text: &str) {
    data.insert(key.to_owned(), text.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tests of this folder put their Secrets under.
    pub(super) fn metadata() -> Metadata {
        Metadata {
            name: "my-s".to_owned(),
            namespace: "apps".to_owned(),
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_not_there_is_not_written() {
        let secret = object(&Metadata::default(), None, Map::new());
        assert_eq!(
            secret.expose(),
            &json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": ""}})
        );
    }

    #[test]
    fn nothing_secret_is_in_the_debug_text() {
        let credentials = GitCredentials::Basic {
            username: "u".to_owned(),
            password: "hunter2".into(),
        };
        let shown = format!("{:?}", git(&metadata(), &credentials, None));
        assert!(
            shown.contains("my-s") && shown.contains("password"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
