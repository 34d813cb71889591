//! The only door to YAML outside the kustomize engine.
//!
//! What Go programs read or wrote goes through the engine's reader and writer, which follow Go's
//! rules for plain scalars and its exact bytes.

use serde::Serialize;

use crate::error::{Error, Result};

/// Writes one value as flux writes it: sorted keys, Go's quoting, a newline at the end.
///
/// # Errors
/// When the value has no JSON form.
pub fn to_string(value: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(value)
        .map_err(|error| Error::failed("cannot write the object as YAML").caused_by(error))?;
    Ok(kustomize::yaml::to_string(&value))
}

/// Writes one value as a document of a stream: behind `---`.
///
/// # Errors
/// When the value has no JSON form.
pub fn to_document(value: &impl Serialize) -> Result<String> {
    Ok(format!("---\n{}", to_string(value)?))
}

/// Reads the first document of a text as Go's programs read their input; an empty one is null.
///
/// # Errors
/// With line and column of what is no YAML, or has no JSON form.
pub fn from_str(text: &str) -> Result<serde_json::Value, kustomize::yaml::Error> {
    let first = kustomize::yaml::parse_first(text)?;
    Ok(first.map_or(serde_json::Value::Null, |node| node.to_json()))
}
