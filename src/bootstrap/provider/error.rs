//! What can go wrong between reflux and a Git host, in terms of what the user can do about it.

use thiserror::Error;

use crate::error;

/// A failed call to the Git host.
#[derive(Debug, Error)]
pub enum Error {
    /// The host does not accept the token.
    #[error("{host} does not accept the token: {message}")]
    Unauthorized {
        /// The host.
        host: String,
        /// What it says.
        message: String,
    },
    /// The token or its user may not do this.
    #[error("{what}: {message}")]
    Forbidden {
        /// What was tried.
        what: String,
        /// What the host says.
        message: String,
        /// The permission of a fine-grained token that would do, as the host names it.
        permission: Option<String>,
        /// Where the token is authorised for an organisation with single sign-on.
        sso: Option<String>,
    },
    /// The thing is not there, or hidden from the token.
    #[error("{what}: {message}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What the host says.
        message: String,
    },
    /// The thing has another address now.
    #[error("{what} has moved")]
    Moved {
        /// What was looked for.
        what: String,
        /// Its new address in the API.
        location: String,
    },
    /// The thing changed meanwhile, or is not in the state the call needs.
    #[error("{what}: {message}")]
    Conflict {
        /// What was tried.
        what: String,
        /// What the host says.
        message: String,
    },
    /// The host understood the request and refuses it.
    #[error("{what}: {message}")]
    Refused {
        /// What was tried.
        what: String,
        /// What the host says, with the details of each field.
        message: String,
    },
    /// Too many requests, and the limit ends after the time allowed does.
    #[error("{host} limits the rate of requests for another {seconds} s: {message}")]
    RateLimited {
        /// The host.
        host: String,
        /// How long the limit stands.
        seconds: u64,
        /// What it says.
        message: String,
    },
    /// No answer, and the request may have had its effect.
    #[error("{what}: {reason}")]
    Lost {
        /// What was tried.
        what: String,
        /// What became of the connection.
        reason: String,
    },
    /// No connection.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// The time allowed ran out.
    #[error("{what}: timed out")]
    TimedOut {
        /// What was tried.
        what: String,
    },
    /// The host answered with something else.
    #[error("{what}: {message}")]
    Other {
        /// What was tried.
        what: String,
        /// What came back.
        message: String,
    },
}

impl Error {
    /// Whether the thing is not there, or hidden.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound { .. })
    }

    /// Whether a write may or may not have had its effect.
    pub fn is_lost(&self) -> bool {
        matches!(self, Error::Lost { .. })
    }
}

impl From<Error> for error::Error {
    fn from(error: Error) -> Self {
        use error::Kind;
        let text = error.to_string();
        match error {
            Error::Unauthorized { .. } => error::Error::new(Kind::Refused, text).hint(
                "the token is wrong, expired or revoked: make a new one and give it in \
                 GITHUB_TOKEN or with --token-file",
            ),
            Error::Forbidden {
                permission, sso, ..
            } => {
                let mut failure = error::Error::new(Kind::Refused, text);
                if let Some(permission) = permission {
                    failure = failure.hint(format!("grant the token: {permission}"));
                }
                if let Some(page) = sso {
                    failure =
                        failure.hint(format!("authorise the token for the organization: {page}"));
                }
                failure
            }
            Error::NotFound { .. } | Error::Moved { .. } => error::Error::new(Kind::NotFound, text),
            Error::Conflict { .. } => error::Error::new(Kind::Conflict, text),
            Error::Refused { .. } | Error::Other { .. } => error::Error::failed(text),
            Error::RateLimited { .. } => error::Error::new(Kind::Refused, text)
                .hint("run the command again after that, or allow more time with --timeout"),
            Error::Lost { .. } => error::Error::new(Kind::Unreachable, text)
                .hint("run the command again: it goes on from where things stand"),
            Error::Unreachable { .. } => error::Error::new(Kind::Unreachable, text).hint(
                "check --hostname, the network, HTTPS_PROXY, and for a private authority --ca-file",
            ),
            Error::TimedOut { .. } => {
                error::Error::new(Kind::TimedOut, text).hint("allow more time with --timeout")
            }
        }
    }
}
