//! One cluster, one GitHub, and what a bootstrap leaves in them.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt};
use sandbox::faults::FaultProxy;
use sandbox::github::{GitHub, GitHubOptions, TokenSpec};
use sandbox::{ControlPlane, Player, Size};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub(crate) const OWNER: &str = "dana";
pub(crate) const ORGANIZATION: &str = "acme";
pub(crate) const REPOSITORY: &str = "fleet";

pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// What a run left on its streams.
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Output {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        Output {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    #[track_caller]
    pub(crate) fn success(&self, what: &str) {
        assert_eq!(self.code, 0, "{what}:\n{}", self.stderr);
    }
}

pub(crate) struct Stage {
    pub(crate) github: Arc<GitHub>,
    pub(crate) proxy: FaultProxy,
    pub(crate) token: SecretString,
    pub(crate) client: Client,
    _player: Player,
    _control_plane: ControlPlane,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let (control_plane, client, github) = runtime().block_on(async {
            let control_plane = ControlPlane::start(Size::ApiOnly).await.unwrap();
            let client = control_plane.client().await.unwrap();
            let github = GitHub::start(GitHubOptions::default()).await.unwrap();
            (control_plane, client, Arc::new(github))
        });
        github.add_user(OWNER).unwrap();
        let token = github
            .add_token(TokenSpec::classic(OWNER, &["repo"]))
            .unwrap();
        let proxy = FaultProxy::start(&control_plane).unwrap();
        let player = play(&client, Arc::clone(&github));
        Stage {
            github,
            proxy,
            token,
            client,
            _player: player,
            _control_plane: control_plane,
        }
    }

    /// The bootstrap, ready to start.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reflux"));
        command
            .args(["bootstrap", "github", "--personal", "--timeout=60s"])
            .arg(format!("--hostname={}", self.github.host()))
            .arg(format!("--ca-file={}", self.github.ca_file().display()))
            .arg(format!("--ssh-hostname={}", self.github.ssh_host()))
            .arg(format!("--owner={OWNER}"))
            .arg(format!("--repository={REPOSITORY}"))
            .args(["--path=clusters/home", "--ssh-key-algorithm=ed25519"])
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("KUBECONFIG", self.proxy.kubeconfig())
            .env("GITHUB_TOKEN", self.token.expose_secret())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// One whole run.
    pub(crate) fn bootstrap(&self) -> Output {
        Output::of(self.command())
    }

    /// Lets everything work again.
    pub(crate) fn clear(&self) {
        self.github.clear_faults();
        self.proxy.clear();
    }

    /// The files of the branch; the servers' addresses, which differ from stage to stage, are
    /// replaced by their names.
    fn tree(&self) -> BTreeMap<String, String> {
        let files = self.github.tree(OWNER, REPOSITORY, "main").unwrap();
        files
            .into_iter()
            .map(|(path, bytes)| {
                let text = String::from_utf8(bytes)
                    .unwrap()
                    .replace(self.github.ssh_host(), "SSH")
                    .replace(self.github.host(), "HTTPS");
                (path, text)
            })
            .collect()
    }

    /// What there is now.
    pub(crate) fn end(&self) -> End {
        let commits = self.github.commits(OWNER, REPOSITORY, "main").unwrap();
        End {
            tree: self.tree(),
            messages: commits
                .iter()
                .map(|c| c.message.trim().to_owned())
                .collect(),
            keys: self
                .github
                .deploy_keys(OWNER, REPOSITORY)
                .unwrap()
                .into_iter()
                .map(|key| key.title)
                .collect(),
            objects: runtime().block_on(objects(&self.client)),
        }
    }
}

/// What a bootstrap leaves.
pub(crate) struct End {
    tree: BTreeMap<String, String>,
    messages: Vec<String>,
    keys: Vec<String>,
    objects: BTreeMap<String, Value>,
}

impl End {
    /// How another end differs.
    pub(crate) fn difference(&self, other: &End) -> Option<String> {
        if self.tree != other.tree {
            let names = |end: &End| end.tree.keys().cloned().collect::<Vec<_>>().join(", ");
            return Some(format!("tree: want {}, have {}", names(self), names(other)));
        }
        if self.messages != other.messages {
            return Some(format!(
                "commits: want {:?}, have {:?}",
                self.messages, other.messages
            ));
        }
        if self.keys != other.keys {
            return Some(format!(
                "deploy keys: want {:?}, have {:?}",
                self.keys, other.keys
            ));
        }
        let missing = self
            .objects
            .iter()
            .find(|(id, object)| other.objects.get(*id) != Some(object));
        if let Some((id, object)) = missing {
            return Some(format!(
                "object {id}: want {object}, have {:?}",
                other.objects.get(id)
            ));
        }
        let extra = other
            .objects
            .keys()
            .find(|id| !self.objects.contains_key(*id));
        extra.map(|id| format!("object {id} is one too many"))
    }
}

