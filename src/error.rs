//! The one error type of commands.
//!
//! An [`Error`] has a [`Kind`], which alone fixes the exit code, a message that names the thing it
//! is about, the chain of causes below it, and hints that say what to run next. Adapters have
//! error types of their own; they turn into this one where their calls cross into a command.

use std::error::Error as StdError;
use std::fmt;

/// The result of a command's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the sense a script would branch on.
///
/// `docs/exit-codes.md` lists the numbers; [`Kind::exit_code`] is where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The operation failed for a reason that no other kind names.
    Failed,
    /// The command line or its input is wrong; nothing was done.
    Usage,
    /// An object, a kind, a context or a file that was named does not exist.
    NotFound,
    /// The server knows who asks, or not, and says no.
    Refused,
    /// A server could not be reached.
    Unreachable,
    /// The time allowed ran out.
    TimedOut,
    /// The object exists and is not ready, or a check failed.
    NotReady,
    /// Somebody else changed or owns the thing.
    Conflict,
    /// The user pressed Ctrl-C or answered no.
    Interrupted,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: &[Kind] = &[
        Kind::Failed,
        Kind::Usage,
        Kind::NotFound,
        Kind::Refused,
        Kind::Unreachable,
        Kind::TimedOut,
        Kind::NotReady,
        Kind::Conflict,
        Kind::Interrupted,
    ];

    /// The exit code that stands for this kind when failures exit by meaning.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::NotFound => 3,
            Kind::Refused => 4,
            Kind::Unreachable => 5,
            Kind::TimedOut => 6,
            Kind::NotReady => 7,
            Kind::Conflict => 8,
            Kind::Interrupted => 130,
        }
    }

    /// The word that stands for this kind in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::NotFound => "not-found",
            Kind::Refused => "refused",
            Kind::Unreachable => "unreachable",
            Kind::TimedOut => "timed-out",
            Kind::NotReady => "not-ready",
            Kind::Conflict => "conflict",
            Kind::Interrupted => "interrupted",
        }
    }
}

/// A failure of a command.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    hints: Vec<String>,
    reported: bool,
    differs: bool,
}

impl Error {
    /// A failure of `kind` that says `message`: lower case, no full stop, the object named.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
            reported: false,
            differs: false,
        }
    }

    /// A failure no other kind names.
    pub fn failed(message: impl Into<String>) -> Self {
        Error::new(Kind::Failed, message)
    }

    /// A wrong command line or wrong input.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// A failure whose text the command has already shown; only its exit code is left to give.
    pub fn reported(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            reported: true,
            ..Error::new(kind, message)
        }
    }

    /// No failure: what was compared differs, which a command says by its exit code.
    pub fn differences(message: impl Into<String>) -> Self {
        Error {
            differs: true,
            ..Error::reported(Kind::Failed, message)
        }
    }

    /// Adds the cause; its text follows the message after a colon.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a line that says what to do next. Hints are shown last, in the order they were added.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts `context` before the message, as in `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do next, in order.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// Whether the text was already shown.
    pub fn is_reported(&self) -> bool {
        self.reported
    }

    /// Whether it only says that what was compared differs.
    pub fn is_difference(&self) -> bool {
        self.differs
    }

    /// The message and every cause, joined by colons. A cause that its parent's text already holds
    /// is not repeated.
    pub fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut next = self.source.as_deref().map(|s| s as &dyn StdError);
        while let Some(cause) = next {
            let cause_text = cause.to_string();
            if !cause_text.is_empty() && !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|s| s as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            std::io::ErrorKind::PermissionDenied => Kind::Refused,
            _ => Kind::Failed,
        };
        Error::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_distinct() {
        let mut codes: Vec<u8> = Kind::ALL.iter().map(|k| k.exit_code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Kind::ALL.len());
        assert!(!codes.contains(&0));
    }

    #[test]
    fn the_chain_says_each_cause_once() {
        let io = std::io::Error::other("disk on fire");
        let error = Error::failed("cannot write \"x\"").caused_by(io);
        assert_eq!(error.chain(), "cannot write \"x\": disk on fire");
        let error = Error::failed("cannot write: disk on fire").caused_by("disk on fire");
        assert_eq!(error.chain(), "cannot write: disk on fire");
    }

    #[test]
    fn context_goes_before_the_message_and_keeps_hints() {
        let error = Error::usage("bad").hint("try good").context("flag --x");
        assert_eq!(error.to_string(), "flag --x: bad");
        assert_eq!(error.hints(), ["try good"]);
        assert_eq!(error.kind(), Kind::Usage);
    }
}
