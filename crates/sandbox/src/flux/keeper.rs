//! Looks after one controller: starts it when it is wanted, again when it dies, and stops it when it is wanted no more.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use super::State;
use super::component::{Addresses, Component, Own};
use super::log;
use crate::control_plane::Access;
use crate::process::{Den, Launch, Process};

/// Between two looks at something that changes soon.
const POLL: Duration = Duration::from_millis(50);

/// Between two looks at a process that runs well.
const CALM_POLL: Duration = Duration::from_millis(200);

/// Pause before a controller that failed is started again.
const RESTART: Duration = Duration::from_millis(500);

/// What a running controller is made from; another value means another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Tells a Deployment from one of the same name made later.
    pub(super) uid: String,
    pub(super) arguments: Vec<String>,
    /// Whose rights it has; the administrator's where absent.
    pub(super) service_account: Option<String>,
}

/// The controllers that are to run now.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted(pub(super) BTreeMap<Component, Run>);

impl Wanted {
    /// All of `components`, as administrators.
    pub(super) fn all(components: &[Component]) -> Self {
        let run = Run {
            uid: String::new(),
            arguments: Component::default_arguments(),
            service_account: None,
        };
        Self(components.iter().map(|one| (*one, run.clone())).collect())
    }
}

/// What one keeper is told to do, by the cluster and by the owner.
#[derive(Clone)]
pub(super) struct Orders {
    pub(super) component: Component,
    pub(super) wanted: watch::Receiver<Wanted>,
    pub(super) paused: watch::Receiver<bool>,
}

impl Orders {
    /// What is to run now, if anything.
    fn current(&mut self) -> Option<Run> {
        let paused = *self.paused.borrow_and_update();
        let wanted = self.wanted.borrow_and_update();
        let run = wanted.0.get(&self.component).filter(|_| !paused);
        run.cloned()
    }

    fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Waits until the order is one that `condition` accepts.
    async fn until(&mut self, condition: impl Fn(Option<&Run>) -> bool) {
        while !condition(self.current().as_ref()) {
            self.change().await;
        }
    }

    /// Waits for a change since the last look.
    async fn change(&mut self) {
        let change = tokio::select! {
            change = self.wanted.changed() => change,
            change = self.paused.changed() => change,
        };
        if change.is_err() {
            // Nobody is left to want anything: the end of the runtime is near.
            std::future::pending::<()>().await;
        }
    }
}

/// Everything needed to run one controller.
pub(super) struct Keeper {
    pub(super) component: Component,
    pub(super) den: Arc<Den>,
    pub(super) program: PathBuf,
    pub(super) access: Access,
    pub(super) namespace: String,
    pub(super) addresses: Addresses,
    pub(super) orders: Orders,
    pub(super) state: watch::Sender<State>,
}

impl Keeper {
    /// Never returns; ends with the runtime it is spawned on.
    pub(super) async fn run(mut self) {
        loop {
            let run = self.next_run().await;
            let mut orders = self.orders.clone();
            let outcome = tokio::select! {
                () = orders.until(|order| order != Some(&run)) => Ok(()),
                outcome = self.attend(&run) => outcome,
            };
            if let Err(error) = outcome {
                self.set(State::Waiting(format!("its next try after: {error:#}")));
                tokio::time::sleep(RESTART).await;
            }
        }
    }

    /// Waits until the controller is to run, and says how.
    async fn next_run(&mut self) -> Run {
        loop {
            if let Some(run) = self.orders.current() {
                return run;
            }
            self.set(if self.orders.is_paused() {
                State::Stopped
            } else {
                State::Waiting(format!("Deployment {}/{}", self.namespace, self.component))
            });
            self.orders.change().await;
        }
    }

    /// Starts the controller and stays with it. Dropping the future kills it.
    async fn attend(&self, run: &Run) -> Result<()> {
        self.wait_for_definitions().await?;
        let own = Own::free()?;
        let process = self.launch(run, own).await?;
        self.set(State::Starting);
        while !is_ready(own.health).await {
            process.check()?;
            tokio::time::sleep(POLL).await;
        }
        self.set(State::Ready);
        loop {
            process.check()?;
            tokio::time::sleep(CALM_POLL).await;
        }
    }

    async fn wait_for_definitions(&self) -> Result<()> {
        let client = self.access.client().await?;
        for definition in self.component.definitions() {
            while !crate::crds::is_established(&client, definition).await? {
                self.set(State::Waiting(format!(
                    "CustomResourceDefinition {definition}"
                )));
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    async fn launch(&self, run: &Run, own: Own) -> Result<Process> {
        if let Some(folder) = self.component.storage() {
            fs_err::create_dir_all(self.den.path().join(folder))?;
        }
        let kubeconfig = self
            .den
            .path()
            .join(format!("{}.kubeconfig", self.component));
        let access = match &run.service_account {
            Some(name) => self.access_of(name).await?,
            None => self.access.clone(),
        };
        access.write(self.component.name(), &kubeconfig)?;
        let mut args = run.arguments.clone();
        args.extend(
            self.component
                .local_arguments(self.addresses, own, &self.den),
        );
        let pipe = log::pipe_to(&log::path(&self.den, self.component))?;
        self.den.spawn(Launch {
            name: self.component.name().to_owned(),
            program: self.program.clone(),
            args,
            env: vec![
                ("KUBECONFIG".to_owned(), kubeconfig.display().to_string()),
                ("RUNTIME_NAMESPACE".to_owned(), self.namespace.clone()),
            ],
            output: Some(pipe),
        })
    }

    /// Access with a token of the service account, as its pod would get.
    async fn access_of(&self, service_account: &str) -> Result<Access> {
        let request: TokenRequest = serde_json::from_value(
            json!({"spec": {"audiences": [], "expirationSeconds": 86_400}}),
        )?;
        let accounts =
            Api::<ServiceAccount>::namespaced(self.access.client().await?, &self.namespace);
        let answer = accounts
            .create_token_request(service_account, &PostParams::default(), &request)
            .await
            .with_context(|| {
                format!(
                    "asking for a token of ServiceAccount {}/{service_account}",
                    self.namespace
                )
            })?;
        let token = answer.status.and_then(|status| status.token);
        Ok(Access {
            token: token.context("a token request without an answer")?,
            ..self.access.clone()
        })
    }

    fn set(&self, state: State) {
        self.state.send_if_modified(|old| {
            let differs = *old != state;
            if differs {
                *old = state;
            }
            differs
        });
    }
}

/// Whether the health server of a controller answers that it is ready.
async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(2), ask).await;
    matches!(answer, Ok(Ok(text)) if text.split(' ').nth(1) == Some("200"))
}