fn resource(group: &str, version: &str, kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}

fn git_repositories() -> ApiResource {
    reflux::kinds::GIT_REPOSITORY.api_resource()
}

fn kustomizations() -> ApiResource {
    reflux::kinds::KUSTOMIZATION.api_resource()
}

/// Everything that a bootstrap makes, without what differs from run to run.
async fn objects(client: &Client) -> BTreeMap<String, Value> {
    let kinds = [
        resource("", "v1", "Namespace"),
        resource("", "v1", "Secret"),
        resource("", "v1", "Service"),
        resource("", "v1", "ServiceAccount"),
        resource("", "v1", "ResourceQuota"),
        resource("apps", "v1", "Deployment"),
        resource("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
        resource("networking.k8s.io", "v1", "NetworkPolicy"),
        resource("rbac.authorization.k8s.io", "v1", "ClusterRole"),
        resource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
        git_repositories(),
        kustomizations(),
    ];
    let mut found = BTreeMap::new();
    for kind in kinds {
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
        for object in api.list(&ListParams::default()).await.unwrap() {
            let name = object.name_any();
            let namespace = object.namespace().unwrap_or_default();
            let ours = namespace == "flux-system"
                || name.contains("flux")
                || kind.kind == "CustomResourceDefinition";
            if ours {
                let id = format!("{}/{namespace}/{name}", kind.kind);
                found.insert(id, content(&kind.kind, &object));
            }
        }
    }
    found
}

/// What of an object has to be the same after every run.
fn content(kind: &str, object: &DynamicObject) -> Value {
    match kind {
        // The key pair is a new one each time; that there is one, and for whom, is not.
        "Secret" => {
            let keys: Vec<_> = object.data["data"]
                .as_object()
                .into_iter()
                .flatten()
                .collect();
            json!(keys.into_iter().map(|(key, _)| key).collect::<Vec<_>>())
        }
        // The addresses of the servers differ from stage to stage.
        "GitRepository" => json!({
            "ref": object.data["spec"]["ref"],
            "secret": object.data["spec"]["secretRef"],
        }),
        // Cluster addresses are given out by the server.
        "Service" => object.data["spec"]["ports"].clone(),
        _ => object.data["spec"].clone(),
    }
}

/// Stands in for the controllers: Deployments are available, the source has the branch's head,
/// and the Kustomization has applied it.
fn play(client: &Client, github: Arc<GitHub>) -> Player {
    let kinds = [
        resource("apps", "v1", "Deployment"),
        git_repositories(),
        kustomizations(),
    ];
    Player::start(runtime().handle(), client, None, &kinds, move |object| {
        let generation = object.metadata.generation.unwrap_or(0);
        let kind = object.types.as_ref().map_or("", |t| t.kind.as_str());
        let is_deployment = kind == "Deployment" || object.data["spec"].get("replicas").is_some();
        let head = [OWNER, ORGANIZATION]
            .into_iter()
            .find_map(|owner| github.head(owner, REPOSITORY, "main").ok().flatten());
        let status = if is_deployment {
            json!({
                "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1,
                "readyReplicas": 1, "availableReplicas": 1,
                "conditions": [
                    {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
                    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
                ],
            })
        } else {
            let revision = format!("main@sha1:{}", head?);
            json!({
                "observedGeneration": generation,
                "artifact": {
                    "digest": format!("sha256:{}", "a".repeat(64)),
                    "lastUpdateTime": "2026-01-01T00:00:00Z", "path": "x/x.tar.gz",
                    "revision": revision,
                    "url": "http://source-controller.flux-system.svc.cluster.local./x/x.tar.gz",
                },
                "lastAppliedRevision": revision,
                "lastAttemptedRevision": revision,
                "lastHandledReconcileAt":
                    object.annotations().get("reconcile.fluxcd.io/requestedAt"),
                "conditions": [{
                    "type": "Ready", "status": "True", "reason": "Succeeded",
                    "message": format!("stored {revision}"), "observedGeneration": generation,
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }],
            })
        };
        let same = object.data["status"]["observedGeneration"].as_i64() == Some(generation)
            && object.data["status"]["artifact"]["revision"] == status["artifact"]["revision"]
            && object.data["status"]["lastHandledReconcileAt"] == status["lastHandledReconcileAt"];
        (!same).then_some(status)
    })
}
