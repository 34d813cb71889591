//! `openapi`: types that a kustomization describes itself, in the place of those that Kubernetes defines, or beside them.
//!
//! kustomize keeps all types in one table, and what is read last counts. It reads Kubernetes' own when they are first
//! needed. That they were needed before a kustomization brings others does not make it forget them, and that it only would
//! have needed them, to see whether objects belong to namespaces, makes it read them after the others.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Form, Known, Shape, Type};
use crate::error::Error;
use crate::yaml;

/// The release of Kubernetes whose types are built in.
const BUILTIN: &str = "v1.21.2";
const KINDS: &str = "x-kubernetes-group-version-kind";
const STRATEGY: &str = "x-kubernetes-patch-strategy";
const KEY: &str = "x-kubernetes-patch-merge-key";
const KEYS: &str = "x-kubernetes-list-map-keys";
const DEFINITIONS: &str = "#/definitions/";
/// The kinds whose types are known whatever a kustomization says.
const OWN_GROUP: &str = "kustomize.config.k8s.io/";
/// The most references that lead from one type to another without a field in between.
const MAX_REFERENCES: usize = 100;

/// The types of one build. The first kustomization that has `openapi` settles them for all.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    settled: OnceCell<Option<Custom>>,
    /// What Kubernetes' own types were needed for so far, and until others came.
    builtin_used: Cell<Used>,
    builtin_stays: Cell<Used>,
    /// Why the types from a file can't be read. kustomize looks at them when it needs one.
    broken: OnceCell<Error>,
    needed: Cell<bool>,
}

/// What Kubernetes' own types were needed for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Used {
    #[default]
    Nothing,
    /// Only to see whether objects of a kind that is not among them belong to namespaces.
    Scopes,
    Types,
}

/// Types from a file.
#[derive(Debug, Default)]
struct Custom {
    document: Value,
    /// The names of the definitions by `apiVersion` and kind.
    kinds: HashMap<(String, String), String>,
    /// Whether the objects of a kind belong to namespaces.
    namespaced: HashMap<(String, String), bool>,
}

impl Schema {
    /// Whether a kustomization has settled the types already.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.get().is_some()
    }

    /// Takes the types from a file, or those of a release; neither settles nothing. `at` says where that is asked for.
    ///
    /// # Errors
    ///
    /// Where both are given, or the release is not built in. That the file does not describe types is said when one is
    /// needed, by [`Self::check`].
    pub(crate) fn settle(
        &self,
        version: Option<&str>,
        file: Option<&str>,
        at: impl Fn(Error) -> Error,
    ) -> Result<(), Error> {
        let refused = |message: &str| Err(at(Error::new(message)));
        let custom = match (version, file) {
            (Some(_), Some(_)) => {
                return refused("builtin version and custom schema provided, cannot use both");
            }
            (None, Some(text)) => Some(Custom::parse(text).unwrap_or_else(|error| {
                self.broken.get_or_init(|| at(Error::new(error)));
                Custom::default()
            })),
            (None | Some(""), None) => return Ok(()),
            (Some(BUILTIN), None) => None,
            (Some(_), None) => return refused("the specified OpenAPI version is not built in"),
        };
        self.builtin_stays.set(self.builtin_used.get());
        self.settled.get_or_init(|| custom);
        Ok(())
    }

    /// Refuses types that can't be read, if one was needed.
    ///
    /// # Errors
    ///
    /// Why they can't be read.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let broken = self.broken.get().filter(|_| self.needed.get());
        broken.map_or(Ok(()), |error| Err(error.clone()))
    }

    fn custom(&self) -> Option<&Custom> {
        let custom = self.settled.get()?.as_ref();
        self.needed.set(custom.is_some());
        custom
    }

    /// Notes what Kubernetes' own types are needed for.
    fn use_builtin(&self, for_what: Used) {
        self.builtin_used.set(self.builtin_used.get().max(for_what));
    }

    /// What counts of what a kustomization describes, if one describes types, and what Kubernetes defines; `always_known`
    /// says that the latter is known whatever a kustomization says.
    fn chosen<'s>(
        &'s self,
        own: Option<Option<&'s Value>>,
        builtin: Option<Option<Type>>,
        always_known: bool,
    ) -> Option<Shape<'s>> {
        let known = |of: Option<Type>| of.map(|of| Form::Known(Known::Object(of)));
        let Some(own) = own else {
            self.use_builtin(Used::Types);
            return self.shape(known(builtin.flatten())?);
        };
        let stays = self.builtin_stays.get();
        let form = match (own, builtin) {
            (_, Some(of)) if always_known || stays == Used::Scopes => known(of),
            (Some(node), _) => return self.described(node),
            (None, Some(of)) if stays == Used::Types => known(of),
            (None, _) => None,
        };
        self.shape(form?)
    }

    fn shape<'s>(&'s self, form: Form<'s>) -> Option<Shape<'s>> {
        Some(Shape { form, schema: self })
    }

    /// The type of a kind.
    pub(crate) fn of_kind(&self, api_version: &str, kind: &str) -> Option<Shape<'_>> {
        let own = self
            .custom()
            .map(|custom| custom.of_kind(api_version, kind));
        let builtin = super::of_kind(api_version, kind);
        self.chosen(own, builtin, api_version.starts_with(OWN_GROUP))
    }

    /// A type of the table, or what a kustomization describes by its name.
    pub(super) fn of_type(&self, of: Type) -> Option<Shape<'_>> {
        let (name, _) = super::TABLE.types.get(of.0)?;
        let own = self
            .custom()
            .map(|custom| custom.document["definitions"].get(*name));
        self.chosen(own, Some(Some(of)), false)
    }

    /// What a comment describes; if it refers to what does not exist, nothing that would be known otherwise.
    pub(crate) fn commented<'s>(&'s self, comment: &'s Value) -> Option<Shape<'s>> {
        let described = self.described(comment);
        described.or_else(|| self.shape(Form::Described(comment)))
    }

    /// What is described by `node`; what it refers to, if it refers.
    pub(super) fn described<'s>(&'s self, node: &'s Value) -> Option<Shape<'s>> {
        let mut node = node;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = node["$ref"].as_str() else {
                return self.shape(Form::Described(node));
            };
            let custom = self.custom();
            let own = custom.and_then(|all| all.document.pointer(reference.strip_prefix('#')?));
            let builtin = reference.strip_prefix(DEFINITIONS).and_then(super::named);
            match builtin {
                Some(of) if self.builtin_counts(own.is_some()) => {
                    return self.shape(Form::Known(Known::Object(of?)));
                }
                _ => node = own?,
            }
        }
        None
    }

    /// Whether Kubernetes' own type of a name is what the name means; `described` tells whether a kustomization describes
    /// one of that name.
    fn builtin_counts(&self, described: bool) -> bool {
        if self.custom().is_none() {
            self.use_builtin(Used::Types);
            return true;
        }
        match self.builtin_stays.get() {
            Used::Nothing => false,
            Used::Scopes => true,
            Used::Types => !described,
        }
    }

    /// Whether objects of a kind are known to belong to no namespace.
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        if let Some(cluster_scoped) = super::scope(api_version, kind) {
            return cluster_scoped;
        }
        let Some(custom) = self.custom() else {
            self.use_builtin(Used::Scopes);
            return false;
        };
        custom
            .namespaced
            .get(&(api_version.to_owned(), kind.to_owned()))
            == Some(&false)
    }
}

