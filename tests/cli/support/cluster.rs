//! A namespace of one's own on the API server that all tests of a run share.

use std::path::PathBuf;
use std::sync::OnceLock;

use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use reflux::kinds::Kind;
use sandbox::ControlPlane;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Output, Run, flux, reflux};

/// A namespace that no other test uses.
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) kubeconfig: PathBuf,
}

/// The runtime of everything that is not the binary.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// The shared API server, with Flux's definitions in it.
pub(crate) fn control_plane() -> &'static ControlPlane {
    static READY: OnceLock<()> = OnceLock::new();
    let control_plane = sandbox::shared();
    READY.get_or_init(|| {
        block_on(control_plane.install_crds(&flux_api::crd::all_json())).unwrap();
    });
    control_plane
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

/// Makes a namespace.
pub(crate) fn namespace() -> Namespace {
    let control_plane = control_plane();
    Namespace {
        name: block_on(control_plane.namespace("cli")).unwrap(),
        kubeconfig: control_plane.kubeconfig(),
    }
}

impl Namespace {
    /// The binary, under its own name, in this namespace.
    pub(crate) fn reflux(&self, args: &[&str]) -> Output {
        self.on(reflux(), args).run()
    }

    /// The binary, called as flux, in this namespace.
    pub(crate) fn flux(&self, args: &[&str]) -> Output {
        self.on(flux(), args).run()
    }

    /// A run that is told of this namespace.
    pub(crate) fn on(&self, run: Run, args: &[&str]) -> Run {
        run.env("KUBECONFIG", &self.kubeconfig)
            .args(args)
            .args(["-n", &self.name])
    }

    pub(crate) fn client(&self) -> Client {
        block_on(control_plane().client()).unwrap()
    }

    pub(crate) fn api(&self, kind: &Kind) -> Api<DynamicObject> {
        Api::namespaced_with(self.client(), &self.name, &kind.api_resource())
    }

    /// Creates the kind's sample under another name, and gives it a status.
    pub(crate) fn sample(&self, kind: &Kind, name: &str, status: Value) -> DynamicObject {
        let mut object = fixture(kind);
        object.metadata.name = Some(name.to_owned());
        let api = self.api(kind);
        block_on(async {
            let created = api.create(&PostParams::default(), &object).await.unwrap();
            if status.is_null() {
                return created;
            }
            api.patch_status(
                name,
                &PatchParams::default(),
                &Patch::Merge(json!({"status": status})),
            )
            .await
            .unwrap()
        })
    }

    pub(crate) fn get(&self, kind: &Kind, name: &str) -> Option<DynamicObject> {
        block_on(self.api(kind).get_opt(name)).unwrap()
    }
}

/// The kind's sample object.
pub(crate) fn fixture(kind: &Kind) -> DynamicObject {
    let file = format!(
        "{}/src/kinds/fixtures/{}.yaml",
        env!("CARGO_MANIFEST_DIR"),
        kind.kind.to_lowercase()
    );
    let text = fs_err::read_to_string(file).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// A status that is ready for the first generation, at a revision.
pub(crate) fn ready() -> Value {
    status("True", "Succeeded", "all is well")
}

/// A status with a Ready condition.
pub(crate) fn status(status: &str, reason: &str, message: &str) -> Value {
    json!({
        "observedGeneration": 1,
        "lastAppliedRevision": REVISION,
        "artifact": artifact(),
        "conditions": [condition("Ready", status, reason, message, 1)],
    })
}

pub(crate) const REVISION: &str = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738";

pub(crate) fn artifact() -> Value {
    json!({
        "digest": format!("sha256:{}", "a".repeat(64)),
        "lastUpdateTime": "2026-01-01T00:00:00Z",
        "path": "x/x.tar.gz",
        "revision": REVISION,
        "url": "http://source-controller.flux-system.svc.cluster.local./x/x.tar.gz",
    })
}

pub(crate) fn condition(
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    generation: i64,
) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
    })
}
