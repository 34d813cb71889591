//! Numbers as Go prints them.

use serde_json::Number;

/// A finite number in decimal: `±0.d₁d₂d₃… × 10^point`, with as few digits as read back as the same number.
struct Decimal {
    negative: bool,
    digits: String,
    point: i32,
}

impl Decimal {
    /// Takes text such as `-12.5e-7` apart.
    fn parse(text: &str) -> Self {
        let (negative, text) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let leading = all.len() - digits.len();
        let place = i32::try_from(whole.len()).unwrap_or(i32::MAX)
            - i32::try_from(leading).unwrap_or_default();
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Self {
                negative,
                digits: "0".into(),
                point: 1,
            };
        }
        Self {
            negative,
            digits: digits.to_owned(),
            point: place + exponent.parse::<i32>().unwrap_or_default(),
        }
    }

    /// The shortest decimal of a number. Where two are equally short and close, Go and `serde_json` take the even one,
    /// other than Rust's own formatting.
    fn of(value: f64) -> Self {
        let text =
            Number::from_f64(value).map_or_else(|| value.to_string(), |number| number.to_string());
        Self::parse(&text)
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// Without an exponent.
    fn plain(&self) -> String {
        let (sign, digits) = (self.sign(), &self.digits);
        let length = digits.len();
        match usize::try_from(self.point) {
            Ok(point) if point >= length => format!("{sign}{digits}{}", "0".repeat(point - length)),
            Ok(point) if point > 0 => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
            _ => {
                let zeros = usize::try_from(-self.point).unwrap_or_default();
                format!("{sign}0.{}{digits}", "0".repeat(zeros))
            }
        }
    }

    /// `strconv.FormatFloat(value, 'g', -1, …)`: in scientific form below 1e-4 and from 1e6 on.
    fn general(&self) -> String {
        let exponent = self.point - 1;
        if (-4..6).contains(&exponent) {
            return self.plain();
        }
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{}{first}{point}{rest}e{sign}{:02}",
            self.sign(),
            exponent.unsigned_abs()
        )
    }
}

/// A float as Go writes it in YAML, and in texts (`%v`).
pub(crate) fn format_float(value: f64) -> String {
    special(value).map_or_else(|| Decimal::of(value).general(), str::to_owned)
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some(".nan"),
        f64::INFINITY => Some(".inf"),
        f64::NEG_INFINITY => Some("-.inf"),
        _ => None,
    }
}

/// A float in single precision, as `sigs.k8s.io/yaml` writes keys that are floats.
pub(super) fn format_float32(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "that is what it does")]
    let single = value as f32;
    special(single.into()).map_or_else(
        || Decimal::parse(&format!("{single:e}")).general(),
        str::to_owned,
    )
}

/// The text of a JSON number once it has been through Go: whole numbers in 64 bits are integers, whatever their
/// spelling, and everything else is a float.
pub(super) fn format(number: &Number) -> String {
    if let Some(value) = number.as_i64() {
        return value.to_string();
    }
    if let Some(value) = number.as_u64() {
        return value.to_string();
    }
    let value = number.as_f64().unwrap_or(f64::NAN);
    if special(value).is_some() || !(-1e20..1e20).contains(&value) {
        return format_float(value);
    }
    // Go's JSON writes floats below 1e21 without an exponent, and its YAML reader takes what has no point for an
    // integer if it fits.
    let plain = Decimal::of(value).plain();
    if let Ok(whole) = plain.parse::<i64>() {
        whole.to_string()
    } else if let Ok(whole) = plain.parse::<u64>() {
        whole.to_string()
    } else {
        format_float(value)
    }
}
