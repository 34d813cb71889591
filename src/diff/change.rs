//! What happens to one object.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::compare::{Difference, differences};
use super::edits::{Edit, edits};
use super::mask::masked;
use super::objects;
use super::report::Against;
use super::secrets::Secrets;
use super::tree::Node;
use crate::build::Hidden;
use crate::kinds::ObjectName;

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It comes.
    Created,
    /// It becomes another one, in place.
    Changed,
    /// It is deleted and made anew, because a field that differs cannot be changed.
    Recreated,
    /// It goes on as part of another Kustomization.
    Moved,
    /// It goes.
    Deleted,
    /// It is not part of its Kustomization any more, and stays.
    Kept,
    /// It is told to be left alone.
    Skipped,
}

impl Action {
    /// Whether anything is different afterwards.
    pub fn is_difference(self) -> bool {
        !matches!(self, Action::Kept | Action::Skipped)
    }

    /// Whether what there is now gets lost.
    pub fn deletes(self) -> bool {
        matches!(self, Action::Deleted | Action::Recreated)
    }
}

/// What happens to one object. No value of a Secret is in it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The object.
    #[serde(flatten)]
    pub subject: ObjectName,
    /// What happens to it.
    pub action: Action,
    /// The Kustomization that it is of, as `namespace/name`.
    pub kustomization: String,
    /// The object whose removal takes it along.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ObjectName")]
    pub removed_with: Option<ObjectName>,
    /// The Kustomization that it moves to, as `namespace/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub moved_to: Option<String>,
    /// Why, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub reason: Option<String>,
    /// What becomes different about it.
    pub differences: Vec<Edit>,
    /// The part of the report that it stands in.
    #[serde(skip)]
    pub section: usize,
    /// The object before, without what the server keeps of it.
    #[serde(skip)]
    pub(super) before: Option<Value>,
    /// The object afterwards.
    #[serde(skip)]
    pub(super) after: Option<Value>,
    /// The differences as people are shown them.
    #[serde(skip)]
    pub(super) found: Vec<Difference>,
}

/// An object on one side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The object.
    pub object: &'a Value,
    /// The object that the places of secrets are in: the object itself, or what was built, where
    /// the object is what a server made of that.
    pub built: &'a Value,
    /// The places of secrets, as JSON pointers; each covers what is below it.
    pub secret: &'a [String],
    /// What a build hides because it is encrypted, where that can be compared.
    pub hidden: Option<&'a Hidden>,
}

impl Change {
    /// An action without a look at the object.
    pub fn new(subject: ObjectName, action: Action, kustomization: impl Into<String>) -> Self {
        Change {
            subject,
            action,
            kustomization: kustomization.into(),
            removed_with: None,
            moved_to: None,
            reason: None,
            differences: Vec::new(),
            section: 0,
            before: None,
            after: None,
            found: Vec::new(),
        }
    }

    /// Whether the object differs nowhere, once its secrets are masked.
    pub fn shows_nothing(&self) -> bool {
        self.found.is_empty()
    }

    /// What happens to it, in words.
    pub(super) fn words(&self, against: Against) -> String {
        match self.action {
            Action::Created => "created".to_owned(),
            Action::Changed => against.changed().to_owned(),
            Action::Recreated => "recreated".to_owned(),
            Action::Deleted => match &self.removed_with {
                Some(with) => format!("deleted with {with}"),
                None => "deleted".to_owned(),
            },
            Action::Moved => {
                let to = self.moved_to.as_deref().unwrap_or_default();
                format!("moved to Kustomization/{to}")
            }
            Action::Kept => "kept".to_owned(),
            Action::Skipped => "skipped".to_owned(),
        }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Adds the object before and afterwards. Their secrets are masked here and are not kept.
    #[must_use]
    pub fn between(
        mut self,
        before: Option<Side<'_>>,
        after: Option<Side<'_>>,
        secrets: &Secrets,
    ) -> Self {
        let (mut before, mut after) = masked(before, after, secrets);
        let both = |value: &mut Option<Value>, clean: fn(&mut Value)| {
            value.iter_mut().for_each(clean);
        };
        both(&mut before, objects::without_managers);
        both(&mut after, objects::without_managers);
        if let (Some(before), Some(after)) = (&before, &after) {
            self.found = differences(&Node::of(before), &Node::of(after));
        }
        both(&mut before, objects::without_bookkeeping);
        both(&mut after, objects::without_bookkeeping);
        if let (Some(before), Some(after)) = (&before, &after) {
            self.differences = edits(&differences(&Node::of(before), &Node::of(after)));
        }
        (self.before, self.after) = (before, after);
        self
    }
}
