//! The formats in which objects are answered.

use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::yaml;

/// A format of `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON document; several objects are a List.
    Json,
    /// One YAML document; several objects are a List.
    Yaml,
    /// `kind/name`, one a line.
    Name,
    /// The table with more columns.
    Wide,
}

/// The objects in a format for machines, or nothing where the format is a table.
///
/// # Errors
/// When an object cannot be written.
pub fn machine(format: Format, objects: &[DynamicObject], single: bool) -> Result<Option<String>> {
    match format {
        Format::Wide => Ok(None),
        Format::Name => Ok(Some(objects.iter().map(name_line).collect())),
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&value(objects, single)?)
                .map_err(|error| Error::failed("cannot write JSON").caused_by(error))?;
            text.push('\n');
            Ok(Some(text))
        }
        Format::Yaml => yaml::to_string(&value(objects, single)?).map(Some),
    }
}

/// `kustomization/apps`, with the group as kubectl writes it.
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

/// One object by itself, or kubectl's List of them. What the server keeps for its own book-keeping
/// is left out, as kubectl does.
fn value(objects: &[DynamicObject], single: bool) -> Result<Value> {
    let mut items = Vec::with_capacity(objects.len());
    for object in objects {
        let mut object = object.clone();
        object.metadata.managed_fields = None;
        let item = serde_json::to_value(&object)
            .map_err(|error| Error::failed("cannot write the object").caused_by(error))?;
        items.push(item);
    }
    if single && items.len() == 1 {
        return Ok(items.swap_remove(0));
    }
    Ok(json!({
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {"resourceVersion": ""},
        "items": items,
    }))
}
