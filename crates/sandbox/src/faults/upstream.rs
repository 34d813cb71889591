//! Connections from the proxy to the API server: one per request, which keeps them independent of each other's fate.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use http::{HeaderMap, Request, Response, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The cryptography that both sides use.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The API server as the proxy reaches it.
pub(super) struct Upstream {
    /// `127.0.0.1:PORT`.
    address: String,
    connector: TlsConnector,
}

impl Upstream {
    /// `url`: `https://127.0.0.1:PORT`; `ca`: PEM.
    pub(super) fn new(url: &str, ca: &str) -> Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes())?)?;
        let config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            address: url
                .strip_prefix("https://")
                .with_context(|| format!("{url} is not an https URL"))?
                .trim_end_matches('/')
                .to_owned(),
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Sends a request. The answer's body streams; dropping it closes the connection.
    pub(super) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let host = self.address.split(':').next().unwrap_or_default();
        let name = ServerName::try_from(host.to_owned())?;
        let stream = self.connector.connect(name, stream).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        remove_hop_headers(request.headers_mut());
        request
            .headers_mut()
            .insert(header::HOST, self.address.parse()?);
        let mut response = sender.send_request(request).await?;
        remove_hop_headers(response.headers_mut());
        Ok(response)
    }
}

/// Takes away what is about one connection, not about the message.
fn remove_hop_headers(headers: &mut HeaderMap) {
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
}
