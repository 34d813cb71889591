//! Texts that are secret, and hiding them in other texts: messages of the server, and names of objects.
//!
//! A long one is hidden wherever it stands. A short one is hidden where it stands alone, between what is neither letter
//! nor digit: `7431` in `Value:7431`, but not in `174312`. One that says nothing, such as `true` or `1`, is hidden only
//! in messages about the object that holds it; anywhere else it would stand by chance. An empty one hides nothing.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::mask::SAME;
use crate::kinds::ObjectName;

/// The least length of a secret that is looked for within words. Shorter ones are too likely to be
/// a part of one by chance.
const LEAST: usize = 6;

/// The places of what an object is called by.
const NAMES: &[&str] = &["/metadata/name", "/metadata/namespace"];

/// Texts that are secret wherever they stand.
#[derive(Clone, Default)]
pub struct Secrets {
    /// In objects and in messages: long ones.
    anywhere: BTreeSet<String>,
    /// In messages. Elsewhere they may stand by chance, and hiding them would hide differences.
    in_messages: BTreeSet<String>,
    /// In messages about an object.
    common: BTreeMap<ObjectName, BTreeSet<String>>,
    /// Names with something secret in them, and what is shown of them.
    names: BTreeMap<String, String>,
}

impl Secrets {
    /// Learns the texts at those places of an object, the values of Secrets that were put into it,
    /// and the data of a Secret.
    pub fn learn(&mut self, object: &Value, places: &[String], values: &[String]) {
        let subject = ObjectName::of(object);
        let mut found = BTreeSet::new();
        for place in places {
            let Some(value) = object.pointer(place) else {
                continue;
            };
            match value {
                Value::String(name) if NAMES.contains(&place.as_str()) => {
                    self.learn_name(name, values);
                }
                value => {
                    scalars(value, &mut found);
                    let mut keys = BTreeSet::new();
                    long_keys(value, &mut keys);
                    self.anywhere.extend(keys);
                }
            }
        }
        let long = found.iter().filter(|text| text.len() >= LEAST);
        self.anywhere.extend(long.cloned());
        found.extend(values.iter().cloned());
        if object["kind"] == "Secret" {
            let texts = object["data"].as_object().into_iter().flatten();
            for text in texts.filter_map(|(_, value)| value.as_str()) {
                found.insert(text.to_owned());
                let decoded = STANDARD.decode(text).ok();
                found.extend(decoded.and_then(|bytes| String::from_utf8(bytes).ok()));
            }
        }
        for text in found {
            self.learn_text(text, subject.as_ref());
        }
    }

    fn learn_text(&mut self, text: String, subject: Option<&ObjectName>) {
        let texts = match subject {
            _ if text.is_empty() => return,
            _ if !is_common(&text) => &mut self.in_messages,
            Some(subject) => self.common.entry(subject.clone()).or_default(),
            None => return,
        };
        texts.insert(text);
    }

    /// Learns a name that values were put into. What is not theirs is shown.
    fn learn_name(&mut self, name: &str, values: &[String]) {
        let shown = values.iter().map(|value| (value.as_str(), SAME));
        let shown: Vec<(&str, &str)> = shown.collect();
        let mut hidden = replaced(name, &shown, alone);
        if hidden == name {
            hidden = replaced(name, &shown, |_, _| true);
        }
        if hidden == name {
            // Something was made of the values.
            SAME.clone_into(&mut hidden);
        }
        self.names.insert(name.to_owned(), hidden);
    }

    /// What is shown of the name of an object.
    pub fn shown(&self, subject: &ObjectName) -> ObjectName {
        let shown = |name: &String| self.names.get(name).unwrap_or(name).clone();
        ObjectName {
            name: shown(&subject.name),
            namespace: subject.namespace.as_ref().map(shown),
            ..subject.clone()
        }
    }

    /// A text of ours with the secrets in names replaced.
    pub fn hide_names(&self, text: &str) -> String {
        replaced(text, &self.shown_names(), alone)
    }

    /// The message, which is about that object, with the secrets in it replaced.
    pub fn hide(&self, message: &str, about: Option<&ObjectName>) -> String {
        let common = about.and_then(|subject| self.common.get(subject));
        let texts = self.anywhere.iter().chain(&self.in_messages);
        let texts = texts.chain(common.into_iter().flatten());
        let mut shown: Vec<(&str, &str)> = texts.map(|text| (text.as_str(), SAME)).collect();
        // Those that are names, too, are told as such.
        shown.splice(0..0, self.shown_names());
        replaced(message, &shown, |place, secret| {
            secret.len() >= LEAST || alone(place, secret)
        })
    }

    fn shown_names(&self) -> Vec<(&str, &str)> {
        let names = self.names.iter();
        names
            .map(|(name, shown)| (name.as_str(), shown.as_str()))
            .collect()
    }

    pub(super) fn hide_in(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.anywhere.iter().any(|secret| text.contains(secret)) => {
                let shown = self.anywhere.iter().map(|secret| (secret.as_str(), SAME));
                *text = replaced(text, &shown.collect::<Vec<_>>(), |_, _| true);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.hide_in(value)),
            _ => {}
        }
    }
}

/// Whether a text says nothing about where it is from.
fn is_common(text: &str) -> bool {
    let mut characters = text.chars();
    let is_one = characters.next().is_some() && characters.next().is_none();
    is_one
        || matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off"
        )
}

