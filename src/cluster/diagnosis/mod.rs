//! Why nothing came of something: the facts around Flux objects and their controllers, and the one
//! probable cause.
//!
//! [`Cluster::diagnose`] reads what it may in a few seconds: the objects' conditions, what they are
//! made from, the controllers and their pods, pods of what was applied, recent warnings, and the
//! last errors in the controllers' logs. What it may not read is one more fact. [`cause`] then
//! decides, without any connection.

pub mod cause;
mod events;
pub mod facts;
mod gather;
mod logs;

use std::time::Duration;

pub use cause::Cause;
pub use facts::Facts;

use super::Cluster;
use crate::error;
use crate::kinds::Kind;

/// How long each of the three rounds of reading may take.
const ROUND: Duration = Duration::from_millis(2500);

/// What did not come about.
#[derive(Clone, Default)]
pub struct Subject<'a> {
    /// The namespace of the controllers; where it is not given, they are looked for.
    pub namespace: Option<&'a str>,
    /// Controllers to look at, beside those that act on the objects.
    pub components: Vec<&'a str>,
    /// The objects that were waited for. What they are made from is looked at as well.
    pub objects: Vec<Object<'a>>,
}

/// One Flux object.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    /// Its kind.
    pub kind: &'a Kind,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// What a diagnosis came to: lines for people and the probable cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The facts, one line each.
    pub lines: Vec<String>,
    /// The probable cause, if the facts show one.
    pub cause: Option<Cause>,
}

impl Diagnosis {
    /// Adds the cause and what to do next to a failure, as its hints.
    #[must_use]
    pub fn explain(&self, error: error::Error) -> error::Error {
        let Some(cause) = &self.cause else {
            return error;
        };
        let error = error.hint(format!("probable cause: {}", cause.text));
        cause
            .next
            .iter()
            .fold(error, |error, step| error.hint(step.as_str()))
    }
}

impl Cluster {
    /// Finds out why nothing came of the subject. It always answers, within eight seconds.
    pub async fn diagnose(&self, subject: &Subject<'_>) -> Diagnosis {
        let facts = gather::facts(self, subject).await;
        Diagnosis {
            lines: facts.lines(),
            cause: cause::probable(&facts),
        }
    }
}

#[cfg(test)]
mod tests;
