//! From schemars' JSON schemas to the structural schemas that Kubernetes takes, in the form that
//! controller-gen gives them.
//!
//! Every rule here holds for all kinds; what is particular to a field stands on the field.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of a type, complete in itself.
pub(crate) fn structural<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::openapi3()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
            // `tidy` does what is needed of them in one walk.
            settings.transforms.clear();
        })
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    tidy(&mut schema);
    schema
}

/// The schema of a whole object from those of its parts.
pub(crate) fn object(description: &str, spec: Value, status: Option<Value>) -> Value {
    let mut properties = Map::new();
    properties.insert(
        "apiVersion".into(),
        json!({ "type": "string", "description": "API group and version of the object." }),
    );
    properties.insert(
        "kind".into(),
        json!({ "type": "string", "description": "Kind of the object." }),
    );
    // The API server refuses a definition that says more than this of the metadata.
    properties.insert("metadata".into(), json!({ "type": "object" }));
    properties.insert("spec".into(), spec);
    if let Some(status) = status {
        properties.insert("status".into(), status);
    }
    json!({ "type": "object", "description": description, "properties": properties })
}

/// Rewrites a schema and everything below it.
fn tidy(schema: &mut Value) {
    let Value::Object(schema) = schema else {
        return;
    };
    schema.remove("title");
    forget_null(schema);
    // schemars' name for `isize`, which is Go's `int`: an integer without a format.
    if schema.get("format").is_some_and(|format| format == "int") {
        schema.remove("format");
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = reflow(text);
    }
    if let Some(Value::Array(names)) = schema.get_mut("required") {
        names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(keyword) {
            tidy(inner);
        }
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(tidy);
    }
}

/// Takes back that an optional field may be null: the API drops nulls before it validates.
fn forget_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [name] = types.as_slice() {
            let name = name.clone();
            schema.insert("type".into(), name);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// Joins the lines of each paragraph, as rustdoc does.
fn reflow(text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is,
    /// over two lines.
    ///
    /// And more.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Sample {
        /// Text.
        text: Option<String>,
        /// Count.
        count: isize,
        /// Long count.
        amount: i64,
    }

    #[test]
    fn follows_controller_gen() {
        assert_eq!(
            structural::<Sample>(),
            json!({
                "type": "object",
                "description": "What it is, over two lines.\n\nAnd more.",
                "properties": {
                    "text": { "type": "string", "description": "Text." },
                    "count": { "type": "integer", "description": "Count." },
                    "amount": { "type": "integer", "format": "int64", "description": "Long count." },
                },
                "required": ["amount", "count"],
            })
        );
    }
}
