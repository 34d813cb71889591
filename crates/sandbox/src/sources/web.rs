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
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

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
}

/// A web server over plain HTTP. Dropping it stops it.
#[derive(Debug)]
pub struct Web {
    url: String,
    state: Arc<Mutex<State>>,
    /// Threads of its own: a test that blocks its runtime does not stall the server.
    runtime: Option<Runtime>,
}

impl Web {
    /// Starts a server without files.
    ///
    /// # Errors
    /// If no port or thread can be had.
    pub fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox-web")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("listening")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        runtime.spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            url,
            state,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
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
async fn serve(listener: std::net::TcpListener, state: Arc<Mutex<State>>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        // A client that leaves in the middle is its own affair.
        tokio::spawn(async move {
            let service = service_fn(|request| respond(&state, request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    state: &Mutex<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let mut response = Response::new(Full::default());
    if head.method == Method::GET || head.method == Method::HEAD {
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
