//! What can be written, taken apart: JSON values and nodes look the same to the writer.

use std::borrow::Cow;

use serde_json::Value;

use super::node::{Data, Node};
use super::number;
use super::scalar::Scalar;

/// What can be written: values of JSON, and nodes as the values of JSON that they stand for.
pub(super) trait Written: Sized {
    /// What is to be written.
    fn form(&self) -> Form<'_, Self>;
}

/// The form of a value, and what is in it.
pub(super) enum Form<'v, V> {
    /// Null, a truth value or a number.
    Word(Cow<'v, str>),
    Text(Cow<'v, str>),
    List(&'v [V]),
    /// Entries by key, in any order.
    Mapping(Vec<(&'v str, &'v V)>),
}

impl Written for Value {
    fn form(&self) -> Form<'_, Self> {
        match self {
            Self::Null => Form::Word("null".into()),
            Self::Bool(true) => Form::Word("true".into()),
            Self::Bool(false) => Form::Word("false".into()),
            Self::Number(value) => Form::Word(number::format(value).into()),
            Self::String(text) => Form::Text(text.into()),
            Self::Array(items) => Form::List(items),
            Self::Object(entries) => Form::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str(), value))
                    .collect(),
            ),
        }
    }
}

impl Written for Node {
    fn form(&self) -> Form<'_, Self> {
        match &self.data {
            // Most scalars are texts; what the others stand for, JSON decides.
            Data::Scalar(text, Scalar::Text | Scalar::Blank) => Form::Text(text.into()),
            Data::Scalar(..) => match self.to_json() {
                Value::String(text) => Form::Text(text.into()),
                Value::Number(value) => Form::Word(number::format(&value).into()),
                other => Form::Word(other.to_string().into()),
            },
            Data::Sequence(items) => Form::List(items),
            Data::Mapping(entries) => Form::Mapping(
                entries
                    .iter()
                    .map(|(key, entry)| (key.as_str(), &entry.value))
                    .collect(),
            ),
        }
    }
}
