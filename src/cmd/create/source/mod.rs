//! `create source`: sources, by kind.

pub(super) mod bucket;
pub(super) mod chart;
pub(super) mod git;
pub(super) mod helm;
pub(super) mod oci;

use clap::{Args, Command};
use flux_api::Duration;
use flux_api::meta::LocalObjectReference;
use flux_api::source::OIDCIdentityMatch;
use kube::api::DynamicObject;

use super::{Request, reference, some};
use crate::error::{Error, Result};
use crate::flags::{self, List, VerifyProvider};
use crate::kinds::Kind;

// Flags of every `create source` command.
#[derive(Args)]
pub(super) struct SourceArgs {
    /// How long one fetch may take, as a Go duration
    #[arg(long, global = true, value_parser = flags::duration, default_value = "0s")]
    pub(super) fetch_timeout: Duration,
}

impl SourceArgs {
    /// The time for one fetch, where it is limited.
    fn timeout(&self) -> Option<Duration> {
        (self.fetch_timeout > Duration::default()).then_some(self.fetch_timeout)
    }
}

pub(super) fn command() -> Command {
    SourceArgs::augment_args(
        Command::new("source")
            .about("Create or update sources")
            .subcommand(bucket::command())
            .subcommand(chart::command())
            .subcommand(git::command())
            .subcommand(helm::command())
            .subcommand(oci::command()),
    )
}

// Flags that say who must have signed what is fetched.
#[derive(Args)]
struct VerifyArgs {
    /// What checks the signature: cosign
    #[arg(long, value_name = "PROVIDER")]
    verify_provider: Option<VerifyProvider>,
    /// An existing secret with the public keys of those who may sign
    #[arg(long, value_name = "NAME")]
    verify_secret_ref: Option<String>,
    /// Whose identity a signature without a key must carry, as a Go regular expression
    #[arg(long, value_name = "REGEX")]
    verify_subject: Option<String>,
    /// Who must vouch for that identity, as a Go regular expression
    #[arg(long, value_name = "REGEX")]
    verify_issuer: Option<String>,
}

/// How signatures are checked.
struct Verification {
    provider: VerifyProvider,
    secret_ref: Option<LocalObjectReference>,
    identities: Vec<OIDCIdentityMatch>,
}

impl VerifyArgs {
    /// What the flags amount to.
    ///
    /// # Errors
    /// When they say how to check, and not with what.
    fn verification(&self) -> Result<Option<Verification>> {
        let secret_ref = reference(&self.verify_secret_ref);
        let identity = OIDCIdentityMatch {
            issuer: some(&self.verify_issuer).unwrap_or_default(),
            subject: some(&self.verify_subject).unwrap_or_default(),
        };
        let is_keyless = identity != OIDCIdentityMatch::default();
        match self.verify_provider {
            Some(provider) => Ok(Some(Verification {
                provider,
                secret_ref,
                identities: is_keyless.then_some(identity).into_iter().collect(),
            })),
            None if secret_ref.is_some() => Err(Error::usage(
                "a verification provider must be specified when a secret is specified",
            )),
            None if is_keyless => Err(Error::usage(
                "a verification provider must be specified when OIDC issuer/subject is specified",
            )),
            None => Ok(None),
        }
    }
}

/// Says which revision a source has fetched; that it has none is the failure `otherwise`.
fn fetched(
    request: &Request<'_>,
    kind: &Kind,
    ready: &DynamicObject,
    otherwise: &str,
) -> Result<()> {
    match (kind.revision)(ready) {
        Some(revision) => {
            let ui = &request.context.ui;
            ui.success(format!("fetched revision: {revision}"));
            Ok(())
        }
        None => Err(Error::failed(otherwise)),
    }
}

/// The patterns of files to leave out, one a line.
fn ignore(paths: &[List]) -> Option<String> {
    let paths = List::all(paths);
    (!paths.is_empty()).then(|| paths.join("\n"))
}
