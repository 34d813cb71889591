//! Keys of mappings, which have to be texts.

use super::error::{Error, Position};
use super::node::{Data, Node};
use super::number::format_float32;
use super::scalar::{Dialect, Scalar};

/// What to do with a key that is a number or a truth value, which kustomize can't write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misnamed {
    Refuse,
    /// Marks the entry. What is merged into another mapping may do without its key.
    Keep,
}

/// A key on the way to its value.
pub(super) enum Key {
    Merge(Position),
    /// Its text, its place, and whether it is one that can't be written.
    Named(String, Position, bool),
}

/// The key that a scalar stands for: `sigs.k8s.io/yaml` turns numbers and truth values into texts, kustomize can't
/// write anything but texts.
pub(super) fn key_of(node: Node, dialect: Dialect, misnamed: Misnamed) -> Result<Key, Error> {
    let position = node.position;
    let Data::Scalar(text, scalar) = node.data else {
        return Err(Error::new(
            position,
            "invalid map key: a key must be a single value",
        ));
    };
    let name = match (scalar, dialect) {
        (Scalar::Text, _) | (Scalar::Timestamp, Dialect::Kubernetes) => text,
        (Scalar::Bool(value), Dialect::Kubernetes) => value.to_string(),
        (Scalar::Int(value), Dialect::Kubernetes) => value.to_string(),
        (Scalar::Float(value), Dialect::Kubernetes) => format_float32(value),
        (Scalar::Null | Scalar::Blank, _) => {
            let line = position.line;
            let theirs = format!("mapping key \"null\" already defined at line {line}");
            return Err(no_text(&text, position, &theirs));
        }
        (_, Dialect::Resource) if misnamed == Misnamed::Keep => {
            return Ok(Key::Named(text, position, true));
        }
        _ => return Err(misnamed_key(&text, position)),
    };
    Ok(Key::Named(name, position, false))
}

/// That a key is a number or a truth value.
pub(super) fn misnamed_key(text: &str, position: Position) -> Error {
    let theirs = "json: unsupported type: map[interface {}]interface {}";
    no_text(text, position, theirs)
}

/// What kustomize says of keys that are no texts does not help, but it is what people look for.
fn no_text(text: &str, position: Position, theirs: &str) -> Error {
    let message =
        format!("map key {text} is not a text: put it in quotes (kustomize says: {theirs})");
    Error::new(position, message)
}
