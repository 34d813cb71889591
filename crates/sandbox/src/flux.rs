//! The real Flux controllers as processes of this machine, working on a control plane of the sandbox.
//!
//! They behave as their pods would: each starts when its kinds exist (and, if asked, when its Deployment does), is
//! started again when it dies, and its log is what the API server gives for the pods of its Deployment.

mod component;
mod keeper;
mod log;
mod watch;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::sync::{oneshot, watch as channel};

use self::component::Addresses;
pub use self::component::Component;
use self::keeper::{Keeper, Orders, Wanted};
use crate::control_plane::ControlPlane;
use crate::process::Den;
use crate::tools::{Tool, Toolbox};

/// When a controller runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// From the moment on at which its CustomResourceDefinitions are established. It acts as administrator.
    #[default]
    Definitions,
    /// As long as a Deployment of its name is in the namespace and scaled above zero; it starts anew when that changes.
    /// It gets the Deployment's arguments (but for addresses) and acts as its service account: what it may do, the applied
    /// RBAC decides.
    Deployments,
}

/// Which controllers to run, and how.
#[derive(Clone, Debug)]
pub struct FluxOptions {
    /// The controllers.
    pub components: Vec<Component>,
    /// The namespace they believe to run in.
    pub namespace: String,
    /// When they run.
    pub follow: Follow,
}

impl Default for FluxOptions {
    /// The four of a default installation in `flux-system`, as soon as their kinds exist.
    fn default() -> Self {
        Self {
            components: Component::DEFAULT.to_vec(),
            namespace: "flux-system".to_owned(),
            follow: Follow::default(),
        }
    }
}

/// Where a controller is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not running: what it waits for, or why its last run ended.
    Waiting(String),
    /// Running, and does not say yet that it is ready.
    Starting,
    /// Running, and said that it is ready.
    Ready,
    /// Stopped by [`Flux::stop`].
    Stopped,
}

/// Flux's controllers. Dropping it stops them.
pub struct Flux {
    handles: Vec<Handle>,
    /// Dropped to end the thread.
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    den: Arc<Den>,
    addresses: Addresses,
}

/// The two ends by which a keeper is held.
struct Handle {
    component: Component,
    state: channel::Receiver<State>,
    paused: channel::Sender<bool>,
}

impl fmt::Debug for Flux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(
                self.handles
                    .iter()
                    .map(|handle| (handle.component.name(), handle.state.borrow().clone())),
            )
            .finish()
    }
}

impl Flux {
    /// Starts to look after the controllers and returns at once; the wait for their kinds goes on in the background.
    /// Builds the missing programs first, which can take minutes.
    ///
    /// # Errors
    /// If a program cannot be had, or the control plane's kubeconfig cannot be read.
    pub async fn start(control_plane: &ControlPlane, options: FluxOptions) -> Result<Self> {
        Self::start_with(Toolbox::from_env()?, control_plane, options).await
    }

