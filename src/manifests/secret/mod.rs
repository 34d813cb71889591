//! The Secrets that hold credentials: for a Git repository, and for pulling images.
//!
//! What is secret comes in as [`SecretString`] and goes out inside a [`SecretObject`], which does
//! not show it unless asked.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kustomize::yaml;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::keys::KeyPair;
use crate::error::{Error, Result};

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

/// The key of the credentials of an image registry.
const DOCKER_CONFIG: &str = ".dockerconfigjson";
/// The type of Secrets that hold one.
const DOCKER_CONFIG_TYPE: &str = "kubernetes.io/dockerconfigjson";

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

/// How a Git server is told who asks.
#[derive(Debug, Clone)]
pub enum GitCredentials {
    /// A name and a password, or a token in its place, over HTTP.
    Basic {
        /// The name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A bearer token over HTTP.
    Bearer(SecretString),
    /// A key over SSH.
    Ssh {
        /// The key.
        key_pair: KeyPair,
        /// The passphrase of its private half.
        passphrase: Option<SecretString>,
        /// The lines of `known_hosts` that name the server's own keys.
        known_hosts: String,
    },
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

/// The Secret that lets source-controller read a Git repository. `ca` holds certificates of
/// authorities to trust, PEM.
pub fn git(metadata: &Metadata, credentials: &GitCredentials, ca: Option<&str>) -> SecretObject {
    let mut data = Map::new();
    let mut put = |key: &str, value: &str| data.insert(key.to_owned(), value.into());
    match credentials {
        GitCredentials::Basic { username, password } => {
            put(USERNAME, username);
            put(PASSWORD, password.expose_secret());
        }
        GitCredentials::Bearer(token) => {
            put(BEARER_TOKEN, token.expose_secret());
        }
        GitCredentials::Ssh {
            key_pair,
            passphrase,
            known_hosts,
        } => {
            put(IDENTITY, key_pair.private_key().expose_secret());
            put(IDENTITY_PUB, key_pair.public_key());
            put(KNOWN_HOSTS, known_hosts.trim());
            if let Some(passphrase) = passphrase {
                put(PASSWORD, passphrase.expose_secret());
            }
        }
    }
    if let Some(ca) = ca.filter(|ca| !ca.is_empty()) {
        put(CA_CRT, ca);
    }
    object(metadata, None, data)
}

/// The Secret that lets source-controller trust the server of a public repository.
pub fn git_ca(metadata: &Metadata, ca: &str) -> SecretObject {
    let data = Map::from_iter([(CA_CRT.to_owned(), ca.into())]);
    object(metadata, None, data)
}

/// A name and a password for an image registry.
#[derive(Debug, Clone)]
pub struct RegistryCredentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl RegistryCredentials {
    /// Reads `user:password`. The first colon ends the name; the password may hold more.
    ///
    /// # Errors
    /// When there is no colon, or nothing on one side of it.
    pub fn parse(text: &SecretString) -> Result<Self> {
        match text.expose_secret().split_once(':') {
            Some((username, password)) if !username.is_empty() && !password.is_empty() => {
                Ok(RegistryCredentials {
                    username: username.to_owned(),
                    password: SecretString::from(password),
                })
            }
            _ => Err(Error::usage(
                "invalid --registry-creds format, expected 'user:password'",
            )),
        }
    }
}

#[derive(Serialize)]
struct DockerConfig<'a> {
    auths: BTreeMap<&'a str, DockerAuth<'a>>,
}

#[derive(Serialize)]
struct DockerAuth<'a> {
    username: &'a str,
    password: &'a str,
    auth: &'a str,
}

/// The Secret that lets the nodes pull images from `registry`.
///
/// # Errors
/// Never in practice: only when texts could not be written as JSON.
pub fn image_pull(
    metadata: &Metadata,
    registry: &str,
    credentials: &RegistryCredentials,
) -> Result<SecretObject> {
    let username = credentials.username.as_str();
    let password = credentials.password.expose_secret();
    let pair = SecretString::from(format!("{username}:{password}"));
    let auth = SecretString::from(STANDARD.encode(pair.expose_secret()));
    let auth = DockerAuth {
        username,
        password,
        auth: auth.expose_secret(),
    };
    let config = DockerConfig {
        auths: BTreeMap::from([(registry, auth)]),
    };
    let text = serde_json::to_string_pretty(&config).map_err(|error| {
        Error::failed("the image pull secret cannot be written").caused_by(error)
    })?;
    let data = Map::from_iter([(DOCKER_CONFIG.to_owned(), escape_html(&text).into())]);
    Ok(object(metadata, Some(DOCKER_CONFIG_TYPE), data))
}

