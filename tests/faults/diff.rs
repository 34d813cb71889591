//! `diff kustomization` before a server that misbehaves at each of its questions: for the
//! Kustomization, for what is there, for what would become of it, for what is deleted.
//!
//! Its exit codes are its own, 1 for differences and 2 for errors, so it has a table of its own.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use http::Method;
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use reflux::kinds::KUSTOMIZATION;
use sandbox::faults::{Fault, FaultProxy, Rule};
use sandbox::{ControlPlane, Size};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::{block_on, control_plane, namespace};
use crate::support::{Output, reflux};

/// A folder, and what a Kustomization has applied of it.
struct Stage {
    namespace: String,
    folder: TempDir,
}

impl Stage {
    fn new(namespace: &str) -> Self {
        Stage {
            namespace: namespace.to_owned(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn config(&self, name: &str, value: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": self.namespace, "labels": {
                "kustomize.toolkit.fluxcd.io/name": "app",
                "kustomize.toolkit.fluxcd.io/namespace": self.namespace,
            }},
            "data": {"key": value},
        })
    }

    fn write(&self, objects: &[Value]) {
        let texts: Vec<String> = objects.iter().map(ToString::to_string).collect();
        let file = self.folder.path().join("all.yaml");
        fs_err::write(file, texts.join("\n---\n")).unwrap();
    }

    /// Puts the Kustomization into the cluster, and what it has applied.
    async fn apply(&self, client: Client, applied: &[Value]) {
        let params = PatchParams::apply("kustomize-controller").force();
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
        let configs: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), &self.namespace, &resource);
        for object in applied {
            let name = object["metadata"]["name"].as_str().unwrap();
            configs
                .patch(name, &params, &Patch::Apply(object))
                .await
                .unwrap();
        }
        let api: Api<DynamicObject> =
            Api::namespaced_with(client, &self.namespace, &KUSTOMIZATION.api_resource());
        let object = json!({
            "apiVersion": KUSTOMIZATION.api_version(), "kind": "Kustomization",
            "metadata": {"name": "app", "namespace": self.namespace},
            "spec": {
                "interval": "1h", "prune": true, "path": "./app",
                "sourceRef": {"kind": "GitRepository", "name": "repo"},
            },
        });
        api.patch("app", &params, &Patch::Apply(&object))
            .await
            .unwrap();
        let entry = |object: &Value| {
            let name = object["metadata"]["name"].as_str().unwrap();
            json!({"id": format!("{}_{name}__ConfigMap", self.namespace), "v": "v1"})
        };
        let entries: Vec<Value> = applied.iter().map(entry).collect();
        let status = json!({"status": {"inventory": {"entries": entries}}});
        let params = PatchParams::default();
        api.patch_status("app", &params, &Patch::Merge(&status))
            .await
            .unwrap();
    }

    /// Six objects of which one drifted and one is new, and one that is deleted.
    fn with_all() -> Self {
        let ns = namespace();
        let stage = Stage::new(&ns.name);
        let mut objects: Vec<Value> = (0..5)
            .map(|number| stage.config(&format!("c-{number}"), "1"))
            .collect();
        objects.push(stage.config("gone", "1"));
        block_on(stage.apply(ns.client(), &objects));
        objects.pop();
        objects[4]["data"]["key"] = "2".into();
        objects.push(stage.config("new", "1"));
        stage.write(&objects);
        stage
    }

    fn arguments(&self, limit: u64) -> Vec<String> {
        let path = self.folder.path().display();
        vec![
            "diff".to_owned(),
            "kustomization".to_owned(),
            "app".to_owned(),
            format!("--path={path}"),
            format!("--namespace={}", self.namespace),
            format!("--timeout={limit}s"),
        ]
    }

    fn diff(&self, proxy: &FaultProxy, limit: u64) -> Output {
        let run = reflux().env("KUBECONFIG", proxy.kubeconfig());
        run.args(self.arguments(limit)).run()
    }
}

