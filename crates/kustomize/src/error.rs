//! What goes wrong in a build, told with the way that led there.

use std::fmt;

use crate::yaml::{self, Position};

/// A build that failed: why, in which file, and through which kustomizations that file was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kustomization files on the way, outermost first.
    chain: Vec<String>,
    file: Option<String>,
    position: Option<Position>,
    message: String,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            chain: Vec::new(),
            file: None,
            position: None,
            message: message.into(),
        }
    }

    /// The same error, in a file that is not known to be at fault at one place.
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        if self.file.is_none() {
            self.file = Some(file.to_owned());
        }
        self
    }

    /// The same error, at a place in a file.
    pub(crate) fn at(mut self, file: &str, position: Position) -> Self {
        if self.file.is_none() {
            self.file = Some(file.to_owned());
            self.position = (position.line > 0).then_some(position);
        }
        self
    }

    /// The same error, with words in front that say what was being done.
    pub(crate) fn context(mut self, doing: impl fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }

    /// The same error, reached through a kustomization file.
    pub(crate) fn within(mut self, kustomization: &str) -> Self {
        self.chain.insert(0, kustomization.to_owned());
        self
    }

    pub(crate) fn from_yaml(error: &yaml::Error, file: &str) -> Self {
        Self::new(error.message()).at(file, error.position())
    }

    /// The same error, told of other places: for who lays a file over the tree that nobody wrote.
    #[must_use]
    pub fn placed(
        mut self,
        chain: Vec<String>,
        file: Option<String>,
        position: Option<Position>,
    ) -> Self {
        self.chain = chain;
        self.file = file;
        self.position = position;
        self
    }

    /// The kustomization files through which the build came to the error, outermost first.
    #[must_use]
    pub fn chain(&self) -> &[String] {
        &self.chain
    }

    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The place in the file at fault.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kustomization) in self.chain.iter().enumerate() {
            let last = at + 1 == self.chain.len();
            if !last || self.file.as_ref() != Some(kustomization) {
                let separator = if last && self.file.is_none() {
                    ": "
                } else {
                    " → "
                };
                write!(f, "{kustomization}{separator}")?;
            }
        }
        match (&self.file, self.position) {
            (Some(file), Some(position)) => write!(f, "{file}:{position}: {}", self.message),
            (Some(file), None) => write!(f, "{file}: {}", self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
