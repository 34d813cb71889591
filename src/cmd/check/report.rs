//! What a check found: lines while it runs, one document at the end.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::output::Format;
use crate::ui::{Ui, table};

/// How one thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// As it should be.
    Passed,
    /// Something to know that is no failure.
    Warning,
    /// Not as it should be, or it could not be read.
    Failed,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Warning => "warning",
            Status::Failed => "failed",
        }
    }
}

/// A part of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    /// Whether there is a later release of Flux.
    Latest,
    /// The version of Kubernetes.
    Kubernetes,
    /// What is installed.
    Version,
    /// The controllers.
    Controllers,
    /// The definitions of Flux's kinds.
    Crds,
}

impl Part {
    pub(super) fn word(self) -> &'static str {
        match self {
            Part::Latest => "latest",
            Part::Kubernetes => "kubernetes",
            Part::Version => "version",
            Part::Controllers => "controllers",
            Part::Crds => "crds",
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Serialize, JsonSchema)]
struct Finding {
    /// The part of the check.
    check: Part,
    /// What was looked at; left out where it is the part as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(extend("minLength" = 1))]
    subject: String,
    /// How it was found.
    status: Status,
    /// The line that people see.
    message: String,
}

/// What `check` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "check")]
pub(in crate::cmd) struct Document {
    /// Nothing failed; warnings do not count.
    passed: bool,
    /// Everything that was found, in the order in which it was looked at.
    checks: Vec<Finding>,
}

/// Everything that was found so far.
pub(super) struct Report<'a> {
    ui: &'a Ui,
    findings: Vec<Finding>,
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

    pub(super) fn pass(&mut self, check: Part, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.success(&message);
        self.add(check, subject, Status::Passed, message);
    }

    /// Something to know that is no failure.
    pub(super) fn warn(&mut self, check: Part, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.warning(&message);
        self.add(check, subject, Status::Warning, message);
    }

    pub(super) fn fail(&mut self, check: Part, subject: &str, message: impl Into<String>) {
        let message = message.into();
        self.ui.failure(&message);
        self.add(check, subject, Status::Failed, message);
    }

    fn add(&mut self, check: Part, subject: &str, status: Status, message: String) {
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

    /// The findings in a format; nothing in one that has no place for them.
    ///
    /// # Errors
    /// When a template does not fit them.
    pub(super) fn write(self, format: &Format) -> Result<String> {
        if *format == Format::Wide {
            let rows: Vec<_> = self.findings.iter().map(Finding::row).collect();
            return Ok(table::render(
                &["Check", "Subject", "Status", "Message"],
                &rows,
            ));
        }
        let document = Document {
            passed: self.passed(),
            checks: self.findings,
        };
        format
            .write(&document, Some("/checks"))
            .map(Option::unwrap_or_default)
    }
}

impl Finding {
    fn row(&self) -> Vec<String> {
        let words = [self.check.word(), &self.subject, self.status.word()];
        let words = words.into_iter().map(str::to_owned);
        words.chain([self.message.clone()]).collect()
    }
}
