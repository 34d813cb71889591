//! Putting variables into objects, and knowing which of their fields hold what came from a Secret.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde_json::Value;

use super::spec::{GROUP, PostBuild};
use super::variables::Variables;
use super::{Error, Options};
use crate::substitute::{self, Missing, substitute};

/// What to do where a variable has no value.
const NOT_SET: &str =
    "give it a value under spec.postBuild, or a default where it stands: ${name:=default}";
/// What to do where something is no variable.
const NOT_MEANT: &str = "write $${ where no variable is meant, or keep all variables out of the \
                         object: annotation kustomize.toolkit.fluxcd.io/substitute: disabled";

/// Variables for the objects of one Kustomization.
pub(super) struct Filling<'v> {
    post_build: &'v PostBuild,
    variables: &'v Variables,
    missing: Missing,
}

/// Values of Secrets' variables. They are in no `Debug` text.
#[derive(Clone, Default, PartialEq)]
pub struct SecretValues(Vec<String>);

impl SecretValues {
    fn add(&mut self, value: String) {
        if !self.0.contains(&value) {
            self.0.push(value);
        }
    }

    /// The values.
    pub fn texts(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for SecretValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values", self.0.len())
    }
}

/// What of an object came from Secrets.
#[derive(Debug, Default)]
pub(super) struct FromSecrets {
    /// The fields with it, as JSON pointers.
    pub(super) places: Vec<String>,
    /// The values of the variables.
    pub(super) values: SecretValues,
}

impl<'v> Filling<'v> {
    pub(super) fn new(
        post_build: &'v PostBuild,
        variables: &'v Variables,
        options: &Options,
    ) -> Self {
        Filling {
            post_build,
            variables,
            missing: if options.strict {
                Missing::Refused
            } else {
                Missing::Empty
            },
        }
    }

    /// Puts variables into an object, unless it says not to. Returns what of it came from Secrets.
    pub(super) fn fill(&self, object: &mut Value) -> Result<FromSecrets, Error> {
        let key = format!("{GROUP}/substitute");
        let metadata = &object["metadata"];
        let disabled = |field: &str| metadata[field][&key] == "disabled";
        if disabled("labels") || disabled("annotations") {
            return Ok(FromSecrets::default());
        }
        if let Some(why) = self.variables.failure() {
            return Err(Error::new(why));
        }
        let mut names = self.names().peekable();
        if names.peek().is_none() && self.post_build.substitute_strategy != "Always" {
            return Ok(FromSecrets::default());
        }
        names.try_for_each(|name| check_name(name))?;
        let secret = self.secret_fields(object);
        let text = kustomize::yaml::to_string(object);
        let lookup = |name: &str| self.value(name).map(|(value, _)| value);
        let filled = substitute(text.as_bytes(), &lookup, self.missing).map_err(|error| {
            let advice = match error {
                substitute::Error::NotSet(_) => NOT_SET,
                _ => NOT_MEANT,
            };
            Error::new(format!(
                "envsubst error: variable substitution failed: {error}"
            ))
            .advised(advice)
        })?;
        let malformed = |why: &dyn std::fmt::Display| {
            // What is wrong with a text may show a part of it.
            let why = if secret.places.is_empty() {
                why.to_string()
            } else {
                "malformed, with values of Secrets in it that cannot be shown".to_owned()
            };
            Error::new(format!("envsubst error: YAMLToJSON: {why}"))
        };
        let filled = String::from_utf8(filled).map_err(|_| malformed(&"not UTF-8"))?;
        match kustomize::yaml::parse_first(&filled) {
            Ok(Some(node)) if node.as_mapping().is_some() => *object = node.to_json(),
            Ok(_) => return Err(malformed(&"no object")),
            Err(error) => return Err(malformed(&error)),
        }
        Ok(secret)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.variables
            .names()
            .chain(self.post_build.substitute.keys())
    }

    /// The value of a variable, and whether it is a Secret's. Those in the Kustomization itself
    /// count most.
    fn value(&self, name: &str) -> Option<(Cow<'v, [u8]>, bool)> {
        if let Some(text) = self.post_build.substitute.get(name) {
            return Some((Cow::Owned(text.replace('\n', "").into_bytes()), false));
        }
        let variable = self.variables.get(name)?;
        Some((Cow::Borrowed(&variable.value), variable.is_secret))
    }

    fn secret_fields(&self, object: &Value) -> FromSecrets {
        let mut found = FromSecrets::default();
        if self.variables.any_secret() {
            self.find_secrets(object, &mut String::new(), &mut found);
        }
        found
    }

