//! etcd and a Kubernetes API server as plain processes, alone or with everything that makes Deployments run.

mod boot;
mod kubeconfig;
mod objects;
mod parts;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use serde_json::Value;
use tokio::sync::Mutex;

pub(crate) use self::kubeconfig::Access;
pub use self::kubeconfig::User;
use self::parts::{Ports, Site};
use crate::process::{Den, Process};
use crate::tools::Toolbox;

/// How much of a cluster to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// etcd and the API server: objects are stored, validated and watched, nothing acts on them. Ready in 5 s.
    ApiOnly,
    /// Also the controller manager, the scheduler and two ready nodes on which pods run at once (without containers).
    /// Ready in 10 s.
    Full,
}

/// A control plane on loopback. Dropping it stops its processes and removes its folder; so does the end of this process,
/// however it comes.
pub struct ControlPlane {
    /// Folder with one kubeconfig per [`User`].
    kubeconfigs: PathBuf,
    admin: Access,
    /// Absent where the processes belong to another process (see [`ControlPlane::attach`]).
    local: Option<Local>,
}

/// The processes of a control plane of our own. The order of the fields is the order of stopping.
struct Local {
    size: Size,
    tools: Toolbox,
    ports: Ports,
    /// Absent while it is stopped on purpose.
    api_server: Mutex<Option<Process>>,
    /// etcd and, in a full one, what makes Deployments run.
    others: Vec<Process>,
    den: Den,
}

impl Local {
    fn site(&self) -> Site<'_> {
        Site {
            den: &self.den,
            tools: &self.tools,
            ports: self.ports,
        }
    }
}

impl fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlPlane")
            .field("server", &self.admin.server)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

impl ControlPlane {
    /// Starts a control plane and waits until it is ready. Builds the missing programs first, which can take minutes.
    ///
    /// # Errors
    /// If a program cannot be had, ends early (with the end of its log), or is not ready within a minute.
    pub async fn start(size: Size) -> Result<Self> {
        Self::start_with(Toolbox::from_env()?, size).await
    }

    /// [`Self::start`] with programs from a toolbox of the caller's, whose progress goes where the caller wants.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(tools: Toolbox, size: Size) -> Result<Self> {
        boot::start(tools, size)
            .await
            .context("starting a control plane")
    }

    /// A control plane that another process started, given the path of its [`Self::kubeconfig`]. Dropping it stops nothing.
    ///
    /// # Errors
    /// If the file cannot be read or was not written by a control plane of this crate.
    pub fn attach(kubeconfig: &Path) -> Result<Self> {
        Ok(Self {
            kubeconfigs: kubeconfig
                .parent()
                .context("the path of a kubeconfig file")?
                .to_path_buf(),
            admin: Access::read(kubeconfig)?,
            local: None,
        })
    }

    /// The kubeconfig file of the administrator, readable by its owner alone.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_of(User::Admin)
    }

    /// The kubeconfig file of a user.
    pub fn kubeconfig_of(&self, user: User) -> PathBuf {
        user.file(&self.kubeconfigs)
    }

    /// The text of [`Self::kubeconfig`].
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn kubeconfig_yaml(&self) -> Result<String> {
        Ok(fs_err::read_to_string(self.kubeconfig())?)
    }

    /// A client of the administrator. It belongs to the async runtime of the caller: tests with a runtime each make
    /// a client each.
    ///
    /// # Errors
    /// If the client cannot be built.
    pub async fn client(&self) -> Result<kube::Client> {
        self.admin.client().await
    }

    /// [`Self::client`] as another user.
    ///
    /// # Errors
    /// If the user's kubeconfig cannot be read or the client cannot be built.
    pub async fn client_of(&self, user: User) -> Result<kube::Client> {
        Access::read(&self.kubeconfig_of(user))?.client().await
    }

    /// `https://127.0.0.1:PORT`.
    pub fn server_url(&self) -> &str {
        &self.admin.server
    }

    /// The certificate of the authority that signed the server's, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.admin.ca
    }

    /// The administrator's bearer token.
    pub fn admin_token(&self) -> &str {
        &self.admin.token
    }

    /// What was started; unknown where it belongs to another process.
    pub fn size(&self) -> Option<Size> {
        self.local.as_ref().map(|local| local.size)
    }

    /// Makes a namespace whose name begins with `prefix` and is used by nobody else.
    ///
    /// # Errors
    /// If the API server refuses.
    pub async fn namespace(&self, prefix: &str) -> Result<String> {
        let namespace = Namespace {
            metadata: ObjectMeta {
                generate_name: Some(format!("{prefix}-")),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        let made = Api::<Namespace>::all(self.client().await?)
            .create(&PostParams::default(), &namespace)
            .await
            .context("making a namespace")?;
        made.metadata.name.context("a namespace without a name")
    }

    /// Applies CustomResourceDefinitions and waits until each is established.
    ///
    /// # Errors
    /// If one is refused or not established in time.
    pub async fn install_crds(&self, definitions: &[Value]) -> Result<()> {
        crate::crds::install_crds(&self.client().await?, definitions).await
    }

    /// Kills the API server: connections break, new ones are refused, what is stored stays.
    ///
    /// # Errors
    /// If it belongs to another process.
    pub async fn stop_api_server(&self) -> Result<()> {
        let mut server = self.local()?.api_server.lock().await;
        drop(server.take());
        Ok(())
    }

    /// Starts the API server again at the same address and waits until it is ready. Does nothing if it runs.
    ///
    /// # Errors
    /// If it belongs to another process, or does not become ready.
    pub async fn start_api_server(&self) -> Result<()> {
        let local = self.local()?;
        let mut server = local.api_server.lock().await;
        if server.is_none() {
            let started = boot::start_api_server(&local.site(), local.size)?;
            let processes: Vec<&Process> = local.others.iter().chain([&started]).collect();
            boot::wait_until_ready(&self.admin, &processes).await?;
            *server = Some(started);
        }
        Ok(())
    }

    /// Kills the API server and starts it again.
    ///
    /// # Errors
    /// As [`Self::start_api_server`].
    pub async fn restart_api_server(&self) -> Result<()> {
        self.stop_api_server().await?;
        self.start_api_server().await
    }

    /// Stops everything and removes the folder; returns when both are done. Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }

    /// The administrator's access.
    pub(crate) fn access(&self) -> &Access {
        &self.admin
    }

    fn local(&self) -> Result<&Local> {
        self.local.as_ref().context(
            "this control plane belongs to another process, which alone can stop its parts",
        )
    }
}
