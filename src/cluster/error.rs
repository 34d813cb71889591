//! What can go wrong between reflux and an API server, in terms of what the user can do about it.

use std::error::Error as StdError;
use std::fmt;

use kube::core::Status;
use thiserror::Error;

use crate::error;

/// A failed call to the API server.
#[derive(Debug, Error)]
pub enum Error {
    /// The object does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The server does not know the kind in this version.
    #[error("no matches for kind \"{kind}\" in version \"{api_version}\"")]
    KindMissing {
        /// The kind.
        kind: String,
        /// Group and version that were asked for.
        api_version: String,
        /// The versions of the group that the server does have.
        served: Vec<String>,
    },
    /// The server does not know who asks.
    #[error("{0}")]
    Unauthorized(String),
    /// The server knows who asks and says no.
    #[error("{0}")]
    Forbidden(String),
    /// Somebody else changed the object, or owns a field of it.
    #[error("{0}")]
    Conflict(String),
    /// The server found the object wrong.
    #[error("{0}")]
    Invalid(String),
    /// No connection.
    #[error("cannot reach the Kubernetes API server at {server}: {reason}")]
    Unreachable {
        /// Its address.
        server: String,
        /// Why.
        reason: String,
    },
    /// The credentials could not be had: an exec plugin, a token file.
    #[error("cannot authenticate to the Kubernetes API server: {0}")]
    Credentials(String),
    /// What was waited for did not come.
    #[error("{0}")]
    TimedOut(String),
    /// The server answered with something else.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Translates an error of the client library for calls to `server`.
    pub(super) fn of(error: kube::Error, server: &http::Uri) -> Self {
        match error {
            kube::Error::Api(status) => Error::of_status(*status),
            kube::Error::Auth(error) => Error::Credentials(chain(&error)),
            error @ (kube::Error::Service(_) | kube::Error::HyperError(_)) => Error::Unreachable {
                server: server.to_string().trim_end_matches('/').to_owned(),
                reason: innermost(&error),
            },
            error => Error::Other(chain(&error)),
        }
    }

    fn of_status(status: Status) -> Self {
        let code = status.code;
        let named = status.details.as_ref().is_some_and(|d| !d.name.is_empty());
        let message = if status.message.is_empty() {
            format!("the server answered {code} {}", status.reason)
        } else {
            status.message
        };
        match code {
            404 if named || message.contains('"') => Error::NotFound(message),
            404 => Error::KindMissing {
                kind: String::new(),
                api_version: String::new(),
                served: Vec::new(),
            },
            401 => Error::Unauthorized(message),
            403 => Error::Forbidden(message),
            409 => Error::Conflict(message),
            400 | 422 => Error::Invalid(message),
            _ => Error::Other(message),
        }
    }

    /// The same error, with the object it is about before the server's words.
    #[must_use]
    pub fn about(mut self, object: &impl fmt::Display) -> Self {
        match &mut self {
            Error::NotFound(text)
            | Error::Unauthorized(text)
            | Error::Forbidden(text)
            | Error::Conflict(text)
            | Error::Invalid(text)
            | Error::TimedOut(text)
            | Error::Other(text) => *text = format!("{object}: {text}"),
            Error::KindMissing { .. } | Error::Unreachable { .. } | Error::Credentials(_) => {}
        }
        self
    }

    /// Whether the object is simply not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound(_))
    }

    /// Whether the kind is not known to the server.
    pub fn is_kind_missing(&self) -> bool {
        matches!(self, Error::KindMissing { .. })
    }
}

impl From<Error> for error::Error {
    fn from(error: Error) -> Self {
        error.translated()
    }
}

impl Error {
    /// The error of a command that fails with this one.
    pub fn translated(&self) -> error::Error {
        use error::Kind;
        let text = self.to_string();
        match self {
            Error::NotFound(_) => error::Error::new(Kind::NotFound, text),
            Error::KindMissing {
                served,
                api_version,
                ..
            } => {
                let error = error::Error::new(Kind::NotFound, text);
                if served.is_empty() {
                    error.hint("Flux is not installed on this cluster, or without this component: run `{bin} check`, then `{bin} install` or `{bin} bootstrap`")
                } else {
                    let group = api_version.split('/').next().unwrap_or_default();
                    error.hint(format!(
                        "the cluster has older definitions ({}): upgrade Flux with `{{bin}} install` or `{{bin}} bootstrap`",
                        served
                            .iter()
                            .map(|v| format!("{group}/{v}"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ))
                }
            }
            Error::Unauthorized(_) => error::Error::new(
                Kind::Refused,
                format!("the Kubernetes API server does not accept the credentials: {text}"),
            )
            .hint("log in again, or choose another user or context of the kubeconfig with --user or --context"),
            Error::Forbidden(_) => error::Error::new(Kind::Refused, text)
                .hint("ask for this right, or use another user or context with --user, --context or --as"),
            Error::Conflict(_) => error::Error::new(Kind::Conflict, text),
            Error::Unreachable { .. } => error::Error::new(Kind::Unreachable, text).hint(
                "check that the cluster runs, and that --kubeconfig, KUBECONFIG and --context name the right one",
            ),
            Error::Credentials(_) => error::Error::new(Kind::Refused, text),
            Error::TimedOut(_) => error::Error::new(Kind::TimedOut, text),
            Error::Invalid(_) | Error::Other(_) => error::Error::failed(text),
        }
    }
}

fn innermost(error: &dyn StdError) -> String {
    let mut deepest = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    deepest.to_string()
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
