//! Objects of the cluster, as kubectl writes them: one by itself, several as a List.

use std::collections::BTreeMap;

use kube::api::DynamicObject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Format;
use crate::error::{Error, Result};

/// What `get` answers: one object, or a List.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "get")]
pub enum Answer {
    /// Several objects, or none.
    List(List),
    /// The one object that was named.
    Object(Box<Object>),
}

/// kubectl's List.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// Always `v1`.
    #[schemars(extend("const" = "v1"))]
    api_version: &'static str,
    /// The objects.
    #[schemars(with = "Vec<Object>")]
    items: Vec<Value>,
    /// Always `List`.
    #[schemars(extend("const" = "List"))]
    kind: &'static str,
    /// What is said of the List as a whole.
    metadata: ListMetadata,
}

/// A List's metadata.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListMetadata {
    /// Always empty: the objects can be of different lists.
    #[schemars(extend("const" = ""))]
    resource_version: &'static str,
}

/// An object as the API server has it, without its managed fields.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// What Kubernetes keeps of every object.
    pub metadata: Metadata,
    /// What is wanted; the fields are those of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Map<String, Value>")]
    pub spec: Option<Map<String, Value>>,
    /// What is; the fields are those of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Map<String, Value>")]
    pub status: Option<Map<String, Value>>,
}

/// What Kubernetes keeps of every object; the fields that matter here, among others.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("required" = ["name"]))]
pub struct Metadata {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The annotations.
    pub annotations: BTreeMap<String, String>,
    /// How often the spec was changed.
    pub generation: i64,
    /// The version of the whole object.
    pub resource_version: String,
    /// What tells it from an earlier object of the same name.
    pub uid: String,
    /// When it was made.
    #[schemars(extend("format" = "date-time"))]
    pub creation_timestamp: String,
    /// When it was deleted, where it waits for its finalizers.
    #[schemars(extend("format" = "date-time"))]
    pub deletion_timestamp: String,
    /// Who has something to do before it goes.
    pub finalizers: Vec<String>,
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        List {
            api_version: "v1",
            items,
            kind: "List",
            metadata: ListMetadata {
                resource_version: "",
            },
        }
    }
}

/// The objects in a format, or nothing where that is for the command to write. With `single`, one
/// object is written by itself; `header` is for custom columns. JSON and YAML leave out what the
/// server keeps for its own book-keeping, as kubectl does; templates see it, as with kubectl.
///
/// # Errors
/// When an object cannot be written, or does not fit a template.
pub fn write(
    format: &Format,
    objects: &[DynamicObject],
    single: bool,
    header: bool,
) -> Result<Option<String>> {
    match format {
        Format::Wide | Format::JsonLines => return Ok(None),
        Format::Name => return Ok(Some(objects.iter().map(name_line).collect())),
        Format::CustomColumns(columns) => {
            let items = values(objects)?;
            let rows: Vec<&Value> = items.iter().collect();
            return columns.render(&rows, header).map(Some);
        }
        _ => {}
    }
    let mut items = values(objects)?;
    if matches!(format, Format::Json | Format::Yaml) {
        for item in &mut items {
            if let Some(metadata) = item.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
            }
        }
    }
    if single && items.len() == 1 {
        return format.write(&items.swap_remove(0), None);
    }
    format.write(&List::from(items), Some("/items"))
}

/// The object as a value.
///
/// # Errors
/// Never in practice: every object has a JSON form.
pub fn value(object: &DynamicObject) -> Result<Value> {
    serde_json::to_value(object)
        .map_err(|error| Error::failed("cannot write the object").caused_by(error))
}

fn values(objects: &[DynamicObject]) -> Result<Vec<Value>> {
    objects.iter().map(value).collect()
}

/// `kustomization.kustomize.toolkit.fluxcd.io/apps`, as kubectl writes it, with a line's end.
pub fn name_line(object: &DynamicObject) -> String {
    let types = object.types.clone().unwrap_or_default();
    let group = types.api_version.rsplit_once('/').map_or("", |(g, _)| g);
    let separator = if group.is_empty() { "" } else { "." };
    format!(
        "{}{separator}{group}/{}\n",
        types.kind.to_lowercase(),
        object.metadata.name.as_deref().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Asked, Word};
    use super::*;

    fn objects() -> Vec<DynamicObject> {
        let object = |name: &str| {
            let object = json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket",
                "metadata": {"name": name, "managedFields": [{"manager": "flux"}]},
                "spec": {"interval": "1m"}});
            serde_json::from_value(object).unwrap()
        };
        vec![object("a"), object("b")]
    }

    fn written(format: &str, count: usize, single: bool, header: bool) -> String {
        let offered = [Word::Json, Word::Name, Word::JsonPath, Word::CustomColumns];
        let format = Asked::parse(format, &offered).unwrap();
        let format = format.load(|_| unreachable!()).unwrap();
        write(&format, &objects()[..count], single, header)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn one_is_itself_and_several_are_a_list() {
        let one: Value = serde_json::from_str(&written("json", 1, true, true)).unwrap();
        assert_eq!(one["metadata"], json!({"name": "a"}));
        for (count, single) in [(0, true), (1, false), (2, true)] {
            let list: Value = serde_json::from_str(&written("json", count, single, true)).unwrap();
            assert_eq!(list["kind"], "List");
            assert_eq!(list["metadata"], json!({"resourceVersion": ""}));
            assert_eq!(list["items"].as_array().unwrap().len(), count);
        }
        assert_eq!(
            written("jsonpath={.items[*].metadata.name}", 2, true, true),
            "a b"
        );
        assert_eq!(
            written("jsonpath={.metadata.managedFields}", 1, true, true),
            r#"[{"manager":"flux"}]"#
        );
        assert_eq!(
            written("custom-columns=N:.metadata.name", 2, true, false),
            "a\nb\n"
        );
        assert_eq!(
            written("custom-columns=N:.metadata.name", 1, true, true),
            "N\na\n"
        );
        assert_eq!(
            written("name", 2, false, true),
            "bucket.source.toolkit.fluxcd.io/a\nbucket.source.toolkit.fluxcd.io/b\n"
        );
    }
}
