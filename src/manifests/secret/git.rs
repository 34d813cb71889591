//! The Secret that lets source-controller read a Git repository.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Map;

use super::super::keys::KeyPair;
use super::{
    BEARER_TOKEN, CA_CRT, IDENTITY, IDENTITY_PUB, KNOWN_HOSTS, Metadata, PASSWORD, SecretObject,
    USERNAME, object,
};

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

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use serde_json::json;

    use super::super::super::keys::KeySpec;
    use super::super::tests::metadata;
    use super::*;

    #[test]
    fn basic_credentials_are_a_name_and_a_password() {
        let credentials = GitCredentials::Basic {
            username: "u".to_owned(),
            password: "p".into(),
        };
        let secret = git(&metadata(), &credentials, None);
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
}
