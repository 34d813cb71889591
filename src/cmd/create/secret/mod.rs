//! `create secret`: Secrets in the form that Flux reads, by what they are for.
//!
//! What each holds is decided in [`crate::manifests::secret`]. Here are the flags that several of
//! them share, and what is done with a Secret once it is made.

pub(super) mod git;
pub(super) mod githubapp;
pub(super) mod helm;
pub(super) mod notation;
pub(super) mod oci;
pub(super) mod proxy;
pub(super) mod receiver;
pub(super) mod tls;

use clap::{Args, Command};
use secrecy::{ExposeSecret, SecretString};

use super::credentials::{self, secret_value};
use super::{Request, some};
use crate::cli;
use crate::cmd::input::read_file;
use crate::error::{Error, Result};
use crate::manifests::secret::{Metadata, SecretObject, TlsFiles};

pub(super) fn command() -> Command {
    Command::new("secret")
        .about("Create or update Kubernetes secrets")
        .subcommand(git::command())
        .subcommand(githubapp::command())
        .subcommand(helm::command())
        .subcommand(notation::command())
        .subcommand(oci::command())
        .subcommand(proxy::command())
        .subcommand(receiver::command())
        .subcommand(tls::command())
}

// A name and a password.
#[derive(Args)]
struct BasicArgs {
    /// The user's name
    #[arg(long, short = 'u')]
    username: Option<String>,
    /// The password; better from a file
    #[arg(long, short = 'p', value_parser = cli::secret)]
    password: Option<SecretString>,
    /// The file with the password; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    password_file: Option<String>,
}

impl BasicArgs {
    fn username(&self) -> String {
        self.username.clone().unwrap_or_default()
    }

    fn password(&self) -> Result<Option<SecretString>> {
        secret_value(
            self.password.as_ref(),
            self.password_file.as_deref(),
            "password file",
        )
    }
}

// Certificates and a key.
#[derive(Args)]
struct TlsArgs {
    /// The file with the client's certificate
    #[arg(long, value_name = "FILE")]
    tls_crt_file: Option<String>,
    /// The file with the private key of the client's certificate
    #[arg(long, value_name = "FILE")]
    tls_key_file: Option<String>,
    /// The file with the authorities that may sign the server's certificate
    #[arg(long, value_name = "FILE")]
    ca_crt_file: Option<String>,
}

impl TlsArgs {
    fn files(&self) -> Result<TlsFiles> {
        let authorities = credentials::ca_file(self.ca_crt_file.as_deref())?;
        let certificate = some(&self.tls_crt_file)
            .map(|path| text_file(&path, "cert file"))
            .transpose()?;
        let private_key = some(&self.tls_key_file)
            .map(|path| text_file(&path, "key file"))
            .transpose()?;
        Ok(TlsFiles {
            certificate,
            private_key: private_key.map(SecretString::from),
            authorities,
        })
    }
}

/// Reads a file of text; `what` is what it holds.
fn text_file(path: &str, what: &str) -> Result<String> {
    String::from_utf8(read_file(path, what)?)
        // The error would hold the text.
        .map_err(|_| Error::usage(format!("{path}: the {what} is not text")))
}

/// Where the request's Secret goes.
fn metadata(request: &Request<'_>) -> Metadata {
    Metadata {
        name: request.name.clone(),
        namespace: request.namespace.clone(),
        labels: request.labels.clone(),
    }
}

/// [`metadata`] of the Secrets that flux puts no labels on.
fn metadata_without_labels(request: &Request<'_>) -> Metadata {
    if !request.labels.is_empty() {
        let ui = &request.context.ui;
        ui.warning("--label has no effect on this kind of secret");
    }
    Metadata {
        labels: std::collections::BTreeMap::new(),
        ..metadata(request)
    }
}

/// Prints the Secret or stores it; `what` it is.
fn finish(request: &Request<'_>, secret: &SecretObject, what: &str) -> Result<()> {
    if request.export {
        print(request, secret)
    } else {
        request.context.block_on(save(request, secret, what))
    }
}

/// Prints the Secret, and as flux does an empty line.
fn print(request: &Request<'_>, secret: &SecretObject) -> Result<()> {
    let text = secret.to_yaml();
    let ui = &request.context.ui;
    ui.answer(&format!("{}\n", text.expose_secret()))
}

/// Stores the Secret in the cluster.
async fn save(request: &Request<'_>, secret: &SecretObject, what: &str) -> Result<()> {
    let cluster = request.context.cluster().await?;
    cluster.put_secret(secret.expose()).await?;
    request.context.ui.action(format!(
        "{what} secret '{}' created in '{}' namespace",
        request.name, request.namespace
    ));
    Ok(())
}
