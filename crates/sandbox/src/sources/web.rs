//! A web server: it gives out the files that were put there, and keeps what is posted to it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::github::tls;

/// A request with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The path it was sent to.
    pub path: String,
    /// Its body.
    pub body: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    received: Vec<Received>,
    asked: Vec<String>,
}

/// A web server. Dropping it stops it.
#[derive(Debug)]
pub struct Web {
    url: String,
    /// The authority that its clients must trust, PEM.
    ca_pem: Option<String>,
    state: Arc<Mutex<State>>,
    /// Threads of its own: a test that blocks its runtime does not stall the server.
    runtime: Option<Runtime>,
}

impl Web {
    /// Starts a server without files, over plain HTTP.
    ///
    /// # Errors
    /// If no port or thread can be had.
    pub fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// Starts a server without files, over HTTPS.
    ///
    /// # Errors
    /// As those of [`Web::start`].
    pub fn start_https() -> Result<Self> {
        Self::start_with(Some(tls::identity()?))
    }

    fn start_with(identity: Option<tls::Identity>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox-web")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("listening")?;
        listener.set_nonblocking(true)?;
        let scheme = if identity.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let acceptor = identity
            .as_ref()
            .map(|identity| TlsAcceptor::from(Arc::clone(&identity.config)));
        runtime.spawn(serve(listener, acceptor, Arc::clone(&state)));
        Ok(Self {
            url,
            ca_pem: identity.map(|identity| identity.ca_pem),
            state,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`, or the same with `https`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The authority that clients of a server over HTTPS must trust, PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The paths that were asked for so far, in order.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.state).asked.clone()
    }

    /// Puts a file at a path (`/charts/index.yaml`), or changes it.
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        lock(&self.state)
            .files
            .insert(path.to_owned(), bytes.into());
    }

    /// What was posted so far, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.state).received.clone()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for the threads here would block, and panic inside another runtime.
            runtime.shutdown_background();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere leaves the files as good as they were.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves connections until the runtime ends.
async fn serve(
    listener: std::net::TcpListener,
    acceptor: Option<TlsAcceptor>,
    state: Arc<Mutex<State>>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        let (state, acceptor) = (Arc::clone(&state), acceptor.clone());
        // A client that leaves in the middle is its own affair.
        tokio::spawn(async move {
            match acceptor {
                None => connection(stream, &state).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        connection(stream, &state).await;
                    }
                }
            }
        });
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin>(stream: S, state: &Mutex<State>) {
    let service = service_fn(|request| respond(state, request));
    // How it ends is the client's affair.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    state: &Mutex<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let mut response = Response::new(Full::default());
    if head.method == Method::GET || head.method == Method::HEAD {
        lock(state).asked.push(path.clone());
        match lock(state).files.get(&path) {
            Some(bytes) => *response.body_mut() = Full::new(Bytes::from(bytes.clone())),
            None => *response.status_mut() = StatusCode::NOT_FOUND,
        }
    } else {
        match body.collect().await {
            Ok(body) => lock(state).received.push(Received {
                path,
                body: body.to_bytes().to_vec(),
            }),
            Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
        }
    }
    Ok(response)
}
