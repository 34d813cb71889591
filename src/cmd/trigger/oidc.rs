//! The OIDC token of a job on GitHub Actions or Forgejo Actions: both give it at an address that
//! the job's environment names.

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::webhook;
use crate::env::{self, Env};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::web::{self, ProxyOf, Request};

#[derive(Deserialize)]
struct Answer {
    value: Option<String>,
}

/// Asks for a token for that audience.
///
/// # Errors
/// When the job may not have one, or none comes back.
pub(super) async fn fetch(
    env: &Env,
    audience: &str,
    agent: HeaderValue,
    proxy_of: &ProxyOf<'_>,
) -> Result<SecretString> {
    let (Some(address), Some(token)) = (
        env.get(env::ACTIONS_ID_TOKEN_REQUEST_URL),
        env.secret(env::ACTIONS_ID_TOKEN_REQUEST_TOKEN),
    ) else {
        return Err(Error::usage(format!(
            "{} and {} must be set in the environment; ensure the Actions job has the 'id-token: \
             write' permission",
            env::ACTIONS_ID_TOKEN_REQUEST_URL,
            env::ACTIONS_ID_TOKEN_REQUEST_TOKEN
        )));
    };
    let request = Request {
        method: Method::GET,
        url: with_audience(address, audience)?,
        headers: headers(token, agent)?,
        body: Vec::new(),
    };
    let answer = web::send(request, proxy_of).await.map_err(|error| {
        let kind = match error {
            web::Error::Lost(_) => ErrorKind::Unreachable,
            web::Error::Impossible(_) => ErrorKind::Failed,
        };
        Error::new(kind, "OIDC token request failed").caused_by(error)
    })?;
    if answer.status != StatusCode::OK {
        return Err(Error::new(
            webhook::kind(answer.status),
            format!(
                "OIDC token request failed with status {}: {}",
                webhook::named(answer.status),
                webhook::said(&answer.body, &[token])
            ),
        ));
    }
    token_in(&answer.body)
}

/// The address with the audience as a parameter, in place of one that it may have.
fn with_audience(address: &str, audience: &str) -> Result<Url> {
    let mut url = Url::parse(address).map_err(|error| {
        let name = env::ACTIONS_ID_TOKEN_REQUEST_URL;
        Error::usage(format!("invalid {name}")).caused_by(error)
    })?;
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != "audience")
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    pairs.push(("audience".to_owned(), audience.to_owned()));
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    url.query_pairs_mut().clear().extend_pairs(pairs);
    Ok(url)
}

fn headers(token: &SecretString, agent: HeaderValue) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("bearer {}", token.expose_secret()));
    let mut value = value.map_err(|_| {
        let name = env::ACTIONS_ID_TOKEN_REQUEST_TOKEN;
        Error::usage(format!("{name} does not hold a token"))
    })?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    headers.insert(USER_AGENT, agent);
    Ok(headers)
}

fn token_in(body: &str) -> Result<SecretString> {
    // What is in the way may be the token, so only its place is told.
    let answer: Option<Answer> = serde_json::from_str(body).map_err(|error| {
        Error::failed(format!(
            "failed to decode OIDC token response: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    answer
        .and_then(|answer| answer.value)
        .filter(|token| !token.is_empty())
        .map(SecretString::from)
        .ok_or_else(|| Error::failed("the OIDC token response did not contain a token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_takes_the_place_of_another() {
        let url = |address| with_audience(address, "my flux").unwrap().to_string();
        assert_eq!(
            url("https://h/token?b=1&api-version=2.0&audience=x"),
            "https://h/token?api-version=2.0&audience=my+flux&b=1"
        );
        assert_eq!(url("https://h/token"), "https://h/token?audience=my+flux");
        assert!(with_audience("nope", "x").is_err());
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        assert_eq!(token_in(r#"{"value":"t"}"#).unwrap().expose_secret(), "t");
        for body in ["{}", "null", r#"{"value":""}"#, r#"{"value":null}"#] {
            let error = token_in(body).unwrap_err().to_string();
            assert!(error.contains("did not contain a token"), "{error}");
        }
        let error = token_in(r#"{"value":["s3cret"]}"#).unwrap_err();
        assert!(!error.chain().contains("s3cret"), "{}", error.chain());
    }
}
