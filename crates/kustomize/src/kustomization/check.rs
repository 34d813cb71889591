//! Whether a kustomization file is of the types that kustomize's own reader has.
//!
//! The reading itself is elsewhere; this only says what is wrong before it starts, in the words of Go's JSON decoder,
//! which looks at fields in alphabetical order and names a field by the types that it passed on the way.

use super::fields::describe;
use super::types::{KUSTOMIZATION, Struct, Type};
use crate::error::Error;
use crate::yaml::{Data, Node, Scalar};

/// Refuses a kustomization file with fields that do not exist, or hold what they can't.
pub(super) fn check(file: &str, node: &Node) -> Result<(), Error> {
    let found = match describe(node) {
        "null" => return Ok(()),
        found => found,
    };
    if node.as_mapping().is_none() {
        let message = format!(
            "invalid Kustomization: json: cannot unmarshal {found} into Go value of type types.Kustomization"
        );
        return Err(Error::new(message).at(file, node.position));
    }
    let place = Place {
        file,
        path: String::new(),
        of: &KUSTOMIZATION,
    };
    place.structure(node, &KUSTOMIZATION)
}

/// A field on the way into the file.
struct Place<'a> {
    file: &'a str,
    /// The fields up to here, by their names, with the types that they are taken over from.
    path: String,
    /// The type that has the field.
    of: &'static Struct,
}

impl Place<'_> {
    fn refuse(&self, node: &Node, wanted: &str) -> Result<(), Error> {
        let (found, of, path) = (describe(node), self.of.name, &self.path);
        let message = format!(
            "invalid Kustomization: json: cannot unmarshal {found} into Go struct field {of}.{path} of type {wanted}"
        );
        Err(Error::new(message).at(self.file, node.position))
    }

    fn structure(&self, node: &Node, of: &'static Struct) -> Result<(), Error> {
        let Some(entries) = node.as_mapping() else {
            return self.refuse(node, &format!("types.{}", of.name));
        };
        for (key, entry) in entries {
            let Some((from, (name, wanted))) = of.field(key) else {
                let message = format!("invalid Kustomization: json: unknown field \"{key}\"");
                return Err(Error::new(message).at(self.file, entry.key));
            };
            let dot = if self.path.is_empty() { "" } else { "." };
            let place = Place {
                file: self.file,
                path: format!("{}{dot}{from}{name}", self.path),
                of,
            };
            place.value(&entry.value, wanted)?;
        }
        Ok(())
    }

    fn value(&self, node: &Node, wanted: &Type) -> Result<(), Error> {
        if node.is_null() {
            return Ok(());
        }
        match wanted {
            Type::Any => Ok(()),
            Type::Text(name) => self.text(node, name),
            Type::Flag => match node.data {
                Data::Scalar(_, Scalar::Bool(_)) => Ok(()),
                _ => self.refuse(node, "bool"),
            },
            Type::Int(name) => match &node.data {
                // Whether it is whole and small enough is for the reading to see.
                Data::Scalar(_, Scalar::Int(_) | Scalar::Float(_)) => Ok(()),
                _ => self.refuse(node, name),
            },
            Type::Texts(name) => {
                self.list(node, &format!("[]{name}"), |item| self.text(item, name))
            }
            Type::Pairs => match node.as_mapping() {
                Some(entries) => entries
                    .values()
                    .try_for_each(|entry| self.text(&entry.value, "string")),
                None => self.refuse(node, "map[string]string"),
            },
            Type::Struct(of) => self.structure(node, of),
            Type::List(of) => self.list(node, &format!("[]types.{}", of.name), |item| {
                self.value(item, &Type::Struct(of))
            }),
            Type::Pointers(of) => self.list(node, &format!("[]*types.{}", of.name), |item| {
                self.value(item, &Type::Struct(of))
            }),
        }
    }

    fn text(&self, node: &Node, name: &str) -> Result<(), Error> {
        if node.is_null() || node.as_text().is_some() {
            return Ok(());
        }
        self.refuse(node, name)
    }

    fn list(
        &self,
        node: &Node,
        name: &str,
        item: impl FnMut(&Node) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match node.as_sequence() {
            Some(items) => items.iter().try_for_each(item),
            None => self.refuse(node, name),
        }
    }
}
