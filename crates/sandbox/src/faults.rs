//! A proxy in front of the API server that makes it misbehave as told, and records what was asked.
//!
//! Clients reach it through a kubeconfig of its own; it terminates TLS, so that it can act on single requests. It speaks
//! HTTP/1.1 to both sides and streams answers, watches included. It does not carry upgraded connections (exec, port
//! forwarding).

mod line;
mod proxy;
mod rule;
mod upstream;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use self::proxy::Proxy;
use self::rule::Rules;
pub use self::rule::{Fault, Moment, Request, Rule, RuleHandle};
use self::upstream::Upstream;
use crate::certs::{Authority, Identity};
use crate::control_plane::{Access, ControlPlane, User};
use crate::process::Den;

/// The proxy. Dropping it breaks all connections through it.
pub struct FaultProxy {
    server: String,
    ca: String,
    shared: Arc<Shared>,
    /// Dropped to end the thread.
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Holds the kubeconfigs.
    den: Den,
}

/// What the proxy's thread and its owner both reach.
#[derive(Default)]
struct Shared {
    rules: Mutex<Rules>,
    /// How many objects a page of a list holds at most; as many as are asked for where it is not set.
    page: OnceLock<usize>,
}

impl Shared {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        // A panic elsewhere leaves the rules as good as they were.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl FaultProxy {
    /// Starts a proxy in front of a control plane. Without rules it changes nothing.
    ///
    /// # Errors
    /// If no port or certificate can be had, or the control plane's kubeconfigs cannot be read.
    pub fn start(control_plane: &ControlPlane) -> Result<Self> {
        let den = Den::new()?;
        let authority = Authority::new("reflux sandbox fault proxy")?;
        let acceptor = acceptor(&authority.server(&["127.0.0.1", "localhost"])?)?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("listening")?;
        listener.set_nonblocking(true)?;
        let server = format!("https://{}", listener.local_addr()?);
        for user in User::ALL {
            let direct = Access::read(&control_plane.kubeconfig_of(user))?;
            let through = Access {
                server: server.clone(),
                ca: authority.pem(),
                token: direct.token,
            };
            through.write(user.name(), &user.file(den.path()))?;
        }
        let shared = Arc::new(Shared::default());
        let proxy = Arc::new(Proxy {
            upstream: Upstream::new(control_plane.server_url(), control_plane.ca_pem())?,
            shared: Arc::clone(&shared),
        });
        let (shutdown, until) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-faults".to_owned())
            .spawn(move || serve(listener, acceptor, proxy, until))
            .context("starting a thread")?;
        Ok(Self {
            server,
            ca: authority.pem(),
            shared,
            shutdown: Some(shutdown),
            thread: Some(thread),
            den,
        })
    }

    /// The administrator's kubeconfig through the proxy.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_of(User::Admin)
    }

    /// A user's kubeconfig through the proxy.
    pub fn kubeconfig_of(&self, user: User) -> PathBuf {
        user.file(self.den.path())
    }

    /// The administrator's client through the proxy, bound to the caller's runtime.
    ///
    /// # Errors
    /// If the client cannot be built.
    pub async fn client(&self) -> Result<kube::Client> {
        Access::read(&self.kubeconfig())?.client().await
    }

    /// `https://127.0.0.1:PORT`.
    pub fn server_url(&self) -> &str {
        &self.server
    }

    /// The certificate of the authority that signed the proxy's, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca
    }

    /// Has lists come in pages of `objects` at most, whatever size is asked for. It can be said once.
    pub fn limit_pages(&self, objects: usize) {
        // Who says it again is not heard: the first size stays.
        let _ = self.shared.page.set(objects);
    }

    /// Adds a rule. Of several that apply to a request, the one added first acts. The handle tells how often it did.
    pub fn add(&self, rule: Rule) -> RuleHandle {
        self.shared.rules().add(rule)
    }

    /// Forgets all rules.
    pub fn clear(&self) {
        self.shared.rules().clear();
    }

    /// Every request since the start or the last [`Self::forget_requests`], in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.rules().requests().to_vec()
    }

    /// Empties the record and lets the count of requests begin anew at 1. Rules stay, with their own counts.
    pub fn forget_requests(&self) {
        self.shared.rules().forget_requests();
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        drop(self.shutdown.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own hook.
            let _ = thread.join();
        }
    }
}

fn acceptor(identity: &Identity) -> Result<TlsAcceptor> {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
    let mut config = rustls::ServerConfig::builder_with_provider(upstream::provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The life of the thread: a runtime of its own, so that tests without one can use the proxy.
fn serve(
    listener: std::net::TcpListener,
    acceptor: TlsAcceptor,
    proxy: Arc<Proxy>,
    until: oneshot::Receiver<()>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        // The listener is dropped: clients are refused, which no test mistakes for success.
        return;
    };
    runtime.block_on(async move {
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = accept(listener, acceptor, proxy) => (),
            _ = until => (),
        }
    });
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, proxy: Arc<Proxy>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&proxy).connection(stream, acceptor.clone()));
        }
    }
}
