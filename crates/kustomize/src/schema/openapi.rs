//! `openapi`: types that a kustomization describes itself, in the place of those that Kubernetes defines.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Shape;
use crate::error::Error;
use crate::yaml;

/// The release of Kubernetes whose types are built in.
const BUILTIN: &str = "v1.21.2";
const KINDS: &str = "x-kubernetes-group-version-kind";
const STRATEGY: &str = "x-kubernetes-patch-strategy";
const KEY: &str = "x-kubernetes-patch-merge-key";
const KEYS: &str = "x-kubernetes-list-map-keys";
/// The kinds whose types are known whatever a kustomization says.
const OWN_GROUP: &str = "kustomize.config.k8s.io/";
/// The most references that lead from one type to another without a field in between.
const MAX_REFERENCES: usize = 100;

/// The types of one build. The first kustomization that has `openapi` settles them for all.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    settled: OnceCell<Option<Custom>>,
    /// Whether Kubernetes' own types were looked at before they were replaced; then they stay.
    builtin_used: Cell<bool>,
    builtin_stays: Cell<bool>,
    /// Why the types from a file can't be read. kustomize looks at them when it needs one.
    broken: OnceCell<Error>,
    needed: Cell<bool>,
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

/// A definition, or a part of one, and the document that it is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Definition<'s> {
    document: &'s Value,
    node: &'s Value,
}

impl PartialEq for Definition<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.node, other.node)
    }
}

impl Eq for Definition<'_> {}

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

    /// The type of a kind.
    pub(crate) fn of_kind(&self, api_version: &str, kind: &str) -> Option<Shape<'_>> {
        let builtin = || super::of_kind(api_version, kind);
        let Some(custom) = self.custom() else {
            self.builtin_used.set(true);
            return builtin();
        };
        let own = custom.of_kind(api_version, kind).map(Shape::Custom);
        if self.builtin_stays.get() || api_version.starts_with(OWN_GROUP) {
            return own.or_else(builtin);
        }
        own
    }

    /// Whether objects of a kind are known to belong to no namespace.
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        if let Some(cluster_scoped) = super::scope(api_version, kind) {
            return cluster_scoped;
        }
        let Some(custom) = self.custom() else {
            self.builtin_used.set(true);
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

    fn of_kind(&self, api_version: &str, kind: &str) -> Option<Definition<'_>> {
        let name = self.kinds.get(&(api_version.to_owned(), kind.to_owned()))?;
        Some(Definition {
            document: &self.document,
            node: self.document["definitions"].get(name)?,
        })
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

impl<'s> Definition<'s> {
    /// Another part of the document; what it refers to, if it refers.
    fn part(self, node: &'s Value) -> Option<Self> {
        let mut node = node;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = node["$ref"].as_str() else {
                return Some(Self { node, ..self });
            };
            node = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }

    /// The definition of a field.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        let any = || {
            self.node
                .get("additionalProperties")
                .filter(|any| any.is_object())
        };
        self.part(self.node["properties"].get(name).or_else(any)?)
    }

    /// The keys by which strategic merges join the elements of a list, and the definition of these; `None` if the list
    /// is replaced.
    pub(super) fn joined(self) -> Option<(Vec<&'s str>, Option<Self>)> {
        let merges = self.node[STRATEGY]
            .as_str()?
            .split(',')
            .any(|strategy| strategy == "merge");
        let several = self.node[KEYS].as_array();
        let keys = several.map_or_else(
            || self.node[KEY].as_str().into_iter().collect(),
            |keys| keys.iter().filter_map(Value::as_str).collect(),
        );
        let element = is_array(self.node.as_object()?)
            .then(|| self.node.get("items"))
            .flatten()
            .and_then(|items| self.part(items));
        merges.then_some((keys, element))
    }
}

fn is_array(definition: &Map<String, Value>) -> bool {
    match definition.get("type") {
        Some(Value::Array(types)) => types.len() == 1 && types[0] == "array",
        other => other.is_some_and(|one| one == "array"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(error: Error) -> Error {
        error
    }

    const TYPES: &str = r##"
definitions:
  Site:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Site}]
    properties: {spec: {$ref: "#/definitions/Spec"}, loop: {$ref: "#/definitions/Loop"}}
  Spec:
    additionalProperties:
      type: array
      items: {$ref: "#/definitions/Spec"}
      x-kubernetes-patch-strategy: merge
      x-kubernetes-patch-merge-key: name
  Loop: {$ref: "#/definitions/Loop"}
paths:
  /sites: {get: {x-kubernetes-group-version-kind: {group: example.com, version: v1, kind: Site}}}
  /apis/namespaces/{namespace}/a: {get: {x-kubernetes-group-version-kind: {version: v1, kind: A}}}
"##;

    #[test]
    fn types_of_a_file_take_the_place_of_the_others() {
        let schema = Schema::default();
        schema.settle(None, Some(TYPES), at).unwrap();
        let site = schema.of_kind("example.com/v1", "Site").unwrap();
        let (keys, element) = site
            .field("spec")
            .unwrap()
            .field("x")
            .unwrap()
            .joined()
            .unwrap();
        assert_eq!(keys, ["name"]);
        assert!(element.unwrap().field("y").unwrap().joined().is_some());
        assert!(site.field("loop").is_none());
        assert!(schema.of_kind("apps/v1", "Deployment").is_none());
        assert!(schema.is_cluster_scoped("example.com/v1", "Site"));
        assert!(!schema.is_cluster_scoped("v1", "A"));
        assert!(schema.is_cluster_scoped("v1", "Namespace"));
    }

    #[test]
    fn types_that_were_used_stay() {
        let schema = Schema::default();
        assert!(schema.of_kind("apps/v1", "Deployment").is_some());
        schema.settle(None, Some(TYPES), at).unwrap();
        assert!(schema.of_kind("apps/v1", "Deployment").is_some());
        assert!(schema.of_kind("example.com/v1", "Site").is_some());
    }

    #[test]
    fn releases_are_those_built_in() {
        let schema = Schema::default();
        assert!(schema.settle(Some("v1.30.0"), None, at).is_err());
        assert!(schema.settle(Some(""), Some(TYPES), at).is_err());
        schema.settle(Some(""), None, at).unwrap();
        assert!(!schema.is_settled());
        schema.settle(Some(BUILTIN), None, at).unwrap();
        assert!(schema.is_settled());
        assert!(schema.of_kind("apps/v1", "Deployment").is_some());
    }

    #[test]
    fn types_that_cannot_be_read_are_refused_when_needed() {
        let schema = Schema::default();
        schema.settle(None, Some("just a text"), at).unwrap();
        assert!(!schema.is_cluster_scoped("v1", "Service"));
        schema.check().unwrap();
        assert!(schema.of_kind("v1", "Service").is_none());
        assert!(schema.check().is_err());
    }
}
