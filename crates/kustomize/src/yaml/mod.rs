//! YAML as the Go programs of the Kubernetes world read and write it.
//!
//! Writing gives the bytes of `sigs.k8s.io/yaml`: keys in natural order, lists in line with their keys, quotes around
//! every text that a YAML 1.1 reader could take for something else, long lines folded.
//!
//! Reading knows two dialects (see [`Dialect`]): the one of `sigs.k8s.io/yaml`, which most of Kubernetes speaks, and
//! the one in which kustomize reads resources. Both give [`Node`]s, which know their lines and columns.

mod analyze;
mod comments;
mod compose;
mod emit;
mod error;
mod form;
mod key;
mod layout;
mod mapping;
mod node;
mod number;
mod order;
mod parse;
mod refusal;
mod reread;
mod scalar;
mod tag;
mod timestamp;

use std::fmt;

use serde_json::Value;

pub use compose::MAX_DEPTH;
pub use error::{Error, Position};
pub(crate) use mapping::About;
pub use mapping::{Entry, Mapping, Place};
pub use node::{Data, Node};
pub(crate) use node::{Quotes, Shared, Tag};
pub use scalar::{Dialect, Scalar, Whole};

pub(crate) use compose::Duplicates;
pub(crate) use layout::{rewritten, scalar_text};
pub(crate) use number::format_float as float_text;
pub(crate) use parse::{documents, partial_documents, position_at};
pub(crate) use reread::fold_next_lines;

/// Reads the documents of `text` that are not empty, as the given dialect does.
///
/// The grammar is that of YAML 1.2: U+0085, U+2028 and U+2029 do not break lines, and escapes may be those of JSON.
/// Aliases, merges (`<<`) and tags are resolved. Keys are texts: [`Dialect::Kubernetes`] turns numbers and truth values
/// into texts, [`Dialect::Resource`] refuses them, as kustomize can't write them.
///
/// # Errors
///
/// Where the text is no YAML, holds a key twice, nests deeper than [`MAX_DEPTH`], grows out of bounds by aliases, or
/// holds what JSON can't (`.nan`, `.inf`). The error names line and column; [`Error::in_file`] adds the file.
pub fn parse(text: &str, dialect: Dialect) -> Result<Vec<Node>, Error> {
    documents(text, dialect, Duplicates::Refuse)
}

/// Reads the first document of `text` as `sigs.k8s.io/yaml`'s `Unmarshal` does: what follows it is not looked at, and of
/// entries with one key the last one counts. An empty document is none.
///
/// # Errors
///
/// Those of [`parse`], but for keys that are there twice.
pub fn parse_first(text: &str) -> Result<Option<Node>, Error> {
    parse::first(text)
}

/// Writes `value` as one YAML document, ending in a line break, without `---`.
///
/// The bytes are those of `sigs.k8s.io/yaml`'s `Marshal`. Texts that do not survive there are written with
/// escapes: those with control characters that it refuses (such as U+007F), and U+0085, which it makes a space.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    emit::document(&mut text, value);
    text
}

/// Writes `values` as YAML documents separated by `---` lines; nothing at all when there are none.
#[must_use]
pub fn to_string_all<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let mut text = String::new();
    for value in values {
        append(&mut text, value);
    }
    text
}

/// Adds `value` to `text` as one more document, after a `---` line unless it is the first one.
pub fn append(text: &mut String, value: &Value) {
    if !text.is_empty() {
        text.push_str("---\n");
    }
    emit::document(text, value);
}

/// Adds the value of JSON that `node` stands for, as [`append`] does.
pub(crate) fn append_node(text: &mut String, node: &Node) {
    if !text.is_empty() {
        text.push_str("---\n");
    }
    emit::document(text, node);
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

#[cfg(test)]
mod tests;
