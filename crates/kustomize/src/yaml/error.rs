//! What can be wrong with a YAML text, and where.

use std::fmt;

/// A place in a text: line and column, both counted from 1, the column in characters.
///
/// Nodes that were made rather than read stand at line 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Position {
    /// A place that is counted in another type; the last one there is for those beyond.
    pub(super) fn new(line: usize, column: usize) -> Self {
        let short = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            line: short(line),
            column: short(column),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A text that is not the YAML it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    file: Option<String>,
    position: Position,
    message: String,
    malformed: bool,
}

impl Error {
    pub(super) fn new(position: Position, message: impl Into<String>) -> Self {
        Self {
            file: None,
            position,
            message: message.into(),
            malformed: false,
        }
    }

    /// That a text is no YAML at all.
    pub(super) fn malformed(position: Position, message: impl Into<String>) -> Self {
        Self {
            malformed: true,
            ..Self::new(position, message)
        }
    }

    /// Whether the text is no YAML at all, rather than YAML that can't be used.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// The same error, naming the file that the text came from.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Where the text goes wrong.
    #[must_use]
    pub fn position(&self) -> Position {
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
        let Position { line, column } = self.position;
        match &self.file {
            Some(file) => write!(f, "{file}:{line}:{column}: {}", self.message),
            None => write!(f, "line {line}, column {column}: {}", self.message),
        }
    }
}

impl std::error::Error for Error {}