/// A question, by the beginning of a rule for it.
type Question = (&'static str, fn(Fault) -> Rule);

const QUESTIONS: &[Question] = &[
    ("the Kustomization", |fault| {
        Rule::new(fault).path("/kustomizations/app")
    }),
    ("what is there", |fault| {
        Rule::new(fault).path("/configmaps?")
    }),
    ("what would become of it", |fault| {
        Rule::new(fault).method(Method::PATCH)
    }),
    ("what is deleted", |fault| {
        Rule::new(fault).path("/configmaps/gone")
    }),
];

/// A fault by its name, and how often it happens.
type Passing = (&'static str, fn() -> Fault, usize);

/// A fault by its name.
type Lasting = (&'static str, fn() -> Fault);

/// What passes when it is asked again so many times.
const PASSING: &[Passing] = &[
    (
        "429 with Retry-After",
        || Fault::too_many_requests(Duration::from_secs(1)),
        2,
    ),
    ("500", || Fault::status(500), 2),
    ("504", || Fault::status(504), 1),
    ("reset", || Fault::Reset, 1),
    ("reset in the midst", || Fault::Cut { bytes: 40 }, 1),
];

/// What does not pass.
const LASTING: &[Lasting] = &[
    ("500 without end", || Fault::status(500)),
    ("429 without end", || {
        Fault::too_many_requests(Duration::from_secs(1))
    }),
    ("no answer", || Fault::Stall),
];

#[test]
fn what_passes_changes_nothing() {
    let stage = Stage::with_all();
    for (question, rule) in QUESTIONS {
        for (name, fault, times) in PASSING {
            let proxy = FaultProxy::start(control_plane()).unwrap();
            let handle = proxy.add(rule(fault()).times(*times));
            let output = stage.diff(&proxy, 60);
            let told = format!("{question} / {name}: {}\n{}", output.stdout, output.stderr);
            assert_ne!(handle.applied(), 0, "the fault met no request: {told}");
            assert_eq!(output.code, 1, "{told}");
            assert_eq!(
                output.stdout.replace(&stage.namespace, "NS"),
                "► ConfigMap/NS/c-4 drifted\n\ndata.key\n± value change\n- 1\n+ 2\n\n\
                 ► ConfigMap/NS/new created\n► ConfigMap/NS/gone deleted\n",
                "{told}"
            );
        }
    }
}

#[test]
fn what_lasts_is_told_in_time() {
    let stage = Stage::with_all();
    for (question, rule) in QUESTIONS {
        for (name, fault) in LASTING {
            let proxy = FaultProxy::start(control_plane()).unwrap();
            let handle = proxy.add(rule(fault()));
            let started = Instant::now();
            let output = stage.diff(&proxy, 4);
            let told = format!("{question} / {name}: {}\n{}", output.stdout, output.stderr);
            assert_ne!(handle.applied(), 0, "the fault met no request: {told}");
            assert!(started.elapsed() < Duration::from_secs(24), "{told}");
            // What is there can also be read one by one.
            if *question == "what is there" && output.code == 1 {
                assert!(output.stdout.ends_with("/gone deleted\n"), "{told}");
                continue;
            }
            assert_eq!(output.code, 2, "{told}");
            let says_why = |line: &str| line.starts_with('✗') && line.len() > 20;
            assert!(output.stderr.lines().any(says_why), "{told}");
            assert!(!output.stderr.contains("panicked"), "{told}");
        }
    }
}

#[test]
fn a_server_that_restarts_hides_nothing() {
    const MANY: usize = 200;
    block_on(async {
        let control_plane = ControlPlane::start(Size::ApiOnly).await.unwrap();
        let crds = flux_api::crd::all_json();
        control_plane.install_crds(&crds).await.unwrap();
        let stage = Stage::new("default");
        stage
            .apply(control_plane.client().await.unwrap(), &[])
            .await;
        let objects: Vec<Value> = (0..MANY)
            .map(|number| stage.config(&format!("c-{number}"), "1"))
            .collect();
        stage.write(&objects);
        let proxy = FaultProxy::start(&control_plane).unwrap();
        let slow = Fault::Delay(Duration::from_millis(100));
        let _slowed = proxy.add(Rule::new(slow).method(Method::PATCH));
        let child = Command::new(env!("CARGO_BIN_EXE_reflux"))
            .args(stage.arguments(60))
            .env_clear()
            .env("KUBECONFIG", proxy.kubeconfig())
            .env("LANG", "C.UTF-8")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let asked = || {
            let requests = proxy.requests();
            requests
                .iter()
                .filter(|r| r.method == Method::PATCH)
                .count()
        };
        while asked() < MANY / 10 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        control_plane.restart_api_server().await.unwrap();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        // Each object is either compared or named as one that could not be.
        let created = stdout.matches(" created\n").count();
        let failed = stderr.lines().filter(|line| line.starts_with('✗')).count();
        let code = if failed == 0 { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
        let told = if failed == 0 {
            created
        } else {
            created + failed
        };
        assert!(told >= MANY, "{created} and {failed}: {stderr}");
    });
}
