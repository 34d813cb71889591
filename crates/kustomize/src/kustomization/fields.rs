//! Typed reading of a kustomization file: names of fields count in any case, unknown ones are refused.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::yaml::{Data, Entry, Node, Position, Scalar};

/// A text and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) text: String,
    pub(crate) position: Position,
}

/// The fields of a mapping, by their proper names. Null counts as missing.
pub(super) struct Fields<'a> {
    file: &'a str,
    /// Whether numbers and truth values do where texts are wanted.
    lenient: bool,
    entries: BTreeMap<&'static str, &'a Entry>,
}

/// What a value is to a JSON decoder, for errors.
pub(super) fn describe(node: &Node) -> &'static str {
    match &node.data {
        Data::Scalar(_, Scalar::Null | Scalar::Blank) => "null",
        Data::Scalar(_, Scalar::Bool(_)) => "bool",
        Data::Scalar(_, Scalar::Int(_) | Scalar::Float(_)) => "number",
        Data::Scalar(..) => "string",
        Data::Sequence(_) => "array",
        Data::Mapping(_) => "object",
    }
}

impl<'a> Fields<'a> {
    /// The fields of `node`, which may have those of `allowed`.
    pub(super) fn of(
        file: &'a str,
        node: &'a Node,
        allowed: &[&'static str],
    ) -> Result<Self, Error> {
        let fields = Self::among(file, node, allowed)?;
        let known = |key: &String| allowed.iter().any(|name| name.eq_ignore_ascii_case(key));
        match node
            .as_mapping()
            .into_iter()
            .flatten()
            .find(|(key, _)| !known(key))
        {
            Some((key, entry)) => {
                let message = format!("invalid Kustomization: unknown field \"{key}\"");
                Err(Error::new(message).at(file, entry.key))
            }
            None => Ok(Self {
                lenient: false,
                ..fields
            }),
        }
    }

    /// Those of the fields of `node` that are `wanted`, read leniently.
    pub(super) fn among(
        file: &'a str,
        node: &'a Node,
        wanted: &[&'static str],
    ) -> Result<Self, Error> {
        let Some(mapping) = node.as_mapping() else {
            let message = format!(
                "invalid Kustomization: expected a mapping, found {}",
                describe(node)
            );
            return Err(Error::new(message).at(file, node.position));
        };
        let mut entries = BTreeMap::new();
        for (key, entry) in mapping {
            let name = wanted.iter().find(|name| name.eq_ignore_ascii_case(key));
            if let Some(name) = name.filter(|_| !entry.value.is_null()) {
                entries.insert(*name, entry);
            }
        }
        Ok(Self {
            file,
            lenient: true,
            entries,
        })
    }

    /// The fields of a mapping inside of this one, read as strictly.
    pub(super) fn nested(&self, node: &'a Node, allowed: &[&'static str]) -> Result<Self, Error> {
        if self.lenient {
            Self::among(self.file, node, allowed)
        } else {
            Self::of(self.file, node, allowed)
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        Some(&self.entries.get(name)?.value)
    }

    /// Where the name of a field stands.
    pub(super) fn position(&self, name: &str) -> Position {
        self.entries
            .get(name)
            .map(|entry| entry.key)
            .unwrap_or_default()
    }

    fn wrong(&self, node: &Node, name: &str, wanted: &str) -> Error {
        let found = describe(node);
        let message = format!(
            "invalid Kustomization: cannot unmarshal {found} into field {name} of type {wanted}"
        );
        Error::new(message).at(self.file, node.position)
    }

    /// The text of a value, if it is one or may stand for one.
    fn text_of(&self, node: &Node) -> Option<String> {
        match &node.data {
            Data::Scalar(text, Scalar::Text) => Some(text.clone()),
            Data::Scalar(..) if self.lenient && !node.is_null() => Some(node.to_json().to_string()),
            _ => None,
        }
    }

    pub(super) fn located(&self, name: &str) -> Result<Located, Error> {
        let Some(node) = self.get(name) else {
            return Ok(Located::default());
        };
        match self.text_of(node) {
            Some(text) => Ok(Located {
                text,
                position: node.position,
            }),
            None => Err(self.wrong(node, name, "string")),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Error> {
        Ok(self.located(name)?.text)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.get(name).map(|node| (&node.data, node)) {
            None => Ok(false),
            Some((Data::Scalar(_, Scalar::Bool(flag)), _)) => Ok(*flag),
            Some((_, node)) => Err(self.wrong(node, name, "bool")),
        }
    }

    pub(super) fn count(&self, name: &str) -> Result<i64, Error> {
        match self.get(name).map(|node| (&node.data, node)) {
            None => Ok(0),
            Some((Data::Scalar(_, Scalar::Int(count)), node)) => {
                i64::try_from(*count).map_err(|_| self.wrong(node, name, "int64"))
            }
            // Whole floats are integers to JSON.
            Some((Data::Scalar(_, Scalar::Float(count)), _))
                if count.fract() == 0.0 && count.abs() < 1e15 =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a whole number of at most 15 digits"
                )]
                Ok(*count as i64)
            }
            Some((_, node)) => Err(self.wrong(node, name, "int64")),
        }
    }

    /// The items of a list.
    pub(super) fn list(&self, name: &str) -> Result<&'a [Node], Error> {
        let Some(node) = self.get(name) else {
            return Ok(&[]);
        };
        node.as_sequence()
            .ok_or_else(|| self.wrong(node, name, "[]"))
    }

    /// The items of a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<Located>, Error> {
        let item = |node: &Node| match (node.as_text(), node.is_null()) {
            (Some(text), _) => Ok(Located {
                text: text.to_owned(),
                position: node.position,
            }),
            (None, true) => Ok(Located {
                text: String::new(),
                position: node.position,
            }),
            _ => Err(self.wrong(node, name, "string")),
        };
        let Some(node) = self.get(name) else {
            return Ok(Vec::new());
        };
        let list = node
            .as_sequence()
            .ok_or_else(|| self.wrong(node, name, "[]string"))?;
        list.iter().map(item).collect()
    }

    /// The entries of a mapping of texts; `None` when it is missing.
    pub(super) fn pairs(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        let Some(node) = self.get(name) else {
            return Ok(None);
        };
        let mapping = node
            .as_mapping()
            .ok_or_else(|| self.wrong(node, name, "map[string]string"))?;
        let entry = |(key, entry): (&String, &Entry)| {
            let text = match self.text_of(&entry.value) {
                None if entry.value.is_null() => String::new(),
                text => text.ok_or_else(|| self.wrong(&entry.value, name, "string"))?,
            };
            Ok((key.clone(), text))
        };
        mapping
            .iter()
            .map(entry)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}
