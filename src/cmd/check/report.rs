//! What a check found: lines while it runs, one document at the end.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::ui::Ui;

/// How one thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Warning,
    Failed,
}

/// One thing that was checked.
#[derive(Debug, Serialize)]
struct Finding {
    /// The part of the check: `kubernetes`, `version`, `controllers`, `crds` or `latest`.
    check: &'static str,
    /// What was looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    status: Status,
    message: String,
}

/// Everything that was found so far.
pub(super) struct Report<'a> {
    ui: &'a Ui,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Document<'a> {
    passed: bool,
    checks: &'a [Finding],
}

impl<'a> Report<'a> {
    pub(super) fn new(ui: &'a Ui) -> Self {
        Report {
            ui,
            findings: Vec::new(),
        }
    }

    /// The next part of the check begins.
    pub(super) fn begin(&self, what: &str) {
        self.ui.action(format!("checking {what}"));
    }

    /// Something to show that is neither good nor bad.
    pub(super) fn show(&self, text: &str) {
        self.ui.action(text);
    }

    pub(super) fn pass(&mut self, check: &'static str, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.success(&message);
        self.add(check, subject, Status::Passed, message);
    }

    /// Something to know that is no failure.
    pub(super) fn warn(&mut self, check: &'static str, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.warning(&message);
        self.add(check, subject, Status::Warning, message);
    }

    pub(super) fn fail(&mut self, check: &'static str, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.failure(&message);
        self.add(check, subject, Status::Failed, message);
    }

    fn add(&mut self, check: &'static str, subject: &str, status: Status, message: String) {
        self.findings.push(Finding {
            check,
            subject: subject.to_owned(),
            status,
            message,
        });
    }

    /// Whether nothing failed.
    pub(super) fn passed(&self) -> bool {
        self.findings.iter().all(|f| f.status != Status::Failed)
    }

    /// The findings as JSON.
    ///
    /// # Errors
    /// Never in practice: texts and booleans can always be written.
    pub(super) fn to_json(&self) -> Result<String> {
        let document = Document {
            passed: self.passed(),
            checks: &self.findings,
        };
        serde_json::to_string_pretty(&document)
            .map(|text| format!("{text}\n"))
            .map_err(|error| Error::failed("cannot write JSON").caused_by(error))
    }
}
