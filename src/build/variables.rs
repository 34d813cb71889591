//! Variables from ConfigMaps and Secrets: what `spec.postBuild.substituteFrom` brings.
//!
//! Who reads the objects is the caller's business: a cluster, or a tree of files.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The kinds that variables come from.
pub const KINDS: [&str; 2] = ["ConfigMap", "Secret"];

/// Variables by name. Values from Secrets are in no `Debug` text.
#[derive(Clone, Default, PartialEq)]
pub struct Variables {
    by_name: BTreeMap<String, Variable>,
    failure: Option<String>,
}

#[derive(Clone, PartialEq)]
pub(super) struct Variable {
    /// Bytes, as the data of a Secret need not be text.
    pub(super) value: Vec<u8>,
    pub(super) is_secret: bool,
}

impl Variables {
    /// Adds the data of a ConfigMap or Secret; it counts more than what was added before.
    ///
    /// # Errors
    /// When a value of a Secret is not base64.
    pub fn add(&mut self, object: &Value) -> Result<(), super::Error> {
        let is_secret = object["kind"] == "Secret";
        for (name, value) in entries(&object["data"]) {
            let value = if is_secret {
                let mut text = value;
                text.retain(|c| c != '\r' && c != '\n');
                // The decoder's error would show a part of the value.
                STANDARD
                    .decode(text)
                    .map_err(|_| super::Error::new(format!("data.{name} is no base64")))?
            } else {
                value.into_bytes()
            };
            self.set(name, value, is_secret);
        }
        if is_secret {
            for (name, value) in entries(&object["stringData"]) {
                self.set(name, value.into_bytes(), true);
            }
        }
        Ok(())
    }

    /// Sets one variable that is no secret.
    pub fn set_plain(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.set(name.into(), value.into(), false);
    }

    /// Sets one variable that counts as one of a Secret.
    pub fn set_secret(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.set(name.into(), value.into(), true);
    }

    fn set(&mut self, name: String, mut value: Vec<u8>, is_secret: bool) {
        // As in Flux: line breaks are left out.
        value.retain(|byte| *byte != b'\n');
        self.by_name.insert(name, Variable { value, is_secret });
    }

    /// Remembers that the variables could not be read. A build that needs them fails with `why`.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.failure.get_or_insert_with(|| why.into());
    }

    /// Why the variables could not be read.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.by_name.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name.keys()
    }

    /// Whether a variable comes from a Secret.
    pub(super) fn any_secret(&self) -> bool {
        self.by_name.values().any(|variable| variable.is_secret)
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

fn entries(fields: &Value) -> impl Iterator<Item = (String, String)> + '_ {
    let fields = fields.as_object().into_iter().flatten();
    fields.map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        (name.clone(), text)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_added_later_counts() {
        let mut variables = Variables::default();
        let config = json!({"kind": "ConfigMap", "data": {"a": "1\n2", "b": "x"}});
        let secret = json!({"kind": "Secret", "data": {"b": "c2VjcmV0"}, "stringData": {"c": "d"}});
        variables.add(&config).unwrap();
        variables.add(&secret).unwrap();
        let value = |name| {
            let variable = variables.get(name).unwrap();
            (String::from_utf8_lossy(&variable.value), variable.is_secret)
        };
        assert_eq!(value("a"), ("12".into(), false));
        assert_eq!(value("b"), ("secret".into(), true));
        assert_eq!(value("c"), ("d".into(), true));
        assert_eq!(format!("{variables:?}"), r#"{"a", "b", "c"}"#);
    }

    #[test]
    fn an_error_shows_no_value() {
        let secret = json!({"kind": "Secret", "data": {"b": "hunter two"}});
        let error = Variables::default().add(&secret).unwrap_err();
        assert_eq!(error.to_string(), "data.b is no base64");
    }
}
