//! Steering a running server: limits, faults, the record of requests.

use super::faults::Fault;
use super::limits::RateLimit;
use super::record::Recorded;
use super::{GitHub, openapi};

impl GitHub {
    /// Puts a rate limit in force.
    pub fn set_rate_limit(&self, limit: RateLimit) {
        self.shared.state().limits.set(limit);
    }

    /// Makes the n-th REST request from now fail, the next being the first.
    pub fn fail_nth(&self, number: u64, fault: Fault) {
        self.shared.faults.nth(number, fault);
    }

    /// Makes the next `times` REST requests fail whose method and path (below `/api/v3`) a predicate takes.
    pub fn fail_matching(
        &self,
        times: usize,
        fault: Fault,
        picks: impl Fn(&str, &str) -> bool + Send + 'static,
    ) {
        self.shared.faults.matching(Box::new(picks), times, fault);
    }

    /// Forgets faults that have not struck.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// The requests so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// The requests so far as [`openapi`] reads them: a line of JSON each, without secrets.
    #[must_use]
    pub fn recording(&self) -> String {
        openapi::to_lines(&self.requests())
    }
}
