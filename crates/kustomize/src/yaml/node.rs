//! YAML values as read: scalars keep their text, everything keeps its place.

use granit_parser::ScalarStyle;
use serde_json::{Number, Value};

use super::error::{Error, Position};
use super::key::misnamed_key;
use super::mapping::Mapping;
use super::number;
use super::scalar::{Dialect, Scalar, Whole};
use super::timestamp::Timestamp;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub position: Position,
    /// Whether it is a scalar in quotes or in a block, which is a text whatever it looks like.
    pub quoted: bool,
    /// The value.
    pub data: Data,
    /// With which other values of its object it changes.
    pub(crate) shared: Shared,
    /// Whether it is a scalar written without a type, whose next text is again of the type that it looks like.
    pub(crate) untagged: bool,
    /// Whether it is a list or a mapping that kustomize keeps in brackets or braces.
    pub(crate) flow: bool,
    /// In which quotes or block it was, if it was read.
    pub(crate) quotes: Quotes,
    /// The type of a scalar that took over the quotes of the text that it replaced. It is a text, as long as what is put
    /// in its place is of that type.
    pub(crate) tag: Option<Tag>,
}

/// A type that a scalar in quotes may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Int,
    Float,
    Bool,
    Timestamp,
}

impl Tag {
    /// A value of the type.
    pub(crate) fn example(self) -> Scalar {
        match self {
            Self::Int => Scalar::Int(0.into()),
            Self::Float => Scalar::Float(0.0),
            Self::Bool => Scalar::Bool(false),
            Self::Timestamp => Scalar::Timestamp,
        }
    }

    /// The type of a value that is no text.
    pub(crate) fn of(scalar: &Scalar) -> Option<Self> {
        match scalar {
            Scalar::Int(_) => Some(Self::Int),
            Scalar::Float(_) => Some(Self::Float),
            Scalar::Bool(_) => Some(Self::Bool),
            Scalar::Timestamp => Some(Self::Timestamp),
            Scalar::Null | Scalar::Blank | Scalar::Text => None,
        }
    }
}

/// How a scalar that is [`Node::quoted`] was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// In none, or it was not read.
    #[default]
    None,
    Single,
    Double,
    Literal,
    Folded,
}

impl From<ScalarStyle> for Quotes {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::Plain => Self::None,
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
        }
    }
}

/// The number of a value that stands at several places of an object; 0 for others. It is no part of the value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shared {
    pub(crate) number: u32,
    /// Whether it was written since all places had the same value.
    pub(crate) written: bool,
}

impl Shared {
    pub(crate) fn new(number: u32) -> Self {
        Self {
            number,
            written: false,
        }
    }
}

impl PartialEq for Shared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The value of a [`Node`].
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// A single value: its text, unquoted, and what that stands for.
    Scalar(String, Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Entries by key.
    Mapping(Mapping),
}

impl From<Data> for Node {
    fn from(data: Data) -> Self {
        Self {
            position: Position::default(),
            quoted: false,
            data,
            shared: Shared::default(),
            untagged: false,
            flow: false,
            quotes: Quotes::None,
            tag: None,
        }
    }
}

