//! The table of Flux kinds.
//!
//! A [`Kind`] is a row of data and pure functions; verbs walk [`KINDS`]. To add a kind: its file,
//! one line in [`KINDS`], one fixture. Nothing outside this module matches on a kind.

mod git_repository;
mod kustomization;
pub mod status;

use kube::api::DynamicObject;
use serde_json::Value;

pub use git_repository::GIT_REPOSITORY;
pub use kustomization::KUSTOMIZATION;

/// Every kind, in the order in which `get all` would list them.
pub const KINDS: &[&Kind] = &[&GIT_REPOSITORY, &KUSTOMIZATION];

/// One kind of object.
pub struct Kind {
    /// The API group.
    pub group: &'static str,
    /// The version reflux speaks.
    pub version: &'static str,
    /// The kind's name.
    pub kind: &'static str,
    /// The plural in URLs.
    pub plural: &'static str,
    /// The words after `create`, `delete`, `export`, `reconcile`, `resume` and `suspend`.
    pub singular: Noun,
    /// The words after `get`.
    pub list: Noun,
    /// What it is called in sentences, such as `source git`.
    pub human: &'static str,
    /// What it is called in status lines of `create`, such as `GitRepository source`.
    pub title: &'static str,
    /// The columns of `get`, after the name.
    pub columns: &'static [Column],
    /// Columns that only some flag or format asks for.
    pub source_column: Option<Column>,
    /// The object's source, where it has one.
    pub source: Option<fn(&DynamicObject) -> Option<SourceReference>>,
    /// The name of the Secret with its credentials, where it can have one.
    pub credentials: Option<fn(&DynamicObject) -> Option<String>>,
    /// The revision it stands for: what it fetched or applied.
    pub revision: fn(&DynamicObject) -> Option<String>,
    /// What is said when a reconciliation has succeeded.
    pub done: fn(&DynamicObject) -> String,
    /// The spec in the form in which flux writes it: empty optional fields left out.
    pub normalize: fn(&Value) -> Result<Value, serde_json::Error>,
    /// A name for examples in help.
    pub example: &'static str,
}

/// The words for a kind on the command line.
#[derive(Debug, Clone, Copy)]
pub struct Noun {
    /// One or two words.
    pub path: &'static [&'static str],
    /// Other words for the last one.
    pub aliases: &'static [&'static str],
}

/// One column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    /// The header.
    pub header: &'static str,
    /// The cell of an object.
    pub cell: fn(&DynamicObject) -> String,
}

/// Which object another is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReference {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

impl Kind {
    /// Group and version, as objects carry them.
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }
}

/// Words that group kinds, the other words for them, and their singular and plural.
pub const GROUPS: &[Noun] = &[
    Noun {
        path: &["source"],
        aliases: &[],
    },
    Noun {
        path: &["sources"],
        aliases: &["source"],
    },
];

/// The kind of that name, whatever its case.
pub fn by_name(kind: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .copied()
        .find(|k| k.kind.eq_ignore_ascii_case(kind))
}

const READY: Column = Column {
    header: "Ready",
    cell: |object| status::ready(object).0,
};

const MESSAGE: Column = Column {
    header: "Message",
    cell: |object| status::shorten_digests(&status::ready(object).1),
};

const SUSPENDED: Column = Column {
    header: "Suspended",
    cell: |object| {
        if is_suspended(object) {
            "True".to_owned()
        } else {
            "False".to_owned()
        }
    },
};

/// Whether the object's reconciliation is suspended.
pub fn is_suspended(object: &DynamicObject) -> bool {
    object.data["spec"]["suspend"].as_bool().unwrap_or(false)
}

/// The string at a JSON pointer below the object, if there is one that is not empty.
fn text_at(object: &DynamicObject, pointer: &str) -> Option<String> {
    object
        .data
        .pointer(pointer)?
        .as_str()
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
}

/// Reads a spec through its type and writes it again, which leaves out what flux leaves out.
fn through<T>(spec: &Value) -> Result<Value, serde_json::Error>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    serde_json::to_value(serde_json::from_value::<T>(spec.clone())?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_distinct() {
        let names: BTreeSet<_> = KINDS.iter().map(|k| (k.group, k.kind)).collect();
        let words: BTreeSet<_> = KINDS.iter().map(|k| k.singular.path).collect();
        assert_eq!(names.len(), KINDS.len());
        assert_eq!(words.len(), KINDS.len());
    }

    #[test]
    fn rows_agree_with_the_definitions() {
        for kind in KINDS {
            let name = format!("{}.{}", kind.plural, kind.group);
            let crd = flux_api::crd::all()
                .into_iter()
                .find(|c| c.metadata.name.as_deref() == Some(&name))
                .unwrap();
            assert_eq!(crd.spec.names.kind, kind.kind);
            assert!(
                crd.spec
                    .versions
                    .iter()
                    .any(|v| v.name == kind.version && v.served && v.storage),
                "{name}"
            );
        }
    }
}
