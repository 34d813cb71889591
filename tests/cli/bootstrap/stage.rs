//! A GitHub with one user and one organisation, and a namespace whose controllers answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kube::ResourceExt as _;
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use sandbox::Player;
use sandbox::github::{GitHub, GitHubOptions, OrgRole, Recorded, RepositorySpec, TokenSpec};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, namespace, runtime};
use crate::support::{Output, Run, flux, reflux};

pub(super) const OWNER: &str = "acme";
pub(super) const NAME: &str = "fleet";
pub(super) const USER: &str = "dana";

pub(super) struct Stage {
    pub(super) github: Arc<GitHub>,
    pub(super) namespace: Namespace,
    pub(super) token: SecretString,
    _player: Player,
}

impl Stage {
    /// The user owns the organisation and has a classic token with the scope `repo`.
    pub(super) fn new() -> Self {
        Stage::start(false)
    }

    /// A stage on which a colleague pushes just before the cluster fetches for the first time.
    pub(super) fn with_colleague() -> Self {
        Stage::start(true)
    }

    fn start(colleague: bool) -> Self {
        let github = block_on(GitHub::start(GitHubOptions::default())).unwrap();
        github.add_user(USER).unwrap();
        github.add_org(OWNER).unwrap();
        github.add_member(OWNER, USER, OrgRole::Owner).unwrap();
        let scopes = ["repo", "read:org"];
        let token = github.add_token(TokenSpec::classic(USER, &scopes)).unwrap();
        let github = Arc::new(github);
        let namespace = namespace();
        let player = play(&namespace, Arc::clone(&github), colleague);
        Stage {
            github,
            namespace,
            token,
            _player: player,
        }
    }

    /// A stage whose repository is there, with one commit of somebody else's.
    pub(super) fn with_repository() -> Self {
        let stage = Stage::new();
        let spec = RepositorySpec::private(OWNER, NAME);
        stage.github.add_repository(spec).unwrap();
        stage.push("README.md", "# fleet\n");
        stage
    }

    /// Commits a file as a colleague would.
    pub(super) fn push(&self, path: &str, text: &str) -> String {
        let files = [(path, Some(text.as_bytes()))];
        let message = format!("Change {path}");
        self.github
            .commit_files(OWNER, NAME, "main", &message, &files)
            .unwrap()
    }

    fn prepare(&self, run: Run, args: &[&str]) -> Run {
        let host = format!("--hostname={}", self.github.host());
        let ssh = format!("--ssh-hostname={}", self.github.ssh_host());
        let ca = format!("--ca-file={}", self.github.ca_file().display());
        let common = [
            "bootstrap",
            "github",
            &host,
            &ssh,
            &ca,
            "--owner=acme",
            "--repository=fleet",
            "--components=source-controller,kustomize-controller",
            "--ssh-key-algorithm=ed25519",
            "--path=clusters/my",
            "--timeout=60s",
        ];
        let args: Vec<&str> = common.iter().chain(args).copied().collect();
        self.namespace.on(run, &args)
    }

    /// The command, with the token in the environment.
    pub(super) fn command(&self, args: &[&str]) -> Run {
        self.prepare(reflux(), args)
            .env("GITHUB_TOKEN", self.token.expose_secret())
    }

    /// The command without a token.
    pub(super) fn without_token(&self, args: &[&str]) -> Run {
        self.prepare(reflux(), args)
    }

    /// One run.
    pub(super) fn run(&self, args: &[&str]) -> Output {
        self.command(args).run()
    }

    /// One run, called as flux.
    pub(super) fn run_as_flux(&self, args: &[&str]) -> Output {
        self.prepare(flux(), args)
            .env("GITHUB_TOKEN", self.token.expose_secret())
            .run()
    }

    /// One run with another token.
    pub(super) fn run_with(&self, token: &SecretString, args: &[&str]) -> Output {
        self.without_token(args)
            .env("GITHUB_TOKEN", token.expose_secret())
            .run()
    }

    /// The messages of the branch's commits, newest first.
    pub(super) fn messages(&self) -> Vec<String> {
        let commits = self.github.commits(OWNER, NAME, "main").unwrap();
        commits
            .into_iter()
            .map(|c| c.message.trim().to_owned())
            .collect()
    }

