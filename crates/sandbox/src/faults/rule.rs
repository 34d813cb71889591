//! What goes wrong, and for which requests. Pure.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer is this status, with a Kubernetes Status object as its body (a gateway's 502 and 503: plain text).
    Status {
        /// The status.
        code: StatusCode,
        /// Value of the header Retry-After, in whole seconds.
        retry_after: Option<Duration>,
    },
    /// The connection is reset without an answer.
    Reset,
    /// Everything goes well, later. Before the effect the request waits, after it the answer does.
    Delay(Duration),
    /// No answer ever comes, and the connection stays open.
    Stall,
    /// The answer breaks off after so many bytes of its body, and the connection with it.
    Cut {
        /// Bytes that still arrive.
        bytes: usize,
    },
    /// The answer's body ends after this time as if it were complete: how a server ends a watch.
    EndAfter(Duration),
    /// The resource version is too old: a watch gets an ERROR event with code 410 and ends, another request the status 410.
    Expired,
}

impl Fault {
    /// [`Fault::Status`] from a number.
    ///
    /// # Panics
    /// If it is not a status: an error in the test.
    #[expect(clippy::panic, reason = "a wrong number in a test fails that test")]
    pub fn status(code: u16) -> Self {
        match StatusCode::from_u16(code) {
            Ok(code) => Self::Status {
                code,
                retry_after: None,
            },
            Err(_) => panic!("{code} is not an HTTP status"),
        }
    }

    /// 429 with Retry-After.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        Self::Status {
            code: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(retry_after),
        }
    }
}

/// Whether the API server sees a request that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// It does not: nothing has changed in the cluster.
    #[default]
    BeforeEffect,
    /// It does, and its answer is lost.
    AfterEffect,
}

/// A request that the proxy saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which one it is since the start, or since the record was emptied; the first is 1.
    pub number: usize,
    /// GET, PATCH, …
    pub method: Method,
    /// Path with query, as sent.
    pub path: String,
    /// What went wrong with it, if anything did.
    pub fault: Option<(Fault, Moment)>,
}

impl Request {
    /// Whether it asks for a stream of changes.
    pub fn is_watch(&self) -> bool {
        self.path.split_once('?').is_some_and(|(_, query)| {
            query
                .split('&')
                .any(|pair| matches!(pair, "watch=true" | "watch=1" | "watch"))
        })
    }

    /// Whether it may change something: not a read, not a dry run.
    pub fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
            && !self.path.contains("dryRun=All")
    }
}

type Condition = Box<dyn Fn(&Request) -> bool + Send>;

/// A fault and the requests it is for: all, unless conditions and counts say otherwise.
pub struct Rule {
    fault: Fault,
    moment: Moment,
    conditions: Vec<Condition>,
    /// The matching requests it acts on: from this one on (the first is 1) …
    from: usize,
    /// … so many.
    times: usize,
    matched: usize,
    applied: Arc<AtomicUsize>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("fault", &self.fault)
            .field("moment", &self.moment)
            .field("from", &self.from)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

impl Rule {
    /// A rule for every request, before it takes effect.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            moment: Moment::default(),
            conditions: Vec::new(),
            from: 1,
            times: usize::MAX,
            matched: 0,
            applied: Arc::default(),
        }
    }

    /// Lets the request take effect first. [`Fault::Cut`] and [`Fault::EndAfter`], which are about the answer, always do.
    #[must_use]
    pub fn after_effect(self) -> Self {
        self.at(Moment::AfterEffect)
    }

    /// Sets whether the request takes effect.
    #[must_use]
    pub fn at(self, moment: Moment) -> Self {
        Self { moment, ..self }
    }

    /// Only requests of this method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        self.when(move |request| request.method == method)
    }

    /// Only requests whose path with query contains this.
    #[must_use]
    pub fn path(self, part: impl Into<String>) -> Self {
        let part = part.into();
        self.when(move |request| request.path.contains(&part))
    }

    /// Only watches.
    #[must_use]
    pub fn watches(self) -> Self {
        self.when(Request::is_watch)
    }

    /// Only requests that may change something.
    #[must_use]
    pub fn writes(self) -> Self {
        self.when(Request::is_write)
    }

    /// Only requests that the condition accepts.
    #[must_use]
    pub fn when(mut self, condition: impl Fn(&Request) -> bool + Send + 'static) -> Self {
        self.conditions.push(Box::new(condition));
        self
    }

    /// Of the requests it is for, only the `n`th; the first is 1.
    #[must_use]
    pub fn nth(self, n: usize) -> Self {
        Self {
            from: n,
            times: 1,
            ..self
        }
    }

    /// Of the requests it is for, only so many: the first ones, or those from [`Self::nth`] on.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Counts a request and says whether the rule acts on it.
    fn takes(&mut self, request: &Request) -> bool {
        if !self.conditions.iter().all(|condition| condition(request)) {
            return false;
        }
        self.matched += 1;
        self.matched >= self.from && self.matched - self.from < self.times
    }
}

