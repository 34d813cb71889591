//! kubectl's JSONPath templates.
//!
//! A template is text with actions between braces. An action is a path (`.metadata.name`,
//! `['a\.b']`, `[0]`, `[1:3]`, `[*]`, `['a','b']`, `..name`, `[?(@.type=="Ready")]`), a literal
//! (`"\n"`, `1`, `true`), or `range PATH` and `end` around what is repeated. What is not there
//! gives nothing. The dialect is kubectl's own: RFC 9535 has neither templates nor its rules, so
//! the parser and the evaluator are here. Where an object's fields are walked, they come in the
//! order of their names; kubectl takes them as they fall.
//!
//! Pure: text and values in, text out. Depth is bounded where a template could nest.

mod compare;
mod evaluate;
mod node;
mod parse;
mod quote;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use self::node::Piece;
use super::go::{self, Numeric};

/// A template that has been read.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// Why a template cannot be read, or does not fit a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl Error {
    fn new(text: impl Into<String>) -> Self {
        Error(text.into())
    }
}

/// One result of a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    /// A part of the document.
    Value(&'a Value),
    /// Text of the template.
    Text(&'a str),
    /// A whole number of the template, or a byte of a string.
    Integer(i64),
    /// Another number of the template.
    Float(f64),
    /// A boolean of the template.
    Boolean(bool),
    /// What a `null` is inside a range.
    Nothing,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::template(text).map(|pieces| Template { pieces })
    }

    /// Reads one path as `custom-columns` and `--sort-by` take it: with or without braces, with or
    /// without the first dot. An empty one gives nothing.
    ///
    /// # Errors
    /// When it does not follow the grammar.
    pub fn parse_path(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Ok(Template { pieces: Vec::new() });
        }
        let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        let path = inner.unwrap_or(text);
        if path.is_empty() || path.contains(['{', '}']) {
            return Err(Error::new(format!(
                "{text:?} is not a path: write metadata.name, .metadata.name or {{.metadata.name}}"
            )));
        }
        let path = match path.strip_prefix('.') {
            Some(rest) if !rest.is_empty() => rest,
            _ => path,
        };
        Template::parse(&format!("{{.{path}}}"))
    }

    /// The results, a group for each text and each action that was passed.
    ///
    /// # Errors
    /// When the template asks of a value what its type does not have: an index of an object, an
    /// index past the end, a comparison of different types.
    pub fn evaluate<'a>(&'a self, document: &'a Value) -> Result<Vec<Vec<Item<'a>>>, Error> {
        evaluate::run(&self.pieces, document)
    }

    /// The text: each group's results with a blank between them.
    ///
    /// # Errors
    /// As [`Template::evaluate`].
    pub fn render(&self, document: &Value) -> Result<String, Error> {
        let mut text = String::new();
        for group in self.evaluate(document)? {
            for (index, item) in group.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(&item.print()?);
            }
        }
        Ok(text)
    }

    /// Each group as an indented JSON array on lines of its own.
    ///
    /// # Errors
    /// As [`Template::evaluate`].
    pub fn render_json(&self, document: &Value) -> Result<String, Error> {
        let mut text = String::new();
        for group in self.evaluate(document)? {
            let values = group.into_iter().map(Item::to_value).collect();
            text.push_str(&go::pretty_json(&Value::Array(values)).map_err(unwritten)?);
            text.push('\n');
        }
        Ok(text)
    }
}

fn unwritten(error: serde_json::Error) -> Error {
    Error::new(format!("cannot write JSON: {error}"))
}

impl Item<'_> {
    /// As a template prints it: objects and lists as compact JSON, strings as they are.
    fn print(&self) -> Result<String, Error> {
        Ok(match self {
            Item::Value(Value::Null) => "null".to_owned(),
            Item::Value(value @ (Value::Array(_) | Value::Object(_))) => {
                go::json(value).map_err(unwritten)?
            }
            Item::Nothing => "<no value>".to_owned(),
            other => other.text(),
        })
    }

    /// In Go's default format, as a cell of `custom-columns` has it.
    pub fn text(&self) -> String {
        match self {
            Item::Value(value) => go::text(value),
            Item::Text(text) => (*text).to_owned(),
            Item::Integer(integer) => integer.to_string(),
            Item::Float(float) => go::float_text(*float),
            Item::Boolean(boolean) => boolean.to_string(),
            Item::Nothing => "<nil>".to_owned(),
        }
    }

    fn to_value(self) -> Value {
        match self {
            Item::Value(value) => value.clone(),
            Item::Text(text) => Value::from(text),
            Item::Integer(integer) => Value::from(integer),
            Item::Float(float) => Value::from(float),
            Item::Boolean(boolean) => Value::from(boolean),
            Item::Nothing => Value::Null,
        }
    }

    /// What type of value it is, in words of JSON.
    fn type_name(&self) -> &'static str {
        match self {
            Item::Value(Value::Null) | Item::Nothing => "null",
            Item::Value(Value::Bool(_)) | Item::Boolean(_) => "a boolean",
            Item::Value(Value::Number(_)) | Item::Integer(_) | Item::Float(_) => "a number",
            Item::Value(Value::String(_)) | Item::Text(_) => "a string",
            Item::Value(Value::Array(_)) => "a list",
            Item::Value(Value::Object(_)) => "an object",
        }
    }

    /// The value without its cover, where it has no parts.
    fn scalar(&self) -> Option<Scalar<'_>> {
        Some(match self {
            Item::Value(Value::Bool(boolean)) => Scalar::Boolean(*boolean),
            Item::Value(Value::String(text)) => Scalar::Text(text),
            Item::Value(Value::Number(number)) => match Numeric::from(number) {
                Numeric::Integer(integer) => Scalar::Integer(integer),
                Numeric::Float(float) => Scalar::Float(float),
            },
            Item::Text(text) => Scalar::Text(text),
            Item::Integer(integer) => Scalar::Integer(*integer),
            Item::Float(float) => Scalar::Float(*float),
            Item::Boolean(boolean) => Scalar::Boolean(*boolean),
            Item::Value(_) | Item::Nothing => return None,
        })
    }
}

/// A value that can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scalar<'a> {
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Boolean(bool),
}