impl Node {
    /// A text that was not read from a file; it counts as quoted where Go would quote it.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            position: Position::default(),
            quoted: text.contains('\n') || Dialect::Kubernetes.resolve(&text) != Scalar::Text,
            data: Data::Scalar(text, Scalar::Text),
            shared: Shared::default(),
            untagged: false,
            flow: false,
            quotes: Quotes::None,
            tag: None,
        }
    }

    /// Puts a plain text that would be read as something else in quotes, as kustomize does with whatever it stores in a
    /// mapping. What has no type counts as a text.
    pub(crate) fn quote_misleading(&mut self) {
        let Data::Scalar(text, scalar) = &mut self.data else {
            return;
        };
        let is_text = self.untagged || *scalar == Scalar::Text;
        let is_misleading = || {
            !text.is_empty()
                && !text.contains('\n')
                && (Dialect::Kubernetes.resolve(text) != Scalar::Text || reads_as_more(text))
        };
        if is_text && !self.quoted && is_misleading() {
            *scalar = Scalar::Text;
            (self.quoted, self.untagged) = (true, false);
        }
    }

    /// Makes a value of its own of this, that changes with no other.
    pub(crate) fn forget_shared(&mut self) {
        self.shared = Shared::default();
        match &mut self.data {
            Data::Scalar(..) => {}
            Data::Sequence(items) => items.iter_mut().for_each(Self::forget_shared),
            Data::Mapping(entries) => entries
                .values_mut()
                .for_each(|entry| entry.value.forget_shared()),
        }
    }

    /// Whether it is a list or a mapping without anything in it.
    pub(crate) fn is_empty_collection(&self) -> bool {
        match &self.data {
            Data::Scalar(..) => false,
            Data::Sequence(items) => items.is_empty(),
            Data::Mapping(entries) => entries.is_empty(),
        }
    }

    /// A whole number that was not read from a file.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Data::Scalar(value.to_string(), Scalar::Int(Whole::from(value))).into()
    }

    /// An empty mapping that was not read from a file.
    #[must_use]
    pub fn mapping() -> Self {
        Data::Mapping(Mapping::new()).into()
    }

    /// Puts what was read from a text at the place of that text in a file, where its first character stands.
    pub(crate) fn move_to(&mut self, start: Position) {
        let moved = |position: &mut Position| {
            position.line += start.line.saturating_sub(1);
            position.column += start.column.saturating_sub(1);
        };
        moved(&mut self.position);
        match &mut self.data {
            Data::Mapping(entries) => entries.values_mut().for_each(|entry| {
                moved(&mut entry.key);
                entry.value.move_to(start);
            }),
            Data::Sequence(items) => items.iter_mut().for_each(|item| item.move_to(start)),
            Data::Scalar(..) => {}
        }
    }

    /// That a key in it is a number or a truth value, if one is.
    pub(crate) fn misnamed(&self) -> Option<Error> {
        match &self.data {
            Data::Scalar(..) => None,
            Data::Sequence(items) => items.iter().find_map(Self::misnamed),
            Data::Mapping(entries) => entries.iter().find_map(|(key, entry)| {
                if entry.is_misnamed() {
                    return Some(misnamed_key(key, entry.key));
                }
                entry.value.misnamed()
            }),
        }
    }

    /// How many levels of lists and mappings the value has, and how many values it consists of.
    pub(crate) fn measure(&self) -> (usize, usize) {
        let join = |(height, size): (usize, usize), below: &Self| {
            let (height_below, size_below) = below.measure();
            (height.max(height_below + 1), size + size_below)
        };
        match &self.data {
            Data::Scalar(..) => (0, 1),
            Data::Sequence(items) => items.iter().fold((1, 1), join),
            Data::Mapping(entries) => {
                let values = entries.values().map(|entry| &entry.value);
                values.fold((1, 1), join)
            }
        }
    }

    /// The text of a scalar of any type.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text, Scalar::Text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.data {
            Data::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list, to change them.
    pub fn as_sequence_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.data {
            Data::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.data {
            Data::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a mapping, to change them.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.data {
            Data::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether the value is null. What was written without a type is none before it is read again.
    #[must_use]
    pub fn is_null(&self) -> bool {
        !self.untagged && matches!(self.data, Data::Scalar(_, Scalar::Null | Scalar::Blank))
    }

    /// What a mapping holds under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        Some(&self.as_mapping()?.get(key)?.value)
    }

    /// What a mapping holds under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        Some(&mut self.as_mapping_mut()?.get_mut(key)?.value)
    }

    /// What is found by going down `path`, key by key.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value as JSON. Timestamps become RFC 3339 texts.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Scalar(text, scalar) => scalar_to_json(text, *scalar),
            Data::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Data::Mapping(entries) => entries
                .iter()
                .map(|(key, entry)| (key.clone(), entry.value.to_json()))
                .collect(),
        }
    }

    /// The node that holds a JSON value.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Data::Scalar("null".into(), Scalar::Null).into(),
            Value::Bool(value) => Data::Scalar(value.to_string(), Scalar::Bool(*value)).into(),
            Value::Number(value) => number_from_json(value),
            Value::String(text) => Self::text(text),
            Value::Array(items) => {
                Data::Sequence(items.iter().map(Self::from_json).collect()).into()
            }
            Value::Object(entries) => {
                let entry =
                    |(key, value): (&String, _)| (key.clone(), Self::from_json(value).into());
                Data::Mapping(entries.iter().map(entry).collect()).into()
            }
        }
    }
}

/// Whether a text without quotes is a list, a mapping or nothing at all to who reads it as YAML.
fn reads_as_more(text: &str) -> bool {
    let may = text.contains(':') || text.starts_with(['[', '{', '-', '?', '#', '!', '&']);
    may && match super::parse_first(text) {
        Ok(Some(node)) => node.as_text().is_none(),
        Ok(None) => true,
        Err(_) => false,
    }
}

fn number_from_json(value: &Number) -> Node {
    let text = number::format(value);
    let scalar = match text.parse().ok().and_then(Whole::new) {
        Some(whole) => Scalar::Int(whole),
        None => Scalar::Float(value.as_f64().unwrap_or_default()),
    };
    Data::Scalar(text, scalar).into()
}

fn scalar_to_json(text: &str, scalar: Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => value.into(),
        Scalar::Int(value) => match i64::try_from(value) {
            Ok(value) => value.into(),
            Err(_) => u64::try_from(value).map_or_else(|_| text.into(), Into::into),
        },
        Scalar::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Scalar::Timestamp => {
            Timestamp::parse(text).map_or_else(|| text.into(), |time| time.to_rfc3339().into())
        }
        Scalar::Text | Scalar::Blank => text.into(),
    }
}
