//! The keys by which an SSH server is known: asked of the server itself, or read from a file in
//! the form of `known_hosts`.
//!
//! What a server says of itself is only as good as the network in between, so callers show the
//! fingerprints of what [`scan`] brings.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use russh::client;
use russh::keys::PublicKeyOrCertificate;
use russh::keys::ssh_key::known_hosts::{HostPatterns, KnownHosts};
use russh::keys::ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey};
use tokio::net::TcpStream;

use crate::error::{Error, Kind, Result};

/// How long one key exchange may take.
const EXCHANGE: Duration = Duration::from_secs(30);

/// The public keys of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKeys {
    host: String,
    keys: Vec<PublicKey>,
}

impl HostKeys {
    /// The lines of `known_hosts`, one a key.
    pub fn known_hosts(&self) -> String {
        let lines: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("{} {}", self.host, bare(key)))
            .collect();
        lines.join("\n")
    }

    /// The SHA-256 fingerprint of each key behind its algorithm, as `ssh-keygen -l` shows them.
    pub fn fingerprints(&self) -> Vec<String> {
        self.keys
            .iter()
            .map(|key| format!("{} {}", key.fingerprint(HashAlg::Sha256), key.algorithm()))
            .collect()
    }
}

impl fmt::Display for HostKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.known_hosts())
    }
}

/// The key's algorithm and body, without a comment.
fn bare(key: &PublicKey) -> String {
    let mut key = key.clone();
    key.set_comment("");
    key.to_openssh().unwrap_or_default().trim_end().to_owned()
}

/// The host as `known_hosts` writes it: `[host]:port` unless the port is 22.
pub fn host_entry(host: &str, port: u16) -> String {
    if port == 22 {
        host.to_owned()
    } else {
        format!("[{host}]:{port}")
    }
}