    /// Collects the fields in whose text a variable of a Secret is asked for.
    fn find_secrets(&self, value: &Value, at: &mut String, found: &mut FromSecrets) {
        let length = at.len();
        match value {
            Value::String(text) if self.asks_for_secret(text, &mut found.values).1 => {
                found.places.push(at.clone());
            }
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    at.push_str(&format!("/{position}"));
                    self.find_secrets(item, at, found);
                    at.truncate(length);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    let (key, secret) = self.asks_for_secret(key, &mut found.values);
                    if secret {
                        // A name of a field that is secret makes all beside it so.
                        found.places.push(at.clone());
                        return;
                    }
                    at.push('/');
                    at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    self.find_secrets(value, at, found);
                    at.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// A text with its variables put in, and whether one of them is a Secret's; adds the values of
    /// those.
    fn asks_for_secret<'t>(
        &self,
        text: &'t str,
        values: &mut SecretValues,
    ) -> (Cow<'t, str>, bool) {
        if !text.contains("${") {
            return (Cow::Borrowed(text), false);
        }
        let (asked, values) = (Cell::new(false), RefCell::new(values));
        let lookup = |name: &str| {
            let (value, secret) = self.value(name)?;
            if secret {
                asked.set(true);
                let text = String::from_utf8_lossy(&value).into_owned();
                values.borrow_mut().add(text);
            }
            Some(value)
        };
        match substitute(text.as_bytes(), &lookup, Missing::Empty) {
            Ok(filled) => {
                let filled = String::from_utf8_lossy(&filled).into_owned();
                (Cow::Owned(filled), asked.get())
            }
            // Where it is not clear what the text comes to, it is taken for secret.
            Err(_) => (Cow::Borrowed(text), true),
        }
    }
}

/// Whether a variable can have that name.
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next();
    first.is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && characters.all(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn check_name(name: &str) -> Result<(), Error> {
    if is_name(name) {
        return Ok(());
    }
    Err(Error::new(format!(
        "envsubst error: '{name}' var name is invalid, must match \
         '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_with_secrets_are_known() {
        let mut variables = Variables::default();
        let secret = json!({"kind": "Secret", "stringData": {"password": "p", "port": "80"}});
        variables.add(&secret).unwrap();
        variables.set_plain("region", "eu");
        let post_build = PostBuild::default();
        let filling = Filling::new(&post_build, &variables, &Options::default());
        let mut object = json!({
            "kind": "X",
            "spec": {
                "a/b": "user:${password}@", "port": "${port}", "plain": "${region}",
                "list": ["x", {"${region}": "${none:=${password}}"}],
                "keys": {"${password}": 1, "other": 2},
            },
        });
        let secret = filling.fill(&mut object).unwrap();
        assert_eq!(
            secret.places,
            ["/spec/a~1b", "/spec/keys", "/spec/list/1/eu", "/spec/port"]
        );
        assert_eq!(secret.values.texts(), ["p", "80"]);
        assert!(!format!("{secret:?}").contains("80"));
        assert_eq!(object["spec"]["a/b"], "user:p@");
        assert_eq!(object["spec"]["port"], 80);
    }

    #[test]
    fn what_is_malformed_shows_no_secret() {
        let mut variables = Variables::default();
        let secret = json!({"kind": "Secret", "stringData": {"password": "*hunter"}});
        variables.add(&secret).unwrap();
        variables.set_plain("name", "*plain");
        let post_build = PostBuild::default();
        let options = Options::default();
        let filling = Filling::new(&post_build, &variables, &options);
        let fill = |text: &str| {
            filling
                .fill(&mut json!({"a": text}))
                .unwrap_err()
                .to_string()
        };
        assert!(fill("${name}").contains("plain"));
        let error = fill("${password}");
        assert!(!error.contains("hunter"), "{error}");
    }

    #[test]
    fn the_kustomizations_own_variables_count_most() {
        let mut variables = Variables::default();
        variables.set_plain("a", "below");
        variables.set_plain("b", "below");
        let post_build = PostBuild {
            substitute: [("a".to_owned(), "above".to_owned())].into(),
            ..PostBuild::default()
        };
        let filling = Filling::new(&post_build, &variables, &Options::default());
        let mut object = json!({"a": "${a} ${b} ${c}"});
        filling.fill(&mut object).unwrap();
        assert_eq!(object["a"], "above below");
    }

    #[test]
    fn variables_that_could_not_be_read_matter_where_they_are_needed() {
        let mut variables = Variables::default();
        variables.fail("no rights");
        let post_build = PostBuild::default();
        let filling = Filling::new(&post_build, &variables, &Options::default());
        let label = "kustomize.toolkit.fluxcd.io/substitute";
        let mut disabled = json!({"metadata": {"labels": {label: "disabled"}}});
        assert!(filling.fill(&mut disabled).is_ok());
        let error = filling.fill(&mut json!({"metadata": {}})).unwrap_err();
        assert_eq!(error.to_string(), "no rights");
    }
}
