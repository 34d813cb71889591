//! The objects that make a cluster follow a repository, and the files that hold them.

use flux_api::Duration;
use kustomize::yaml;
use serde_json::{Map, Value, json};

use super::{GENERATED, repository_path};

/// How often the cluster's own Kustomization is applied, whether or not the source changed.
const KUSTOMIZATION_INTERVAL: Duration = Duration::from_mins(10);

/// The name of the file that lists the generated files for kustomize.
pub const KUSTOMIZATION_FILE: &str = "kustomization.yaml";

/// Everything that decides the source and the Kustomization of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How often the repository is looked at.
    pub interval: Duration,
    /// The address of the repository, without credentials.
    pub url: String,
    /// The name of both objects.
    pub name: String,
    /// The namespace of both objects.
    pub namespace: String,
    /// The branch to follow; empty for none.
    pub branch: String,
    /// The tag to follow; empty for none.
    pub tag: String,
    /// The range of versions to follow; empty for none.
    pub semver: String,
    /// The commit to stay at; empty for none.
    pub commit: String,
    /// The Secret with the credentials for the repository.
    pub secret: String,
    /// The folder of the cluster in the repository.
    pub target_path: String,
    /// The name of the generated file.
    pub manifest_file: String,
    /// Whether submodules are part of the source.
    pub recurse_submodules: bool,
    /// Who authenticates to the Git server; empty for the Secret alone.
    pub provider: String,
    /// The folders that are fetched; empty for all.
    pub sparse_checkout: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            interval: Duration::from_mins(1),
            url: String::new(),
            name: "flux-system".to_owned(),
            namespace: "flux-system".to_owned(),
            branch: "main".to_owned(),
            tag: String::new(),
            semver: String::new(),
            commit: String::new(),
            secret: "flux-system".to_owned(),
            target_path: String::new(),
            manifest_file: "gotk-sync.yaml".to_owned(),
            recurse_submodules: false,
            provider: String::new(),
            sparse_checkout: Vec::new(),
        }
    }
}

impl Options {
    /// Where the generated file stands in the repository.
    pub fn path(&self) -> String {
        repository_path(&self.target_path, &self.namespace, &self.manifest_file)
    }

    /// Where the file that lists the generated ones stands in the repository.
    pub fn kustomization_path(&self) -> String {
        repository_path(&self.target_path, &self.namespace, KUSTOMIZATION_FILE)
    }

    /// The folder of the cluster as the Kustomization names it, relative to the repository.
    pub fn cluster_path(&self) -> String {
        let path = &self.target_path;
        format!("./{}", path.strip_prefix("./").unwrap_or(path))
    }
}

/// The source of the cluster.
pub fn git_repository(options: &Options) -> Value {
    let texts = [
        ("branch", &options.branch),
        ("tag", &options.tag),
        ("semver", &options.semver),
        ("commit", &options.commit),
    ];
    let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let reference: Map<String, Value> = given
        .map(|(key, text)| (key.to_owned(), text.as_str().into()))
        .collect();
    let mut spec = json!({
        "interval": options.interval.to_string(),
        "ref": reference,
        "secretRef": { "name": options.secret },
        "url": options.url,
    });
    if options.recurse_submodules {
        spec["recurseSubmodules"] = true.into();
    }
    if !options.provider.is_empty() {
        spec["provider"] = options.provider.as_str().into();
    }
    if !options.sparse_checkout.is_empty() {
        spec["sparseCheckout"] = options.sparse_checkout.as_slice().into();
    }
    object(
        options,
        "source.toolkit.fluxcd.io/v1",
        "GitRepository",
        spec,
    )
}

/// What applies the cluster's folder, this installation included.
pub fn kustomization(options: &Options) -> Value {
    let spec = json!({
        "interval": KUSTOMIZATION_INTERVAL.to_string(),
        "path": options.cluster_path(),
        "prune": true,
        "sourceRef": { "kind": "GitRepository", "name": options.name },
    });
    object(
        options,
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        spec,
    )
}

fn object(options: &Options, api_version: &str, kind: &str, spec: Value) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": { "name": options.name, "namespace": options.namespace },
        "spec": spec,
    })
}

/// The text of the generated file that holds both objects.
pub fn to_yaml(options: &Options) -> String {
    let objects = [git_repository(options), kustomization(options)];
    format!("{GENERATED}\n---\n{}", yaml::to_string_all(&objects))
}

/// The text of a file that makes kustomize build `resources`, which are files and folders beside
/// it.
pub fn kustomization_file<'a>(resources: impl IntoIterator<Item = &'a str>) -> String {
    let resources: Vec<&str> = resources.into_iter().collect();
    yaml::to_string(&json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            url: "ssh://git@example.com/org/repo".to_owned(),
            target_path: "clusters/my".to_owned(),
            ..Options::default()
        }
    }

    #[test]
    fn the_file_holds_source_and_kustomization() {
        assert_eq!(
            to_yaml(&options()),
            "\
# This manifest was generated by flux. DO NOT EDIT.
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m0s
  ref:
    branch: main
  secretRef:
    name: flux-system
  url: ssh://git@example.com/org/repo
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m0s
  path: ./clusters/my
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"
        );
    }

    #[test]
    fn only_what_is_given_is_written() {
        let full = Options {
            branch: String::new(),
            tag: "v1".to_owned(),
            provider: "azure".to_owned(),
            recurse_submodules: true,
            sparse_checkout: vec!["clusters/my".to_owned(), "apps".to_owned()],
            interval: Duration::from_mins(10),
            ..options()
        };
        let spec = &git_repository(&full)["spec"];
        assert_eq!(spec["ref"], json!({ "tag": "v1" }));
        assert_eq!(spec["provider"], "azure");
        assert_eq!(spec["recurseSubmodules"], true);
        assert_eq!(spec["sparseCheckout"], json!(["clusters/my", "apps"]));
        assert_eq!(spec["interval"], "10m0s");
        let plain = git_repository(&options());
        let keys: Vec<&String> = plain["spec"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|e| e.0)
            .collect();
        assert_eq!(keys, ["interval", "ref", "secretRef", "url"]);
    }

    #[test]
    fn paths_are_relative_to_the_repository() {
        for (target, cluster, file) in [
            ("", "./", "flux-system/gotk-sync.yaml"),
            ("./", "./", "flux-system/gotk-sync.yaml"),
            ("./a/b", "./a/b", "a/b/flux-system/gotk-sync.yaml"),
            ("a/b", "./a/b", "a/b/flux-system/gotk-sync.yaml"),
        ] {
            let options = Options {
                target_path: target.to_owned(),
                ..options()
            };
            assert_eq!(options.cluster_path(), cluster);
            assert_eq!(options.path(), file);
        }
        assert_eq!(
            options().kustomization_path(),
            "clusters/my/flux-system/kustomization.yaml"
        );
    }

    #[test]
    fn the_kustomization_lists_the_files() {
        assert_eq!(
            kustomization_file(["gotk-components.yaml", "gotk-sync.yaml"]),
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n\
             - gotk-components.yaml\n- gotk-sync.yaml\n"
        );
    }
}
