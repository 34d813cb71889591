//! `build kustomization` beside a cluster: whose Kustomization, whose variables, and that nothing
//! is written.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use serde_json::{Value, json};

use crate::support::cluster::{Namespace, block_on, namespace};
use crate::support::{Output, reflux};

/// A namespace, and a folder with manifests.
struct Scene {
    ns: Namespace,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Scene {
            ns: namespace(),
            folder: tempfile::tempdir().unwrap(),
        };
        scene.write(
            "app/settings.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n\
             data: {region: \"${region}\", password: \"${password:=none}\"}\n",
        );
        scene
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// Puts a Kustomization `app` with this `postBuild` into the cluster.
    fn apply(&self, post_build: &Value) {
        let mut object = json!({
            "apiVersion": KUSTOMIZATION.api_version(), "kind": "Kustomization",
            "metadata": {"name": "app", "namespace": self.ns.name},
            "spec": {
                "interval": "1h", "prune": true, "path": "./app", "namePrefix": "live-",
                "sourceRef": {"kind": "GitRepository", "name": "repo"},
            },
        });
        if !post_build.is_null() {
            object["spec"]["postBuild"] = post_build.clone();
        }
        let (api, params) = (
            self.ns.api(&KUSTOMIZATION),
            PatchParams::apply("test").force(),
        );
        block_on(api.patch("app", &params, &Patch::Apply(&object))).unwrap();
    }

    fn config_map(&self, name: &str, data: &Value) {
        let api: Api<ConfigMap> = Api::namespaced(self.ns.client(), &self.ns.name);
        let object = json!({"metadata": {"name": name}, "data": data});
        let object = serde_json::from_value(object).unwrap();
        block_on(api.create(&PostParams::default(), &object)).unwrap();
    }

    fn secret(&self, name: &str, data: &Value) {
        let api: Api<Secret> = Api::namespaced(self.ns.client(), &self.ns.name);
        let object = json!({"metadata": {"name": name}, "stringData": data});
        let object = serde_json::from_value(object).unwrap();
        block_on(api.create(&PostParams::default(), &object)).unwrap();
    }

    fn build(&self, args: &[&str]) -> Output {
        let path = format!("--path={}/app", self.folder.path().display());
        let args = [&["build", "kustomization", "app", &path], args].concat();
        self.ns.on(reflux(), &args).run()
    }

    fn file(&self, content: &str) -> String {
        self.write("ks.yaml", content);
        format!(
            "--kustomization-file={}/ks.yaml",
            self.folder.path().display()
        )
    }
}

fn references(optional: bool) -> Value {
    json!({
        "substitute": {"own": "1"},
        "substituteFrom": [
            {"kind": "ConfigMap", "name": "vars"},
            {"kind": "Secret", "name": "keys", "optional": optional},
        ],
    })
}

#[test]
fn the_kustomization_and_its_variables_are_the_clusters() {
    let scene = Scene::new();
    scene.apply(&references(true));
    scene.config_map("vars", &json!({"region": "eu\n", "password": "weak"}));
    let output = scene.build(&[]);
    let (ns, stdout) = (&scene.ns.name, output.success());
    let wanted = format!(
        "apiVersion: v1\ndata:\n  password: weak\n  region: eu\nkind: ConfigMap\nmetadata:\n  \
         labels:\n    kustomize.toolkit.fluxcd.io/name: app\n    \
         kustomize.toolkit.fluxcd.io/namespace: {ns}\n  name: live-settings\n---\n"
    );
    assert_eq!(stdout, wanted);

    // A Secret counts more, as it comes later.
    scene.secret("keys", &json!({"password": "strong"}));
    let stdout = scene.build(&[]).success();
    assert!(stdout.contains("password: strong\n"), "{stdout}");

    // Without a cluster there are only the Kustomization's own.
    let file = scene.file(&format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata: {{name: app, namespace: {ns}}}\nspec: {{path: ./app, postBuild: {}}}\n",
        references(false)
    ));
    let stdout = scene.build(&[&file, "--dry-run"]).success();
    assert!(stdout.contains("password: none\n"), "{stdout}");
    // With one, they are asked for, and the file is what counts.
    let stdout = scene.build(&[&file]).success();
    assert!(stdout.contains("password: strong\n"), "{stdout}");
    assert!(stdout.contains("  name: settings\n"), "{stdout}");
}

