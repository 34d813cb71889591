//! The proxy itself: takes a request, asks the rules, forwards or fails.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use http::{Response, StatusCode, Uri, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::Shared;
use super::line::{Breaker, Line};
use super::rule::{Fault, Moment, Request};
use super::upstream::Upstream;

type Body = UnsyncBoxBody<Bytes, anyhow::Error>;

/// Everything that a connection needs.
pub(super) struct Proxy {
    pub(super) upstream: Upstream,
    pub(super) shared: Arc<Shared>,
}

impl Proxy {
    /// Serves one connection to its end.
    pub(super) async fn connection(self: Arc<Self>, stream: TcpStream, acceptor: TlsAcceptor) {
        let breaker = Breaker::default();
        let line = Line::new(stream, breaker.clone());
        // A client that speaks no TLS, or trusts another authority, is its own problem.
        let Ok(stream) = acceptor.accept(line).await else {
            return;
        };
        let service = service_fn(|request| self.answer(request, &breaker));
        // An error is a fault of ours or a client that left.
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    /// An error makes the connection end without an answer.
    async fn answer(
        &self,
        request: http::Request<Incoming>,
        breaker: &Breaker,
    ) -> Result<Response<Body>> {
        let (mut parts, body) = request.into_parts();
        // The whole request is read before anything fails: what is lost is the answer, not the question.
        let body = body.collect().await?.to_bytes();
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        let judged = self.shared.rules().judge(parts.method.clone(), path);
        if let Some(objects) = self.shared.page.get() {
            parts.uri = in_pages(&parts.uri, *objects)?;
        }
        let forward = http::Request::from_parts(parts, Full::new(body));
        let answer = match &judged.fault {
            None => self.forward(forward).await,
            Some((fault @ (Fault::Cut { .. } | Fault::EndAfter(_)), _)) => self
                .forward(forward)
                .await
                .map(|response| spoil(response, fault, breaker.clone())),
            Some((fault, Moment::BeforeEffect)) => match instead(fault, &judged).await {
                Some(outcome) => outcome,
                None => self.forward(forward).await,
            },
            Some((fault, Moment::AfterEffect)) => {
                let response = self.forward(forward).await?;
                match instead(fault, &judged).await {
                    Some(outcome) => {
                        // Read to its end: a refusal or a success has then surely been decided.
                        if !judged.is_watch() {
                            response.into_body().collect().await?;
                        }
                        outcome
                    }
                    None => Ok(response),
                }
            }
        };
        if answer.is_err() {
            // A reset is what a client sees of a server that died; also where it did.
            breaker.break_line();
        }
        answer
    }

    async fn forward(&self, request: http::Request<Full<Bytes>>) -> Result<Response<Body>> {
        let response = self.upstream.send(request).await?;
        Ok(response.map(|body| body.map_err(anyhow::Error::from).boxed_unsync()))
    }
}

/// The address of a list with another size of page; any other address as it is.
fn in_pages(uri: &Uri, objects: usize) -> Result<Uri> {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    if !query.split('&').any(|pair| pair.starts_with("limit=")) {
        return Ok(uri.clone());
    }
    let pairs = query.split('&').map(|pair| {
        let asked = pair.strip_prefix("limit=");
        asked.map_or_else(|| pair.to_owned(), |_| format!("limit={objects}"))
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    Ok(format!("{path}?{query}").parse()?)
}

/// What the client gets instead of the API server's answer; none where it gets that after all.
async fn instead(fault: &Fault, request: &Request) -> Option<Result<Response<Body>>> {
    match fault {
        Fault::Status { code, retry_after } => Some(status(*code, *retry_after)),
        Fault::Reset => Some(Err(anyhow::anyhow!("reset, as told"))),
        Fault::Stall => future::pending().await,
        Fault::Delay(time) => {
            tokio::time::sleep(*time).await;
            None
        }
        Fault::Expired => Some(expired(request)),
        Fault::Cut { .. } | Fault::EndAfter(_) => None,
    }
}

/// Lets an answer's body end early.
fn spoil(response: Response<Body>, fault: &Fault, breaker: Breaker) -> Response<Body> {
    response.map(|body| match fault {
        Fault::Cut { bytes } => cut(body, *bytes, breaker),
        Fault::EndAfter(time) => end_after(body, *time),
        _ => body,
    })
}

fn cut(body: Body, bytes: usize, breaker: Breaker) -> Body {
    let kept = body
        .into_data_stream()
        .scan(bytes, |left, chunk| {
            let chunk = chunk.map(|mut chunk| {
                chunk.truncate(*left);
                *left -= chunk.len();
                (Frame::data(chunk), *left == 0)
            });
            future::ready(Some(chunk))
        })
        .and_then(move |(frame, is_last)| {
            let end = is_last.then(|| stream::once(broken_off(breaker.clone())));
            let end = stream::iter(end).flatten();
            future::ok(stream::iter([Ok(frame)]).chain(end))
        })
        .try_flatten();
    StreamBody::new(kept).boxed_unsync()
}

/// Breaks the line once what was written before has left.
async fn broken_off(breaker: Breaker) -> Result<Frame<Bytes>> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    breaker.break_line();
    Err(anyhow::anyhow!("cut off, as told"))
}

fn end_after(body: Body, time: Duration) -> Body {
    let kept = body
        .into_data_stream()
        .map_ok(Frame::data)
        .take_until(tokio::time::sleep(time));
    StreamBody::new(kept).boxed_unsync()
}

/// A refusal as the API server words it; gateways in front of one answer in plain text.
fn status(code: StatusCode, retry_after: Option<Duration>) -> Result<Response<Body>> {
    let reason = match code.as_u16() {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        429 => "TooManyRequests",
        500 => "InternalError",
        504 => "Timeout",
        _ => "",
    };
    let mut response = Response::builder().status(code);
    if let Some(time) = retry_after {
        response = response.header(header::RETRY_AFTER, time.as_secs());
    }
    let (kind, text) = if matches!(code.as_u16(), 502 | 503) {
        let text = code.canonical_reason().unwrap_or_default().to_owned();
        ("text/plain; charset=utf-8", text)
    } else {
        ("application/json", status_object(code, reason).to_string())
    };
    let response = response.header(header::CONTENT_TYPE, kind);
    Ok(response.body(full(text))?)
}

fn status_object(code: StatusCode, reason: &str) -> serde_json::Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": format!("made to fail by the sandbox ({code})"),
        "reason": reason, "code": code.as_u16(),
    })
}

fn expired(request: &Request) -> Result<Response<Body>> {
    if !request.is_watch() {
        return status(StatusCode::GONE, None);
    }
    let event = json!({"type": "ERROR", "object": status_object(StatusCode::GONE, "Expired")});
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(full(format!("{event}\n")))
        .context("an answer of the proxy's own")
}

fn full(text: String) -> Body {
    Full::new(Bytes::from(text))
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}
