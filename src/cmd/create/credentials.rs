//! Flags for SSH keys and passwords that `create source git` and `create secret git` share, the
//! Secret that comes of them, and reading what is secret from files.

use std::io::Read as _;

use ::url::Url;
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::Request;
use crate::cli;
use crate::cmd::input::{read_file, secret_file};
use crate::error::{Error, Result};
use crate::flags::{EcdsaCurve, KeyAlgorithm, RsaKeyBits};
use crate::git::{host_keys, url as address};
use crate::manifests::keys::{KeyPair, KeySpec};
use crate::manifests::secret::{self, GitCredentials, Metadata, SecretObject};

#[derive(Args)]
pub(super) struct CredentialArgs {
    /// The user name for HTTP
    #[arg(long, short = 'u')]
    pub(super) username: Option<String>,
    /// The password for HTTP, or the passphrase of the private key; better from a file
    #[arg(long, short = 'p', value_parser = cli::secret)]
    password: Option<SecretString>,
    /// The file with the password; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    password_file: Option<String>,
    /// The algorithm of the SSH key that is made: rsa, ecdsa or ed25519
    #[arg(long, default_value = "ecdsa", value_name = "ALGORITHM")]
    ssh_key_algorithm: KeyAlgorithm,
    /// The size of an RSA key in bits: a multiple of 8, at least 1024
    #[arg(long, default_value = "2048", value_name = "BITS")]
    ssh_rsa_bits: RsaKeyBits,
    /// The curve of an ECDSA key: p256, p384 or p521
    #[arg(long, default_value = "p384", value_name = "CURVE")]
    ssh_ecdsa_curve: EcdsaCurve,
    /// The file with the SSH private key to use instead of a new one
    #[arg(long, value_name = "FILE")]
    private_key_file: Option<String>,
    /// The file with the SSH server's keys, as known_hosts has them, instead of asking the server
    #[arg(long, value_name = "FILE")]
    known_hosts_file: Option<String>,
}

impl CredentialArgs {
    /// The password or passphrase, from the flag or the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn password(&self) -> Result<Option<SecretString>> {
        secret_value(
            self.password.as_ref(),
            self.password_file.as_deref(),
            "password file",
        )
    }

    /// Whether the password is read from standard input.
    pub(super) fn password_is_piped(&self) -> bool {
        self.password_file.as_deref() == Some("-")
    }

    /// The credentials for a repository behind SSH: a key pair, and the server's own keys.
    ///
    /// # Errors
    /// When the key cannot be read or made, or the server's keys cannot be had.
    pub(super) async fn ssh(&self, request: &Request<'_>, url: &Url) -> Result<GitCredentials> {
        let passphrase = self.password()?;
        let key_pair = match self.private_key_file.as_deref().filter(|p| !p.is_empty()) {
            Some(path) => {
                let text = read_file(path, "private key file").map_err(|error| {
                    Error::new(error.kind(), "failed to open private key file").caused_by(error)
                })?;
                let text = String::from_utf8(text)
                    .map_err(|_| Error::usage(format!("{path}: the private key is not text")))?;
                KeyPair::read(SecretString::from(text), passphrase.as_ref())?
            }
            None => {
                let spec = KeySpec::new(
                    self.ssh_key_algorithm,
                    self.ssh_ecdsa_curve,
                    self.ssh_rsa_bits,
                );
                KeyPair::generate(spec, &mut rand::rng())?
            }
        };
        let (host, port) = address::ssh_host(url)?;
        let keys = match &self.known_hosts_file {
            Some(path) => {
                let text = read_file(path, "known hosts file")?;
                host_keys::from_known_hosts(&String::from_utf8_lossy(&text), &host, port)?
            }
            None => {
                let _progress = request
                    .context
                    .ui
                    .progress(format!("asking {host}:{port} for its SSH keys"));
                host_keys::scan(&host, port).await?
            }
        };
        if self.known_hosts_file.is_none() && request.export {
            for fingerprint in keys.fingerprints() {
                request
                    .context
                    .ui
                    .note(format!("host key of {host}: {fingerprint}"));
            }
        }
        Ok(GitCredentials::Ssh {
            key_pair,
            passphrase: self.private_key_file.as_ref().and(passphrase),
            known_hosts: keys.known_hosts(),
        })
    }
}

/// The Secret of the request's name with the credentials and the authorities to trust; none where
/// there is neither.
pub(super) fn secret(
    request: &Request<'_>,
    credentials: Option<&GitCredentials>,
    ca: Option<&str>,
) -> Option<SecretObject> {
    let metadata = Metadata {
        name: request.name.clone(),
        namespace: request.namespace.clone(),
        labels: request.labels.clone(),
    };
    match (credentials, ca) {
        (Some(credentials), ca) => Some(secret::git(&metadata, credentials, ca)),
        (None, Some(ca)) => Some(secret::git_ca(&metadata, ca)),
        (None, None) => None,
    }
}

/// What a flag for something secret or its sibling for a file gives; nothing where that is empty.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn secret_value(
    given: Option<&SecretString>,
    file: Option<&str>,
    what: &str,
) -> Result<Option<SecretString>> {
    let value = match (given, file) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(path)) => Some(secret_file(path, what)?),
        (None, None) => None,
    };
    Ok(value.filter(|v| !v.expose_secret().is_empty()))
}

/// Reads a private key from a file, or from standard input where the path is `-`: every byte of it.
///
/// # Errors
/// When it cannot be read or is not text.
pub(super) fn key_file(path: &str, what: &str) -> Result<SecretString> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::failed("cannot read standard input").caused_by(error))?;
        bytes
    } else {
        read_file(path, what)?
    };
    // The error would hold the key.
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::usage(format!("{path}: the {what} is not text")))?;
    Ok(SecretString::from(text))
}

/// Reads a certificate file.
///
/// # Errors
/// When it cannot be read or is not text.
pub(super) fn ca_file(path: Option<&str>) -> Result<Option<String>> {
    let Some(path) = path.filter(|p| !p.is_empty()) else {
        return Ok(None);
    };
    let bytes = read_file(path, "TLS CA file")?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::usage(format!("{path}: the CA certificates are not PEM text")))
}