/// JSON text as Go writes it: what means something in HTML is escaped. Outside of texts JSON has
/// none of these characters.
fn escape_html(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn object(metadata: &Metadata, kind: Option<&str>, data: Map<String, Value>) -> SecretObject {
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": metadata.name, "namespace": metadata.namespace },
    });
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

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::super::keys::KeySpec;
    use super::*;

    fn metadata() -> Metadata {
        Metadata {
            name: "my-s".to_owned(),
            namespace: "apps".to_owned(),
            labels: BTreeMap::new(),
        }
    }

    fn basic(password: &str) -> GitCredentials {
        GitCredentials::Basic {
            username: "u".to_owned(),
            password: password.into(),
        }
    }

    #[test]
    fn basic_credentials_are_a_name_and_a_password() {
        let secret = git(&metadata(), &basic("p"), None);
        assert_eq!(
            secret.to_yaml().expose_secret(),
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: my-s\n  namespace: apps\n\
             stringData:\n  password: p\n  username: u\n"
        );
    }

    #[test]
    fn certificates_and_labels_are_added() {
        let mut metadata = metadata();
        metadata.labels.insert("a".to_owned(), "b".to_owned());
        let secret = git(&metadata, &GitCredentials::Bearer("t".into()), Some("PEM"));
        assert_eq!(
            secret.expose()["stringData"],
            json!({ "bearerToken": "t", "ca.crt": "PEM" })
        );
        assert_eq!(secret.expose()["metadata"]["labels"], json!({ "a": "b" }));
    }

    #[test]
    fn ssh_credentials_are_the_pair_and_the_hosts() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let key_pair = KeyPair::generate(KeySpec::Ed25519, &mut rng).unwrap();
        let public_key = key_pair.public_key().to_owned();
        let credentials = GitCredentials::Ssh {
            key_pair,
            passphrase: Some("pass".into()),
            known_hosts: "host ssh-ed25519 AAAA\n".to_owned(),
        };
        let secret = git(&metadata(), &credentials, None);
        let data = &secret.expose()["stringData"];
        assert_eq!(data[KNOWN_HOSTS], "host ssh-ed25519 AAAA");
        assert_eq!(data[PASSWORD], "pass");
        assert_eq!(secret.public_key(), Some(public_key.as_str()));
        assert!(
            secret
                .keys()
                .eq([IDENTITY, IDENTITY_PUB, KNOWN_HOSTS, PASSWORD])
        );
    }

    #[test]
    fn a_registry_password_may_hold_colons() {
        let read = |text: &str| RegistryCredentials::parse(&text.into());
        let credentials = read("user:pa:ss<&>").unwrap();
        assert_eq!(credentials.username, "user");
        assert_eq!(credentials.password.expose_secret(), "pa:ss<&>");
        for bad in ["ab", "", ":", "a:", ":b"] {
            let error = read(bad).unwrap_err().to_string();
            assert_eq!(
                error,
                "invalid --registry-creds format, expected 'user:password'"
            );
        }
        let secret = image_pull(&metadata(), "r.example.com/flux", &credentials).unwrap();
        assert_eq!(secret.expose()["type"], "kubernetes.io/dockerconfigjson");
        assert_eq!(
            secret.expose()["stringData"][".dockerconfigjson"],
            "{\n  \"auths\": {\n    \"r.example.com/flux\": {\n      \"username\": \"user\",\n      \
             \"password\": \"pa:ss\\u003c\\u0026\\u003e\",\n      \
             \"auth\": \"dXNlcjpwYTpzczwmPg==\"\n    }\n  }\n}"
        );
    }

    #[test]
    fn nothing_secret_is_in_the_debug_text() {
        let shown = format!("{:?}", git(&metadata(), &basic("hunter2"), None));
        assert!(
            shown.contains("my-s") && shown.contains("password"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{:?}", basic("hunter2")).contains("hunter2"));
    }
}
