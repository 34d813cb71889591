//! One request to GitHub: sent, answered, repeated where that is safe, its refusal translated.
//!
//! Limits are honoured (`Retry-After`, `X-RateLimit-Reset`) as long as the command's time allows.
//! A request that may have had its effect is repeated only where a repetition changes nothing;
//! otherwise the caller is told that the answer was lost and looks for itself.

use std::time::{Duration, Instant};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::answer::{self, Answer};
use super::connect;
use crate::bootstrap::provider::Error;
use crate::error;

/// How long one request may take: twice what GitHub gives itself.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);
/// How often a request is tried.
const ATTEMPTS: u32 = 5;
/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Whether a request may be sent again when it is not known to have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// A repetition changes nothing: reads, content-addressed objects, absolute settings.
    Safe,
    /// A repetition could do it twice.
    Unsafe,
}

/// How to reach GitHub, as whom, for how long.
pub struct Access<'a> {
    /// The host, with a port where it is not 443.
    pub host: &'a str,
    /// The token.
    pub token: &'a SecretString,
    /// Authorities to trust besides the system's, PEM.
    pub ca: Option<&'a str>,
    /// The proxy on the way.
    pub proxy: Option<&'a http::Uri>,
    /// When to give up.
    pub deadline: Instant,
}

/// A connection to GitHub.
pub struct Client {
    octocrab: Octocrab,
    host: String,
    base: Url,
    token: SecretString,
    authorization: HeaderValue,
    deadline: Instant,
}

/// What became of one try.
enum Outcome {
    Answered(Answer),
    /// It is as it is.
    Final(Error),
    /// It did not take effect; try again after this time.
    Refused(Duration, Error),
    /// It may have taken effect.
    Lost(Error),
}

/// The address of the API on a host: github.com's own, and below `/api/v3` elsewhere.
///
/// # Errors
/// When the host is none.
pub fn api_url(host: &str) -> error::Result<Url> {
    let text = if host.eq_ignore_ascii_case(super::PUBLIC_HOST) {
        "https://api.github.com".to_owned()
    } else {
        format!("https://{host}/api/v3")
    };
    Url::parse(&text)
        .ok()
        .filter(|url| {
            let plain = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
            plain && url.host_str().is_some_and(|h| !h.is_empty())
        })
        .ok_or_else(|| {
            error::Error::usage(format!("invalid --hostname {host:?}"))
                .hint("give the host alone, such as github.example.com")
        })
}

impl Client {
    /// A connection for `access`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the authorities cannot be read, or the token cannot be sent.
    pub fn new(access: &Access<'_>) -> error::Result<Self> {
        let bearer = SecretString::from(format!("Bearer {}", access.token.expose_secret()));
        let mut authorization = HeaderValue::from_str(bearer.expose_secret())
            .map_err(|_| error::Error::usage("the token holds characters no token has"))?;
        authorization.set_sensitive(true);
        Ok(Client {
            octocrab: connect::client(access.ca, access.proxy)?,
            host: access.host.to_owned(),
            base: api_url(access.host)?,
            token: access.token.clone(),
            authorization,
            deadline: access.deadline,
        })
    }

