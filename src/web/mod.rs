//! HTTP to servers that no library speaks to: webhooks, who gives tokens for them, and files.
//!
//! One request at a time: through the proxy that its address wants, redirects followed as Go's
//! client follows them. The caller has the deadline and decides what is tried again.

pub mod connect;
mod redirect;

use std::error::Error as StdError;

use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::{TokioExecutor, TokioIo};
use thiserror::Error;
use tokio::net::TcpStream;
use url::Url;

use crate::error;

/// The most that is read of an answer, unless more is asked for.
const LIMIT: usize = 1 << 20;
/// How many requests are made in a row because of redirects.
const REDIRECTS: usize = 10;

/// One request.
#[derive(Clone)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Where it goes; `http` or `https`. A user and a password in it become a header.
    pub url: Url,
    /// Its headers, without those that follow from the rest.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text, as far as it is not longer than what is read of it.
    pub body: String,
}

/// Why nothing came back.
#[derive(Debug, Error)]
pub enum Error {
    /// The connection failed; it may work another time.
    #[error("{0}")]
    Lost(String),
    /// The request cannot be sent.
    #[error("{0}")]
    Impossible(String),
}

/// The proxy for an address, if it is to be reached through one.
pub type ProxyOf<'a> = dyn Fn(&Uri) -> error::Result<Option<Uri>> + 'a;

/// Sends a request, and follows where the server points to.
///
/// # Errors
/// When there is no answer.
pub async fn send(request: Request, proxy_of: &ProxyOf<'_>) -> Result<Answer, Error> {
    send_for(request, LIMIT, proxy_of).await
}

/// [`send`] where the body of the answer may be longer: up to `limit` bytes are read of it.
///
/// # Errors
/// As those of [`send`].
pub async fn send_for(
    mut request: Request,
    limit: usize,
    proxy_of: &ProxyOf<'_>,
) -> Result<Answer, Error> {
    for _ in 0..REDIRECTS {
        let answer = once(&request, limit, proxy_of).await?;
        match redirect::next(&request, &answer)? {
            Some(next) => request = next,
            None => return Ok(answer),
        }
    }
    Err(Error::Lost(format!("stopped after {REDIRECTS} redirects")))
}

async fn once(request: &Request, limit: usize, proxy_of: &ProxyOf<'_>) -> Result<Answer, Error> {
    let (uri, request) = prepared(request)?;
    let proxy = proxy_of(&uri).map_err(impossible)?;
    let response = match &proxy {
        // A proxy passes plain HTTP on; many refuse a tunnel for it.
        Some(proxy) if is(&uri, "http") && is(proxy, "http") => forwarded(proxy, request).await?,
        proxy => {
            let send = connect::through(None, proxy.as_ref(), Send(request)).map_err(impossible)?;
            send.await.map_err(|error| lost(&error))?
        }
    };
    let status = response.status();
    let headers = response.headers().clone();
    let body = text(response.into_body(), limit).await?;
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn is(address: &Uri, scheme: &str) -> bool {
    address.scheme_str() == Some(scheme)
}

/// The request as it goes over the wire, and its address, without the user that the URL names.
fn prepared(request: &Request) -> Result<(Uri, http::Request<Full<Bytes>>), Error> {
    let whole: Uri = request
        .url
        .as_str()
        .parse()
        .map_err(|_| Error::Impossible("the address cannot be sent".to_owned()))?;
    let mut bare = request.url.clone();
    // A URL with a host always takes them.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_fragment(None);
    let uri: Uri = bare
        .as_str()
        .parse()
        .map_err(|_| Error::Impossible("the address cannot be sent".to_owned()))?;
    let length = HeaderValue::from(request.body.len());
    let body = Full::new(Bytes::from(request.body.clone()));
    let mut sent = http::Request::new(body);
    *sent.method_mut() = request.method.clone();
    *sent.uri_mut() = uri.clone();
    *sent.headers_mut() = request.headers.clone();
    // An empty body is told of, too, as Go does.
    if request.method == Method::POST {
        sent.headers_mut().insert(CONTENT_LENGTH, length);
    }
    if !request.headers.contains_key(AUTHORIZATION)
        && let Some(user) = connect::authorization(&whole).map_err(impossible)?
    {
        sent.headers_mut().insert(AUTHORIZATION, user);
    }
    Ok((uri, sent))
}

/// A request that waits for a connector.
struct Send(http::Request<Full<Bytes>>);

impl connect::Build for Send {
    type Output =
        BoxFuture<'static, Result<http::Response<Incoming>, hyper_util::client::legacy::Error>>;

    fn build<C: Connect + Clone + std::marker::Send + Sync + 'static>(
        self,
        connector: C,
    ) -> Self::Output {
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Box::pin(async move { client.request(self.0).await })
    }
}

/// Hands a request for plain HTTP to a proxy, with the whole address in its first line.
async fn forwarded(
    proxy: &Uri,
    mut request: http::Request<Full<Bytes>>,
) -> Result<http::Response<Incoming>, Error> {
    let host = proxy.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, proxy.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| lost(&error))?;
    if let Some(authorization) = connect::authorization(proxy).map_err(impossible)? {
        request
            .headers_mut()
            .insert(PROXY_AUTHORIZATION, authorization);
    }
    let authority = request.uri().authority().map_or("", |a| a.as_str());
    let host = HeaderValue::from_str(authority).map_err(|error| lost(&error))?;
    request.headers_mut().insert(HOST, host);
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| lost(&error))?;
    // What becomes of the connection shows in the answer.
    tokio::spawn(connection);
    let response = sender.send_request(request).await;
    response.map_err(|error| lost(&error))
}

async fn text(mut body: Incoming, limit: usize) -> Result<String, Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| lost(&error))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() >= limit {
            bytes.truncate(limit);
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn impossible(error: impl Into<error::Error>) -> Error {
    Error::Impossible(error.into().chain())
}

/// The innermost cause says what is wrong; those around it say that something is.
fn lost(error: &dyn StdError) -> Error {
    let mut deepest = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    Error::Lost(deepest.to_string())
}
