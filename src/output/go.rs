//! Values as Go programs print them, which is how kubectl prints them.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use serde_json::{Number, Value};

/// JSON on one line, as Go's `encoding/json` writes it.
///
/// # Errors
/// Never in practice: every value has a JSON form.
pub(crate) fn json(value: &Value) -> Result<String, serde_json::Error> {
    write(value, Json(CompactFormatter))
}

/// JSON indented by four spaces, as kubectl writes it.
///
/// # Errors
/// Never in practice: every value has a JSON form.
pub(crate) fn pretty_json(value: &Value) -> Result<String, serde_json::Error> {
    write(value, Json(PrettyFormatter::with_indent(b"    ")))
}

fn write(value: &Value, form: Json<impl Formatter>) -> Result<String, serde_json::Error> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, form))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Go's numbers, and its escapes for the signs of HTML, over another form.
struct Json<F>(F);

impl<F: Formatter> Formatter for Json<F> {
    fn write_f64<W: Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(json_float(value).as_bytes())
    }

    // What is too large for a signed integer is a float in Go.
    fn write_u64<W: Write + ?Sized>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        match Numeric::from(&Number::from(value)) {
            Numeric::Integer(integer) => write!(writer, "{integer}"),
            Numeric::Float(float) => self.write_f64(writer, float),
        }
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let escaped = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        for piece in fragment.split_inclusive(escaped) {
            let plain = piece.trim_end_matches(escaped);
            writer.write_all(plain.as_bytes())?;
            for c in piece[plain.len()..].chars() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
        }
        Ok(())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// A number as Go holds it after reading JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numeric {
    /// Written without a point or an exponent, and fits.
    Integer(i64),
    /// Any other.
    Float(f64),
}

impl From<&Number> for Numeric {
    fn from(number: &Number) -> Self {
        match number.as_i64() {
            Some(integer) => Numeric::Integer(integer),
            None => Numeric::Float(number.as_f64().unwrap_or(f64::NAN)),
        }
    }
}

/// The value in Go's default format (`%v`): `map[a:1 b:[x y]]`, `<nil>`.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    append(&mut text, value);
    text
}

fn append(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("<nil>"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::String(value) => text.push_str(value),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                append(text, item);
            }
            text.push(']');
        }
        Value::Object(map) => {
            text.push_str("map[");
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(key);
                text.push(':');
                append(text, value);
            }
            text.push(']');
        }
    }
}

/// The number in Go's default format.
pub(crate) fn number_text(number: &Number) -> String {
    match Numeric::from(number) {
        Numeric::Integer(integer) => integer.to_string(),
        Numeric::Float(float) => float_text(float),
    }
}

/// A float in Go's default format: with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn float_text(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let mut text = mantissa.to_owned();
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(text, "e{sign}{:02}", exponent.unsigned_abs());
    text
}

/// A float in JSON: with an exponent below 1e-6 and from 1e21 on.
fn json_float(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return value.to_string();
    }
    let scientific = format!("{value:e}");
    match scientific.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => {
            format!("{mantissa}e+{exponent}")
        }
        _ => scientific,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_gos() {
        let value = json!({"b": ["<a> & \u{2028}", 1.0, 1e21, 1e20, 1.5e-7, 0.25, -3], "a": {}});
        assert_eq!(
            json(&value).unwrap(),
            r#"{"a":{},"b":["\u003ca\u003e \u0026 \u2028",1,1e+21,100000000000000000000,1.5e-7,0.25,-3]}"#
        );
        assert_eq!(
            pretty_json(&json!([{"a": 1, "b": []}])).unwrap(),
            "[\n    {\n        \"a\": 1,\n        \"b\": []\n    }\n]"
        );
    }

    #[test]
    fn text_is_gos() {
        let value = json!({"b": ["x y", null, true, 2.0], "a": 1_000_000.5, "c": {}, "d": 1e-5});
        assert_eq!(
            text(&value),
            "map[a:1.0000005e+06 b:[x y <nil> true 2] c:map[] d:1e-05]"
        );
        assert_eq!(text(&json!(123_456.5)), "123456.5");
        assert_eq!(text(&json!(u64::MAX)), "1.8446744073709552e+19");
    }
}
