//! Telling a report: the answer, what went wrong, the counts, and the exit code.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::diff::{self, Action, Failure, Host, Report};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::output::Format;

/// What of a difference is an exit code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailOn {
    /// Any.
    Change,
    /// What deletes something.
    Delete,
}

/// A report to tell.
pub(super) struct Shown {
    pub(super) report: Report,
    /// None is the form for people.
    pub(super) format: Option<Format>,
    pub(super) fail_on: FailOn,
    /// What is compared, where a comment says so.
    pub(super) title: String,
}

impl Shown {
    /// Tells it.
    ///
    /// # Errors
    /// Where objects could not be compared, and where there are differences of the kind that was
    /// asked for.
    pub(super) fn show(&self, context: &Context) -> Result<()> {
        let (ui, report) = (&context.ui, &self.report);
        ui.answer(&self.text(context)?)?;
        for change in report
            .changes
            .iter()
            .filter(|c| c.action == Action::Deleted)
        {
            if let Some(reason) = &change.reason {
                ui.warning(format!("{} is deleted: {reason}", change.subject));
            }
        }
        for failure in &report.errors {
            ui.failure(&failure.message);
        }
        if !report.exact {
            ui.warning("compared without asking the server: less exact");
        }
        ui.note(report.summary_line());
        if !report.errors.is_empty() {
            let count = report.errors.len();
            let text = format!("{count} objects could not be compared");
            let advice: BTreeSet<&str> = report.errors.iter().filter_map(|e| e.advice).collect();
            let error = Error::reported(ErrorKind::Failed, text);
            let error = advice.into_iter().fold(error, Error::hint);
            let forbidden =
                |failure: &Failure| failure.message.contains("dry-run failed (Forbidden)");
            return Err(if report.errors.iter().any(forbidden) {
                error.hint(
                    "rights to read are enough for a less exact comparison: --server-side=false",
                )
            } else {
                error
            });
        }
        let fails = match self.fail_on {
            FailOn::Change => report.has_differences(),
            FailOn::Delete => report.deletes(),
        };
        if fails {
            let message = "identified at least one change, exiting with non-zero exit code";
            ui.warning(message);
            return Err(Error::differences(message));
        }
        Ok(())
    }

    fn text(&self, context: &Context) -> Result<String> {
        let report = &self.report;
        let Some(format) = &self.format else {
            let ui = &context.ui;
            return Ok(diff::human(report, ui.width(), ui.tints()));
        };
        Ok(match format {
            Format::Unified => diff::unified(report),
            Format::Markdown => diff::markdown(report),
            Format::Name => diff::names(report),
            Format::GitHub => diff::comment(report, Host::GitHub, &self.title),
            Format::GitLab => diff::comment(report, Host::GitLab, &self.title),
            format => format.write(report, Some("/changes"))?.unwrap_or_default(),
        })
    }
}