/// Collects the texts, numbers and truth values in a value.
fn scalars(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Number(_) | Value::Bool(_) => drop(found.insert(value.to_string())),
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| scalars(value, found)),
        Value::Null => {}
    }
}

/// Collects the names of fields in a value: one of them may be secret.
fn long_keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| long_keys(item, found)),
        Value::Object(fields) => {
            found.extend(fields.keys().filter(|key| key.len() >= LEAST).cloned());
            fields.values().for_each(|value| long_keys(value, found));
        }
        _ => {}
    }
}

/// A text with others in it replaced, wherever `here` says so of the texts before and behind the
/// place and the other one. Of two that begin at a place the longer one counts.
fn replaced(
    text: &str,
    others: &[(&str, &str)],
    here: impl Fn((&str, &str), &str) -> bool,
) -> String {
    let mut others: Vec<(&str, &str)> = others
        .iter()
        .filter(|(other, _)| !other.is_empty() && text.contains(other))
        .copied()
        .collect();
    if others.is_empty() {
        return text.to_owned();
    }
    others.sort_by_key(|(other, _)| std::cmp::Reverse(other.len()));
    let mut written = String::with_capacity(text.len());
    let mut place = 0;
    while let Some(c) = text[place..].chars().next() {
        let (before, rest) = text.split_at(place);
        let fits = |(other, _): &&(&str, &str)| {
            rest.strip_prefix(*other)
                .is_some_and(|behind| here((before, behind), other))
        };
        if let Some((other, shown)) = others.iter().find(fits) {
            written.push_str(shown);
            place += other.len();
        } else {
            written.push(c);
            place += c.len_utf8();
        }
    }
    written
}

/// Whether a text stands alone between those: no word goes on where it begins or ends.
fn alone((before, behind): (&str, &str), text: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins = is_word(before.chars().next_back()) && is_word(text.chars().next());
    let ends = is_word(text.chars().next_back()) && is_word(behind.chars().next());
    !begins && !ends
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, fields: Value) -> Value {
        let mut object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "apps"}});
        object["data"] = fields;
        object
    }

    fn learnt(object: &Value, places: &[&str], values: &[&str]) -> Secrets {
        let owned =
            |texts: &[&str]| -> Vec<String> { texts.iter().map(|&text| text.to_owned()).collect() };
        let mut secrets = Secrets::default();
        secrets.learn(object, &owned(places), &owned(values));
        secrets
    }

    #[test]
    fn short_values_are_hidden_where_they_stand_alone() {
        let secrets = learnt(&pod("n", json!({"n": 7431})), &["/data/n"], &["7431"]);
        for (text, shown) in [
            (
                "expected string, got &value{Value:7431}",
                "expected string, got &value{Value:***}",
            ),
            ("7431", "***"),
            ("a-7431_7431", "a-***_***"),
            ("174312 7431x é7431", "174312 7431x é7431"),
        ] {
            assert_eq!(secrets.hide(text, None), shown);
        }
        // A number that no variable is known of.
        let secrets = learnt(&pod("n", json!({"n": 74})), &["/data/n"], &[]);
        assert_eq!(secrets.hide("Value:74", None), "Value:***");
        // The whole one counts where one holds another.
        let secrets = learnt(&pod("n", json!({})), &[], &["ab", "ab-cd", "*"]);
        assert_eq!(secrets.hide("ab-cd ab", None), "*** ***");
    }

    #[test]
    fn data_of_secrets_is_hidden_however_short() {
        let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "data": {"pin": STANDARD.encode("7431"), "none": ""}});
        let secrets = learnt(&object, &[], &[]);
        assert_eq!(
            secrets.hide("got 7431, NzQzMQ== and \"\"", None),
            "got ***, *** and \"\""
        );
    }

    #[test]
    fn what_says_nothing_is_hidden_where_it_belongs() {
        let object = pod("n", json!({"a": true, "b": "1"}));
        let secrets = learnt(&object, &["/data/a", "/data/b"], &["true", "1", ""]);
        let about = ObjectName::of(&object);
        let text = "containers[1]: true, 11";
        assert_eq!(
            secrets.hide(text, about.as_ref()),
            "containers[***]: ***, 11"
        );
        let other = ObjectName::of(&pod("other", json!({})));
        assert_eq!(secrets.hide(text, other.as_ref()), text);
        assert_eq!(secrets.hide(text, None), text);
    }

    #[test]
    fn names_show_what_is_not_secret() {
        for (name, values, shown) in [
            ("key-7431", &["7431"][..], "key-***"),
            ("key7431", &["7431"], "key***"),
            ("web-1-11", &["1"], "web-***-11"),
            // The first three of it, say.
            ("key-743", &["7431"], "***"),
        ] {
            let object = pod(name, json!({}));
            let secrets = learnt(&object, &["/metadata/name"], values);
            let subject = ObjectName::of(&object).unwrap();
            assert_eq!(
                secrets.shown(&subject).to_string(),
                format!("Pod/apps/{shown}")
            );
            assert_eq!(
                secrets.hide(&format!("pods \"{name}\" is invalid"), None),
                format!("pods \"{shown}\" is invalid")
            );
            assert_eq!(
                secrets.hide_names(&format!("apps/{name}")),
                format!("apps/{shown}")
            );
        }
        // One that only happens to be a value stays.
        let object = pod("admin", json!({"user": "admin"}));
        let secrets = learnt(&object, &["/data/user"], &["admin"]);
        let subject = ObjectName::of(&object).unwrap();
        assert_eq!(secrets.shown(&subject), subject);
    }
}