/// Tells what became of a rule.
#[derive(Clone, Debug)]
pub struct RuleHandle {
    applied: Arc<AtomicUsize>,
}

impl RuleHandle {
    /// On how many requests it acted. A test that sets a trap should see that it was stepped into.
    pub fn applied(&self) -> usize {
        self.applied.load(Ordering::Relaxed)
    }
}

/// The rules in force and the record of requests.
#[derive(Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    requests: Vec<Request>,
}

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) -> RuleHandle {
        let handle = RuleHandle {
            applied: Arc::clone(&rule.applied),
        };
        self.rules.push(rule);
        handle
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    pub(super) fn forget_requests(&mut self) {
        self.requests.clear();
    }

    /// Records a request and decides what goes wrong with it. Every rule counts it, the first that takes it acts.
    pub(super) fn judge(&mut self, method: Method, path: String) -> Request {
        let mut request = Request {
            number: self.requests.len() + 1,
            method,
            path,
            fault: None,
        };
        let mut chosen = None;
        for rule in &mut self.rules {
            if rule.takes(&request) && chosen.is_none() {
                rule.applied.fetch_add(1, Ordering::Relaxed);
                chosen = Some((rule.fault.clone(), rule.moment));
            }
        }
        request.fault = chosen;
        self.requests.push(request.clone());
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &mut Rules, requests: &[(Method, &str)]) -> Vec<bool> {
        requests
            .iter()
            .map(|(method, path)| {
                let judged = rules.judge(method.clone(), (*path).to_owned());
                judged.fault.is_some()
            })
            .collect()
    }

    #[test]
    fn counts_are_of_matching_requests() {
        let mut rules = Rules::default();
        let rule = Rule::new(Fault::Reset).method(Method::PATCH).nth(2);
        let handle = rules.add(rule);
        let patch = (Method::PATCH, "/a");
        let get = (Method::GET, "/a");
        let seen = faults(
            &mut rules,
            &[patch.clone(), get.clone(), patch.clone(), get, patch],
        );
        assert_eq!(seen, [false, false, true, false, false]);
        assert_eq!(handle.applied(), 1);
        assert_eq!(rules.requests()[2].number, 3);
    }

    #[test]
    fn times_follow_from_the_nth() {
        let mut rules = Rules::default();
        rules.add(Rule::new(Fault::Stall).nth(2).times(2));
        let get = (Method::GET, "/");
        let seen = faults(&mut rules, &[get.clone(), get.clone(), get.clone(), get]);
        assert_eq!(seen, [false, true, true, false]);
    }

    #[test]
    fn the_first_rule_acts() {
        let mut rules = Rules::default();
        let first = rules.add(Rule::new(Fault::Reset).nth(1));
        let second = rules.add(Rule::new(Fault::Stall).path("x"));
        assert_eq!(
            faults(&mut rules, &[(Method::GET, "/x"), (Method::GET, "/x")]),
            [true, true]
        );
        assert_eq!((first.applied(), second.applied()), (1, 1));
    }

    #[test]
    fn watches_and_writes_are_told_apart() {
        let mut rules = Rules::default();
        let mut judge = |method, path: &str| rules.judge(method, path.to_owned());
        assert!(judge(Method::GET, "/api/v1/pods?limit=1&watch=true").is_watch());
        assert!(!judge(Method::GET, "/api/v1/pods?allowWatchBookmarks=true").is_watch());
        assert!(judge(Method::PATCH, "/a?force=true").is_write());
        assert!(!judge(Method::PATCH, "/a?dryRun=All").is_write());
        assert!(!judge(Method::GET, "/a").is_write());
    }
}
