//! Reading durations.

use std::fmt;
use std::str::FromStr;

use super::{Duration, HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND};

/// The magnitude of the most negative duration, one more than the largest positive one.
const LIMIT: u64 = 1 << 63;

/// Why a text is not a duration; reads as Go's own refusal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParseDurationError {
    /// The text is empty, malformed or too long a span. Holds the text.
    Invalid(String),
    /// A number has no unit after it. Holds the text.
    MissingUnit(String),
    /// A number has a unit that does not exist.
    UnknownUnit {
        /// The unit as given.
        unit: String,
        /// The whole text.
        text: String,
    },
}

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => write!(f, "time: invalid duration {}", quote(text)),
            Self::MissingUnit(text) => write!(f, "time: missing unit in duration {}", quote(text)),
            Self::UnknownUnit { unit, text } => write!(
                f,
                "time: unknown unit {} in duration {}",
                quote(unit),
                quote(text)
            ),
        }
    }
}

impl std::error::Error for ParseDurationError {}

/// Quotes as Go's `time` package does: every byte outside printable ASCII becomes `\xNN`.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..=0x7f => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ParseDurationError::Invalid(text.to_owned());
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let (number, after) = Number::take(rest).ok_or_else(invalid)?;
            let end = after
                .find(|c: char| c == '.' || c.is_ascii_digit())
                .unwrap_or(after.len());
            let (name, remaining) = after.split_at(end);
            if name.is_empty() {
                return Err(ParseDurationError::MissingUnit(text.to_owned()));
            }
            let unit = unit(name).ok_or_else(|| ParseDurationError::UnknownUnit {
                unit: name.to_owned(),
                text: text.to_owned(),
            })?;
            total = number
                .times(unit)
                .and_then(|part| total.checked_add(part))
                .filter(|sum| *sum <= LIMIT)
                .ok_or_else(invalid)?;
            rest = remaining;
        }
        if negative {
            // 2^63 wraps to i64::MIN, whose negation is itself: exactly the one value wanted.
            return Ok(Self((total as i64).wrapping_neg()));
        }
        i64::try_from(total).map(Self).map_err(|_| invalid())
    }
}

/// The nanoseconds in a unit, by its name.
fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        // ASCII, the micro sign (U+00B5) and the Greek letter mu (U+03BC).
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    })
}

/// A decimal number: `whole + fraction / scale`.
struct Number {
    whole: u64,
    fraction: u64,
    scale: f64,
}

impl Number {
    /// Takes a number off the front of `text`; none if there is none or it is too large.
    fn take(text: &str) -> Option<(Self, &str)> {
        let (digits, mut rest) = split_digits(text);
        let mut number = Self {
            whole: 0,
            fraction: 0,
            scale: 1.0,
        };
        for digit in digits.bytes() {
            number.whole = number
                .whole
                .checked_mul(10)?
                .checked_add(u64::from(digit - b'0'))
                .filter(|whole| *whole <= LIMIT)?;
        }
        let mut found = !digits.is_empty();
        if let Some(after) = rest.strip_prefix('.') {
            let (decimals, after) = split_digits(after);
            number.read_fraction(decimals);
            found |= !decimals.is_empty();
            rest = after;
        }
        found.then_some((number, rest))
    }

    /// Reads the digits after the point; those beyond what 63 bits hold cannot matter.
    fn read_fraction(&mut self, decimals: &str) {
        for digit in decimals.bytes() {
            let longer = self
                .fraction
                .checked_mul(10)
                .and_then(|value| value.checked_add(u64::from(digit - b'0')))
                .filter(|value| *value <= LIMIT);
            let Some(longer) = longer else { break };
            self.fraction = longer;
            self.scale *= 10.0;
        }
    }

    /// The number of nanoseconds that so many units are; none if they do not fit.
    fn times(&self, unit: u64) -> Option<u64> {
        let whole = self.whole.checked_mul(unit)?;
        // Go goes through a float here and so must we, or the last nanosecond may differ.
        let fraction = (self.fraction as f64 * (unit as f64 / self.scale)) as u64;
        whole.checked_add(fraction).filter(|sum| *sum <= LIMIT)
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts, the nanoseconds they mean, and the canonical text they are written back as.
    const READ: &[(&str, i64, &str)] = &[
        ("0", 0, "0s"),
        ("-0", 0, "0s"),
        ("+0s", 0, "0s"),
        ("1ns", 1, "1ns"),
        ("1100ns", 1_100, "1.1µs"),
        ("1us", 1_000, "1µs"),
        ("1\u{b5}s", 1_000, "1µs"),
        ("1\u{3bc}s", 1_000, "1µs"),
        ("2.2ms", 2_200_000, "2.2ms"),
        ("300ms", 300_000_000, "300ms"),
        ("3.3s", 3_300_000_000, "3.3s"),
        ("5.s", 5_000_000_000, "5s"),
        (".5s", 500_000_000, "500ms"),
        ("60s", 60_000_000_000, "1m0s"),
        ("1m", 60_000_000_000, "1m0s"),
        ("90s", 90_000_000_000, "1m30s"),
        ("1h", 3_600_000_000_000, "1h0m0s"),
        ("24h", 86_400_000_000_000, "24h0m0s"),
        ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"),
        ("4m5.001s", 245_001_000_000, "4m5.001s"),
        ("10.5s4m", 250_500_000_000, "4m10.5s"),
        ("-1m30s", -90_000_000_000, "-1m30s"),
        ("+1.5h", 5_400_000_000_000, "1h30m0s"),
        ("0.3333333333333333333h", 1_200_000_000_000, "20m0s"),
        (
            "0.9223372036854775807h",
            3_320_413_933_267,
            "55m20.413933267s",
        ),
        (
            "9007199254740993ns",
            9_007_199_254_740_993,
            "2501h59m59.254740993s",
        ),
        (
            "9223372036854775807ns",
            i64::MAX,
            "2562047h47m16.854775807s",
        ),
        (
            "-9223372036854775808ns",
            i64::MIN,
            "-2562047h47m16.854775808s",
        ),
    ];

    #[test]
    fn reads_and_writes_as_go() {
        for (text, nanoseconds, canonical) in READ {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration.as_nanos(), *nanoseconds, "{text}");
            assert_eq!(duration.to_string(), *canonical, "{text}");
            assert_eq!(canonical.parse(), Ok(duration), "{canonical}");
        }
    }

    #[test]
    fn refuses_in_the_words_of_go() {
        let refused = [
            ("", r#"time: invalid duration """#),
            ("3", r#"time: missing unit in duration "3""#),
            ("30", r#"time: missing unit in duration "30""#),
            ("1h30", r#"time: missing unit in duration "1h30""#),
            ("-", r#"time: invalid duration "-""#),
            ("s", r#"time: invalid duration "s""#),
            (".", r#"time: invalid duration ".""#),
            (".s", r#"time: invalid duration ".s""#),
            ("1 m", r#"time: unknown unit " m" in duration "1 m""#),
            ("5d", r#"time: unknown unit "d" in duration "5d""#),
            ("1\"x", r#"time: unknown unit "\"x" in duration "1\"x""#),
            (
                "1é",
                r#"time: unknown unit "\xc3\xa9" in duration "1\xc3\xa9""#,
            ),
            (
                "9223372036854775808ns",
                r#"time: invalid duration "9223372036854775808ns""#,
            ),
            ("3000000h", r#"time: invalid duration "3000000h""#),
        ];
        for (text, message) in refused {
            let error = text.parse::<Duration>().unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
