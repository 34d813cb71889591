//! What an object is waited for to be.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};
use kube::api::DynamicObject;

use crate::cmd::round::Verdict;
use crate::error::{Error, Kind as ErrorKind};
use crate::kinds::status::{self, State};
use crate::kinds::suspension::Suspension;
use crate::kinds::{Action, Kind, Target};

/// A state that objects are waited for to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// Ready for the spec as it is.
    Ready,
    /// Not reconciled.
    Suspended,
    /// Not there any more.
    Deleted,
    /// A condition has that status.
    Condition { kind: String, status: String },
}

impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.to_ascii_lowercase();
        match word.as_str() {
            "ready" => return Ok(Goal::Ready),
            "suspended" => return Ok(Goal::Suspended),
            // kubectl calls it delete.
            "deleted" | "delete" => return Ok(Goal::Deleted),
            _ => {}
        }
        let wanted = word
            .starts_with(CONDITION)
            .then(|| text.get(CONDITION.len()..))
            .flatten();
        let Some(wanted) = wanted else {
            return Err("expected ready, suspended, deleted or condition=TYPE[=STATUS]".to_owned());
        };
        let (kind, status) = wanted.split_once('=').unwrap_or((wanted, "True"));
        if kind.is_empty() || status.is_empty() {
            return Err("expected condition=TYPE or condition=TYPE=STATUS".to_owned());
        }
        Ok(Goal::Condition {
            kind: kind.to_owned(),
            status: status.to_owned(),
        })
    }
}

const CONDITION: &str = "condition=";

/// Reads the value of `--for`, and tells completion what there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parser;

impl TypedValueParser for Parser {
    type Value = Goal;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Goal, clap::Error> {
        TypedValueParser::parse_ref(&|text: &str| text.parse::<Goal>(), command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = ["ready", "suspended", "deleted", "condition=Ready"];
        Some(Box::new(words.into_iter().map(PossibleValue::new)))
    }
}

impl Goal {
    /// The kinds whose objects can get there.
    pub(super) fn applies(&self) -> fn(&Kind) -> bool {
        match self {
            Goal::Suspended => |kind| kind.allows(Action::Suspend),
            _ => |_| true,
        }
    }

    /// What objects are that have got there.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Goal::Ready => "ready",
            Goal::Suspended => "suspended",
            Goal::Deleted => "deleted",
            Goal::Condition { .. } => "as wanted",
        }
    }

    /// What is waited for, in a sentence.
    pub(super) fn sentence(&self) -> String {
        match self {
            Goal::Condition { kind, status } => format!("to have the condition {kind}={status}"),
            goal => format!("to be {}", goal.word()),
        }
    }

    /// What a state of the object says. `uid` is of the object that was there at first.
    pub(super) fn judge(
        &self,
        target: &Target,
        uid: Option<&str>,
        object: Option<&DynamicObject>,
    ) -> Verdict {
        let Some(object) = object else {
            return match self {
                Goal::Deleted => Verdict::Done("deleted".to_owned()),
                _ => Verdict::Failed(Error::new(ErrorKind::NotFound, "deleted meanwhile")),
            };
        };
        match self {
            Goal::Deleted if object.metadata.uid.as_deref() != uid => {
                Verdict::Done("deleted, and made anew".to_owned())
            }
            Goal::Deleted if object.metadata.deletion_timestamp.is_none() => {
                Verdict::Pending("nobody has deleted it yet".to_owned())
            }
            Goal::Deleted => Verdict::Pending(finalizers(object)),
            _ if object.metadata.deletion_timestamp.is_some() => {
                Verdict::Failed(Error::failed("it is being deleted"))
            }
            Goal::Suspended if (target.kind.suspended)(object) => Verdict::Done(suspension(object)),
            Goal::Suspended => Verdict::Pending("it is not suspended yet".to_owned()),
            Goal::Ready => ready(target, object),
            Goal::Condition { kind, status } => condition(object, kind, status),
        }
    }
}

fn ready(target: &Target, object: &DynamicObject) -> Verdict {
    match target.kind.state(object) {
        State::Ready => Verdict::Done((target.kind.done)(object)),
        State::Stalled(reason) => Verdict::Failed(Error::failed(reason)),
        State::Terminating => Verdict::Failed(Error::failed("it is being deleted")),
        State::InProgress(text) | State::Failing(text) => {
            if (target.kind.suspended)(object) {
                Verdict::Pending(format!("it is {}: {text}", suspension(object)))
            } else {
                Verdict::Pending(text)
            }
        }
    }
}

fn condition(object: &DynamicObject, kind: &str, status: &str) -> Verdict {
    let Some(condition) = status::condition(object, kind) else {
        return Verdict::Pending(format!("it has no condition {kind}"));
    };
    let text = format!("{} is {}", condition.type_, condition.status);
    let observed = condition.observed_generation.unwrap_or(0);
    if observed != 0 && observed < object.metadata.generation.unwrap_or(0) {
        return Verdict::Pending(format!(
            "{text}, and the controller has not seen the latest change yet"
        ));
    }
    if condition.status.eq_ignore_ascii_case(status) {
        return Verdict::Done(text);
    }
    Verdict::Pending(if condition.message.is_empty() {
        text
    } else {
        format!("{text}: {}", condition.message)
    })
}

