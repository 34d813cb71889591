//! The record of requests: what came, what went, in order, without secrets.

use std::sync::{Mutex, PoisonError};

use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auth;
use super::model::State;

/// One request and its answer. As JSON, one line of a recording.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the server's life, from 1.
    pub number: u64,
    /// `rest` or `git`.
    pub door: String,
    /// The HTTP method.
    pub method: String,
    /// Path below `/api/v3`, or of the Git request.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// The endpoint's path as the description writes it, where one answered.
    pub template: Option<String>,
    /// Scheme and the token's kind, such as `Bearer ghp_***`.
    pub authorization: Option<String>,
    /// The request's JSON.
    pub request: Option<Value>,
    /// The answer's status; absent while it runs, or where none was sent.
    pub status: Option<u16>,
    /// The answer's media type.
    pub media_type: Option<String>,
    /// The answer's `Location`.
    pub location: Option<String>,
    /// The answer's JSON.
    pub response: Option<Value>,
    /// The fault that struck it, such as `500 after`.
    pub fault: Option<String>,
}

/// The requests so far.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    last: u64,
    requests: Vec<Recorded>,
}

impl Recorder {
    /// Notes an arrival; the number is for [`Recorder::finish`].
    pub(crate) fn begin(&self, mut request: Recorded) -> u64 {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.last += 1;
        request.number = log.last;
        log.requests.push(request);
        log.last
    }

    /// Completes a note; nothing happens where it was cleared meanwhile.
    pub(crate) fn finish(&self, number: u64, complete: impl FnOnce(&mut Recorded)) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = log
            .requests
            .iter_mut()
            .find(|request| request.number == number)
        {
            complete(request);
        }
    }

    /// All notes, in order of arrival.
    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .requests
            .clone()
    }

    /// Forgets them.
    pub(crate) fn clear(&self) {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .requests
            .clear();
    }
}

/// An `Authorization` header with the secret taken out.
pub(crate) fn redacted(header: &str) -> String {
    let scheme = header.split_whitespace().next().unwrap_or_default();
    let token = auth::token_in(header).unwrap_or_default();
    let kind = ["github_pat_", "ghp_", "gho_", "ghs_"]
        .into_iter()
        .find(|kind| token.starts_with(kind));
    format!("{scheme} {}***", kind.unwrap_or_default())
}

/// A body with every token of the server taken out.
pub(crate) fn without_tokens(state: &State, mut body: Value) -> Value {
    let secrets: Vec<&str> = state
        .tokens
        .iter()
        .map(|token| token.secret.expose_secret())
        .collect();
    scrub(&mut body, &secrets);
    body
}

fn scrub(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::String(text) => {
            for secret in secrets
                .iter()
                .filter(|secret| text.contains(**secret))
                .copied()
                .collect::<Vec<_>>()
            {
                *text = text.replace(secret, "***");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| scrub(field, secrets)),
        _ => {}
    }
}