    /// The host's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &[&str], what: &str) -> Result<Answer, Error> {
        self.send(Method::GET, path, &[], None, Repeat::Safe, what)
            .await
    }

    /// Sends one request. `path` is what follows the API's address, part by part; `what` names the
    /// call in errors.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
        repeat: Repeat,
        what: &str,
    ) -> Result<Answer, Error> {
        let url = self.url(path, query);
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let outcome = self.try_once(&method, &url, body, what).await;
            let (wait, error) = match outcome {
                Outcome::Answered(answer) => return Ok(answer),
                Outcome::Final(error) => return Err(error),
                Outcome::Lost(error) if repeat == Repeat::Unsafe => return Err(error),
                Outcome::Lost(error) => (pause, error),
                Outcome::Refused(wait, error) => (wait.max(pause), error),
            };
            if attempt >= ATTEMPTS || Instant::now() + wait >= self.deadline {
                return Err(error);
            }
            tracing::debug!(what, attempt, wait = ?wait, "trying again");
            tokio::time::sleep(wait).await;
            pause *= 2;
            attempt += 1;
        }
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn try_once(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Value>,
        what: &str,
    ) -> Outcome {
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header(AUTHORIZATION, self.authorization.clone());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = match request.body(text) {
            Ok(request) => request,
            Err(error) => {
                return Outcome::Final(Error::Other {
                    what: what.to_owned(),
                    message: error.to_string(),
                });
            }
        };
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Outcome::Final(Error::TimedOut {
                what: what.to_owned(),
            });
        }
        let exchange = async {
            let response = self.octocrab.execute(request).await?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await?.to_bytes().to_vec();
            Ok::<_, octocrab::Error>((parts, body))
        };
        match tokio::time::timeout(REQUEST_LIMIT.min(left), exchange).await {
            Ok(Ok((parts, body))) => self.judge(parts.status, parts.headers, body, what),
            Ok(Err(error)) => self.broken(&error, what),
            Err(_) => Outcome::Lost(Error::Lost {
                what: what.to_owned(),
                reason: format!("{} did not answer in time", self.host),
            }),
        }
    }

    /// A connection that never stood carried no request; one that broke may have.
    fn broken(&self, error: &octocrab::Error, what: &str) -> Outcome {
        let mut deepest: &dyn std::error::Error = error;
        let mut connecting = false;
        loop {
            connecting |= deepest
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect);
            match deepest.source() {
                Some(next) => deepest = next,
                None => break,
            }
        }
        let reason = deepest.to_string();
        if connecting {
            let error = Error::Unreachable {
                host: self.host.clone(),
                reason,
            };
            // A certificate that is not trusted will not be the next time.
            if deepest.downcast_ref::<rustls::Error>().is_some() {
                return Outcome::Final(error);
            }
            return Outcome::Refused(Duration::ZERO, error);
        }
        Outcome::Lost(Error::Lost {
            what: what.to_owned(),
            reason: format!("the connection to {} broke: {reason}", self.host),
        })
    }

    fn judge(&self, status: StatusCode, headers: HeaderMap, body: Vec<u8>, what: &str) -> Outcome {
        let answer = Answer::new(what, headers, body);
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Outcome::Answered(answer);
        }
        // A careless server may repeat what it was sent.
        let message = answer
            .message(status)
            .replace(self.token.expose_secret(), "***");
        if let Some(wait) = answer::limit(status, &answer.headers, &message) {
            let error = Error::RateLimited {
                host: self.host.clone(),
                seconds: wait.as_secs().max(1),
                message,
            };
            return Outcome::Refused(wait, error);
        }
        let what = what.to_owned();
        Outcome::Final(match status {
            StatusCode::UNAUTHORIZED => Error::Unauthorized {
                host: self.host.clone(),
                message,
            },
            StatusCode::FORBIDDEN => Error::Forbidden {
                what,
                permission: answer
                    .header("x-accepted-github-permissions")
                    .map(str::to_owned),
                sso: answer.sso(),
                message,
            },
            StatusCode::NOT_FOUND => Error::NotFound { what, message },
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => Error::Moved {
                location: answer.location(),
                what,
            },
            StatusCode::CONFLICT => Error::Conflict { what, message },
            StatusCode::UNPROCESSABLE_ENTITY => Error::Refused { what, message },
            status if status.is_server_error() => {
                return Outcome::Lost(Error::Lost {
                    what,
                    reason: format!("{} answered {status}: {message}", self.host),
                });
            }
            status => Error::Other {
                what,
                message: format!("{} answered {status}: {message}", self.host),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(
            api_url("github.com").unwrap().as_str(),
            "https://api.github.com/"
        );
        assert_eq!(
            api_url("git.corp:8443").unwrap().as_str(),
            "https://git.corp:8443/api/v3"
        );
        for bad in ["", "https://github.com", "a/b", "me@github.com", "a b"] {
            assert!(api_url(bad).is_err(), "{bad}");
        }
    }
}
