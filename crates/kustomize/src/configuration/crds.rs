//! `crds`: which fields of custom objects hold names, labels and annotations, from OpenAPI definitions of their types.

use super::{Field, Lists};
use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::id::Gvk;
use crate::references::Reference;
use crate::yaml::{Mapping, Node};

const ANNOTATION: &str = "x-kubernetes-annotation";
const LABEL_SELECTOR: &str = "x-kubernetes-label-selector";
const IDENTITY: &str = "x-kubernetes-identity";
const REFERENCE_VERSION: &str = "x-kubernetes-object-ref-api-version";
const REFERENCE_KIND: &str = "x-kubernetes-object-ref-kind";
const REFERENCE_NAME: &str = "x-kubernetes-object-ref-name-key";

/// The most fields that are looked at, as types may use each other in ever more ways.
const MAX_FIELDS: usize = 100_000;

/// A type on the way down from an object's own.
struct Visit<'n> {
    /// The types above it, and itself.
    types: Vec<&'n str>,
    path: Vec<String>,
}

/// The lists that the definitions in a file, a mapping of type names to their schemas, stand for.
pub(super) fn lists(file: &str, definitions: &Node) -> Result<Lists, Error> {
    let failed = |error: &str| Error::new(error).at(file, definitions.position);
    let types = definitions
        .as_mapping()
        .ok_or_else(|| failed("expected a mapping of type names to definitions"))?;
    let mut lists = Lists::default();
    let mut left = MAX_FIELDS;
    for (name, entry) in types {
        if entry.value.as_mapping().is_none() && !entry.value.is_null() {
            return Err(failed(&format!(
                "unable to parse open API definition from '{file}': '{name}' is no definition of a type"
            )));
        }
        let of_object = |fields: &&Mapping| {
            let wanted = ["kind", "apiVersion", "metadata"];
            wanted.iter().all(|field| fields.contains_key(field))
        };
        if properties(&entry.value).filter(of_object).is_some() {
            add(types, name, &mut left, &mut lists).map_err(|error| failed(&error))?;
        }
    }
    Ok(lists)
}

/// Adds the fields of an object's type, and of the types that it uses.
fn add(types: &Mapping, name: &str, left: &mut usize, lists: &mut Lists) -> Result<(), String> {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let mut pending = vec![Visit {
        types: vec![name],
        path: Vec::new(),
    }];
    while let Some(visit) = pending.pop() {
        let of_type = visit.types.last().and_then(|name| types.get(name));
        let fields = of_type.and_then(|entry| properties(&entry.value));
        for (field, entry) in fields.into_iter().flatten() {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| format!("the definitions hold more than {MAX_FIELDS} fields"))?;
            let mut path = visit.path.clone();
            path.push(field.clone());
            add_field(kind, &path, &entry.value, lists)?;
            let target = text(&entry.value, "$ref");
            if let Some(target) = target.filter(|target| !visit.types.contains(target)) {
                let mut types = visit.types.clone();
                types.push(target);
                pending.push(Visit { types, path });
            }
        }
    }
    Ok(())
}

/// The properties of a definition's schema.
fn properties(definition: &Node) -> Option<&Mapping> {
    let schema = definition
        .get("Schema")
        .or_else(|| definition.get("schema"))?;
    schema.get("properties")?.as_mapping()
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.as_text()
}

/// Adds a property of an object of a kind to the lists that its extensions name.
fn add_field(
    kind: &str,
    path: &[String],
    property: &Node,
    lists: &mut Lists,
) -> Result<(), String> {
    let gvk = |kind: &str, version: &str| Gvk {
        group: String::new(),
        version: version.into(),
        kind: kind.into(),
    };
    let spec = |path: Vec<String>| FieldSpec {
        gvk: gvk(kind, ""),
        path,
        create: false,
    };
    for (extension, field) in [
        (ANNOTATION, Field::CommonAnnotations),
        (LABEL_SELECTOR, Field::CommonLabels),
        (IDENTITY, Field::NamePrefix),
    ] {
        if text(property, extension).is_some() {
            lists.add(field, spec(path.to_vec()))?;
        }
    }
    let (version, target) = (
        text(property, REFERENCE_VERSION),
        text(property, REFERENCE_KIND),
    );
    if let (Some(version), Some(target)) = (version, target) {
        let name = text(property, REFERENCE_NAME).unwrap_or("name");
        let path = path.iter().cloned().chain([name.to_owned()]).collect();
        lists.add_reference(Reference {
            target: gvk(target, version),
            referrer: spec(path),
        })?;
    }
    Ok(())
}
