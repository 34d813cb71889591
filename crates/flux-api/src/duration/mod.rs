//! Durations as Go writes them: `1m0s`, `1h2m3.5s`, `300ms`.
//!
//! The Flux controllers read every interval and timeout with Go's `time.ParseDuration` and write it
//! back with `Duration.String`. This module does both the same way, down to the words of a refusal,
//! so a text accepted here is accepted by the cluster and comes back unchanged.

mod parse;

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use parse::ParseDurationError;

/// What the API server accepts for an interval: whole or decimal numbers of ms, s, m or h.
pub const INTERVAL_PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";

/// What the API server accepts for the time-outs that may not reach an hour: as
/// [`INTERVAL_PATTERN`], without hours.
pub const TIMEOUT_PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$";

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// A signed span of time in whole nanoseconds, read and written as Go does.
///
/// About 292 years fit either way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Duration(i64);

impl Duration {
    /// No time at all: `0s`.
    pub const ZERO: Self = Self(0);

    /// A span of so many nanoseconds.
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// A span of so many whole seconds.
    pub const fn from_secs(seconds: u32) -> Self {
        Self(seconds as i64 * SECOND as i64)
    }

    /// A span of so many whole minutes; more than fit become the longest span.
    pub const fn from_mins(minutes: u32) -> Self {
        Self((minutes as i64).saturating_mul(MINUTE as i64))
    }

    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<std::time::Duration> for Duration {
    type Error = std::num::TryFromIntError;

    /// Fails for spans of more than about 292 years.
    fn try_from(span: std::time::Duration) -> Result<Self, Self::Error> {
        i64::try_from(span.as_nanos()).map(Self)
    }
}

impl TryFrom<Duration> for std::time::Duration {
    type Error = std::num::TryFromIntError;

    /// Fails for negative spans, which the standard library's type cannot hold.
    fn try_from(span: Duration) -> Result<Self, Self::Error> {
        u64::try_from(span.0).map(std::time::Duration::from_nanos)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match total {
            0 => f.write_str("0s"),
            1..MICROSECOND => write!(f, "{total}ns"),
            MICROSECOND..MILLISECOND => write_decimal(f, total, MICROSECOND, "µs"),
            MILLISECOND..SECOND => write_decimal(f, total, MILLISECOND, "ms"),
            _ => {
                let (hours, minutes) = (total / HOUR, total % HOUR / MINUTE);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if total >= MINUTE {
                    write!(f, "{minutes}m")?;
                }
                write_decimal(f, total % MINUTE, SECOND, "s")
            }
        }
    }
}

/// Writes `nanoseconds` counted in `unit`, with as many decimals as it takes and no more.
fn write_decimal(
    f: &mut fmt::Formatter<'_>,
    nanoseconds: u64,
    unit: u64,
    name: &str,
) -> fmt::Result {
    write!(f, "{}", nanoseconds / unit)?;
    let fraction = nanoseconds % unit;
    if fraction > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{fraction:0width$}");
        write!(f, ".{}", digits.trim_end_matches('0'))?;
    }
    f.write_str(name)
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A string that matches [`INTERVAL_PATTERN`]; a field with another rule overrides the pattern.
impl JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": INTERVAL_PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_to_and_from_the_standard_type() {
        let minute = std::time::Duration::from_secs(60);
        assert_eq!(Duration::try_from(minute), Ok(Duration::from_mins(1)));
        assert_eq!(
            std::time::Duration::try_from(Duration::from_secs(60)),
            Ok(minute)
        );
        assert!(std::time::Duration::try_from(Duration::from_nanos(-1)).is_err());
        assert!(Duration::try_from(std::time::Duration::MAX).is_err());
    }

    #[test]
    fn is_a_string_in_json() {
        let duration: Duration = serde_json::from_str("\"10m\"").unwrap();
        assert_eq!(serde_json::to_string(&duration).unwrap(), "\"10m0s\"");
        let error = serde_json::from_str::<Duration>("\"30\"").unwrap_err();
        assert_eq!(error.to_string(), r#"time: missing unit in duration "30""#);
    }
}
