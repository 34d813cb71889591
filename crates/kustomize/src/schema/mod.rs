//! What the engine knows about Kubernetes' own kinds: which of their lists strategic merges join, and by which keys,
//! and which kinds belong to no namespace.
//!
//! The table `kubernetes.txt` is made by `tools/schema` from the OpenAPI description in
//! `sigs.k8s.io/kustomize/kyaml` v0.21.1 (Kubernetes 1.21.2), the one that kustomize merges by.

mod openapi;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use openapi::Schema;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("kubernetes.txt")));

/// A type of object, in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Type(usize);

/// What is known about a value by its place in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape<'s> {
    /// An object.
    Object(Type),
    /// A list that strategic merges join, by these keys of its elements (by the elements themselves, if none).
    Joined(&'static [&'static str], Option<Type>),
    /// What a kustomization describes itself.
    Custom(openapi::Definition<'s>),
}

#[derive(Default)]
struct Table {
    /// The fields of each type that matter.
    types: Vec<HashMap<&'static str, Shape<'static>>>,
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
                    let fields = words.skip(1).filter_map(field).collect();
                    table.types.push(fields);
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
fn field(text: &'static str) -> Option<(&'static str, Shape<'static>)> {
    if let Some((name, rest)) = text.split_once('[') {
        let (keys, element) = rest.split_once(']')?;
        let keys: Vec<&str> = keys.split(',').filter(|key| !key.is_empty()).collect();
        return Some((name, Shape::Joined(keys.leak(), number(element))));
    }
    let (name, target) = text.split_once(':')?;
    Some((name, Shape::Object(number(target)?)))
}

/// The type of a kind that Kubernetes itself defines.
fn of_kind(api_version: &str, kind: &str) -> Option<Shape<'static>> {
    TABLE
        .kinds
        .get(&(api_version, kind))?
        .shape
        .map(Shape::Object)
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
        match self {
            Self::Object(Type(number)) => TABLE.types.get(number)?.get(name).copied(),
            Self::Joined(..) => None,
            Self::Custom(definition) => definition.field(name).map(Self::Custom),
        }
    }

    /// The keys by which strategic merges join the elements of a list, and what these are; `None` for other values.
    pub(crate) fn joined(self) -> Option<(Vec<&'s str>, Option<Self>)> {
        match self {
            Self::Object(_) => None,
            Self::Joined(keys, element) => Some((keys.to_vec(), element.map(Self::Object))),
            Self::Custom(definition) => {
                let (keys, element) = definition.joined()?;
                Some((keys, element.map(Self::Custom)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_by_their_path() {
        let deployment = of_kind("apps/v1", "Deployment").unwrap();
        let spec = ["spec", "template", "spec"]
            .iter()
            .fold(deployment, |shape, field| shape.field(field).unwrap());
        let Some(Shape::Joined(["name"], Some(container))) = spec.field("containers") else {
            panic!()
        };
        let ports = Shape::Object(container).field("ports");
        assert_eq!(
            ports,
            Some(Shape::Joined(&["containerPort", "protocol"], None))
        );
        assert_eq!(Shape::Object(container).field("args"), None);
        let metadata = deployment.field("metadata").unwrap();
        assert_eq!(metadata.field("finalizers"), Some(Shape::Joined(&[], None)));
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
