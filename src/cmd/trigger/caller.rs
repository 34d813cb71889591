//! How the Receiver knows who calls, and which flags go together for that.

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::cli;
use crate::cmd::input::secret_file;
use crate::env::{self, Env};
use crate::error::{Error, Result};

/// The audience that notification-controller asks for unless the Receiver names another.
const AUDIENCE: &str = "notification-controller";

#[derive(Args)]
pub(super) struct CallerArgs {
    /// How the Receiver knows its callers: generic, generic-hmac or generic-oidc
    #[arg(long, default_value = "generic")]
    r#type: String,
    /// The Receiver's token, which generic-oidc has not; better from a file
    #[arg(long, value_parser = cli::secret)]
    token: Option<SecretString>,
    /// The file with the token; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<String>,
    /// Who gives the OIDC token: github or forgejo, to a job that runs there
    #[arg(long, value_name = "PROVIDER")]
    oidc_provider: Option<String>,
    /// The audience of the OIDC token that the provider gives [default: notification-controller]
    #[arg(long, value_name = "AUDIENCE")]
    oidc_audience: Option<String>,
    /// The OIDC token; better from FLUX_TRIGGER_RECEIVER_OIDC_TOKEN or a file
    #[arg(long, value_name = "TOKEN", value_parser = cli::secret)]
    oidc_token: Option<SecretString>,
    /// The file with the OIDC token; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "oidc_token")]
    oidc_token_file: Option<String>,
}

/// How the caller is known.
pub(super) enum Caller {
    /// By the address alone, which is made with this token.
    Generic(SecretString),
    /// By the address and a signature, both made with this token.
    Hmac(SecretString),
    /// By a token that somebody else vouches for.
    Oidc(OidcToken),
}

/// Where the OIDC token comes from.
pub(super) enum OidcToken {
    /// It was given.
    Given(SecretString),
    /// The job's provider gives it, for this audience.
    Fetched(String),
}

impl Caller {
    /// Reads the flags, and the environment where they leave the OIDC token to it.
    ///
    /// # Errors
    /// When they do not go together, or a file cannot be read.
    pub(super) fn new(args: &CallerArgs, env: &Env) -> Result<Self> {
        let make = match &*args.r#type {
            "generic" => Caller::Generic,
            "generic-hmac" => Caller::Hmac,
            "generic-oidc" => return args.oidc(env).map(Caller::Oidc),
            other => {
                return Err(Error::usage(format!(
                    "invalid --type {other:?}, must be one of: generic, generic-hmac, generic-oidc"
                )));
            }
        };
        let token = args.token()?.ok_or_else(|| {
            Error::usage(format!("--token is required for --type={}", args.r#type))
        })?;
        let is_given = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.is_empty());
        if is_given(&args.oidc_provider)
            || is_given(&args.oidc_audience)
            || args.oidc_token()?.is_some()
        {
            return Err(Error::usage(
                "--oidc-provider, --oidc-token and --oidc-audience can only be set for \
                 --type=generic-oidc",
            ));
        }
        Ok(make(token))
    }

    /// The Receiver's own token.
    pub(super) fn token(&self) -> Option<&SecretString> {
        match self {
            Caller::Generic(token) | Caller::Hmac(token) => Some(token),
            Caller::Oidc(_) => None,
        }
    }
}

impl CallerArgs {
    fn token(&self) -> Result<Option<SecretString>> {
        secret(&self.token, &self.token_file, "token file")
    }

    fn oidc_token(&self) -> Result<Option<SecretString>> {
        secret(&self.oidc_token, &self.oidc_token_file, "OIDC token file")
    }

    fn oidc(&self, env: &Env) -> Result<OidcToken> {
        if self.token()?.is_some() {
            return Err(Error::usage(
                "--token must not be set for --type=generic-oidc, the Receiver of this type has \
                 no secret",
            ));
        }
        let given = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
        let audience = given(&self.oidc_audience);
        let token = self.oidc_token()?;
        match (given(&self.oidc_provider), token) {
            (Some(_), Some(_)) => Err(Error::usage(
                "--oidc-provider and --oidc-token are mutually exclusive",
            )),
            (Some(provider), None) => match &*provider {
                "github" | "forgejo" => Ok(OidcToken::Fetched(
                    audience.unwrap_or_else(|| AUDIENCE.to_owned()),
                )),
                _ => Err(Error::usage(format!(
                    "invalid --oidc-provider {provider:?}, must be one of: github, forgejo"
                ))),
            },
            (None, _) if audience.is_some() => Err(Error::usage(
                "--oidc-audience can only be set together with --oidc-provider",
            )),
            (None, Some(token)) => Ok(OidcToken::Given(token)),
            (None, None) => {
                let token = env.secret(env::FLUX_TRIGGER_RECEIVER_OIDC_TOKEN).cloned();
                token.map(OidcToken::Given).ok_or_else(|| {
                    Error::usage(format!(
                        "no OIDC token provided: set --oidc-provider, --oidc-token or the {} \
                         environment variable",
                        env::FLUX_TRIGGER_RECEIVER_OIDC_TOKEN
                    ))
                })
            }
        }
    }
}

/// The secret, from the flag or the file; an empty one counts as not given.
fn secret(
    flag: &Option<SecretString>,
    file: &Option<String>,
    what: &str,
) -> Result<Option<SecretString>> {
    let given = match file {
        Some(file) => Some(secret_file(file, what)?),
        None => flag.clone(),
    };
    Ok(given.filter(|secret| !secret.expose_secret().is_empty()))
}
