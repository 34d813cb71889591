//! Numbers as Go prints them.

use serde_json::Number;

/// `strconv.FormatFloat(value, 'g', -1, 64)`, with YAML's words for infinities: the shortest digits that read back
/// as `value`, in scientific form below 1e-4 and from 1e6 on.
pub(super) fn format_float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    shortest(&format!("{value:e}"), &format!("{value}"))
}

/// [`format_float`] in single precision, as `sigs.k8s.io/yaml` writes keys that are floats.
#[expect(clippy::cast_possible_truncation, reason = "that is what it does")]
pub(super) fn format_float32(value: f64) -> String {
    let value = value as f32;
    shortest(&format!("{value:e}"), &format!("{value}"))
}

fn shortest(scientific: &str, plain: &str) -> String {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return plain.to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
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
    // Go's JSON writes floats below 1e21 without an exponent, and its YAML reader takes what has no point for an
    // integer if it fits.
    let plain = format!("{value}");
    if let Ok(whole) = plain.parse::<i64>() {
        whole.to_string()
    } else if let Ok(whole) = plain.parse::<u64>() {
        whole.to_string()
    } else {
        format_float(value)
    }
}
