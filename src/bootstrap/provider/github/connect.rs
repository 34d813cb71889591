//! The way to GitHub.

use std::sync::Arc;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};

use crate::error::Result;
use crate::web::connect::{Build, through};

/// A client that trusts the system's authorities and those of `ca` (PEM), and goes through
/// `proxy` where there is one. Nothing is sent yet.
///
/// # Errors
/// When the authorities cannot be read, or the proxy is of an unknown kind.
pub(super) fn client(ca: Option<&str>, proxy: Option<&Uri>) -> Result<Octocrab> {
    through(ca, proxy, OfGitHub)
}

struct OfGitHub;

impl Build for OfGitHub {
    type Output = Octocrab;

    fn build<C: Connect + Clone + Send + Sync + 'static>(self, connector: C) -> Octocrab {
        let service = Client::builder(TokioExecutor::new()).build::<_, OctoBody>(connector);
        let agent = concat!("reflux/", env!("CARGO_PKG_VERSION"));
        let headers = vec![(http::header::USER_AGENT, HeaderValue::from_static(agent))];
        let Ok(client) = OctocrabBuilder::new_empty()
            .with_service(service)
            .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
            .with_auth(AuthState::None)
            .build();
        client
    }
}
