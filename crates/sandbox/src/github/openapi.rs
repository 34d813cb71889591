//! GitHub's published OpenAPI description against recordings of this server.
//!
//! The description (npm `@octokit/openapi`, file `generated/api.github.com.json`, OpenAPI 3.0) is cut to the endpoints
//! served here and its schemas are brought into JSON Schema's form; [`check`] then names, for one recorded request, the
//! schemas that its parts must satisfy. Validating is left to the caller, so that no validator is needed to record.

use serde_json::{Map, Value, json};

use super::record::Recorded;
use super::routes::ROUTES;

/// Statuses that GitHub answers on any endpoint although the description doesn't list them.
pub const UNLISTED: &[(u16, &str)] = &[
    (301, "a renamed repository"),
    (307, "a renamed repository, asked to change"),
    (400, "a body that is no JSON"),
    (401, "a missing or worthless token"),
    (
        403,
        "a right that is missing, an archived repository, or a limit",
    ),
    (404, "what is absent, or hidden from the caller"),
    (422, "a body that doesn't make sense"),
    (429, "a limit"),
];

/// One thing to validate.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it is, such as `request body` or `200 response`.
    pub what: String,
    /// The schema, as a pointer into the document of [`cut`].
    pub schema: String,
    /// The value.
    pub value: Value,
}

/// Cuts a description to the endpoints served, in JSON Schema's form.
#[must_use]
pub fn cut(description: &Value) -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let method = route.method.as_str().to_lowercase();
        let operation = &description["paths"][route.template][&method];
        if operation.is_object() {
            let entry = paths.entry(route.template).or_insert_with(|| json!({}));
            entry[&method] = operation.clone();
        }
    }
    let mut document = json!({ "paths": paths });
    // What the kept parts refer to, and what that refers to in turn.
    let mut wanted = references(&document);
    while let Some(pointer) = wanted.pop() {
        if document.pointer(&pointer).is_none()
            && let Some(found) = description.pointer(&pointer)
        {
            wanted.extend(references(found));
            insert(&mut document, &pointer, found.clone());
        }
    }
    to_json_schema(&mut document);
    document
}

/// The endpoints served, as method and path.
#[must_use]
pub fn served() -> Vec<String> {
    ROUTES
        .iter()
        .map(|route| format!("{} {}", route.method, route.template))
        .collect()
}

/// The endpoints served that a description knows nothing of.
#[must_use]
pub fn undescribed(description: &Value) -> Vec<String> {
    let unknown = ROUTES.iter().filter(|route| {
        let method = route.method.as_str().to_lowercase();
        !description["paths"][route.template][&method].is_object()
    });
    unknown
        .map(|route| format!("{} {}", route.method, route.template))
        .collect()
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => {
            let own = fields
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|text| text.strip_prefix('#'));
            own.map(str::to_owned)
                .into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn insert(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.split('/').skip(1) {
        place = &mut place[part.replace("~1", "/").replace("~0", "~")];
    }
    *place = value;
}

/// Turns OpenAPI 3.0's `nullable` into a choice with null, and drops examples, which may look like schemas.
fn to_json_schema(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_json_schema),
        Value::Object(fields) => {
            let is_schema = ["type", "$ref", "allOf", "anyOf", "oneOf"]
                .iter()
                .any(|key| fields.contains_key(*key));
            if is_schema {
                fields.remove("example");
                fields.remove("examples");
                fields.remove("discriminator");
            }
            let nullable = fields.get("nullable") == Some(&Value::Bool(true));
            for field in fields.values_mut() {
                to_json_schema(field);
            }
            if nullable {
                fields.remove("nullable");
                *value = json!({ "anyOf": [value.take(), { "type": "null" }] });
            }
        }
        _ => {}
    }
}

/// What there is to validate about a request, or what is wrong with it already.
///
/// # Errors
///
/// When the description has no such endpoint or parameter, or lists no such status.
pub fn check(document: &Value, request: &Recorded) -> Result<Vec<Check>, String> {
    let Some(template) = &request.template else {
        return Err("no such endpoint is served".to_owned());
    };
    let method = request.method.to_lowercase();
    let pointer = format!(
        "/paths/{}/{method}",
        template.replace('~', "~0").replace('/', "~1")
    );
    let operation = document
        .pointer(&pointer)
        .ok_or_else(|| format!("{method} {template} is not described"))?;
    let mut checks = parameters(document, operation, &pointer, request)?;
    let body = &operation["requestBody"];
    let (place, described) = resolve(document, body, format!("{pointer}/requestBody"));
    if request.request.is_none() && described["required"] == true {
        return Err("it needs a body".to_owned());
    }
    if let Some(body) = &request.request {
        if described.is_null() {
            return Err("it takes no body".to_owned());
        }
        let (name, _) = media(described, "application/json").ok_or("it takes no JSON")?;
        checks.push(Check {
            what: "request body".to_owned(),
            schema: format!("{place}/content/{name}/schema"),
            value: body.clone(),
        });
    }
    if request.fault.is_none() {
        checks.extend(response(document, operation, &pointer, request)?);
    }
    Ok(checks)
}