/// Asks the server for its keys, one for each kind it offers, best first.
///
/// # Errors
/// When it cannot be reached, or offers no key of a kind that is known.
pub async fn scan(host: &str, port: u16) -> Result<HostKeys> {
    let kinds = [
        vec![Algorithm::Ed25519],
        vec![
            Algorithm::Ecdsa {
                curve: EcdsaCurve::NistP256,
            },
            Algorithm::Ecdsa {
                curve: EcdsaCurve::NistP384,
            },
            Algorithm::Ecdsa {
                curve: EcdsaCurve::NistP521,
            },
        ],
        vec![
            Algorithm::Rsa {
                hash: Some(HashAlg::Sha512),
            },
            Algorithm::Rsa {
                hash: Some(HashAlg::Sha256),
            },
        ],
    ];
    let answers = join_all(kinds.into_iter().map(|kind| ask(host, port, kind))).await;
    let mut keys: Vec<PublicKey> = Vec::new();
    let mut failure = None;
    for answer in answers {
        match answer {
            Ok(key) if !keys.contains(&key) => keys.push(key),
            Ok(_) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    if keys.is_empty() {
        let why = failure.unwrap_or_else(|| "it offers no key".to_owned());
        return Err(Error::new(
            Kind::Unreachable,
            format!("SSH key scan for host {host}:{port} failed, error: {why}"),
        ));
    }
    Ok(HostKeys {
        host: host_entry(host, port),
        keys,
    })
}

/// Reads the lines of a `known_hosts` file that are about this server.
///
/// # Errors
/// When a line cannot be read, or none is about it.
pub fn from_known_hosts(text: &str, host: &str, port: u16) -> Result<HostKeys> {
    let wanted = host_entry(host, port);
    let mut keys = Vec::new();
    for entry in KnownHosts::new(text) {
        let entry = entry.map_err(|error| {
            Error::usage("the known hosts hold a line that cannot be read").caused_by(error)
        })?;
        let about = match entry.host_patterns() {
            HostPatterns::Patterns(patterns) => patterns.contains(&wanted),
            HostPatterns::HashedName { salt, hash } => hashed(salt, &wanted) == *hash,
        };
        if about && entry.marker().is_none() {
            keys.push(entry.public_key().clone());
        }
    }
    if keys.is_empty() {
        return Err(Error::new(
            Kind::NotFound,
            format!("the known hosts hold no key of {wanted}"),
        )
        .hint(format!(
            "add it, for example with: ssh-keyscan -p {port} {host}"
        )));
    }
    Ok(HostKeys { host: wanted, keys })
}

/// OpenSSH's hash of a host name: HMAC-SHA1 under the salt (RFC 2104).
fn hashed(salt: &[u8], host: &str) -> [u8; 20] {
    use sha1::{Digest, Sha1};
    const BLOCK: usize = 64;
    let mut key = [0u8; BLOCK];
    if salt.len() > BLOCK {
        key[..20].copy_from_slice(&Sha1::digest(salt));
    } else {
        key[..salt.len()].copy_from_slice(salt);
    }
    let inner = Sha1::new()
        .chain_update(key.map(|b| b ^ 0x36))
        .chain_update(host)
        .finalize();
    Sha1::new()
        .chain_update(key.map(|b| b ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

struct Listener(Arc<Mutex<Option<PublicKey>>>);

impl client::Handler for Listener {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        }
        // The key is all that is wanted; no session follows.
        Ok(false)
    }
}

async fn ask(host: &str, port: u16, algorithms: Vec<Algorithm>) -> Result<PublicKey, String> {
    let config = client::Config {
        preferred: russh::Preferred {
            key: Cow::Owned(algorithms),
            ..russh::Preferred::DEFAULT
        },
        ..client::Config::default()
    };
    let found = Arc::new(Mutex::new(None));
    let handler = Listener(Arc::clone(&found));
    let exchange = async {
        let stream = TcpStream::connect((host, port))
            .await
            .map_err(|error| format!("dial tcp {host}:{port}: {error}"))?;
        client::connect_stream(Arc::new(config), stream, handler)
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let outcome = tokio::time::timeout(EXCHANGE, exchange).await;
    let key = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (key, outcome) {
        (Some(key), _) => Ok(key),
        (None, Ok(Err(error))) => Err(error),
        (None, Ok(Ok(()))) => Err("the server showed no key".to_owned()),
        (None, Err(_)) => Err("timed out".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    #[test]
    fn known_hosts_are_filtered_by_host_and_port() {
        let text =
            format!("# a comment\ngithub.com {KEY} note\n[github.com]:443 {KEY}\nother {KEY}\n");
        let keys = from_known_hosts(&text, "github.com", 22).unwrap();
        assert_eq!(keys.known_hosts(), format!("github.com {KEY}"));
        let keys = from_known_hosts(&text, "github.com", 443).unwrap();
        assert_eq!(keys.known_hosts(), format!("[github.com]:443 {KEY}"));
        let error = from_known_hosts(&text, "gitlab.com", 22).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(from_known_hosts("garbage", "x", 22).is_err());
    }

    #[test]
    fn hashed_names_are_found() {
        // From `ssh-keygen -H` over a line for "example.test".
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let salt = [7u8; 20];
        let hash = hashed(&salt, "example.test");
        let line = format!(
            "|1|{}|{} {KEY}\n",
            STANDARD.encode(salt),
            STANDARD.encode(hash)
        );
        let keys = from_known_hosts(&line, "example.test", 22).unwrap();
        assert_eq!(keys.known_hosts(), format!("example.test {KEY}"));
        assert!(from_known_hosts(&line, "example.com", 22).is_err());
    }

    #[test]
    fn hmac_sha1_is_rfc_2202s() {
        // RFC 2202, test case 2.
        let digest = hashed(b"Jefe", "what do ya want for nothing?");
        let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    #[test]
    fn fingerprints_are_ssh_keygens() {
        let keys = from_known_hosts(&format!("github.com {KEY}"), "github.com", 22).unwrap();
        assert_eq!(
            keys.fingerprints(),
            ["SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU ssh-ed25519"]
        );
    }

    #[tokio::test]
    async fn a_closed_port_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = scan("127.0.0.1", port).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unreachable);
        assert!(
            error
                .to_string()
                .contains("SSH key scan for host 127.0.0.1:"),
            "{error}"
        );
    }
}