    /// The branch's files, by path.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        let tree = self.github.tree(OWNER, NAME, "main").unwrap();
        let bytes = tree.get(path)?.clone();
        Some(String::from_utf8(bytes).unwrap())
    }

    /// The path of a generated file.
    pub(super) fn path(&self, name: &str) -> String {
        format!("clusters/my/{}/{name}", self.namespace.name)
    }

    /// The requests so far that could have changed something.
    pub(super) fn writes(&self) -> Vec<Recorded> {
        let requests = self.github.requests().into_iter();
        let writes = |r: &Recorded| r.door == "rest" && r.method != "GET";
        requests.filter(writes).collect()
    }

    /// The Secret's data, decoded.
    pub(super) fn secret(&self) -> Option<std::collections::BTreeMap<String, String>> {
        use k8s_openapi::api::core::v1::Secret;
        let api: Api<Secret> = Api::namespaced(self.namespace.client(), &self.namespace.name);
        let secret = block_on(api.get_opt("flux-system")).unwrap()?;
        let data = secret.data.unwrap_or_default().into_iter();
        Some(
            data.map(|(k, v)| (k, String::from_utf8(v.0).unwrap()))
                .collect(),
        )
    }

    /// The versions of everything in the namespace that bootstrap writes.
    pub(super) fn versions(&self) -> Vec<(String, Option<String>)> {
        let kinds = [
            GIT_REPOSITORY.api_resource(),
            KUSTOMIZATION.api_resource(),
            resource("", "Secret"),
            resource("apps", "Deployment"),
        ];
        let mut versions = Vec::new();
        for kind in kinds {
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.namespace.client(), &self.namespace.name, &kind);
            for object in block_on(api.list(&ListParams::default())).unwrap() {
                let version = object.resource_version();
                versions.push((format!("{}/{}", kind.kind, object.name_any()), version));
            }
        }
        versions
    }
}

fn resource(group: &str, kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind))
}

/// Deployments are available; source and Kustomization are at the branch's head.
fn play(namespace: &Namespace, github: Arc<GitHub>, colleague: bool) -> Player {
    let kinds = [
        resource("apps", "Deployment"),
        GIT_REPOSITORY.api_resource(),
        KUSTOMIZATION.api_resource(),
    ];
    let client = namespace.client();
    let name = Some(namespace.name.as_str());
    let due = AtomicBool::new(colleague);
    Player::start(runtime().handle(), &client, name, &kinds, move |object| {
        if object.data["spec"]["ref"].is_object() && due.swap(false, Ordering::SeqCst) {
            let files = [("theirs.txt", Some(&b"theirs"[..]))];
            github
                .commit_files(OWNER, NAME, "main", "Theirs", &files)
                .unwrap();
        }
        answer(object, &github)
    })
}

fn answer(object: &DynamicObject, github: &GitHub) -> Option<Value> {
    let asked = object.annotations().get("reconcile.fluxcd.io/requestedAt");
    // A test has set the status: requests are answered with nothing new.
    if object.annotations().contains_key("sandbox/silent") {
        let held = object.data["status"]["lastHandledReconcileAt"].as_str();
        let new = asked.filter(|asked| Some(asked.as_str()) != held)?;
        return Some(json!({ "lastHandledReconcileAt": new }));
    }
    let generation = object.metadata.generation.unwrap_or(0);
    let status = if object.data["spec"].get("replicas").is_some() {
        json!({
            "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": 1, "availableReplicas": 1,
        })
    } else {
        let head = github.head(OWNER, NAME, "main").ok().flatten()?;
        let revision = format!("main@sha1:{head}");
        json!({
            "observedGeneration": generation,
            "artifact": {
                "digest": format!("sha256:{}", "a".repeat(64)), "path": "x/x.tar.gz",
                "lastUpdateTime": "2026-01-01T00:00:00Z", "revision": revision,
                "url": "http://source-controller.flux-system.svc.cluster.local./x/x.tar.gz",
            },
            "lastAppliedRevision": revision, "lastAttemptedRevision": revision,
            "lastHandledReconcileAt": asked,
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "Succeeded", "message": "done",
                "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
            }],
        })
    };
    let held = &object.data["status"];
    let known = ["observedGeneration", "lastHandledReconcileAt"];
    // A kind has one of the two; the server drops the other.
    let revision = |status: &Value| {
        let at = |pointer: &str| status.pointer(pointer).cloned();
        at("/artifact/revision").or_else(|| at("/lastAppliedRevision"))
    };
    let same =
        known.iter().all(|key| held[*key] == status[*key]) && revision(held) == revision(&status);
    (!same).then_some(status)
}