fn parameters(
    document: &Value,
    operation: &Value,
    pointer: &str,
    request: &Recorded,
) -> Result<Vec<Check>, String> {
    let mut checks = Vec::new();
    let described: Vec<(String, &Value)> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, one)| resolve(document, one, format!("{pointer}/parameters/{index}")))
        .filter(|(_, one)| one["in"] == "query")
        .collect();
    for (name, text) in url::form_urlencoded::parse(request.query.as_bytes()) {
        let found = described.iter().find(|(_, one)| one["name"] == *name);
        let (place, one) = found.ok_or_else(|| format!("it has no query parameter {name:?}"))?;
        let value = match one["schema"]["type"].as_str() {
            Some("integer") => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), Value::from),
            Some("boolean") => text
                .parse::<bool>()
                .map_or_else(|_| json!(text), Value::from),
            _ => json!(text),
        };
        checks.push(Check {
            what: format!("query parameter {name:?}"),
            schema: format!("{place}/schema"),
            value,
        });
    }
    Ok(checks)
}

fn response(
    document: &Value,
    operation: &Value,
    pointer: &str,
    request: &Recorded,
) -> Result<Option<Check>, String> {
    let status = request.status.ok_or("it was not answered")?;
    let described = &operation["responses"][status.to_string()];
    if described.is_null() {
        let known = UNLISTED.iter().any(|(unlisted, _)| *unlisted == status);
        return if known {
            Ok(None)
        } else {
            Err(format!("it lists no status {status}"))
        };
    }
    let (place, described) = resolve(document, described, format!("{pointer}/responses/{status}"));
    let Some(body) = &request.response else {
        return Ok(None);
    };
    let sent = request.media_type.as_deref().unwrap_or_default();
    let (name, _) =
        media(described, sent).ok_or_else(|| format!("status {status} has no {sent:?}"))?;
    let schema = format!("{place}/content/{name}/schema");
    Ok(Some(Check {
        what: format!("{status} response"),
        schema,
        value: body.clone(),
    }))
}

/// Follows a reference to where it leads.
fn resolve<'d>(document: &'d Value, value: &'d Value, pointer: String) -> (String, &'d Value) {
    let target = value["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    match target.and_then(|pointer| Some((pointer, document.pointer(pointer)?))) {
        Some((pointer, found)) => resolve(document, found, pointer.to_owned()),
        None => (pointer, value),
    }
}

/// The description of a media type, whatever its parameters, and its name as part of a pointer.
fn media<'d>(described: &'d Value, sent: &str) -> Option<(String, &'d Value)> {
    let sent = sent.split(';').next().unwrap_or_default().trim();
    let found = described["content"]
        .as_object()?
        .iter()
        .find(|(name, _)| *name == sent)?;
    Some((found.0.replace('~', "~0").replace('/', "~1"), found.1))
}

/// Writes a recording: one line of JSON for each REST request.
#[must_use]
pub fn to_lines(requests: &[Recorded]) -> String {
    let rest = requests.iter().filter(|request| request.door == "rest");
    rest.filter_map(|request| serde_json::to_string(request).ok())
        .map(|line| line + "\n")
        .collect()
}

/// Reads a recording.
///
/// # Errors
///
/// When a line is none.
pub fn from_lines(text: &str) -> Result<Vec<Recorded>, serde_json::Error> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nullable_becomes_a_choice() {
        let mut schema = json!({ "type": "object", "properties": {
            "name": { "type": "string", "nullable": true, "example": "x" }, "example": { "type": "string" },
        }});
        to_json_schema(&mut schema);
        assert_eq!(
            schema,
            json!({ "type": "object", "properties": {
                "name": { "anyOf": [{ "type": "string" }, { "type": "null" }] }, "example": { "type": "string" },
            }})
        );
    }

    #[test]
    fn what_is_kept_brings_what_it_refers_to() {
        let description = json!({
            "paths": { "/meta": { "get": { "responses": { "200": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/a" } } } } } } }, "/zen": { "get": {} } },
            "components": { "schemas": {
                "a": { "type": "array", "items": { "$ref": "#/components/schemas/b" } },
                "b": { "type": "string" }, "c": { "type": "string" },
            } },
        });
        let document = cut(&description);
        assert!(document["paths"]["/zen"].is_null());
        assert_eq!(
            document["components"]["schemas"]["b"],
            json!({ "type": "string" })
        );
        assert!(document["components"]["schemas"]["c"].is_null());
    }
}
