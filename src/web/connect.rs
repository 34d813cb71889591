//! The way to a server: TLS with the system's authorities and the user's own, through a proxy or
//! not.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::{Error, Result};

/// What is made of a connector; its type says which kind of proxy is on the way.
pub trait Build {
    /// What comes of it.
    type Output;

    /// Makes it.
    fn build<C: Connect + Clone + Send + Sync + 'static>(self, connector: C) -> Self::Output;
}

/// Builds on a connector that trusts the system's authorities and those of `ca` (PEM), and goes
/// through `proxy` where there is one. Nothing is sent yet.
///
/// # Errors
/// When the authorities cannot be read, or the proxy is of an unknown kind.
pub fn through<B: Build>(ca: Option<&str>, proxy: Option<&Uri>, build: B) -> Result<B::Output> {
    let tls = tls(ca)?;
    let mut direct = HttpConnector::new();
    direct.enforce_http(false);
    // Or the first request waits for what the server says of the handshake's end.
    direct.set_nodelay(true);
    let Some(proxy) = proxy else {
        return Ok(build.build(https(tls, direct)));
    };
    let authorization = authorization(proxy)?;
    match proxy.scheme_str() {
        Some("http") => {
            let tunnel = Tunnel::new(proxy.clone(), direct);
            Ok(build.build(https(tls, with_auth(tunnel, authorization))))
        }
        Some("https") => {
            let tunnel = Tunnel::new(proxy.clone(), https(tls.clone(), direct));
            Ok(build.build(https(tls, with_auth(tunnel, authorization))))
        }
        Some("socks5" | "socks5h") => {
            let socks = SocksV5::new(proxy.clone(), direct);
            let socks = match user(proxy) {
                Some((name, password)) => socks.with_auth(name, password),
                None => socks,
            };
            Ok(build.build(https(tls, socks)))
        }
        scheme => Err(Error::usage(format!(
            "proxies of the kind {:?} are not supported, use http, https or socks5",
            scheme.unwrap_or_default()
        ))),
    }
}

fn with_auth<C>(tunnel: Tunnel<C>, authorization: Option<HeaderValue>) -> Tunnel<C> {
    match authorization {
        Some(value) => tunnel.with_auth(value),
        None => tunnel,
    }
}

fn https<C>(tls: ClientConfig, connector: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector)
}

fn tls(ca: Option<&str>) -> Result<ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    // A broken certificate of the system's is no reason to fail as long as others are there.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in CertificateDer::pem_slice_iter(ca.unwrap_or_default().as_bytes()) {
        let broken = |error: String| Error::usage(format!("the CA file cannot be read: {error}"));
        let certificate = certificate.map_err(|error| broken(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| broken(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::failed("TLS cannot be set up").caused_by(error))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Name and password in an address, percent signs decoded.
pub(super) fn user(address: &Uri) -> Option<(String, String)> {
    let (user, _) = address.authority()?.as_str().rsplit_once('@')?;
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    Some((decoded(name), decoded(password)))
}

/// The header for whom an address names.
///
/// # Errors
/// When they cannot stand in a header.
pub(super) fn authorization(address: &Uri) -> Result<Option<HeaderValue>> {
    let Some((name, password)) = user(address) else {
        return Ok(None);
    };
    let text = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Error::usage("the user name or password in an address cannot be sent"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_an_address_is_decoded() {
        let uri: Uri = "http://me:p%40ss@proxy:3128".parse().unwrap();
        assert_eq!(user(&uri), Some(("me".to_owned(), "p@ss".to_owned())));
        let header = authorization(&uri).unwrap().unwrap();
        assert!(header.is_sensitive());
        assert_eq!(header.to_str().unwrap(), "Basic bWU6cEBzcw==");
        assert_eq!(user(&"http://proxy:3128".parse().unwrap()), None);
    }

    #[test]
    fn a_ca_file_must_hold_certificates() {
        assert!(tls(None).is_ok());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let error = tls(Some(broken)).unwrap_err().to_string();
        assert!(error.starts_with("the CA file cannot be read"), "{error}");
    }
}
