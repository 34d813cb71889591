//! Talk about one object: the journal says which.

use jiff::Timestamp;

use super::{Role, Ui};
use crate::error::Error;
use crate::kinds::ObjectName;
use crate::kinds::Target;
use crate::output::journal::Entry;

/// Lines about one object.
pub struct About<'a> {
    ui: &'a Ui,
    target: &'a Target,
}

impl Ui {
    /// Talk about an object.
    pub fn about<'a>(&'a self, target: &'a Target) -> About<'a> {
        About { ui: self, target }
    }
}

impl About<'_> {
    /// `► text`: something is being done to it.
    pub fn action(&self, text: impl AsRef<str>) {
        self.line(Role::Action, text.as_ref(), "");
    }

    /// `◎ text`: it is being waited for.
    pub fn waiting(&self, text: impl AsRef<str>) {
        self.line(Role::Wait, text.as_ref(), "");
    }

    /// `✔ text`: something about it is done.
    pub fn success(&self, text: impl AsRef<str>) {
        self.line(Role::Success, text.as_ref(), "");
    }

    /// `✗ text`: something about it failed, because of `error`.
    pub fn failure(&self, error: &Error, text: impl AsRef<str>) {
        self.line(Role::Failure, text.as_ref(), error.kind().word());
    }

    fn line(&self, role: Role, text: &str, reason: &str) {
        if !self.ui.keeps_journal() {
            return match role {
                Role::Failure => self.ui.failure(text),
                role => self.ui.status(role, text),
            };
        }
        let entry = Entry::new(Timestamp::now(), role.phase(), text)
            .about(ObjectName::from(self.target))
            .because(reason);
        self.ui.record(&entry);
    }
}
