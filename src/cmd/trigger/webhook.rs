//! The webhook of a Receiver: its address, how a call is signed, what its answers mean. Pure.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::flags::go_url;

/// Where notification-controller listens.
const PATH: &str = "/hook/";
/// How much of a digest is shown: enough to compare it with another one.
const SHOWN: usize = 8;
/// How much of an answer is shown.
const ANSWER: usize = 2000;

/// The address of a webhook. Who knows it can call it, so it is shown in part.
pub(super) struct Webhook {
    url: Url,
    shown: String,
    /// The part of the path that is a secret.
    digest: Option<SecretString>,
}

impl Webhook {
    /// The webhook of a Receiver below the address `base`; its path follows from the token, the
    /// name and the namespace.
    ///
    /// # Errors
    /// When `base` is no address that can be called.
    pub(super) fn new(
        base: &str,
        token: Option<&SecretString>,
        name: &str,
        namespace: &str,
    ) -> Result<Self> {
        let mut digest = Sha256::new();
        digest.update(token.map_or("", |token| token.expose_secret()));
        digest.update(name);
        digest.update(namespace);
        let digest = hex(&digest.finalize());
        let base = base.trim_end_matches('/');
        // The address may hold a password, so it is not shown.
        let no_address = || {
            Error::usage("--url is not an address of the web")
                .hint("write it with http:// or https:// and a host")
        };
        // Browsers take `https:/hook` for a host.
        let read = go_url(base).map_err(|_| no_address())?;
        if !matches!(&*read.scheme, "http" | "https") || read.host.is_empty() {
            return Err(no_address());
        }
        let url = Url::parse(&format!("{base}{PATH}{digest}"))
            .map_err(|error| no_address().caused_by(error))?;
        let mut bare = url.clone();
        // A URL with a host always takes them.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        let part = format!("{}…", &digest[..SHOWN]);
        // Without a token anybody can make the path.
        let shown = match token {
            Some(_) => bare.as_str().replace(&digest, &part),
            None => bare.to_string(),
        };
        let digest = token.map(|_| SecretString::from(digest));
        Ok(Webhook { url, shown, digest })
    }

    /// The address, to be called.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The part of the address that must not be shown.
    pub(super) fn secret(&self) -> Option<&SecretString> {
        self.digest.as_ref()
    }

    /// The address, to be shown.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

/// The signature of a payload: HMAC with SHA-256, as the header has it.
pub(super) fn signature(token: &SecretString, payload: &[u8]) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(token.expose_secret().as_bytes());
    let mut mac = mac.map_err(|error| Error::failed("cannot sign the payload").caused_by(error))?;
    mac.update(payload);
    let code = mac.finalize().into_bytes();
    Ok(format!("sha256={}", hex(&code)))
}

/// Whether a later call may be answered otherwise. Right after the controller has started, the
/// path may not be known yet, so that counts.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 404 | 408 | 429 | 500 | 502 | 503 | 504)
}

/// What a refusal means for whoever calls.
pub(super) fn kind(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        401 | 403 => ErrorKind::Refused,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::TimedOut,
        502 | 503 => ErrorKind::Unreachable,
        _ => ErrorKind::Failed,
    }
}

/// The status with its name, where it has one.
pub(super) fn named(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// What the server says, fit to be shown: on one screen, without control characters, and without
/// the secrets that it was sent.
pub(super) fn said(body: &str, secrets: &[&SecretString]) -> String {
    let mut text = body.trim().to_owned();
    for secret in secrets.iter().map(|secret| secret.expose_secret()) {
        if !secret.is_empty() {
            text = text.replace(secret, "***");
        }
    }
    let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let mut said: String = text.chars().filter(|c| shown(*c)).take(ANSWER).collect();
    if text.chars().nth(ANSWER).is_some() {
        said.push('…');
    }
    said
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn the_path_is_a_digest_of_token_name_and_namespace() {
        let token = secret("my-token");
        let webhook = |base, token| Webhook::new(base, token, "my-receiver", "default").unwrap();
        let with = webhook("https://u:pw@host/base//", Some(&token));
        let digest = "28271ef639bececea029750537fbf5217bb510000adf056dc3b543cbbc4ee4fd";
        assert_eq!(with.url().path(), format!("/base/hook/{digest}"));
        assert_eq!(with.shown(), "https://host/base/hook/28271ef6…");
        let without = webhook("http://host:1/", None);
        assert_eq!(without.shown(), without.url().as_str());
    }

    #[test]
    fn only_addresses_of_the_web_are_called() {
        for base in [
            "example.com",
            "localhost:80",
            "ftp://host",
            "https://",
            "https:host",
            "http:\\\\host",
            "/x",
        ] {
            let error = Webhook::new(base, None, "a", "b").err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Usage, "{base}");
        }
    }

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let signature = signature(&secret("Jefe"), b"what do ya want for nothing?").unwrap();
        assert_eq!(
            signature,
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_passes_is_tried_again() {
        let passing = |code| is_passing(StatusCode::from_u16(code).unwrap());
        for code in [404, 408, 429, 500, 502, 503, 504] {
            assert!(passing(code), "{code}");
        }
        for code in [302, 400, 401, 403, 405, 501, 505] {
            assert!(!passing(code), "{code}");
        }
        assert_eq!(named(StatusCode::NOT_FOUND), "404 Not Found");
        assert_eq!(named(StatusCode::from_u16(599).unwrap()), "599");
    }

    #[test]
    fn answers_are_shown_without_secrets_and_tricks() {
        let token = secret("s3cret");
        let body = " no s3cret\n\u{1b}[31mred ";
        assert_eq!(said(body, &[&token]), "no ***\n[31mred");
        assert_eq!(said(&"x".repeat(5000), &[]).chars().count(), ANSWER + 1);
    }
}
