//! Releases of public repositories on github.com, for which no token is needed.

use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::Value;

use super::connect;
use crate::error::{Error, Kind, Result};

/// How long the answer may take.
const LIMIT: Duration = Duration::from_secs(15);

/// The tag of a repository's latest release.
///
/// # Errors
/// When GitHub cannot be reached in time, refuses, or there is no release.
pub async fn latest(owner: &str, name: &str, proxy: Option<&http::Uri>) -> Result<String> {
    let client = connect::client(None, proxy)?;
    let url = format!("https://api.github.com/repos/{owner}/{name}/releases/latest");
    let unreachable =
        |why: String| Error::new(Kind::Unreachable, format!("GitHub API call failed: {why}"));
    let call = async {
        let response = client
            ._get(url)
            .await
            .map_err(|error| unreachable(innermost(&error)))?;
        let status = response.status();
        let body = response.into_body().collect().await;
        let body = body
            .map_err(|error| unreachable(innermost(&error)))?
            .to_bytes();
        tag(status.as_u16(), &body)
    };
    match tokio::time::timeout(LIMIT, call).await {
        Ok(tag) => tag,
        Err(_) => Err(unreachable("no answer in time".to_owned())),
    }
}

fn tag(status: u16, body: &[u8]) -> Result<String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match (status, answer["tag_name"].as_str()) {
        (200, Some(tag)) => Ok(tag.to_owned()),
        _ => Err(Error::failed(format!(
            "GitHub API call failed: {status} {}",
            answer["message"].as_str().unwrap_or_default()
        ))),
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_read_or_the_refusal_told() {
        assert_eq!(tag(200, br#"{"tag_name": "v2.9.4"}"#).unwrap(), "v2.9.4");
        let error = tag(403, br#"{"message": "API rate limit exceeded"}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "GitHub API call failed: 403 API rate limit exceeded"
        );
        assert!(tag(200, b"<html>").is_err());
    }
}
