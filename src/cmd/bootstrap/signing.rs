//! Flags for signing commits, and the key they lead to.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::text_file;
use crate::bootstrap::signing::Signer;
use crate::cli;
use crate::cmd::input::read_file;
use crate::error::{Error, Result};

#[derive(Args)]
pub(super) struct SigningArgs {
    /// The GPG key ring with the key that signs the commits
    #[arg(long, value_name = "FILE")]
    gpg_key_ring: Option<String>,
    /// The passphrase of the GPG key
    #[arg(long, value_parser = cli::secret, value_name = "TEXT")]
    gpg_passphrase: Option<SecretString>,
    /// The GPG key, by its 16 hexadecimal digits
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    gpg_key_id: String,
    /// The file with the SSH private key that signs the commits
    #[arg(long, value_name = "FILE")]
    ssh_signing_key_file: Option<String>,
    /// The passphrase of the SSH signing key
    #[arg(long, value_parser = cli::secret, value_name = "TEXT")]
    ssh_signing_password: Option<SecretString>,
    /// Another name of --ssh-signing-password
    #[arg(long, hide = true, value_parser = cli::secret, value_name = "TEXT")]
    ssh_signing_passphrase: Option<SecretString>,
    /// Sign with the key of --private-key-file, which `bootstrap github` does not use
    #[arg(long)]
    ssh_signing_reuse_private_key: bool,
}

impl SigningArgs {
    /// What signs the commits.
    ///
    /// # Errors
    /// When the flags contradict each other, or the key cannot be used.
    pub(super) fn signer(&self) -> Result<Option<Signer>> {
        if self.ssh_signing_reuse_private_key {
            return Err(Error::usage(
                "--ssh-signing-reuse-private-key is not supported by 'bootstrap github': the key \
                 for the repository is made here",
            )
            .hint("name a key for signing with --ssh-signing-key-file"));
        }
        let ring = given(&self.gpg_key_ring);
        let ssh = given(&self.ssh_signing_key_file);
        if ring.is_some() && ssh.is_some() {
            return Err(Error::usage(
                "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format",
            ));
        }
        let password = self.ssh_password()?;
        if password.is_some() && ssh.is_none() {
            return Err(Error::usage(
                "--ssh-signing-password requires --ssh-signing-key-file",
            ));
        }
        if let Some(path) = ring {
            let ring = read_file(path, "GPG key ring")?;
            let passphrase = self.gpg_passphrase.clone().unwrap_or_default();
            return Signer::gpg(&ring, &self.gpg_key_id, &passphrase).map(Some);
        }
        let text = text_file(ssh, "SSH signing key file")?.map(SecretString::from);
        text.map(|text| Signer::ssh(&text, password.as_ref()))
            .transpose()
    }

    fn ssh_password(&self) -> Result<Option<SecretString>> {
        let text = |secret: &Option<SecretString>| {
            secret
                .clone()
                .filter(|secret| !secret.expose_secret().is_empty())
        };
        match (
            text(&self.ssh_signing_password),
            text(&self.ssh_signing_passphrase),
        ) {
            (Some(one), Some(other)) if one.expose_secret() != other.expose_secret() => {
                Err(Error::usage(
                    "--ssh-signing-password and --ssh-signing-passphrase are aliases; do not pass both",
                ))
            }
            (one, other) => Ok(one.or(other)),
        }
    }
}

fn given(path: &Option<String>) -> Option<&str> {
    path.as_deref().filter(|path| !path.is_empty())
}