#[test]
fn a_kustomization_in_a_file_need_not_be_in_the_cluster() {
    let scene = Scene::new();
    scene.config_map("vars", &json!({"region": "eu"}));
    let file = scene.file(&format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: app}}\n\
         spec: {{path: ./app, postBuild: {}}}\n",
        references(true)
    ));
    let stdout = scene.build(&[&file]).success();
    assert!(stdout.contains("region: eu\n"), "{stdout}");
    let objects = block_on(
        scene
            .ns
            .api(&KUSTOMIZATION)
            .list(&kube::api::ListParams::default()),
    );
    assert!(objects.unwrap().items.is_empty());
}

#[test]
fn variables_that_are_not_there_fail_the_build_that_needs_them() {
    let scene = Scene::new();
    scene.apply(&references(false));
    scene.config_map("vars", &json!({"region": "eu"}));
    let stderr = scene.build(&[]).failure(1);
    assert!(
        stderr.contains(
            "/app/settings.yaml:1: var substitution failed for 'live-settings': substitute from 'Secret/keys' error: \
             secrets \"keys\" not found\n"
        ),
        "{stderr}"
    );
    // Where no object wants variables, nobody misses them.
    scene.write(
        "app/settings.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  \
         labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n",
    );
    scene.build(&[]).success();
    // A missing variable, where that is an error.
    scene.write(
        "app/settings.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: \"${nowhere}\"}\n",
    );
    scene.apply(&references(true));
    let stderr = scene.build(&["--strict-substitute"]).failure(1);
    assert!(stderr.contains("\"nowhere\""), "{stderr}");
    scene.build(&[]).success();
}

#[test]
fn children_are_built_as_the_folder_has_them() {
    let scene = Scene::new();
    scene.apply(&Value::Null);
    let ns = &scene.ns.name;
    scene.write(
        "app/child.yaml",
        &format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
             metadata: {{name: app, namespace: {ns}-other}}\n\
             spec: {{path: ./child, namePrefix: local-, \
             sourceRef: {{kind: GitRepository, name: repo, namespace: {ns}}}}}\n"
        ),
    );
    scene.write(
        "child/cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: below}\n",
    );
    let stderr = scene.build(&["-r"]).failure(2);
    assert!(
        stderr.contains(&format!(
            "cannot get local path for GitRepository/{ns}/repo of"
        )),
        "{stderr}"
    );
    let source = format!("GitRepository/{ns}/repo={}", scene.folder.path().display());
    let stdout = scene.build(&["-r", "--local-sources", &source]).success();
    assert!(stdout.contains("name: local-below\n"), "{stdout}");
}

#[test]
fn what_the_source_leaves_out_is_not_there() {
    let scene = Scene::new();
    scene.apply(&Value::Null);
    scene.write(".git/HEAD", "");
    scene.write("app/docs/example.yaml", "no object");
    scene.build(&[]).failure(1);
    let source = json!({
        "apiVersion": GIT_REPOSITORY.api_version(), "kind": "GitRepository",
        "metadata": {"name": "repo", "namespace": scene.ns.name},
        "spec": {"interval": "1h", "url": "https://example.com/repo", "ignore": "/app/docs\n"},
    });
    let api = scene.ns.api(&GIT_REPOSITORY);
    let params = PatchParams::apply("test").force();
    block_on(api.patch("repo", &params, &Patch::Apply(&source))).unwrap();
    scene.build(&[]).success();
}

#[test]
fn nothing_is_written_to_the_cluster() {
    let scene = Scene::new();
    scene.apply(&Value::Null);
    let version = || {
        let object = scene.ns.get(&KUSTOMIZATION, "app").unwrap();
        object.metadata.resource_version
    };
    let before = version();
    scene.build(&[]).success();
    assert_eq!(version(), before);
    let api: Api<ConfigMap> = Api::namespaced(scene.ns.client(), &scene.ns.name);
    assert!(block_on(api.get_opt("live-settings")).unwrap().is_none());
    // One that is not there.
    let deleted = scene.ns.api(&KUSTOMIZATION);
    block_on(deleted.delete("app", &DeleteParams::default())).unwrap();
    let stderr = scene.build(&[]).failure(3);
    assert_eq!(
        stderr,
        "✗ failed to get kustomization object: kustomizations.kustomize.toolkit.fluxcd.io \"app\" \
         not found\n"
    );
}
