//! A namespace of one's own, and the program in it.

use std::fmt::Debug;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use reflux::kinds::Kind;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{OWNER, block_on, stage};

/// How long a controller may take to do what it was told.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks.
const POLL: Duration = Duration::from_millis(100);

pub(crate) struct Place {
    /// The name of the namespace, and of whatever a test has one of.
    pub(crate) name: String,
    /// The folder in which the program runs.
    home: TempDir,
}

/// What a run left on its streams.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Output {
    /// Demands success; returns stdout.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Demands failure; returns stderr.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert_ne!(self.code, 0, "{}\n{}", self.stdout, self.stderr);
        self.stderr
    }
}

impl Place {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            name: block_on(stage().plane.namespace(prefix)).unwrap(),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs the program in this namespace.
    pub(crate) fn reflux(&self, args: &[&str]) -> Output {
        self.reflux_within("60s", args)
    }

    /// [`Self::reflux`] with a time limit of its own.
    pub(crate) fn reflux_within(&self, limit: &str, args: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_reflux"))
            .args(args)
            .args(["--timeout", limit, "-n", &self.name])
            .env_clear()
            .env("HOME", self.home.path())
            .env("LANG", "C.UTF-8")
            .env("KUBECONFIG", stage().plane.kubeconfig())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Output {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }

    /// Writes a file where the program runs.
    pub(crate) fn file(&self, name: &str, text: &str) {
        fs_err::write(self.home.path().join(name), text).unwrap();
    }

    /// A repository, called as the place, and the GitRepository `name` that follows it.
    pub(crate) fn follow(&self, name: &str, files: &[(&str, &str)]) {
        let stage = stage();
        stage.repository(&self.name, files);
        let url = format!("--url={}", self.git_url());
        self.reflux(&[
            "create",
            "secret",
            "git",
            "github",
            &url,
            "--username=git",
            &format!("--password={}", stage.token.expose_secret()),
            &format!("--ca-crt-file={}", stage.github.ca_file().display()),
        ])
        .success();
        let args = self.git_args();
        let mut create = vec!["create", "source", "git", name];
        create.extend(args.iter().map(String::as_str));
        self.reflux(&create).success();
    }

    fn git_url(&self) -> String {
        format!("https://{}/{OWNER}/{}", stage().github.host(), self.name)
    }

    fn git_args(&self) -> Vec<String> {
        let url = format!("--url={}", self.git_url());
        [
            &url,
            "--branch=main",
            "--secret-ref=github",
            "--interval=1h",
        ]
        .map(ToOwned::to_owned)
        .to_vec()
    }

    pub(crate) fn api(&self, resource: &ApiResource) -> Api<DynamicObject> {
        let client = block_on(stage().plane.client()).unwrap();
        Api::namespaced_with(client, &self.name, resource)
    }

    /// An object of one of Flux's kinds, if it is there.
    pub(crate) fn find(&self, kind: &Kind, name: &str) -> Option<DynamicObject> {
        block_on(self.api(&kind.api_resource()).get_opt(name)).unwrap()
    }

    /// The `value` of a ConfigMap, if it is there.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
        let object = block_on(self.api(&resource).get_opt(name)).unwrap()?;
        Some(object.data["data"]["value"].as_str()?.to_owned())
    }

    /// Applies an object, for what no command makes.
    pub(crate) fn apply(&self, kind: &Kind, name: &str, content: Value) {
        let mut object = content;
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        object["metadata"]["name"] = json!(name);
        let api = self.api(&kind.api_resource());
        let parameters = PatchParams::apply("controllers-test").force();
        let patch = Patch::Apply(&object);
        block_on(api.patch(name, &parameters, &patch)).unwrap();
    }

    /// Deletes an object, for what no command deletes.
    pub(crate) fn remove(&self, kind: &Kind, name: &str) {
        let api = self.api(&kind.api_resource());
        block_on(api.delete(name, &DeleteParams::default())).unwrap();
    }

    /// Changes a field of a spec that no flag sets.
    pub(crate) fn set(&self, kind: &Kind, name: &str, spec: Value) {
        let api = self.api(&kind.api_resource());
        let patch = Patch::Merge(json!({ "spec": spec }));
        block_on(api.patch(name, &PatchParams::default(), &patch)).unwrap();
    }
}

/// Waits until `look` finds something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(POLL);
    }
}

/// Waits until two values are the same.
#[track_caller]
pub(crate) fn becomes<T: PartialEq + Debug>(mut look: impl FnMut() -> T, want: T) {
    let begun = Instant::now();
    loop {
        let have = look();
        if have == want {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "have {have:?}, want {want:?}");
        std::thread::sleep(POLL);
    }
}

/// The manifest of a ConfigMap.
pub(crate) fn config_map(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: \"{value}\"\n"
    )
}
