//! Plain HTTP requests to servers on loopback.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Position, Url};

/// Everything here is on this machine; this only ends a wait that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: StatusCode,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer, if its status says that all went well.
    ///
    /// # Errors
    /// If it does not; shows what the server said.
    pub fn success(self) -> Result<Self> {
        if !self.status.is_success() {
            bail!("{}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(self)
    }
}

/// Sends one request to an `http://` URL, on a connection of its own.
///
/// # Errors
/// If the server cannot be reached or does not answer; any status is an answer.
pub async fn call(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Result<Answer> {
    let name = format!("{method} {url}");
    match tokio::time::timeout(PATIENCE, send(method, url, headers, body)).await {
        Ok(answer) => answer.context(name),
        Err(_) => bail!("{name}: no answer in time"),
    }
}

async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Result<Answer> {
    let url = Url::parse(url)?;
    if url.scheme() != "http" {
        bail!("only http is spoken here");
    }
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    let stream = TcpStream::connect(host).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    Ok(Answer {
        status: answer.status(),
        body: answer.into_body().collect().await?.to_bytes().to_vec(),
    })
}
