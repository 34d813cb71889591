//! `diff kustomization` on a real API server.

mod forms;
mod kubectl;
mod objects;
mod removal;
mod secrets;

use std::path::Path;

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::{Namespace, block_on, namespace};
use crate::support::{Output, reflux};

/// A namespace with a Kustomization `app`, and a folder with its manifests.
struct Stage {
    ns: Namespace,
    folder: TempDir,
}

impl Stage {
    /// With an empty folder, and a Kustomization that has applied nothing yet.
    fn new() -> Self {
        let stage = Stage {
            ns: namespace(),
            folder: tempfile::tempdir().unwrap(),
        };
        stage.kustomization("app", json!({}), &[]);
        stage
    }

    /// A folder with one file.
    fn with(manifests: &[Value]) -> Self {
        let stage = Stage::new();
        stage.write("app", manifests);
        stage
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the manifests of a folder.
    fn write(&self, folder: &str, manifests: &[Value]) {
        let folder = self.path().join(folder);
        fs_err::create_dir_all(&folder).unwrap();
        let texts = manifests.iter().map(|m| serde_yaml::to_string(m).unwrap());
        let texts: Vec<String> = texts.collect();
        fs_err::write(folder.join("all.yaml"), texts.join("---\n")).unwrap();
    }

    /// The manifest of a Kustomization of a folder of the same name.
    fn kustomization_of(&self, name: &str, spec: Value) -> Value {
        let mut object = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": self.ns.name},
            "spec": {
                "interval": "10m", "path": format!("./{name}"), "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": "repo"},
            },
        });
        for (key, value) in spec.as_object().unwrap() {
            object["spec"][key] = value.clone();
        }
        object
    }

    /// Puts a Kustomization into the cluster that has applied those objects.
    fn kustomization(&self, name: &str, spec: Value, applied: &[&Value]) {
        let object = self.kustomization_of(name, spec);
        self.apply("test", &object);
        self.inventory(&object, applied);
    }

    /// Writes the inventory of a Kustomization or HelmRelease.
    fn inventory(&self, object: &Value, applied: &[&Value]) {
        let entry = |object: &&Value| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let api_version = text(&object["apiVersion"]);
            let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
            let metadata = &object["metadata"];
            let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
            let kind = text(&object["kind"]);
            json!({"id": format!("{namespace}_{name}_{group}_{kind}"), "v": version})
        };
        let entries: Vec<Value> = applied.iter().map(entry).collect();
        let status = json!({"status": {"inventory": {"entries": entries}}});
        let name = object["metadata"]["name"].as_str().unwrap();
        let patched = self.api(object);
        block_on(patched.patch_status(name, &PatchParams::default(), &Patch::Merge(&status)))
            .unwrap();
    }

    /// Applies an object as kustomize-controller does for the Kustomization `owner`.
    fn applied(&self, owner: &str, object: &Value) -> Value {
        let object = self.labelled(owner, object);
        self.apply("kustomize-controller", &object);
        object
    }

    /// An object with the labels of the Kustomization `owner`.
    fn labelled(&self, owner: &str, object: &Value) -> Value {
        let mut object = object.clone();
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = owner.into();
        let namespace = self.ns.name.as_str();
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/namespace"] = namespace.into();
        object
    }

    fn apply(&self, manager: &str, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let params = PatchParams::apply(manager).force();
        block_on(self.api(object).patch(name, &params, &Patch::Apply(object))).unwrap();
    }

    fn api(&self, object: &Value) -> Api<DynamicObject> {
        let api_version = object["apiVersion"].as_str().unwrap();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let gvk = GroupVersionKind::gvk(group, version, object["kind"].as_str().unwrap());
        let resource = ApiResource::from_gvk(&gvk);
        match object["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(self.ns.client(), namespace, &resource),
            None => Api::all_with(self.ns.client(), &resource),
        }
    }

    fn config(&self, name: &str, value: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": self.ns.name}, "data": {"key": value},
        })
    }

    /// Compares the folder `app`.
    fn diff(&self, more: &[&str]) -> Output {
        let path = self.path().join("app");
        let args = [
            "diff",
            "kustomization",
            "app",
            "--path",
            path.to_str().unwrap(),
        ];
        self.ns.on(reflux(), &[&args, more].concat()).run()
    }

    /// [`Stage::diff`] with the Kustomizations below.
    fn recursive(&self, more: &[&str]) -> Output {
        let source = format!(
            "--local-sources=GitRepository/{}/repo={}",
            self.ns.name,
            self.path().display()
        );
        self.diff(&[&["--recursive", &source], more].concat())
    }

    /// A text with the namespace called `NS`.
    fn plain(&self, text: &str) -> String {
        text.replace(&self.ns.name, "NS")
    }
}
