//! Rate limits: the hourly allowance of each token, and the secondary limit against bursts.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::ApiError;

/// The page about limits.
const DOCS: &str = "overview/rate-limits-for-the-rest-api";

/// A limit to put in force.
#[derive(Clone, Copy, Debug)]
pub enum RateLimit {
    /// The usual allowance, which no test exhausts.
    Generous,
    /// Every caller has this many requests left until the reset.
    Primary {
        /// 403, or 429 as newer answers have it.
        status: u16,
        /// Requests still served.
        remaining: u64,
        /// Time until the allowance is whole again; rounded up to seconds.
        reset: Duration,
    },
    /// After so many more requests all are refused for a while.
    Secondary {
        /// 403 or 429.
        status: u16,
        /// Requests still served.
        after: u64,
        /// How long requests are refused, as told in `Retry-After`; rounded up to seconds.
        retry_after: Duration,
    },
}

/// The use made of the allowances.
#[derive(Debug)]
pub(crate) struct Limits {
    allowance: u64,
    status: StatusCode,
    reset: Timestamp,
    used: BTreeMap<String, u64>,
    secondary: Option<Secondary>,
}

#[derive(Debug)]
struct Secondary {
    status: StatusCode,
    after: u64,
    retry_after: i64,
    until: Option<Timestamp>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            allowance: 5000,
            status: StatusCode::FORBIDDEN,
            reset: later(3600),
            used: BTreeMap::new(),
            secondary: None,
        }
    }
}

impl Limits {
    /// Puts a limit in force, forgetting the one before.
    pub(crate) fn set(&mut self, limit: RateLimit) {
        *self = Self::default();
        match limit {
            RateLimit::Generous => {}
            RateLimit::Primary {
                status,
                remaining,
                reset,
            } => {
                self.allowance = remaining;
                self.status = status_or_forbidden(status);
                self.reset = later(seconds(reset));
            }
            RateLimit::Secondary {
                status,
                after,
                retry_after,
            } => {
                self.secondary = Some(Secondary {
                    status: status_or_forbidden(status),
                    after,
                    retry_after: seconds(retry_after),
                    until: None,
                });
            }
        }
    }

    /// Counts one request of `who`, or refuses it.
    pub(crate) fn admit(&mut self, who: &str) -> Result<(), ApiError> {
        self.renew();
        self.admit_secondary()?;
        let used = self.used.entry(who.to_owned()).or_default();
        if *used >= self.allowance {
            let message = format!("API rate limit exceeded for {who}.");
            return Err(ApiError::new(self.status, message).docs(DOCS));
        }
        *used += 1;
        Ok(())
    }

    fn admit_secondary(&mut self) -> Result<(), ApiError> {
        let Some(limit) = &mut self.secondary else {
            return Ok(());
        };
        if limit.until.is_none() && limit.after > 0 {
            limit.after -= 1;
            return Ok(());
        }
        let until = *limit.until.get_or_insert_with(|| later(limit.retry_after));
        let wait = until.duration_since(Timestamp::now());
        if wait.is_negative() || wait.is_zero() {
            self.secondary = None;
            return Ok(());
        }
        let wait = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
        Err(ApiError::new(
            limit.status,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        )
        .docs("overview/rate-limits-for-the-rest-api#about-secondary-rate-limits")
        .header("retry-after", wait.to_string()))
    }

    fn renew(&mut self) {
        if Timestamp::now() >= self.reset {
            self.used.clear();
            self.allowance = 5000;
            self.reset = later(3600);
        }
    }

    /// The headers every answer carries.
    pub(crate) fn headers(&self, who: &str) -> Vec<(&'static str, String)> {
        let used = self.used.get(who).copied().unwrap_or_default();
        vec![
            ("x-ratelimit-limit", self.allowance.max(used).to_string()),
            (
                "x-ratelimit-remaining",
                self.allowance.saturating_sub(used).to_string(),
            ),
            ("x-ratelimit-reset", self.reset.as_second().to_string()),
            ("x-ratelimit-used", used.to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ]
    }

    /// The body of `/rate_limit`.
    pub(crate) fn overview(&self, who: &str) -> Value {
        let used = self.used.get(who).copied().unwrap_or_default();
        let core = json!({
            "limit": self.allowance, "used": used, "reset": self.reset.as_second(),
            "remaining": self.allowance.saturating_sub(used),
        });
        let search = json!({
            "limit": 30, "used": 0, "remaining": 30, "reset": self.reset.as_second(),
        });
        json!({ "resources": { "core": core, "search": search }, "rate": core })
    }
}

fn status_or_forbidden(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN)
}

fn seconds(duration: Duration) -> i64 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::now()
        .saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}
