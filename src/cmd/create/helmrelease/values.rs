//! The values of a HelmRelease, from files.

use serde_json::{Map, Number, Value};

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::yaml;

/// The values in the files, those of later ones over those of earlier ones.
///
/// # Errors
/// When a file cannot be read, is no YAML, or holds no mapping.
pub(super) fn merged(files: &[String]) -> Result<Value> {
    let mut values = Map::new();
    for file in files {
        merge(&mut values, read(file)?);
    }
    Ok(Value::Object(values))
}

fn read(file: &str) -> Result<Map<String, Value>> {
    let bytes = fs_err::read(file).map_err(|error| {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::Failed,
        };
        Error::new(kind, format!("reading values from {file} failed")).caused_by(error)
    })?;
    let broken = || Error::usage(format!("converting values to JSON from {file} failed"));
    let text = text(bytes).map_err(|error| broken().caused_by(error))?;
    let value = yaml::from_str(&text).map_err(|error| broken().caused_by(error))?;
    let kind = match value {
        Value::Object(values) => return Ok(values.into_iter().map(as_go).collect()),
        Value::Null => return Ok(Map::new()),
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
    };
    Err(Error::usage(format!(
        "unmarshaling values from {file} failed: json: cannot unmarshal {kind} into Go value of \
         type map[string]interface {{}}"
    )))
}

/// The text of a file: UTF-8, or UTF-16 where a byte order mark says so, as PowerShell writes it.
fn text(bytes: Vec<u8>) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return Ok(String::from_utf8(bytes)?),
    };
    let pairs = bytes[2..].chunks_exact(2);
    let units: Vec<u16> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    Ok(String::from_utf16(&units)?)
}

/// Puts `over` over `values`: mappings are merged, anything else is replaced.
fn merge(values: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (values.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                values.insert(key, value);
            }
        }
    }
}

fn as_go((key, value): (String, Value)) -> (String, Value) {
    (key, with_doubles(value))
}

/// The value as it comes out of flux, which keeps every number as a double.
fn with_doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => double(&number),
        Value::Array(items) => items.into_iter().map(with_doubles).collect(),
        Value::Object(entries) => entries.into_iter().map(as_go).collect(),
        value => value,
    }
}

/// The number that is read from the decimal form of a double: whole numbers have no point up to
/// 10²¹, and only the digits that tell them from their neighbours; the others are zeros.
fn double(number: &Number) -> Value {
    let Some(value) = number.as_f64() else {
        return Value::Number(number.clone());
    };
    let text = value.to_string();
    let whole = (value.fract() == 0.0 && value.abs() < 1e21)
        .then(|| {
            let signed = text.parse::<i64>().map(Number::from);
            signed.or_else(|_| text.parse::<u64>().map(Number::from))
        })
        .and_then(std::result::Result::ok);
    whole
        .or_else(|| Number::from_f64(value))
        .map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mappings_are_merged_and_all_else_is_replaced() {
        let object = |value: Value| value.as_object().unwrap().clone();
        let mut values = object(json!({
            "keep": 1, "list": [1, 2], "map": {"a": 1, "b": 2}, "flat": {"x": 1}, "deep": 1
        }));
        let over = json!({
            "list": [3], "map": {"b": null, "c": 3}, "flat": "text", "deep": {"y": 1}
        });
        merge(&mut values, object(over));
        assert_eq!(
            Value::Object(values),
            json!({
                "keep": 1, "list": [3], "map": {"a": 1, "b": null, "c": 3}, "flat": "text",
                "deep": {"y": 1}
            })
        );
    }

    #[test]
    fn files_may_be_utf_16() {
        for bytes in [
            &b"a: \xc3\xa9"[..],
            b"\xff\xfea\0:\0 \0\xe9\0",
            b"\xfe\xff\0a\0:\0 \0\xe9",
        ] {
            assert_eq!(text(bytes.to_vec()).unwrap(), "a: é");
        }
        assert!(text(b"a: \xff".to_vec()).is_err());
        assert!(text(b"\xff\xfe\0\xd8".to_vec()).is_err());
    }

    #[test]
    fn numbers_are_doubles() {
        // What Go prints of the same texts.
        for (text, want) in [
            ("1e3", "1000"),
            ("1.0", "1"),
            ("9007199254740993", "9007199254740992"),
            ("-0.0", "0"),
            ("1e21", "1e+21"),
            ("1e20", "1e+20"),
            ("18446744073709551615", "1.8446744073709552e+19"),
            ("12345678901234567890", "12345678901234567000"),
            ("-9223372036854775808", "-9.223372036854776e+18"),
            ("9223372036854775807", "9223372036854776000"),
            ("1234567.5", "1.2345675e+06"),
            ("0.0000001", "1e-07"),
        ] {
            let value = with_doubles(yaml::from_str(&format!("v: {text}\n")).unwrap());
            assert_eq!(yaml::to_string(&value).unwrap(), format!("v: {want}\n"));
        }
    }
}
