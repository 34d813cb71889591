//! Hiding what SOPS encrypted.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Error;

/// What was hidden: the fields as JSON pointers, with a digest of what they had, so that a change of it can be seen.
pub type Hidden = BTreeMap<String, [u8; 32]>;

/// What stands for an encrypted value.
pub(super) const MASK: &str = "**SOPS**";
/// The same for a Docker configuration, which has to be JSON.
const JSON_MASK: &str = r#"{"mask":"**SOPS**"}"#;

/// Hides the encrypted values of a Secret, and returns which. What is in `data` becomes text.
///
/// # Errors
/// When a value in `data` is not base64.
pub(super) fn mask(object: &mut Value) -> Result<Hidden, Error> {
    let mut hidden = Hidden::new();
    if object["kind"] != "Secret" {
        return Ok(hidden);
    }
    let text = kustomize::yaml::to_string(object);
    let encrypted = text.contains("sops:") && text.contains("mac: ENC[");
    let docker = object["type"] == "kubernetes.io/dockerconfigjson";
    let name = object["metadata"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let Some(fields) = object.as_object_mut() else {
        return Ok(hidden);
    };
    if encrypted {
        fields.remove("sops");
    }
    let mask = if docker && encrypted { JSON_MASK } else { MASK };
    let mut data = texts(fields.get("data"));
    let mut hide = |field: &str, key: &str, value: &mut Value, mask: Value| {
        let pointer = format!("/{field}/{key}");
        hidden.insert(pointer, Sha256::digest(value.to_string()).into());
        *value = mask;
    };
    for (key, value) in &mut data {
        if encrypted || is_encrypted(&decode(value, &name, key)?) {
            hide("data", key, value, STANDARD.encode(mask).into());
        }
    }
    let mut plain = match fields.get("stringData") {
        Some(Value::Object(plain)) => plain.clone(),
        _ => Map::new(),
    };
    for (key, value) in &mut plain {
        let text = value.as_str().unwrap_or_default();
        if encrypted {
            hide("stringData", key, value, mask.into());
        } else if value.is_null() {
            *value = "".into();
        } else if is_encrypted(text.as_bytes()) {
            // As in Flux, which takes the mask of the other field.
            hide("stringData", key, value, STANDARD.encode(mask).into());
        }
    }
    if data.is_empty() {
        fields.remove("data");
    } else {
        fields.insert("data".to_owned(), Value::Object(data));
    }
    if !plain.is_empty() {
        fields.insert("stringData".to_owned(), Value::Object(plain));
    }
    Ok(hidden)
}

fn texts(fields: Option<&Value>) -> Map<String, Value> {
    let Some(Value::Object(fields)) = fields else {
        return Map::new();
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields
        .iter()
        .map(|(key, value)| (key.clone(), text(value).into()))
        .collect()
}

fn decode(value: &Value, name: &str, key: &str) -> Result<Vec<u8>, Error> {
    let mut text = value.as_str().unwrap_or_default().to_owned();
    text.retain(|c| c != '\r' && c != '\n');
    // The error of the decoder would show a part of the value.
    STANDARD.decode(text).map_err(|_| {
        Error::new(format!(
            "failed to mask secret {name} sops data: illegal base64 data in data.{key}"
        ))
        .advised("write the value in base64 under data, or as it is under stringData")
    })
}

fn is_encrypted(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    text.contains("sops") && text.contains("ENC[")
}
