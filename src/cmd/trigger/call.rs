//! Calling a webhook, again and again where that may help.

use std::time::Duration as StdDuration;

use flux_api::Duration;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};

use super::caller::{Caller, OidcToken};
use super::oidc;
use super::webhook::{self, Webhook};
use crate::cluster::proxy;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags;
use crate::identity::{Identity, REFLUX_VERSION};
use crate::manifests::versions::DISTRIBUTION;
use crate::web::{self, Request};

/// A call to be made.
pub(super) struct Call<'a> {
    /// What the command was given.
    pub(super) context: &'a Context,
    /// Namespace and name of the Receiver.
    pub(super) receiver: String,
    /// Its address.
    pub(super) webhook: Webhook,
    /// What is sent.
    pub(super) payload: &'a [u8],
    /// How often it is tried again.
    pub(super) retries: i64,
    /// How long is waited before that.
    pub(super) delay: Duration,
}

/// One attempt that failed.
struct Failure {
    error: Error,
    /// Whether another one may succeed.
    passing: bool,
    /// How long the server wants to be left alone.
    after: Option<StdDuration>,
}

impl Call<'_> {
    /// Calls until the server is content, within the time that is allowed.
    ///
    /// # Errors
    /// Those of the last attempt, and [`ErrorKind::TimedOut`].
    pub(super) async fn run(&self, caller: &Caller) -> Result<()> {
        let mut last = None;
        let limit = self.context.remaining();
        match tokio::time::timeout(limit, self.attempts(caller, &mut last)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("timed out after {}", self.context.globals.timeout);
                let mut error = Error::new(ErrorKind::TimedOut, message);
                if let Some(last) = last {
                    error = error.caused_by(last);
                }
                Err(error.hint("allow more time with --timeout"))
            }
        }
    }

    async fn attempts(&self, caller: &Caller, last: &mut Option<Error>) -> Result<()> {
        let ui = &self.context.ui;
        let oidc_token = match caller {
            Caller::Generic(_) | Caller::Hmac(_) => None,
            Caller::Oidc(OidcToken::Given(token)) => Some(token.clone()),
            Caller::Oidc(OidcToken::Fetched(audience)) => {
                let _progress = ui.progress("asking for an OIDC token");
                let proxy_of = |uri: &http::Uri| proxy::of_address(uri, &self.context.env);
                let env = &self.context.env;
                Some(oidc::fetch(env, audience, self.agent()?, &proxy_of).await?)
            }
        };
        let request = Request {
            method: Method::POST,
            url: self.webhook.url().clone(),
            headers: self.headers(caller, oidc_token.as_ref())?,
            body: self.payload.to_vec(),
        };
        let secrets = caller.token().into_iter().chain(&oidc_token);
        let secrets: Vec<&SecretString> = secrets.chain(self.webhook.secret()).collect();
        ui.action(format!("triggering Receiver {}", self.receiver));
        let progress = ui.progress(format!("Receiver {}", self.receiver));
        let mut attempt = 0;
        loop {
            let Err(failure) = self.attempt(request.clone(), &secrets).await else {
                drop(progress);
                ui.success(format!("Receiver {} triggered", self.receiver));
                return Ok(());
            };
            if !failure.passing || attempt >= self.retries {
                return Err(failure.error);
            }
            attempt += 1;
            let delay = flags::std_duration(self.delay);
            let pause = failure.after.map_or(delay, |after| after.max(delay));
            ui.waiting(format!(
                "{}; retrying in {} ({attempt}/{})",
                failure.error.chain(),
                Duration::try_from(pause).unwrap_or(self.delay),
                self.retries
            ));
            *last = Some(failure.error);
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, request: Request, secrets: &[&SecretString]) -> Result<(), Failure> {
        let proxy_of = |uri: &http::Uri| proxy::of_address(uri, &self.context.env);
        let address = self.webhook.shown();
        let answer = web::send(request, &proxy_of).await.map_err(|error| {
            let (kind, passing) = match error {
                web::Error::Lost(_) => (ErrorKind::Unreachable, true),
                web::Error::Impossible(_) => (ErrorKind::Failed, false),
            };
            Failure {
                error: Error::new(kind, format!("request to {address} failed")).caused_by(error),
                passing,
                after: None,
            }
        })?;
        if answer.status.is_success() {
            return Ok(());
        }
        let kind = webhook::kind(answer.status);
        let status = webhook::named(answer.status);
        let mut message = format!("request to {address} failed with status {status}");
        let said = webhook::said(&answer.body, secrets);
        if !said.is_empty() {
            message = format!("{message}: {said}");
        }
        let mut error = Error::new(kind, message);
        if kind == ErrorKind::NotFound {
            error = error.hint(
                "the address follows from token, name and namespace: compare it with what `{bin} \
                 get receivers` says of the Receiver",
            );
        }
        let after = answer.headers.get(RETRY_AFTER);
        Err(Failure {
            error,
            passing: webhook::is_passing(answer.status),
            after: after
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(StdDuration::from_secs),
        })
    }

    /// Who calls, for the server's log.
    fn agent(&self) -> Result<HeaderValue> {
        value(&match self.context.identity {
            Identity::Flux => format!("flux/{DISTRIBUTION}"),
            Identity::Reflux => format!("reflux/v{REFLUX_VERSION}"),
        })
    }

    fn headers(&self, caller: &Caller, oidc_token: Option<&SecretString>) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, self.agent()?);
        if let Caller::Hmac(token) = caller {
            let name = HeaderName::from_static("x-signature");
            headers.insert(name, value(&webhook::signature(token, self.payload)?)?);
        }
        if let Some(token) = oidc_token {
            let mut bearer = value(&format!("Bearer {}", token.expose_secret()))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        Ok(headers)
    }
}

/// A header's value. What cannot be one may be a secret, so it is not shown.
fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::usage("the OIDC token holds characters that a header cannot"))
}
