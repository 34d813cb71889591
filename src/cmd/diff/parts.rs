//! A Kustomization with what happens in it, before the deletions of all are known.

use super::root::Root;
use crate::diff::{Change, Failure, Report, Section};
use crate::kinds::ObjectName;

/// What happens in one Kustomization.
pub(super) struct Part {
    /// The Kustomization.
    pub(super) owner: ObjectName,
    /// What happens, in order.
    pub(super) items: Vec<Item>,
    /// What it does not contain any more, of what it applied.
    pub(super) stale: Vec<ObjectName>,
    /// Objects that nothing happens to.
    pub(super) unchanged: usize,
}

/// Something that happens.
pub(super) enum Item {
    /// To an object.
    Change(Box<Change>),
    /// In a Kustomization among the objects.
    Part(Part),
    /// An object that could not be compared.
    Failure(Failure),
}

impl Part {
    pub(super) fn new(owner: ObjectName) -> Self {
        Part {
            owner,
            items: Vec::new(),
            stale: Vec::new(),
            unchanged: 0,
        }
    }

    /// Every Kustomization that does not contain something any more, with that.
    pub(super) fn removals<'p>(&'p self, found: &mut Vec<(&'p ObjectName, &'p [ObjectName])>) {
        if !self.stale.is_empty() {
            found.push((&self.owner, &self.stale));
        }
        for item in &self.items {
            if let Item::Part(part) = item {
                part.removals(found);
            }
        }
    }

    /// Puts all of it into the report; `removed` takes out what goes with a Kustomization.
    pub(super) fn tell(
        self,
        above: Option<usize>,
        report: &mut Report,
        removed: &mut impl FnMut(&ObjectName) -> Vec<Change>,
    ) {
        let section = report.sections.len();
        report.sections.push(Section {
            kustomization: self.owner.clone(),
            above,
            has_line: above.is_some(),
        });
        let add = |report: &mut Report, mut change: Change| {
            change.section = section;
            report.add(change);
        };
        for item in self.items {
            match item {
                Item::Change(change) => add(report, *change),
                Item::Part(part) => part.tell(Some(section), report, removed),
                Item::Failure(failure) => report.fail(failure),
            }
        }
        for change in removed(&self.owner) {
            add(report, change);
        }
        (0..self.unchanged).for_each(|_| report.add_unchanged());
    }
}

/// What happens to an object.
pub(super) enum Outcome {
    Changed(Box<Change>),
    Unchanged,
    Failed(String),
}

impl Outcome {
    pub(super) fn changed(change: Change) -> Self {
        Outcome::Changed(Box::new(change))
    }

    pub(super) fn item(self, root: &Root, subject: &ObjectName) -> Option<Item> {
        match self {
            Outcome::Changed(change) => Some(Item::Change(change)),
            Outcome::Unchanged => None,
            Outcome::Failed(message) => Some(Item::Failure(Failure {
                object: Some(subject.clone()),
                kustomization: root.name(),
                message,
                advice: None,
            })),
        }
    }
}
