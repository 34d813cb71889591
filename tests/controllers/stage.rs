//! The cluster that all tests share, and what its controllers fetch from.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use sandbox::github::{GitHub, GitHubOptions, RepositorySpec, TokenSpec};
use sandbox::sources::{ObjectStore, Registry, Web};
use sandbox::tools::Toolbox;
use sandbox::{Component, ControlPlane, Flux, FluxOptions, Follow, Size};
use secrecy::SecretString;
use tokio::runtime::Runtime;

/// Owns all repositories.
pub(crate) const OWNER: &str = "acme";

/// How long the controllers may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) plane: ControlPlane,
    pub(crate) flux: Flux,
    pub(crate) github: GitHub,
    pub(crate) token: SecretString,
    pub(crate) registry: Registry,
    pub(crate) store: ObjectStore,
    pub(crate) web: Web,
}

/// The runtime of everything that is not the program.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

/// Made by the first test that asks. Nobody drops it: its processes end with this one.
pub(crate) fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let stage = block_on(Stage::start());
        stage.install();
        block_on(stage.flux.wait_ready(PATIENCE)).unwrap();
        stage
    })
}

impl Stage {
    async fn start() -> Self {
        let tools = Toolbox::from_env().unwrap();
        let plane = ControlPlane::start(Size::Full).await.unwrap();
        let options = FluxOptions {
            components: Component::ALL.to_vec(),
            follow: Follow::Deployments,
            ..FluxOptions::default()
        };
        let flux = Flux::start(&plane, options).await.unwrap();
        let github = GitHub::start(GitHubOptions::default()).await.unwrap();
        github.add_user(OWNER).unwrap();
        let token = github
            .add_token(TokenSpec::classic(OWNER, &["repo"]))
            .unwrap();
        Self {
            plane,
            flux,
            github,
            token,
            registry: Registry::start(&tools).await.unwrap(),
            store: ObjectStore::start(&tools).await.unwrap(),
            web: Web::start().unwrap(),
        }
    }

    /// Installs all controllers, so that each works with the rights and arguments of an
    /// installation.
    fn install(&self) {
        let extra = "image-reflector-controller,image-automation-controller,source-watcher";
        let output = Command::new(env!("CARGO_BIN_EXE_reflux"))
            .args(["install", "--components-extra", extra])
            .env_clear()
            .env("KUBECONFIG", self.plane.kubeconfig())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "install:\n{stderr}");
    }

    /// A private repository with these files on `main`.
    pub(crate) fn repository(&self, name: &str, files: &[(&str, &str)]) {
        let spec = RepositorySpec::private(OWNER, name);
        self.github.add_repository(spec).unwrap();
        self.commit(name, files);
    }

    /// Commits files to `main` of a repository. Returns the revision as Flux writes it.
    pub(crate) fn commit(&self, repository: &str, files: &[(&str, &str)]) -> String {
        let files: Vec<(&str, Option<&[u8]>)> = files
            .iter()
            .map(|(path, text)| (*path, Some(text.as_bytes())))
            .collect();
        let id = self
            .github
            .commit_files(OWNER, repository, "main", "change", &files)
            .unwrap();
        format!("main@sha1:{id}")
    }
}
