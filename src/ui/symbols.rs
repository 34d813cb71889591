//! The symbol and the colour of each role.

use crate::output::journal::Phase;

/// What a line of talk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Something is being done.
    Action,
    /// Something is being generated.
    Generate,
    /// Something is being waited for.
    Wait,
    /// Something is done.
    Success,
    /// Something to know.
    Warning,
    /// Something failed.
    Failure,
    /// What to do next.
    Hint,
}

impl Role {
    /// What the role is called in the journal.
    pub(super) fn phase(self) -> Phase {
        match self {
            Role::Action => Phase::Acting,
            Role::Generate => Phase::Generating,
            Role::Wait => Phase::Waiting,
            Role::Success => Phase::Done,
            Role::Warning => Phase::Warning,
            Role::Failure => Phase::Failed,
            Role::Hint => Phase::Note,
        }
    }
}

/// The set of symbols that the terminal can show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbols {
    unicode: bool,
}

impl Symbols {
    /// Unicode, unless a terminal's locale says it cannot show it. Pipes always get it: scripts
    /// that read flux's status lines look for these symbols.
    pub(super) fn for_locale(locale: Option<&str>, terminal: bool) -> Self {
        let utf8 = locale.is_none_or(|l| {
            let l = l.to_ascii_lowercase();
            l.contains("utf-8") || l.contains("utf8")
        });
        Symbols {
            unicode: utf8 || !terminal,
        }
    }

    pub(super) fn line(self, role: Role, text: &str, color: bool) -> String {
        let (unicode, ascii, code) = match role {
            Role::Action => ("►", ">", "36"),
            Role::Generate => ("✚", "+", "36"),
            Role::Wait => ("◎", "o", "36"),
            Role::Success => ("✔", "ok", "32"),
            Role::Warning => ("⚠️", "!", "33"),
            Role::Failure => ("✗", "x", "31"),
            Role::Hint => ("hint:", "hint:", "2"),
        };
        let symbol = if self.unicode { unicode } else { ascii };
        if color {
            format!("\u{1b}[{code}m{symbol}\u{1b}[0m {text}")
        } else {
            format!("{symbol} {text}")
        }
    }
}
