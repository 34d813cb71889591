//! JSON as Go writes it: with escapes for the signs of HTML.

use std::fmt::Write as _;

use serde_json::Value;

/// On one line.
pub(crate) fn compact(value: &Value) -> String {
    escape(&value.to_string())
}

/// Indented by two spaces.
pub(crate) fn pretty(value: &Value) -> String {
    escape(&format!("{value:#}"))
}

fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
