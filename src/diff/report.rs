//! All that happens to objects.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{Action, Change};
use super::secrets::Secrets;
use crate::kinds::ObjectName;

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// A build with a cluster.
    Cluster,
    /// A revision with another one.
    Revision,
}

impl Against {
    /// The word for what became another one.
    pub(super) fn changed(self) -> &'static str {
        match self {
            Against::Cluster => "drifted",
            Against::Revision => "changed",
        }
    }
}

/// A Kustomization whose objects were compared.
#[derive(Debug, Clone)]
pub struct Section {
    /// The Kustomization.
    pub kustomization: ObjectName,
    /// The section it stands in.
    pub above: Option<usize>,
    /// Whether it has a line of its own before what happens in it.
    pub has_line: bool,
}

/// What could not be compared.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The object; none where it is about more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ObjectName")]
    pub object: Option<ObjectName>,
    /// The Kustomization, as `namespace/name`.
    pub kustomization: String,
    /// Why.
    pub message: String,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub advice: Option<&'static str>,
}

/// How many objects something happens to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Objects that come.
    pub created: usize,
    /// Objects that become others in place.
    pub changed: usize,
    /// Objects that are deleted and made anew.
    pub recreated: usize,
    /// Objects that move to another Kustomization.
    pub moved: usize,
    /// Objects that go.
    pub deleted: usize,
    /// Objects that are not part of their Kustomization any more, and stay.
    pub kept: usize,
    /// Objects that are told to be left alone.
    pub skipped: usize,
    /// Objects that are as they should be.
    pub unchanged: usize,
    /// Objects that could not be compared.
    pub failed: usize,
}

/// What happens to objects, in the order in which it is told.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "diff")]
pub struct Report {
    /// Whether a server said what would become of the objects, rather than a guess.
    pub exact: bool,
    /// Counts.
    pub summary: Summary,
    /// What happens to each object; objects that nothing happens to are left out.
    pub changes: Vec<Change>,
    /// What could not be compared.
    pub errors: Vec<Failure>,
    /// What is compared with what.
    #[serde(skip)]
    pub against: Against,
    /// The Kustomizations, in order.
    #[serde(skip)]
    pub sections: Vec<Section>,
}

impl Report {
    /// Nothing yet.
    pub fn new(against: Against) -> Self {
        Report {
            exact: true,
            summary: Summary::default(),
            changes: Vec::new(),
            errors: Vec::new(),
            against,
            sections: Vec::new(),
        }
    }

    /// Adds what happens to an object.
    pub fn add(&mut self, change: Change) {
        let summary = &mut self.summary;
        *match change.action {
            Action::Created => &mut summary.created,
            Action::Changed => &mut summary.changed,
            Action::Recreated => &mut summary.recreated,
            Action::Moved => &mut summary.moved,
            Action::Deleted => &mut summary.deleted,
            Action::Kept => &mut summary.kept,
            Action::Skipped => &mut summary.skipped,
        } += 1;
        self.changes.push(change);
    }

    /// Puts what happens in a Kustomization together, in the order of the sections. Deletions are
    /// known last, and would stand below whatever was told before them.
    pub fn group(&mut self) {
        self.changes.sort_by_key(|change| change.section);
    }

    /// Hides what came from Secrets in the names of objects and Kustomizations.
    pub fn hide_names(&mut self, secrets: &Secrets) {
        let object = |subject: &mut ObjectName| *subject = secrets.shown(subject);
        let text = |text: &mut String| *text = secrets.hide_names(text);
        for change in &mut self.changes {
            object(&mut change.subject);
            text(&mut change.kustomization);
            change.removed_with.iter_mut().for_each(object);
            change.moved_to.iter_mut().for_each(text);
        }
        for failure in &mut self.errors {
            failure.object.iter_mut().for_each(object);
            text(&mut failure.kustomization);
        }
        for section in &mut self.sections {
            object(&mut section.kustomization);
        }
    }

    /// Counts an object that nothing happens to.
    pub fn add_unchanged(&mut self) {
        self.summary.unchanged += 1;
    }

    /// Adds what could not be compared.
    pub fn fail(&mut self, failure: Failure) {
        self.summary.failed += 1;
        self.errors.push(failure);
    }

    /// Whether anything is different.
    pub fn has_differences(&self) -> bool {
        self.changes.iter().any(|c| c.action.is_difference())
    }

    /// Whether anything that there is gets lost.
    pub fn deletes(&self) -> bool {
        self.changes.iter().any(|change| change.action.deletes())
    }

    /// The counts in one line, without those that are zero.
    pub fn summary_line(&self) -> String {
        let summary = &self.summary;
        let counts = [
            (summary.created, "created"),
            (summary.changed, self.against.changed()),
            (summary.recreated, "recreated"),
            (summary.moved, "moved"),
            (summary.deleted, "deleted"),
            (summary.kept, "kept"),
            (summary.skipped, "skipped"),
            (summary.unchanged, "unchanged"),
            (summary.failed, "failed"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(n, word)| format!("{n} {word}")).collect();
        if counts.is_empty() {
            "no objects".to_owned()
        } else {
            counts.join(", ")
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
