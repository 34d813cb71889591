//! Why a build failed, and what to do about it.

use crate::error;

/// Why a build failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub(super) message: String,
    /// What to do about it, where that is known.
    pub advice: Option<&'static str>,
}

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Error {
            message: message.into(),
            advice: None,
        }
    }

    /// The same error, with what to do about it.
    pub(super) fn advised(self, advice: &'static str) -> Self {
        Error {
            advice: Some(advice),
            ..self
        }
    }

    /// The same error, with other words.
    pub(super) fn reworded(self, words: impl FnOnce(&str) -> String) -> Self {
        Error {
            message: words(&self.message),
            ..self
        }
    }
}

impl From<Error> for error::Error {
    fn from(Error { message, advice }: Error) -> Self {
        advised(message, advice)
    }
}

impl From<kustomize::Error> for Error {
    fn from(error: kustomize::Error) -> Self {
        Error {
            message: error.to_string(),
            advice: error.advice(),
        }
    }
}

impl From<kustomize::Error> for error::Error {
    fn from(error: kustomize::Error) -> Self {
        advised(error.to_string(), error.advice())
    }
}

fn advised(message: String, advice: Option<&'static str>) -> error::Error {
    let error = error::Error::failed(message);
    match advice {
        Some(advice) => error.hint(advice),
        None => error,
    }
}
