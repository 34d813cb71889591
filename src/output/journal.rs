//! `-o jsonl`: what a long command does, one JSON object a line, as it happens.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::kinds::ObjectName;

/// One line of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "jsonl")]
pub struct Entry {
    /// When it happened: RFC 3339 in UTC, to the millisecond.
    #[serde(serialize_with = "rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: Timestamp,
    /// What sort of thing happened.
    pub phase: Phase,
    /// What it is about; not there where it is about the command as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ObjectName")]
    pub object: Option<ObjectName>,
    /// A word for programs: the reason of a condition, such as `BuildFailed`, or the kind of a
    /// failure, such as `timed-out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub reason: Option<String>,
    /// What people read.
    pub message: String,
    /// How it ended, on the last line of a command that works on several objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Summary")]
    pub summary: Option<Summary>,
}

/// The sort of a line. It is the symbol that stands before the line on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Something is begun.
    Acting,
    /// Something is made, without touching anything else.
    Generating,
    /// Something has to happen elsewhere.
    Waiting,
    /// Something has succeeded.
    Done,
    /// Something to know that is no failure.
    Warning,
    /// Something has failed.
    Failed,
    /// Anything else: a diagnosis, a hint.
    Note,
}

/// How many objects ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Those that are where they should be.
    pub done: u32,
    /// Those that failed.
    pub failed: u32,
    /// Those that were not there when the time ran out.
    pub timed_out: u32,
}

impl Entry {
    /// A line that says that.
    pub fn new(time: Timestamp, phase: Phase, message: impl Into<String>) -> Self {
        Entry {
            time,
            phase,
            object: None,
            reason: None,
            message: message.into(),
            summary: None,
        }
    }

    /// A line about a failure; its kind is the reason.
    pub fn of_error(time: Timestamp, error: &Error) -> Self {
        Entry::new(time, Phase::Failed, error.chain()).because(error.kind().word())
    }

    /// The last line of a command that works on several objects.
    pub fn of_summary(time: Timestamp, summary: Summary) -> Self {
        let phase = if summary.failed + summary.timed_out == 0 {
            Phase::Done
        } else {
            Phase::Failed
        };
        let Summary {
            done,
            failed,
            timed_out,
        } = summary;
        let message = format!("{done} done, {failed} failed, {timed_out} timed out");
        Entry {
            summary: Some(summary),
            ..Entry::new(time, phase, message)
        }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, object: impl Into<ObjectName>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Gives the reason; an empty one is none.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        self
    }

    /// The line, with its end.
    ///
    /// # Errors
    /// Never in practice: texts and numbers can always be written.
    pub fn to_line(&self) -> Result<String> {
        serde_json::to_string(self)
            .map(|line| line + "\n")
            .map_err(|error| Error::failed("cannot write JSON").caused_by(error))
    }
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use kube::api::DynamicObject;
    use serde_json::json;

    use super::*;
    use crate::error::Kind;

    const TIME: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_line_says_what_it_is_about() {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}});
        let object: DynamicObject = serde_json::from_value(object).unwrap();
        let entry = Entry::new(TIME, Phase::Waiting, "waiting\nfor it")
            .about(&object)
            .because("");
        assert_eq!(
            entry.to_line().unwrap(),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"phase\":\"waiting\",\"object\":{\"apiVersion\":\"v1\",\
             \"kind\":\"Namespace\",\"name\":\"apps\"},\"message\":\"waiting\\nfor it\"}\n"
        );
    }

    #[test]
    fn failures_have_their_kind_as_reason() {
        let error = Error::new(Kind::TimedOut, "no answer").caused_by("asleep");
        let entry = Entry::of_error(TIME, &error);
        assert_eq!(entry.reason.as_deref(), Some("timed-out"));
        assert_eq!(entry.message, "no answer: asleep");
    }

    #[test]
    fn a_summary_counts() {
        let summary = |timed_out| Summary {
            done: 2,
            failed: 0,
            timed_out,
        };
        assert_eq!(Entry::of_summary(TIME, summary(0)).phase, Phase::Done);
        let line = Entry::of_summary(TIME, summary(1)).to_line().unwrap();
        assert!(line.contains(r#""phase":"failed","message":"2 done, 0 failed, 1 timed out","summary":{"done":2,"failed":0,"timedOut":1}"#), "{line}");
    }
}
