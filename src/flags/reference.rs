//! References to objects as flags have them: `kind/name`, some with `.namespace` behind.

use serde::Serialize;

/// An object that a flag names. What the flag leaves out is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectReference {
    /// Its kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace, where it is another than that of the object that refers to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
}

impl ObjectReference {
    /// Reads `kind/name`: the dots are the name's. Without exactly one slash all of it is the name.
    pub fn local(text: &str) -> Self {
        let (kind, name) = match text.split('/').collect::<Vec<_>>()[..] {
            [kind, name] => (kind, name),
            _ => ("", text),
        };
        ObjectReference {
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: String::new(),
        }
    }

    /// Reads `kind/name.namespace`: what follows the last dot is the namespace.
    pub fn namespaced(text: &str) -> Self {
        let mut reference = ObjectReference::local(text);
        if let Some((name, namespace)) = reference.name.rsplit_once('.') {
            (reference.name, reference.namespace) = (name.to_owned(), namespace.to_owned());
        }
        reference
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_name_and_namespace() {
        let parts = |r: ObjectReference| (r.kind, r.name, r.namespace);
        let own = |kind: &str, name: &str, namespace: &str| {
            (kind.to_owned(), name.to_owned(), namespace.to_owned())
        };
        for (text, local, namespaced) in [
            ("A/b", ("A", "b", ""), ("A", "b", "")),
            ("A/b.c.d", ("A", "b.c.d", ""), ("A", "b.c", "d")),
            ("b", ("", "b", ""), ("", "b", "")),
            ("a/b/c.d", ("", "a/b/c.d", ""), ("", "a/b/c", "d")),
            ("A/", ("A", "", ""), ("A", "", "")),
            ("A/.n", ("A", ".n", ""), ("A", "", "n")),
            ("A/b.", ("A", "b.", ""), ("A", "b", "")),
        ] {
            let want = own(local.0, local.1, local.2);
            assert_eq!(parts(ObjectReference::local(text)), want, "{text}");
            let want = own(namespaced.0, namespaced.1, namespaced.2);
            assert_eq!(parts(ObjectReference::namespaced(text)), want, "{text}");
        }
    }
}
