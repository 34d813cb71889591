//! What happens to one object, from what is there and what the server would make of it. Pure.

use serde_json::Value;

use crate::build::Object;
use crate::cluster::Error;
use crate::cluster::dry_run::Refusal;
use crate::diff::{
    Action, Change, IgnoreRules, Secrets, Side, drop_leftovers, in_metadata, is_drifted,
};
use crate::kinds::ObjectName;

const SSA: &str = "kustomize.toolkit.fluxcd.io/ssa";
const RECONCILE: &str = "kustomize.toolkit.fluxcd.io/reconcile";
const FORCE: &str = "kustomize.toolkit.fluxcd.io/force";

/// What is the same for all objects of a Kustomization.
pub(super) struct Rules<'a> {
    /// The Kustomization, as `namespace/name`.
    pub(super) kustomization: &'a str,
    /// Fields whose drift is ignored.
    pub(super) ignore: &'a IgnoreRules,
    /// Whether what cannot be changed is made anew.
    pub(super) force: bool,
    /// Texts that are secret.
    pub(super) secrets: &'a Secrets,
}

/// Whether the controller would leave the object alone.
pub(super) fn is_left_alone(wanted: &Value, live: Option<&Value>) -> bool {
    let excluded = |object: &Value| {
        in_metadata(object, RECONCILE, "disabled") || in_metadata(object, SSA, "ignore")
    };
    excluded(wanted)
        || live.is_some_and(|live| excluded(live) || in_metadata(wanted, SSA, "ifnotpresent"))
}

/// Whether the controller leaves what others set, instead of making it its own.
pub(super) fn keeps_others(wanted: &Value, live: &Value) -> bool {
    in_metadata(wanted, SSA, "merge") || in_metadata(live, SSA, "merge")
}

impl Rules<'_> {
    /// It comes.
    pub(super) fn created(&self, subject: &ObjectName, object: &Object) -> Change {
        let change = Change::new(subject.clone(), Action::Created, self.kustomization);
        change.between(None, Some(side(&object.value, object)), self.secrets)
    }

    /// It is told to be left alone.
    pub(super) fn skipped(&self, subject: &ObjectName) -> Change {
        Change::new(subject.clone(), Action::Skipped, self.kustomization)
    }

    /// What becomes of an object that is there; nothing where it stays as it is.
    pub(super) fn merged(
        &self,
        subject: &ObjectName,
        object: &Object,
        live: &Value,
        mut merged: Value,
    ) -> Option<Change> {
        if !keeps_others(&object.value, live) {
            drop_leftovers(&mut merged, &object.value);
        }
        let mut live = live.clone();
        let matched = merged.clone();
        self.ignore.strip(&matched, &mut live);
        self.ignore.strip(&matched, &mut merged);
        if !is_drifted(&live, &merged) {
            return None;
        }
        let change = Change::new(subject.clone(), Action::Changed, self.kustomization);
        let (before, after) = (side(&live, object), side(&merged, object));
        let change = change.between(Some(before), Some(after), self.secrets);
        // All that differs is what SOPS encrypted, which cannot be compared.
        (!change.shows_nothing()).then_some(change)
    }

    /// What becomes of an object that the server does not take.
    ///
    /// # Errors
    /// The failure's text.
    pub(super) fn refused(
        &self,
        subject: &ObjectName,
        object: &Object,
        live: Option<&Value>,
        refusal: &Refusal,
    ) -> Result<Change, String> {
        let forced = |object: &Value| in_metadata(object, FORCE, "enabled");
        if let Some(live) = live
            && refusal.is_immutable
            && (self.force || forced(&object.value) || forced(live))
        {
            let change = Change::new(subject.clone(), Action::Recreated, self.kustomization);
            let (before, after) = (side(live, object), side(&object.value, object));
            return Ok(change.between(Some(before), Some(after), self.secrets));
        }
        let why = self.secrets.hide(&told(&refusal.error), Some(subject));
        Err(explained(&self.secrets.shown(subject), refusal, &why))
    }
}

fn side<'a>(value: &'a Value, object: &'a Object) -> Side<'a> {
    Side {
        object: value,
        built: &object.value,
        secret: &object.secret,
        hidden: None,
    }
}

/// What the server said.
fn told(error: &Error) -> String {
    match error {
        Error::NotFound(text) => text.clone(),
        error => error.to_string(),
    }
}

/// Why, in flux's words, around those of the server.
fn explained(subject: &ObjectName, refusal: &Refusal, why: &str) -> String {
    let (error, reason) = (&refusal.error, &refusal.reason);
    match error {
        Error::NotFound(_) => format!("{subject} not found: {why}"),
        Error::KindMissing { .. } => format!("{subject}: {why}"),
        // No answer to the question at all.
        Error::Unreachable { .. } | Error::Credentials(_) => why.to_owned(),
        _ if reason.is_empty() => format!("{subject} dry-run failed: {why}"),
        _ => format!("{subject} dry-run failed ({reason}): {why}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_are_honoured() {
        let object = |key: &str, value: &str| json!({"metadata": {"annotations": {key: value}}});
        let plain = json!({});
        for (wanted, live, alone) in [
            (object(RECONCILE, "disabled"), None, true),
            (object(SSA, "Ignore"), Some(&plain), true),
            (plain.clone(), Some(&object(SSA, "ignore")), true),
            (object(SSA, "IfNotPresent"), Some(&plain), true),
            (object(SSA, "IfNotPresent"), None, false),
            (plain.clone(), Some(&object(SSA, "IfNotPresent")), false),
            (object(SSA, "Merge"), Some(&plain), false),
        ] {
            assert_eq!(is_left_alone(&wanted, live), alone, "{wanted} {live:?}");
        }
    }
}
