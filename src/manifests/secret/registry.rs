//! The Secret that lets the nodes and source-controller pull from an image registry.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Map;

use super::http::without_user;
use super::{DOCKER_CONFIG_TYPE, Metadata, SecretObject, object, put};
use crate::error::{Error, Result};
use crate::flags;

/// The key of the credentials of an image registry.
const DOCKER_CONFIG: &str = ".dockerconfigjson";

/// A name and a password for an image registry.
#[derive(Debug, Clone)]
pub struct RegistryCredentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl RegistryCredentials {
    /// Reads `user:password`. The first colon ends the name; the password may hold more.
    ///
    /// # Errors
    /// When there is no colon, or nothing on one side of it.
    pub fn parse(text: &SecretString) -> Result<Self> {
        match text.expose_secret().split_once(':') {
            Some((username, password)) if !username.is_empty() && !password.is_empty() => {
                Ok(RegistryCredentials {
                    username: username.to_owned(),
                    password: SecretString::from(password),
                })
            }
            _ => Err(Error::usage(
                "invalid --registry-creds format, expected 'user:password'",
            )),
        }
    }
}

#[derive(Serialize)]
struct DockerConfig<'a> {
    auths: BTreeMap<&'a str, DockerAuth<'a>>,
}

#[derive(Serialize)]
struct DockerAuth<'a> {
    username: &'a str,
    password: &'a str,
    auth: &'a str,
}

/// The Secret that lets the nodes pull images from `registry`.
///
/// # Errors
/// Never in practice: only when texts could not be written as JSON.
pub fn image_pull(
    metadata: &Metadata,
    registry: &str,
    credentials: &RegistryCredentials,
) -> Result<SecretObject> {
    let username = credentials.username.as_str();
    let password = credentials.password.expose_secret();
    let pair = SecretString::from(format!("{username}:{password}"));
    let auth = SecretString::from(STANDARD.encode(pair.expose_secret()));
    let auth = DockerAuth {
        username,
        password,
        auth: auth.expose_secret(),
    };
    let config = DockerConfig {
        auths: BTreeMap::from([(registry, auth)]),
    };
    let text = serde_json::to_string_pretty(&config).map_err(|error| {
        Error::failed("the image pull secret cannot be written").caused_by(error)
    })?;
    let mut data = Map::new();
    put(&mut data, DOCKER_CONFIG, &escape_html(&text));
    Ok(object(metadata, Some(DOCKER_CONFIG_TYPE), data))
}

/// JSON text as Go writes it: what means something in HTML is escaped. Outside of texts JSON has
/// none of these characters.
fn escape_html(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Checks that `text` names something in a registry, as flux's library for registries reads it: a
/// repository with at least two characters, perhaps behind a host, perhaps with a tag or a digest.
/// A host alone passes for a repository.
///
/// # Errors
/// With the library's words. A name and a password in a URL are not shown.
pub fn check_reference(text: &str) -> Result<()> {
    if is_tagged(text) || is_digested(text) {
        return Ok(());
    }
    // An at sign stands before a digest, too.
    let hidden = text.contains("://").then(|| without_user(text)).flatten();
    Err(Error::usage(format!(
        "error parsing url: 'could not parse reference: {}'",
        hidden.as_deref().unwrap_or(text)
    )))
}

fn is_tagged(text: &str) -> bool {
    match text.rsplit_once(':') {
        // A slash behind the colon: it belongs to the port of the host.
        Some((repository, tag)) if !tag.contains('/') => {
            consists_of(tag, 1..=128, |c| {
                c.is_ascii_alphanumeric() || "_-.".contains(c)
            }) && is_repository(repository)
        }
        _ => is_repository(text),
    }
}

fn is_digested(text: &str) -> bool {
    let Some((base, digest)) = text.split_once('@') else {
        return false;
    };
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let digest = digest.strip_prefix("sha256:");
    digest.is_some_and(|d| consists_of(d, 64..=64, hexadecimal)) && is_tagged(base)
}

fn is_repository(text: &str) -> bool {
    flags::image_repository(text).is_ok()
}

fn consists_of(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    allowed: impl Fn(char) -> bool,
) -> bool {
    length.contains(&text.chars().count()) && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::super::tests::metadata;
    use super::*;

    #[test]
    fn a_registry_password_may_hold_colons() {
        let read = |text: &str| RegistryCredentials::parse(&text.into());
        let credentials = read("user:pa:ss<&>").unwrap();
        assert_eq!(credentials.username, "user");
        assert_eq!(credentials.password.expose_secret(), "pa:ss<&>");
        for bad in ["ab", "", ":", "a:", ":b"] {
            let error = read(bad).unwrap_err().to_string();
            assert_eq!(
                error,
                "invalid --registry-creds format, expected 'user:password'"
            );
        }
        let secret = image_pull(&metadata(), "r.example.com/flux", &credentials).unwrap();
        assert_eq!(secret.expose()["type"], "kubernetes.io/dockerconfigjson");
        assert_eq!(
            secret.expose()["stringData"][".dockerconfigjson"],
            "{\n  \"auths\": {\n    \"r.example.com/flux\": {\n      \"username\": \"user\",\n      \
             \"password\": \"pa:ss\\u003c\\u0026\\u003e\",\n      \
             \"auth\": \"dXNlcjpwYTpzczwmPg==\"\n    }\n  }\n}"
        );
    }

    #[test]
    fn references_are_those_that_flux_reads() {
        let digest = format!("ghcr.io/ab@sha256:{}", "0a".repeat(32));
        let tagged = format!("ghcr.io/ab:v1@sha256:{}", "0a".repeat(32));
        for good in [
            "ghcr.io",
            "ghcr.io/org/app",
            "ghcr.io/org/app:v1.0_X",
            "reg.example.com:5000/x/y",
            "oci://ghcr.io",
            "localhost/ab",
            "[::1]:5000/ab",
            &digest,
            &tagged,
        ] {
            assert!(check_reference(good).is_ok(), "{good}");
        }
        let upper = format!("ghcr.io/ab@sha256:{}", "0A".repeat(32));
        for bad in [
            "",
            "a",
            "ghcr.io/a:tag",
            "ghcr.io/Org",
            "ghcr.io/ab:",
            "ghcr.io/ab:t g",
            "ghcr.io/ab@sha256:12",
            "gh cr.io/ab",
            "ghcr.io?/ab",
            "u@ghcr.io/ab",
            "ghcr.io:x/ab",
            "https://ghcr.io?x=y",
            &upper,
        ] {
            let error = check_reference(bad).unwrap_err().to_string();
            let want = format!("error parsing url: 'could not parse reference: {bad}'");
            assert_eq!(error, want);
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let error = check_reference("https://me:hunter2@ghcr.io/x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "error parsing url: 'could not parse reference: https://xxxxx@ghcr.io/x'"
        );
    }
}
