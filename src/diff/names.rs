//! A report as names, for other programs' arguments.

use std::collections::BTreeSet;

use super::change::Change;
use super::report::Report;

/// The objects that become different, as `kind.group/name`, one a line.
pub fn names(report: &Report) -> String {
    let mut seen = BTreeSet::new();
    let changed = report.changes.iter().filter(|c| c.action.is_difference());
    changed
        .filter(|change| seen.insert(change.subject.identity()))
        .map(name)
        .collect()
}

fn name(change: &Change) -> String {
    let subject = &change.subject;
    let kind = subject.kind.to_lowercase();
    match subject.group() {
        "" => format!("{kind}/{}\n", subject.name),
        group => format!("{kind}.{group}/{}\n", subject.name),
    }
}
