//! Failures on demand: the n-th REST request, or those that a predicate picks.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// How a request fails.
#[derive(Clone, Debug)]
pub enum Failure {
    /// This status with this body.
    Status(u16, Value),
    /// The connection is reset without an answer.
    Reset,
    /// Nothing comes for so long, then the connection is reset.
    Timeout(Duration),
}

/// When a request fails, seen from its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The request is never carried out.
    Before,
    /// The request is carried out and its answer lost.
    After,
}

/// A failure and its moment.
#[derive(Clone, Debug)]
pub struct Fault {
    /// How it fails.
    pub failure: Failure,
    /// When it fails.
    pub when: When,
}

impl Fault {
    /// A failure instead of the effect.
    #[must_use]
    pub fn before(failure: Failure) -> Self {
        Self {
            failure,
            when: When::Before,
        }
    }

    /// A failure although the effect took place.
    #[must_use]
    pub fn after(failure: Failure) -> Self {
        Self {
            failure,
            when: When::After,
        }
    }

    /// A word for the recording, such as `500 after`.
    pub(crate) fn label(&self) -> String {
        let failure = match &self.failure {
            Failure::Status(status, _) => status.to_string(),
            Failure::Reset => "reset".to_owned(),
            Failure::Timeout(_) => "timeout".to_owned(),
        };
        let when = if self.when == When::Before {
            "before"
        } else {
            "after"
        };
        format!("{failure} {when}")
    }
}

/// Method and path below `/api/v3` of a request, for predicates.
type Predicate = Box<dyn Fn(&str, &str) -> bool + Send>;

enum Trigger {
    /// The request of this number, counted from the server's start.
    Number(u64),
    /// Any request that the predicate takes.
    Predicate(Predicate),
}

struct Planned {
    trigger: Trigger,
    times: usize,
    fault: Fault,
}

/// The failures to come.
#[derive(Default)]
pub(crate) struct Faults {
    plan: Mutex<Plan>,
}

#[derive(Default)]
struct Plan {
    seen: u64,
    faults: Vec<Planned>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        formatter
            .debug_struct("Faults")
            .field("seen", &plan.seen)
            .field("planned", &plan.faults.len())
            .finish()
    }
}

impl Faults {
    /// Counts a request and gives the fault that strikes it.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.seen += 1;
        let seen = plan.seen;
        let place = plan
            .faults
            .iter()
            .position(|planned| match &planned.trigger {
                Trigger::Number(number) => *number == seen,
                Trigger::Predicate(picks) => picks(method, path),
            })?;
        let planned = plan.faults.get_mut(place)?;
        let fault = planned.fault.clone();
        planned.times -= 1;
        if planned.times == 0 {
            plan.faults.remove(place);
        }
        Some(fault)
    }

    /// Plans a fault for the n-th request from now, the next being the first.
    pub(crate) fn nth(&self, number: u64, fault: Fault) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let trigger = Trigger::Number(plan.seen + number);
        plan.faults.push(Planned {
            trigger,
            times: 1,
            fault,
        });
    }

    /// Plans a fault for the next `times` requests that a predicate takes.
    pub(crate) fn matching(&self, picks: Predicate, times: usize, fault: Fault) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        if times > 0 {
            plan.faults.push(Planned {
                trigger: Trigger::Predicate(picks),
                times,
                fault,
            });
        }
    }

    /// Forgets what has not struck yet.
    pub(crate) fn clear(&self) {
        self.plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .faults
            .clear();
    }
}
