//! What a plain scalar means to Go's two YAML decoders: go-yaml v2 (YAML 1.1 words) and go-yaml v3 as kustomize uses it.

use std::borrow::Cow;
use std::fmt;

use super::timestamp::Timestamp;

/// Whose rules give plain scalars their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `sigs.k8s.io/yaml`: YAML 1.1, where `yes`, `on` and `n` are booleans and keys become strings.
    Kubernetes,
    /// kustomize's reader of resources: `yes` and `on` are strings, `0o17` is a number, keys keep their types.
    Resource,
}

/// What a scalar stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// No value.
    Null,
    /// No value, left blank inside of braces or brackets of a resource. kustomize takes that for null until it writes an
    /// empty text.
    Blank,
    /// A truth value.
    Bool(bool),
    /// A whole number in 64 bits, signed or not.
    Int(Whole),
    /// Any other number.
    Float(f64),
    /// A date or a time.
    Timestamp,
    /// Text.
    Text,
}

/// A whole number in 64 bits, signed or not: from the least `i64` to the greatest `u64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    magnitude: u64,
    negative: bool,
}

impl Whole {
    /// The number, where it has no more than 64 bits.
    #[must_use]
    pub fn new(value: i128) -> Option<Self> {
        let magnitude = u64::try_from(value.unsigned_abs()).ok()?;
        let fits = value >= i128::from(i64::MIN);
        fits.then_some(Self {
            magnitude,
            negative: value < 0,
        })
    }
}

impl From<i64> for Whole {
    fn from(value: i64) -> Self {
        Self {
            magnitude: value.unsigned_abs(),
            negative: value < 0,
        }
    }
}

impl From<Whole> for i128 {
    fn from(whole: Whole) -> Self {
        let magnitude = Self::from(whole.magnitude);
        if whole.negative {
            -magnitude
        } else {
            magnitude
        }
    }
}

impl TryFrom<Whole> for i64 {
    type Error = std::num::TryFromIntError;

    fn try_from(whole: Whole) -> Result<Self, Self::Error> {
        i128::from(whole).try_into()
    }
}

impl TryFrom<Whole> for u64 {
    type Error = std::num::TryFromIntError;

    fn try_from(whole: Whole) -> Result<Self, Self::Error> {
        i128::from(whole).try_into()
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        i128::from(*self).fmt(f)
    }
}

impl Dialect {
    /// The meaning of the plain (unquoted, untagged) scalar `text`.
    #[must_use]
    pub fn resolve(self, text: &str) -> Scalar {
        let Some(first) = text.bytes().next() else {
            return Scalar::Null;
        };
        match first {
            b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => {
                self.word(text)
            }
            b'.' => special_float(text)
                .or_else(|| point_float(text))
                .unwrap_or(Scalar::Text),
            b'+' | b'-' | b'0'..=b'9' => special_float(text).unwrap_or_else(|| self.number(text)),
            _ => Scalar::Text,
        }
    }

    fn word(self, text: &str) -> Scalar {
        match text {
            "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Bool(true),
            "false" | "False" | "FALSE" => Scalar::Bool(false),
            _ if self == Self::Resource => Scalar::Text,
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Scalar::Bool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Scalar::Bool(false),
            _ => Scalar::Text,
        }
    }

    fn number(self, text: &str) -> Scalar {
        if Timestamp::parse(text).is_some() {
            return Scalar::Timestamp;
        }
        let plain = if text.contains('_') {
            Cow::Owned(text.replace('_', ""))
        } else {
            Cow::Borrowed(text)
        };
        if let Some(whole) = integer(&plain) {
            return Scalar::Int(whole);
        }
        if is_float(&plain)
            && let Some(value) = finite(&plain)
        {
            return Scalar::Float(value);
        }
        let odd = prefixed(&plain, "0b", 2).or_else(|| {
            let octal = self == Self::Resource;
            octal.then(|| prefixed(&plain, "0o", 8)).flatten()
        });
        odd.map_or(Scalar::Text, Scalar::Int)
    }
}

fn special_float(text: &str) -> Option<Scalar> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            Some(Scalar::Float(f64::INFINITY))
        }
        "-.inf" | "-.Inf" | "-.INF" => Some(Scalar::Float(f64::NEG_INFINITY)),
        _ => None,
    }
}

/// A number that starts with its point; unlike in others, underscores must stand between digits.
fn point_float(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let separates = |at: usize| digit(at.checked_sub(1)) && digit(at.checked_add(1));
    let tidy = bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'_' || separates(at));
    let plain = text.replace('_', "");
    (tidy && is_float(&plain))
        .then(|| finite(&plain).map(Scalar::Float))
        .flatten()
}

/// Go refuses numbers that overflow, which leaves them text.
fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)))
}

/// `strconv.ParseInt(text, 0, 64)`, then `ParseUint`.
fn integer(text: &str) -> Option<Whole> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let value = magnitude(digits, radix)?;
    let value = if negative { -value } else { value };
    // Only an unsigned spelling may use the 64th bit.
    let most = if signed {
        i128::from(i64::MAX)
    } else {
        i128::from(u64::MAX)
    };
    (value <= most).then(|| Whole::new(value)).flatten()
}

/// The digits of a whole number without sign, `None` when there are none, too many or wrong ones.
fn magnitude(digits: &str, radix: u32) -> Option<i128> {
    let wrong = digits.is_empty() || !digits.bytes().all(|b| char::from(b).is_digit(radix));
    (!wrong)
        .then(|| i128::from_str_radix(digits, radix).ok())
        .flatten()
}

/// go-yaml's own reading of a radix prefix, which lets a second sign pass.
fn prefixed(text: &str, prefix: &str, radix: u32) -> Option<Whole> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(text) => (true, text.strip_prefix(prefix)?),
        None => (false, text.strip_prefix(prefix)?),
    };
    let (negative, digits) = match digits.strip_prefix(['-', '+']) {
        Some(_) if negative => return None,
        Some(rest) => (digits.starts_with('-'), rest),
        None => (negative, digits),
    };
    let value = magnitude(digits, radix)?;
    i64::try_from(if negative { -value } else { value })
        .ok()
        .map(Whole::from)
}

/// Whether `text` is a base 60 number of YAML 1.1 (`1:30`), which Go reads as text and writes in quotes.
pub(super) fn is_base60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    if !first.starts_with(|c: char| c.is_ascii_digit())
        || !first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        return false;
    }
    let Some((last, middle)) = parts
        .collect::<Vec<_>>()
        .split_last()
        .map(|(l, m)| (*l, m.to_vec()))
    else {
        return false;
    };
    let sixtieth = |part: &str| match part.as_bytes() {
        [b'0'..=b'9'] => true,
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.into_iter().all(sixtieth)
        && sixtieth(last)
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}
