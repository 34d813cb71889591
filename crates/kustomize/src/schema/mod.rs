//! What the engine knows about Kubernetes' own kinds: which of their lists strategic merges join, and by which keys,
//! and which kinds belong to no namespace.
//!
//! The table `kubernetes.txt` is made by `tools/schema` from the OpenAPI description in
//! `sigs.k8s.io/kustomize/kyaml` v0.21.1 (Kubernetes 1.21.2), the one that kustomize merges by.

mod openapi;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

pub(crate) use openapi::Schema;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("kubernetes.txt")));

/// A type of object, in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Type(usize);

/// What the table says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// An object.
    Object(Type),
    /// A list that strategic merges join, by these keys of its elements (by the elements themselves, if none).
    Joined(&'static [&'static str], Option<Type>),
}

/// What is known about a value by its place in an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape<'s> {
    form: Form<'s>,
    /// What the names of types mean.
    schema: &'s Schema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form<'s> {
    Known(Known),
    /// What a kustomization, or a comment, describes itself.
    Described(&'s Value),
}

#[derive(Default)]
struct Table {
    /// The name of each type, and the fields of it that matter.
    types: Vec<(&'static str, HashMap<&'static str, Known>)>,
    /// The types by name, those without a field that matters too.
    names: HashMap<String, Option<Type>>,
    kinds: HashMap<(&'static str, &'static str), Kind>,
}

#[derive(Clone, Copy)]
struct Kind {
    cluster_scoped: bool,
    shape: Option<Type>,
}

impl Table {
    fn parse(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("type") => {
                    if let (Some(of), Some(name)) = (words.next().and_then(number), words.next()) {
                        table.names.insert(name.to_owned(), Some(of));
                        table.types.push((name, words.filter_map(field).collect()));
                    }
                }
                Some("plain") => {
                    let package = words.next().unwrap_or_default();
                    let names = words.map(|name| (format!("{package}{name}"), None));
                    table.names.extend(names);
                }
                Some("kind") => {
                    if let (Some(api_version), Some(kind), Some(scope), shape) =
                        (words.next(), words.next(), words.next(), words.next())
                    {
                        let known = Kind {
                            cluster_scoped: scope == "cluster",
                            shape: shape.and_then(number),
                        };
                        table.kinds.insert((api_version, kind), known);
                    }
                }
                _ => {}
            }
        }
        table
    }
}

fn number(text: &str) -> Option<Type> {
    text.parse().ok().map(Type)
}

/// Reads `name:type` or `name[keys]type`.
fn field(text: &'static str) -> Option<(&'static str, Known)> {
    if let Some((name, rest)) = text.split_once('[') {
        let (keys, element) = rest.split_once(']')?;
        let keys: Vec<&str> = keys.split(',').filter(|key| !key.is_empty()).collect();
        return Some((name, Known::Joined(keys.leak(), number(element))));
    }
    let (name, target) = text.split_once(':')?;
    Some((name, Known::Object(number(target)?)))
}

/// Whether Kubernetes itself defines a kind, and the type of it, if that matters.
fn of_kind(api_version: &str, kind: &str) -> Option<Option<Type>> {
    Some(TABLE.kinds.get(&(api_version, kind))?.shape)
}

/// Likewise of a name of a type.
fn named(name: &str) -> Option<Option<Type>> {
    TABLE.names.get(name).copied()
}

/// Whether the objects of a kind that Kubernetes itself defines belong to no namespace.
fn scope(api_version: &str, kind: &str) -> Option<bool> {
    Some(TABLE.kinds.get(&(api_version, kind))?.cluster_scoped)
}

/// Whether objects of a kind are known to belong to no namespace, whatever kustomizations describe.
pub(crate) fn is_cluster_scoped(api_version: &str, kind: &str) -> bool {
    scope(api_version, kind).unwrap_or_default()
}

impl<'s> Shape<'s> {
    /// The shape of a field of an object.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        match self.form {
            Form::Known(Known::Object(Type(number))) => {
                match TABLE.types.get(number)?.1.get(name).copied()? {
                    Known::Object(of) => self.schema.of_type(of),
                    joined @ Known::Joined(..) => Some(Self {
                        form: Form::Known(joined),
                        ..self
                    }),
                }
            }
            Form::Known(Known::Joined(..)) => None,
            Form::Described(node) => self.schema.described(openapi::field(node, name)?),
        }
    }

    /// The keys by which strategic merges join the elements of a list, and what these are; `None` for other values.
    pub(crate) fn joined(self) -> Option<(Vec<&'s str>, Option<Self>)> {
        match self.form {
            Form::Known(Known::Object(_)) => None,
            Form::Known(Known::Joined(keys, element)) => Some((
                keys.to_vec(),
                element.and_then(|of| self.schema.of_type(of)),
            )),
            Form::Described(node) => {
                let (keys, element) = openapi::joined(node)?;
                Some((keys, element.and_then(|items| self.schema.described(items))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_by_their_path() {
        let schema = Schema::default();
        let deployment = schema.of_kind("apps/v1", "Deployment").unwrap();
        let spec = ["spec", "template", "spec"]
            .iter()
            .fold(deployment, |shape, field| shape.field(field).unwrap());
        let (keys, container) = spec.field("containers").unwrap().joined().unwrap();
        assert_eq!(keys, ["name"]);
        let ports = container.unwrap().field("ports").unwrap();
        let (keys, port) = ports.joined().unwrap();
        assert_eq!(keys, ["containerPort", "protocol"]);
        assert!(port.is_none() && container.unwrap().field("args").is_none());
        let finalizers = deployment
            .field("metadata")
            .unwrap()
            .field("finalizers")
            .unwrap();
        assert!(finalizers.joined().unwrap().0.is_empty());
    }

    #[test]
    fn scopes_are_known_for_kinds_of_kubernetes() {
        assert!(is_cluster_scoped("v1", "Namespace"));
        assert!(is_cluster_scoped(
            "rbac.authorization.k8s.io/v1",
            "ClusterRole"
        ));
        assert!(!is_cluster_scoped("apps/v1", "Deployment"));
        assert!(!is_cluster_scoped("example.com/v1", "Anything"));
    }
}
