//! What the conditions of an object amount to.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::DynamicObject;

/// Whether an object is where its spec wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is ready for the spec as it now is.
    Ready,
    /// The controller is still at it, or has not seen the latest change.
    InProgress(String),
    /// The controller has given up until something changes.
    Stalled(String),
    /// The latest attempt failed; the controller will try again.
    Failing(String),
    /// It is being deleted.
    Terminating,
}

/// The conditions of an object; those that cannot be read are left out.
pub fn conditions(object: &DynamicObject) -> Vec<Condition> {
    object.data["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|c| serde_json::from_value(c.clone()).ok())
        .collect()
}

/// The condition of that type, whatever its case.
pub fn condition(object: &DynamicObject, kind: &str) -> Option<Condition> {
    conditions(object)
        .into_iter()
        .rfind(|c| c.type_.eq_ignore_ascii_case(kind))
}

/// The status and the message of the Ready condition, as `get` shows them.
pub fn ready(object: &DynamicObject) -> (String, String) {
    let ready = object.data["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|c| c["type"] == "Ready");
    match ready {
        Some(c) => (
            c["status"].as_str().unwrap_or_default().to_owned(),
            c["message"].as_str().unwrap_or_default().to_owned(),
        ),
        None => ("False".to_owned(), "waiting to be reconciled".to_owned()),
    }
}

/// What the object's conditions amount to for the spec as it now is.
pub fn state(object: &DynamicObject) -> State {
    if object.metadata.deletion_timestamp.is_some() {
        return State::Terminating;
    }
    let generation = object.metadata.generation.unwrap_or(0);
    let observed = object.data["status"]["observedGeneration"].as_i64();
    let conditions = conditions(object);
    let find = |kind: &str| conditions.iter().find(|c| c.type_ == kind);
    let current = |c: &Condition| match c.observed_generation {
        None | Some(0) => observed == Some(generation),
        Some(of_condition) => of_condition == generation,
    };
    if let Some(stalled) = find("Stalled").filter(|c| c.status == "True" && current(c)) {
        return State::Stalled(stalled.message.clone());
    }
    let Some(ready) = find("Ready") else {
        return State::InProgress("the controller has not looked at it yet".to_owned());
    };
    if !current(ready) {
        return State::InProgress("the controller has not seen the latest change yet".to_owned());
    }
    // A failed attempt leaves the object's own generation behind, so only success needs it.
    let observed_now = observed.is_none_or(|o| o == generation);
    let reconciling = find("Reconciling").is_some_and(|c| c.status == "True");
    match ready.status.as_str() {
        "True" if observed_now && !reconciling => State::Ready,
        "False" => State::Failing(ready.message.clone()),
        _ => State::InProgress(ready.message.clone()),
    }
}

/// Cuts every hexadecimal run of 40 to 128 digits that stands as a word down to its first eight.
pub fn shorten_digests(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        let hexadecimal = word
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if (40..=128).contains(&word.len()) && hexadecimal {
            out.push_str(&word[..8]);
        } else {
            out.push_str(word);
        }
        let next = after.find(is_word).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(status: Value) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "K",
            "metadata": {"name": "n", "generation": 2},
            "status": status,
        }))
        .unwrap()
    }

    fn condition(kind: &str, status: &str, generation: i64) -> Value {
        json!({
            "type": kind, "status": status, "reason": "R", "message": format!("{kind} says"),
            "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
        })
    }

    #[test]
    fn states() {
        let cases = [
            (
                json!({}),
                State::InProgress("the controller has not looked at it yet".into()),
            ),
            (
                json!({"observedGeneration": 2, "conditions": [condition("Ready", "True", 2)]}),
                State::Ready,
            ),
            (
                json!({"observedGeneration": 1, "conditions": [condition("Ready", "True", 1)]}),
                State::InProgress("the controller has not seen the latest change yet".into()),
            ),
            (
                json!({"observedGeneration": 1, "conditions": [condition("Ready", "False", 1)]}),
                State::InProgress("the controller has not seen the latest change yet".into()),
            ),
            (
                json!({"observedGeneration": 2, "conditions": [condition("Ready", "False", 2)]}),
                State::Failing("Ready says".into()),
            ),
            (
                json!({"observedGeneration": 2, "conditions": [
                    condition("Ready", "False", 2), condition("Stalled", "True", 2)]}),
                State::Stalled("Stalled says".into()),
            ),
            (
                json!({"observedGeneration": 2, "conditions": [
                    condition("Ready", "True", 2), condition("Reconciling", "True", 2)]}),
                State::InProgress("Ready says".into()),
            ),
            (
                json!({"observedGeneration": -1, "conditions": [condition("Ready", "Unknown", 2)]}),
                State::InProgress("Ready says".into()),
            ),
            (
                json!({"observedGeneration": -1, "conditions": [condition("Ready", "True", 2)]}),
                State::InProgress("Ready says".into()),
            ),
            (
                json!({"observedGeneration": -1, "conditions": [condition("Ready", "False", 2)]}),
                State::Failing("Ready says".into()),
            ),
        ];
        for (status, want) in cases {
            assert_eq!(state(&object(status.clone())), want, "{status}");
        }
    }

    #[test]
    fn digests_are_shortened_where_they_stand_alone() {
        let sha = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738";
        assert_eq!(
            shorten_digests(&format!("Applied revision: main@sha1:{sha}, x{sha}")),
            format!("Applied revision: main@sha1:5394cb7f, x{sha}")
        );
        assert_eq!(shorten_digests("ünïcode — abc"), "ünïcode — abc");
        assert_eq!(shorten_digests(""), "");
    }
}
