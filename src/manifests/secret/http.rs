//! The Secrets for what speaks HTTP: a Helm repository, and a proxy on the way.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::{
    CA_CRT, Metadata, OPAQUE_TYPE, PASSWORD, SecretObject, TlsFiles, USERNAME, object, put, tls,
};
use crate::error::{Error, Result};
use crate::flags;

/// The key of a proxy's address.
const ADDRESS: &str = "address";
/// The type of Secrets that hold a name and a password.
const BASIC_AUTH_TYPE: &str = "kubernetes.io/basic-auth";

/// How a Helm repository is told who asks. An empty text stands for none.
#[derive(Debug, Clone, Default)]
pub struct HelmCredentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: Option<SecretString>,
    /// The client's own certificate, and the authorities to trust.
    pub tls: TlsFiles,
}

/// The Secret that lets source-controller read a Helm repository. A client certificate wins over a
/// name and a password; without any credentials the Secret is empty.
///
/// # Errors
/// When a name comes without a password or the other way round, and as [`tls()`].
pub fn helm(metadata: &Metadata, credentials: &HelmCredentials) -> Result<SecretObject> {
    let files = &credentials.tls;
    let username = credentials.username.as_str();
    let password = exposed(credentials.password.as_ref());
    if files.has_client_part() {
        return tls(metadata, files);
    }
    if username.is_empty() && password.is_empty() {
        return match files.authorities() {
            Some(_) => tls(metadata, files),
            None => Ok(object(metadata, None, Map::new())),
        };
    }
    for (key, text) in [(USERNAME, username), (PASSWORD, password)] {
        if text.is_empty() {
            return Err(Error::usage(format!("{key} is required")));
        }
    }
    let mut data = credentials_map(username, password);
    if let Some(authorities) = files.authorities() {
        put(&mut data, CA_CRT, authorities);
    }
    Ok(object(metadata, Some(BASIC_AUTH_TYPE), data))
}

/// A proxy, and how it is told who asks. An empty text stands for none.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Its address.
    pub address: String,
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: Option<SecretString>,
}

/// The Secret that sends source-controller through a proxy.
///
/// # Errors
/// When there is no address, or Go could not read it as a URL. What stands before an `@` in it may
/// be a password and is not shown.
pub fn proxy(metadata: &Metadata, proxy: &Proxy) -> Result<SecretObject> {
    if proxy.address.is_empty() {
        return Err(Error::usage("address is required"));
    }
    if let Err(why) = flags::go_url(&proxy.address) {
        return Err(match without_user(&proxy.address) {
            None => Error::usage(format!("invalid proxy address: {why}"))
                .hint("write the address as a URL, such as http://proxy.example.com:3128"),
            // Why it is malformed may quote a part of the password.
            Some(shown) => Error::usage(format!("invalid proxy address: {shown:?} is no URL"))
                .hint(
                    "give the name and the password with --username and --password-file, or \
                     escape what is special in them",
                ),
        });
    }
    let mut data = credentials_map(&proxy.username, exposed(proxy.password.as_ref()));
    put(&mut data, ADDRESS, &proxy.address);
    Ok(object(metadata, Some(OPAQUE_TYPE), data))
}

fn exposed(secret: Option<&SecretString>) -> &str {
    secret.map_or("", |s| s.expose_secret())
}

/// A name and a password, as far as they are there.
fn credentials_map(username: &str, password: &str) -> Map<String, Value> {
    let mut data = Map::new();
    for (key, text) in [(USERNAME, username), (PASSWORD, password)] {
        if !text.is_empty() {
            put(&mut data, key, text);
        }
    }
    data
}

/// The address without what may be a name and a password; none where it holds none.
pub(super) fn without_user(address: &str) -> Option<String> {
    let (before, host) = address.rsplit_once('@')?;
    let scheme = before.find("://").map_or("", |at| &before[..at + 3]);
    Some(format!("{scheme}xxxxx@{host}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::metadata;
    use super::*;

    fn helm_of(username: &str, password: &str, ca: &str) -> Result<SecretObject> {
        let credentials = HelmCredentials {
            username: username.to_owned(),
            password: Some(password.into()),
            tls: TlsFiles {
                authorities: Some(ca.to_owned()),
                ..TlsFiles::default()
            },
        };
        helm(&metadata(), &credentials)
    }

    #[test]
    fn a_helm_secret_is_what_was_given() {
        let basic = helm_of("u", "p", "PEM").unwrap();
        assert_eq!(basic.expose()["type"], "kubernetes.io/basic-auth");
        assert_eq!(
            basic.expose()["stringData"],
            json!({"username": "u", "password": "p", "ca.crt": "PEM"})
        );
        let trust = helm_of("", "", "PEM").unwrap();
        assert_eq!(trust.expose()["type"], "Opaque");
        assert_eq!(trust.expose()["stringData"], json!({"ca.crt": "PEM"}));
        let nothing = helm_of("", "", "").unwrap();
        assert!(nothing.expose().get("type").is_none());
        assert!(nothing.expose().get("stringData").is_none());
    }

    #[test]
    fn half_of_the_credentials_are_none() {
        let refusal = |u, p| helm_of(u, p, "").unwrap_err().to_string();
        assert_eq!(refusal("u", ""), "password is required");
        assert_eq!(refusal("", "p"), "username is required");
    }

    #[test]
    fn a_proxy_needs_an_address_that_is_a_url() {
        let of = |address: &str| {
            let it = Proxy {
                address: address.to_owned(),
                username: "u".to_owned(),
                password: None,
            };
            proxy(&metadata(), &it)
        };
        let secret = of("http://1.2.3.4:3128").unwrap();
        assert_eq!(secret.expose()["type"], "Opaque");
        assert_eq!(
            secret.expose()["stringData"],
            json!({"address": "http://1.2.3.4:3128", "username": "u"})
        );
        assert_eq!(of("").unwrap_err().to_string(), "address is required");
        assert_eq!(
            of("1.2.3.4:3128").unwrap_err().to_string(),
            "invalid proxy address: parse \"1.2.3.4:3128\": first path segment in URL cannot contain colon"
        );
        for address in ["http://me:hunter2@host:port", "http://me:hunter2/3@host"] {
            let shown = of(address).unwrap_err().to_string();
            assert!(shown.contains("\"http://xxxxx@host"), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
