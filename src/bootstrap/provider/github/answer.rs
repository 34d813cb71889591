//! What GitHub answers: bodies, refusals, limits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use http::header::{HeaderMap, LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bootstrap::provider::Error;

/// How long a secondary limit stands where GitHub does not say.
const UNSTATED_LIMIT: Duration = Duration::from_secs(60);

/// An answer that is no refusal.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    what: String,
    body: Vec<u8>,
}

impl Answer {
    /// The answer to the call that `what` names.
    pub(super) fn new(what: &str, headers: HeaderMap, body: Vec<u8>) -> Self {
        Answer {
            headers,
            what: what.to_owned(),
            body,
        }
    }

    /// The body as a value.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Other {
            what: self.what.clone(),
            message: format!("the answer is not understood: {error}"),
        })
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the token is authorised for an organisation with single sign-on.
    pub(super) fn sso(&self) -> Option<String> {
        let (_, page) = self.header("x-github-sso")?.split_once("url=")?;
        Some(page.split(';').next().unwrap_or(page).to_owned())
    }

    /// Where the thing is now.
    pub(super) fn location(&self) -> String {
        self.header(LOCATION.as_str())
            .unwrap_or_default()
            .to_owned()
    }

    /// What GitHub says.
    pub(super) fn message(&self, status: StatusCode) -> String {
        message(&self.body, status)
    }
}

/// GitHub's message with the details of each field.
fn message(body: &[u8], status: StatusCode) -> String {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return status.to_string();
    };
    let mut text = body["message"]
        .as_str()
        .unwrap_or(status.as_str())
        .trim()
        .replace("\n\n", ": ");
    for detail in body["errors"].as_array().into_iter().flatten() {
        let more = match (detail["message"].as_str(), detail.as_str()) {
            (Some(message), _) | (None, Some(message)) => message.to_owned(),
            (None, None) => {
                let part = |name: &str| detail[name].as_str().unwrap_or_default();
                format!("{} {}", part("field"), part("code").replace('_', " "))
            }
        };
        text.push_str(": ");
        text.push_str(more.trim());
    }
    text
}

/// How long to wait where the answer is a limit.
pub(super) fn limit(status: StatusCode, headers: &HeaderMap, message: &str) -> Option<Duration> {
    if status != StatusCode::FORBIDDEN && status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let reset = Duration::from_secs(number("x-ratelimit-reset").unwrap_or_default());
        // A second more: the two clocks need not agree.
        return Some(reset.saturating_sub(now) + Duration::from_secs(1));
    }
    let said = message.to_ascii_lowercase().contains("rate limit");
    (said || status == StatusCode::TOO_MANY_REQUESTS).then_some(UNSTATED_LIMIT)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn limits_are_read_off_the_headers() {
        let forbidden = StatusCode::FORBIDDEN;
        let wait = limit(forbidden, &headers(&[("retry-after", "7")]), "");
        assert_eq!(wait, Some(Duration::from_secs(7)));
        let past = headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")]);
        assert_eq!(limit(forbidden, &past, ""), Some(Duration::from_secs(1)));
        let plain = headers(&[("x-ratelimit-remaining", "12")]);
        assert_eq!(limit(forbidden, &plain, "Resource not accessible"), None);
        assert_eq!(
            limit(
                forbidden,
                &plain,
                "You have exceeded a secondary rate limit."
            ),
            Some(UNSTATED_LIMIT)
        );
        assert_eq!(
            limit(StatusCode::TOO_MANY_REQUESTS, &plain, ""),
            Some(UNSTATED_LIMIT)
        );
        assert_eq!(limit(StatusCode::NOT_FOUND, &past, ""), None);
    }

    #[test]
    fn messages_name_the_fields() {
        let body = br#"{"message":"Validation Failed","errors":[
            {"resource":"PublicKey","code":"custom","field":"key","message":"key is already in use"},
            {"resource":"Repository","code":"missing_field","field":"name"}, "plain"]}"#;
        assert_eq!(
            message(body, StatusCode::UNPROCESSABLE_ENTITY),
            "Validation Failed: key is already in use: name missing field: plain"
        );
        assert_eq!(
            message(b"<html>", StatusCode::BAD_GATEWAY),
            "502 Bad Gateway"
        );
    }
}