fn suspension(object: &DynamicObject) -> String {
    let suspension = Suspension::of(object);
    let mut text = "suspended".to_owned();
    if let Some(by) = suspension.by {
        text.push_str(&format!(" by {by}"));
    }
    if let Some(reason) = suspension.reason {
        text.push_str(&format!(" ({reason})"));
    }
    text
}

fn finalizers(object: &DynamicObject) -> String {
    let finalizers = object.metadata.finalizers.as_deref().unwrap_or_default();
    if finalizers.is_empty() {
        "it is being deleted".to_owned()
    } else {
        format!("it is being deleted, held by {}", finalizers.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kinds::{ALERT, KUSTOMIZATION};

    fn judge(goal: &str, kind: &'static Kind, object: Value) -> String {
        let goal: Goal = goal.parse().unwrap();
        let object: Option<DynamicObject> = (!object.is_null()).then(|| {
            let mut whole = json!({"apiVersion": "v1", "kind": "K",
                "metadata": {"name": "apps", "generation": 2, "uid": "1"}});
            for (key, part) in object.as_object().unwrap() {
                match whole["metadata"].get(key).is_some()
                    || key.starts_with("deletion")
                    || key == "finalizers"
                {
                    true => whole["metadata"][key] = part.clone(),
                    false => whole[key] = part.clone(),
                }
            }
            serde_json::from_value(whole).unwrap()
        });
        let target = Target {
            kind,
            namespace: "ns".to_owned(),
            name: "apps".to_owned(),
        };
        match goal.judge(&target, Some("1"), object.as_ref()) {
            Verdict::Done(text) => format!("done: {text}"),
            Verdict::Pending(text) => format!("pending: {text}"),
            Verdict::Failed(error) => format!("{}: {}", error.kind().word(), error.chain()),
        }
    }

    fn with(kind: &str, status: &str, generation: i64) -> Value {
        json!({"status": {"observedGeneration": 2, "lastAppliedRevision": "r", "conditions": [{
            "type": kind, "status": status, "reason": "R", "message": "m",
            "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]}})
    }

    #[test]
    fn words() {
        let condition = |kind: &str, status: &str| Goal::Condition {
            kind: kind.to_owned(),
            status: status.to_owned(),
        };
        for (text, want) in [
            ("ready", Some(Goal::Ready)),
            ("Suspended", Some(Goal::Suspended)),
            ("deleted", Some(Goal::Deleted)),
            ("delete", Some(Goal::Deleted)),
            ("condition=Ready", Some(condition("Ready", "True"))),
            (
                "condition=Stalled=False",
                Some(condition("Stalled", "False")),
            ),
            ("condition=", None),
            ("condition=Ready=", None),
            ("condition", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), want, "{text}");
        }
    }

    #[test]
    fn verdicts() {
        let ks = &KUSTOMIZATION;
        let deleting = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["f"]});
        for (goal, kind, object, want) in [
            (
                "ready",
                ks,
                with("Ready", "True", 2),
                "done: applied revision r",
            ),
            ("ready", ks, with("Ready", "False", 2), "pending: m"),
            ("ready", ks, with("Stalled", "True", 2), "failed: m"),
            ("ready", ks, Value::Null, "not-found: deleted meanwhile"),
            ("ready", ks, deleting.clone(), "failed: it is being deleted"),
            (
                "deleted",
                ks,
                deleting,
                "pending: it is being deleted, held by f",
            ),
            ("deleted", ks, Value::Null, "done: deleted"),
            (
                "deleted",
                ks,
                json!({}),
                "pending: nobody has deleted it yet",
            ),
            (
                "deleted",
                ks,
                json!({"uid": "2"}),
                "done: deleted, and made anew",
            ),
            (
                "suspended",
                ks,
                json!({}),
                "pending: it is not suspended yet",
            ),
            (
                "suspended",
                ks,
                json!({"spec": {"suspend": true}}),
                "done: suspended",
            ),
            (
                "condition=ready",
                ks,
                with("Ready", "True", 2),
                "done: Ready is True",
            ),
            (
                "condition=Ready=false",
                ks,
                with("Ready", "False", 2),
                "done: Ready is False",
            ),
            (
                "condition=Ready",
                ks,
                with("Ready", "False", 2),
                "pending: Ready is False: m",
            ),
            (
                "condition=Healthy",
                ks,
                with("Ready", "True", 2),
                "pending: it has no condition Healthy",
            ),
            (
                "condition=Ready",
                ks,
                with("Ready", "True", 1),
                "pending: Ready is True, and the controller has not seen the latest change yet",
            ),
        ] {
            assert_eq!(judge(goal, kind, object.clone()), want, "{goal} {object}");
        }
        assert!(judge("ready", &ALERT, json!({})).starts_with("done: "));
    }
}