impl Custom {
    fn parse(text: &str) -> Result<Self, String> {
        let invalid = |error: String| format!("invalid schema file: {error}");
        let document: Value = if text.starts_with('{') {
            serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?
        } else {
            let node = yaml::parse_first(text);
            let node = node.map_err(|error| invalid(error.message().to_owned()))?;
            node.map(|node| node.to_json()).unwrap_or_default()
        };
        if text.is_empty() || !(document.is_object() || document.is_null()) {
            return Err(invalid("expected definitions of types".to_owned()));
        }
        let mut kinds = HashMap::new();
        for (name, definition) in entries(&document, "definitions") {
            let list = definition[KINDS].as_array().into_iter().flatten();
            kinds.extend(list.filter_map(meaning).map(|kind| (kind, name.clone())));
        }
        let mut namespaced = HashMap::new();
        for (path, operations) in entries(&document, "paths") {
            if let Some(kind) = meaning(&operations["get"][KINDS]) {
                *namespaced.entry(kind).or_default() |= path.contains("namespaces/{namespace}");
            }
        }
        Ok(Self {
            document,
            kinds,
            namespaced,
        })
    }

    fn of_kind(&self, api_version: &str, kind: &str) -> Option<&Value> {
        let name = self.kinds.get(&(api_version.to_owned(), kind.to_owned()))?;
        self.document["definitions"].get(name)
    }
}

fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value[key].as_object().into_iter().flatten()
}

/// The `apiVersion` and kind that a group, version and kind stand for.
fn meaning(value: &Value) -> Option<(String, String)> {
    let (version, kind) = (value["version"].as_str()?, value["kind"].as_str()?);
    let api_version = match value["group"].as_str() {
        Some(group) if !group.is_empty() => format!("{group}/{version}"),
        _ => version.to_owned(),
    };
    Some((api_version, kind.to_owned()))
}

/// The definition of a field of what is described by `node`.
pub(super) fn field<'s>(node: &'s Value, name: &str) -> Option<&'s Value> {
    let any = || {
        node.get("additionalProperties")
            .filter(|any| any.is_object())
    };
    node["properties"].get(name).or_else(any)
}

/// The keys by which strategic merges join the elements of a list, and the definition of these; `None` if the list is
/// replaced.
pub(super) fn joined(node: &Value) -> Option<(Vec<&str>, Option<&Value>)> {
    let merges = node[STRATEGY]
        .as_str()?
        .split(',')
        .any(|strategy| strategy == "merge");
    let several = node[KEYS].as_array();
    let keys = several.map_or_else(
        || node[KEY].as_str().into_iter().collect(),
        |keys| keys.iter().filter_map(Value::as_str).collect(),
    );
    let element = is_array(node.as_object()?)
        .then(|| node.get("items"))
        .flatten();
    merges.then_some((keys, element))
}

fn is_array(definition: &Map<String, Value>) -> bool {
    match definition.get("type") {
        Some(Value::Array(types)) => types.len() == 1 && types[0] == "array",
        other => other.is_some_and(|one| one == "array"),
    }
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
