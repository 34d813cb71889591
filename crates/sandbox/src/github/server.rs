//! The HTTPS door: connections, recording, faults, and which part answers.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::faults::{Failure, Fault, Faults, When};
use super::model::State;
use super::record::{self, Recorded, Recorder};
use super::reply::{Content, Reply};
use super::rest::{self, ApiRequest};
use super::smart_http::{self, GitRequest};

/// Where REST begins.
const API: &str = "/api/v3";

/// What all doors share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) recorder: Recorder,
    pub(crate) faults: Faults,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            recorder: Recorder::default(),
            faults: Faults::default(),
        }
    }

    /// The state, for as long as the guard lives. Never hold it across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection to be reset instead of answered.
#[derive(Debug)]
struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("connection reset on demand")
    }
}

impl std::error::Error for Reset {}

/// Serves connections until the runtime ends.
pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        // A client that leaves in the middle is its own affair.
        tokio::spawn(async move {
            let _ = connection(stream, acceptor, shared).await;
        });
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    // A second handle on the socket, by which a fault makes its closing a reset.
    let stream = stream.into_std()?;
    let handle = Arc::new(TcpStream::from_std(stream.try_clone()?)?);
    let stream = acceptor.accept(TcpStream::from_std(stream)?).await?;
    let service = service_fn(move |request| {
        let (shared, handle) = (Arc::clone(&shared), Arc::clone(&handle));
        async move {
            let response = respond(&shared, request).await;
            if response.is_err() {
                let _ = handle.set_zero_linger();
            }
            response
        }
    });
    hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await?;
    Ok(())
}

async fn respond(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Reset)?.to_bytes().to_vec();
    let path = head.uri.path().to_owned();
    let reply = match path.strip_prefix(API) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            rest_reply(shared, &head, rest, body).await?
        }
        _ => git_reply(shared, &head, &path, body).await,
    };
    Ok(into_response(reply))
}

fn text(head: &http::request::Parts, name: &str) -> Option<String> {
    Some(head.headers.get(name)?.to_str().ok()?.to_owned())
}

/// What is known of a request on arrival.
fn arrival(door: &str, head: &http::request::Parts, path: &str) -> Recorded {
    Recorded {
        door: door.to_owned(),
        method: head.method.to_string(),
        path: path.to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: text(head, "authorization").map(|header| record::redacted(&header)),
        ..Recorded::default()
    }
}

async fn rest_reply(
    shared: &Arc<Shared>,
    head: &http::request::Parts,
    path: &str,
    body: Vec<u8>,
) -> Result<Reply, Reset> {
    let query = head.uri.query().unwrap_or_default();
    let mut note = arrival("rest", head, path);
    {
        let state = shared.state();
        let json = serde_json::from_slice(&body).ok();
        note.request = json.map(|body| record::without_tokens(&state, body));
        note.template = rest::template(&state, &head.method, path).map(str::to_owned);
    }
    let fault = shared.faults.strike(head.method.as_str(), path);
    note.fault = fault.as_ref().map(Fault::label);
    let number = shared.recorder.begin(note);
    let request = ApiRequest {
        method: head.method.clone(),
        path: path.to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        authorization: text(head, "authorization"),
        accept: text(head, "accept").unwrap_or_default(),
        body,
    };
    let mut reply = Reply::no_content();
    if fault.as_ref().is_none_or(|fault| fault.when == When::After) {
        let worker = Arc::clone(shared);
        let work = tokio::task::spawn_blocking(move || rest::answer(&mut worker.state(), &request));
        reply = work.await.map_err(|_| Reset)?;
    }
    if let Some(fault) = fault {
        reply = fail(fault.failure).await?;
    }
    let json = match &reply.content {
        Content::Json(body) => Some(record::without_tokens(&shared.state(), body.clone())),
        _ => None,
    };
    shared.recorder.finish(number, |note| {
        note.response = json;
        complete(note, &reply);
    });
    Ok(reply)
}

async fn git_reply(
    shared: &Shared,
    head: &http::request::Parts,
    path: &str,
    body: Vec<u8>,
) -> Reply {
    let number = shared.recorder.begin(arrival("git", head, path));
    let request = GitRequest {
        method: head.method.clone(),
        path: path.to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: text(head, "authorization"),
        content_type: text(head, "content-type").unwrap_or_default(),
        content_encoding: text(head, "content-encoding").unwrap_or_default(),
        protocol: text(head, "git-protocol").unwrap_or_default(),
        body,
    };
    let reply = smart_http::serve(shared, request).await;
    shared
        .recorder
        .finish(number, |note| complete(note, &reply));
    reply
}

fn complete(note: &mut Recorded, reply: &Reply) {
    note.status = Some(reply.status.as_u16());
    note.media_type = media_type(&reply.content);
    let location = reply.headers.iter().find(|(name, _)| *name == "location");
    note.location = location.map(|(_, value)| value.clone());
}

async fn fail(failure: Failure) -> Result<Reply, Reset> {
    match failure {
        Failure::Reset => Err(Reset),
        Failure::Timeout(time) => {
            tokio::time::sleep(time).await;
            Err(Reset)
        }
        Failure::Status(status, body) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(Reply::json(status, body))
        }
    }
}

fn media_type(content: &Content) -> Option<String> {
    match content {
        Content::Empty => None,
        Content::Json(_) => Some("application/json; charset=utf-8".to_owned()),
        Content::Bytes(media_type, _) => Some(media_type.clone()),
    }
}

fn into_response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::SERVER, "github.com")
        .header("x-github-request-id", request_id())
        .header("x-github-media-type", "github.v3; format=json")
        .header("x-github-enterprise-version", "3.19.0");
    if let Some(media_type) = media_type(&reply.content) {
        response = response.header(header::CONTENT_TYPE, media_type);
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let bytes = match reply.content {
        Content::Empty => Bytes::new(),
        Content::Json(body) => Bytes::from(body.to_string()),
        Content::Bytes(_, bytes) => Bytes::from(bytes),
    };
    response.body(Full::new(bytes)).unwrap_or_else(|_| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Five groups of hexadecimal digits, as GitHub writes them.
fn request_id() -> String {
    let part = || rand::random::<u32>();
    format!(
        "{:04X}:{:06X}:{:07X}:{:07X}:{:08X}",
        part() & 0xFFFF,
        part() & 0xFF_FFFF,
        part() & 0xFFF_FFFF,
        part() & 0xFFF_FFFF,
        part()
    )
}
