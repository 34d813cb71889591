//! YAML as the Go programs of the Kubernetes world read and write it.
//!
//! Writing gives the bytes of `sigs.k8s.io/yaml`: keys in natural order, lists in line with their keys, quotes around
//! every text that a YAML 1.1 reader could take for something else, long lines folded.

mod analyze;
mod emit;
mod number;
mod order;
mod scalar;
mod timestamp;

use std::fmt;

use serde_json::Value;

pub use scalar::{Dialect, Scalar};

/// Writes `value` as one YAML document, ending in a line break, without `---`.
///
/// The bytes are those of `sigs.k8s.io/yaml`'s `Marshal`. Texts that do not survive there are written with
/// escapes: those with control characters that it refuses (such as U+007F), and U+0085, which it makes a space.
#[must_use]
pub fn to_string(value: &Value) -> String {
    emit::Emitter::document(value)
}

/// Writes `values` as YAML documents separated by `---` lines; nothing at all when there are none.
#[must_use]
pub fn to_string_all<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    join(values.into_iter().map(to_string))
}

/// Writes `value` to `writer`, as [`to_string`] does.
///
/// # Errors
///
/// What the writer reports.
pub fn to_writer(writer: &mut dyn fmt::Write, value: &Value) -> fmt::Result {
    writer.write_str(&to_string(value))
}

/// Joins YAML documents that end in line breaks with `---` lines.
#[must_use]
pub fn join(documents: impl IntoIterator<Item = String>) -> String {
    let mut joined = String::new();
    for (position, document) in documents.into_iter().enumerate() {
        if position > 0 {
            joined.push_str("---\n");
        }
        joined.push_str(&document);
    }
    joined
}