    /// [`Self::start`] with programs from a toolbox of the caller's.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        tools: Toolbox,
        control_plane: &ControlPlane,
        options: FluxOptions,
    ) -> Result<Self> {
        let programs: Vec<Tool> = options.components.iter().map(|one| one.tool()).collect();
        tools.ensure_async(&programs).await?;
        let den = Arc::new(Den::new()?);
        let addresses = Addresses::free(&options.components)?;
        let (wanted_sender, wanted) = channel::channel(match options.follow {
            Follow::Definitions => Wanted::all(&options.components),
            Follow::Deployments => Wanted::default(),
        });
        let mut handles = Vec::new();
        let mut keepers = Vec::new();
        for component in &options.components {
            let (state_sender, state) = channel::channel(State::Waiting("its turn".to_owned()));
            let (paused, paused_receiver) = channel::channel(false);
            handles.push(Handle {
                component: *component,
                state,
                paused,
            });
            keepers.push(Keeper {
                component: *component,
                den: Arc::clone(&den),
                program: tools.path(component.tool()),
                access: control_plane.access().clone(),
                namespace: options.namespace.clone(),
                addresses,
                orders: Orders {
                    component: *component,
                    wanted: wanted.clone(),
                    paused: paused_receiver,
                },
                state: state_sender,
            });
        }
        let (shutdown, until) = oneshot::channel();
        let watcher = watch::Watcher {
            access: control_plane.access().clone(),
            options,
            den: Arc::clone(&den),
            wanted: wanted_sender,
        };
        let thread = std::thread::Builder::new()
            .name("sandbox-flux".to_owned())
            .spawn(move || look_after(keepers, watcher, until))
            .context("starting a thread")?;
        Ok(Self {
            handles,
            shutdown: Some(shutdown),
            thread: Some(thread),
            den,
            addresses,
        })
    }

    /// Waits until every controller that is not stopped says that it is ready.
    ///
    /// # Errors
    /// If that takes longer than `timeout`; names what is missing and shows the end of the log.
    pub async fn wait_ready(&self, timeout: Duration) -> Result<()> {
        let all = async {
            for handle in &self.handles {
                let mut state = handle.state.clone();
                state
                    .wait_for(|state| matches!(state, State::Ready | State::Stopped))
                    .await
                    .with_context(|| format!("{} is looked after no more", handle.component))?;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(timeout, all).await {
            Ok(result) => result,
            Err(_) => bail!("not ready after {timeout:?}: {}", self.describe()),
        }
    }

    /// Where a controller is in its life; none if it is not one of the started ones.
    pub fn state(&self, component: Component) -> Option<State> {
        let handle = self.handle(component).ok()?;
        Some(handle.state.borrow().clone())
    }

    /// Kills a controller and keeps it down; returns when it is gone.
    ///
    /// # Errors
    /// If it is not one of the started ones.
    pub async fn stop(&self, component: Component) -> Result<()> {
        let handle = self.handle(component)?;
        handle.paused.send_replace(true);
        let mut state = handle.state.clone();
        state.wait_for(|state| *state == State::Stopped).await?;
        Ok(())
    }

    /// Lets a stopped controller run again; returns when it has left [`State::Stopped`].
    ///
    /// # Errors
    /// If it is not one of the started ones.
    pub async fn resume(&self, component: Component) -> Result<()> {
        let handle = self.handle(component)?;
        handle.paused.send_replace(false);
        let mut state = handle.state.clone();
        state.wait_for(|state| *state != State::Stopped).await?;
        Ok(())
    }

    /// What a controller wrote so far, one JSON object per line, over all its runs.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn logs(&self, component: Component) -> Result<String> {
        let path = self.log_file(component);
        if !path.exists() {
            return Ok(String::new());
        }
        Ok(log::strip(&fs_err::read_to_string(path)?))
    }

    /// Where the notification-controller waits for web hooks: `http://127.0.0.1:PORT`, to which a Receiver's
    /// `status.webhookPath` is added.
    pub fn receiver_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.addresses.receiver)
    }

    /// The file with a controller's log, in the format of container runtimes (`TIME STREAM F TEXT`).
    pub fn log_file(&self, component: Component) -> PathBuf {
        log::path(&self.den, component)
    }

    fn handle(&self, component: Component) -> Result<&Handle> {
        self.handles
            .iter()
            .find(|handle| handle.component == component)
            .with_context(|| format!("{component} was not started"))
    }

    fn describe(&self) -> String {
        let lines: Vec<String> = self
            .handles
            .iter()
            .filter_map(|handle| {
                let name = handle.component;
                let log = || crate::process::tail(&self.log_file(name));
                match &*handle.state.borrow() {
                    State::Waiting(what) => Some(format!("{name} waits for {what}")),
                    State::Starting => Some(format!("{name} is starting:\n{}", log())),
                    State::Ready | State::Stopped => None,
                }
            })
            .collect();
        lines.join("\n")
    }
}

impl Drop for Flux {
    fn drop(&mut self) {
        drop(self.shutdown.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own hook.
            let _ = thread.join();
        }
    }
}

/// The life of the thread: a runtime of its own, so that tests with short-lived runtimes can share one Flux.
fn look_after(keepers: Vec<Keeper>, watcher: watch::Watcher, until: oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        // The keepers are dropped, and every wait on them ends with an error.
        return;
    };
    runtime.block_on(async move {
        for keeper in keepers {
            tokio::spawn(keeper.run());
        }
        tokio::spawn(watcher.run());
        let _ = until.await;
    });
}
