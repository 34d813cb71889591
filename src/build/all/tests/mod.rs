mod begins;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use super::memory::Memory;
use super::*;

/// A repository and what is known of it from elsewhere.
struct Scene {
    tree: Tree,
    remotes: Vec<String>,
    local_sources: BTreeMap<String, Tree>,
    given: Given,
    strict: bool,
}

impl Scene {
    fn of(files: &[(&str, &str)]) -> Self {
        Scene {
            tree: Memory::tree(files),
            remotes: Vec::new(),
            local_sources: BTreeMap::new(),
            given: Given::default(),
            strict: false,
        }
    }

    fn build(&self, path: &str) -> Vec<Cluster> {
        let request = Request {
            tree: &self.tree,
            path: Path::new(path),
            remotes: &self.remotes,
            local_sources: &self.local_sources,
            given: &self.given,
            strict: self.strict,
            network: None,
            recall: None,
            threads: 3,
            progress: &|_| {},
        };
        super::build(&request).unwrap()
    }

    /// The one cluster.
    fn cluster(&self, path: &str) -> Cluster {
        let mut clusters = self.build(path);
        assert_eq!(clusters.len(), 1);
        clusters.remove(0)
    }
}

/// A Kustomization's name, and the names of its objects or what is wrong.
fn outcome(cluster: &Cluster) -> Vec<(String, Result<Vec<String>, String>)> {
    let name = |object: &Object| {
        let text = |field: &str| object.value[field].as_str().unwrap_or_default().to_owned();
        let name = object.value["metadata"]["name"]
            .as_str()
            .unwrap_or_default();
        format!("{}/{name}", text("kind"))
    };
    let rendered = cluster.rendered.iter().map(|rendered| {
        let objects = rendered.objects.as_ref();
        let objects = objects.map(|objects| objects.iter().map(name).collect());
        let kustomization = rendered.kustomization.metadata.name.clone();
        (kustomization, objects.map_err(ToString::to_string))
    });
    rendered.collect()
}

fn names(cluster: &Cluster) -> Vec<String> {
    let outcome = outcome(cluster).into_iter();
    let name = |(name, objects): (String, Result<_, String>)| match objects {
        Ok(_) => name,
        Err(error) => format!("{name}: {error}"),
    };
    outcome.map(name).collect()
}

/// The first object of a Kustomization.
fn first<'c>(cluster: &'c Cluster, name: &str) -> &'c serde_json::Value {
    let mut rendered = cluster.rendered.iter();
    let rendered = rendered.find(|rendered| rendered.kustomization.metadata.name == name);
    &rendered.unwrap().objects.as_ref().unwrap()[0].value
}

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
         name: {name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  \
         path: {path}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n{spec}"
    )
}

fn git(name: &str, url: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  \
         name: {name}\n  namespace: flux-system\nspec:\n  url: {url}\n{spec}"
    )
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\ndata:\n  {data}\n"
    )
}

/// What bootstrap leaves behind in a cluster's folder.
fn sync(path: &str) -> String {
    let url = "ssh://git@example.com/org/fleet";
    git("flux-system", url, "  ref:\n    branch: main\n") + &kustomization("flux-system", path, "")
}

#[test]
fn a_cluster_is_followed_in_the_order_of_its_dependencies() {
    let apps = kustomization(
        "apps",
        "./apps",
        "  dependsOn: [{name: infra}]\n  namePrefix: my-\n",
    );
    let infra = kustomization("infra", "./infra", "");
    let scene = Scene::of(&[
        (
            "clusters/prod/flux-system/gotk-sync.yaml",
            &sync("./clusters/prod"),
        ),
        ("clusters/prod/apps.yaml", &apps),
        ("clusters/prod/infra.yaml", &infra),
        ("apps/a.yaml", &config_map("a", "x: y")),
        ("infra/b.yaml", &config_map("b", "x: y")),
        ("elsewhere/broken.yaml", "{"),
    ]);
    let cluster = scene.cluster("/clusters/prod");
    assert_eq!(cluster.entry, Path::new("clusters/prod"));
    let names = |objects: &[&str]| Ok(objects.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(
        outcome(&cluster),
        [
            (
                "flux-system".to_owned(),
                names(&[
                    "Kustomization/apps",
                    "GitRepository/flux-system",
                    "Kustomization/flux-system",
                    "Kustomization/infra"
                ])
            ),
            ("infra".to_owned(), names(&["ConfigMap/b"])),
            ("apps".to_owned(), names(&["ConfigMap/my-a"])),
        ]
    );
    assert!(cluster.elsewhere.is_empty() && cluster.warnings.is_empty());
    let origin = &cluster.rendered[2].objects.as_ref().unwrap()[0].origin;
    assert_eq!(
        (origin.file.as_path(), origin.line),
        (Path::new("/apps/a.yaml"), 2)
    );
    let labels = &first(&cluster, "apps")["metadata"]["labels"];
    assert_eq!(labels["kustomize.toolkit.fluxcd.io/name"], "apps");
}

#[test]
fn a_folder_with_several_clusters_stands_for_all() {
    let scene = Scene::of(&[
        (
            "clusters/a/flux-system/gotk-sync.yaml",
            &sync("./clusters/a"),
        ),
        (
            "clusters/b/flux-system/gotk-sync.yaml",
            &sync("./clusters/b"),
        ),
        (
            "clusters/b/apps.yaml",
            &kustomization("apps", "./apps/b", ""),
        ),
        ("apps/b/b.yaml", &config_map("b", "x: y")),
        ("README.md", ""),
    ]);
    let clusters = scene.build("/");
    let entries: Vec<&Path> = clusters.iter().map(|c| c.entry.as_path()).collect();
    assert_eq!(entries, [Path::new("clusters/a"), Path::new("clusters/b")]);
    assert_eq!(names(&clusters[0]), ["flux-system"]);
    assert_eq!(names(&clusters[1]), ["flux-system", "apps"]);
}

#[test]
fn variables_come_from_other_kustomizations() {
    let from = "  postBuild:\n    substituteFrom:\n    - {kind: ConfigMap, name: vars}\n    \
                - {kind: Secret, name: keys, optional: true}\n";
    let mut scene = Scene::of(&[
        ("c/flux-system/sync.yaml", &sync("./c")),
        // Before what it needs, in every order but that of its needs.
        ("c/apps.yaml", &kustomization("apps", "./apps", from)),
        ("c/config.yaml", &kustomization("config", "./config", "")),
        (
            "config/kustomization.yaml",
            "namespace: flux-system\nconfigMapGenerator:\n- name: vars\n  literals: [region=eu]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
        ),
        ("apps/a.yaml", &config_map("a", "x: ${region} ${key:=none}")),
    ]);
    let cluster = scene.cluster("/c");
    assert_eq!(first(&cluster, "apps")["data"]["x"], "eu none");

    let mut given = Given::default();
    given.read("key=given\n", "vars.env").unwrap();
    scene.given = given;
    let cluster = scene.cluster("/c");
    assert_eq!(first(&cluster, "apps")["data"]["x"], "eu given");

    let mut given = Given::default();
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {key: hidden}\n";
    given.read(secret, "secret.yaml").unwrap();
    scene.given = given;
    let cluster = scene.cluster("/c");
    assert_eq!(first(&cluster, "apps")["data"]["x"], "eu hidden");
    let apps = cluster
        .rendered
        .iter()
        .find(|r| r.kustomization.metadata.name == "apps");
    let objects = apps.unwrap().objects.as_ref().unwrap();
    assert_eq!(objects[0].secret, ["/data/x"]);
}

#[test]
fn one_failure_does_not_hide_the_others() {
    let missing = "  postBuild:\n    substituteFrom:\n    - {kind: ConfigMap, name: vars}\n";
    let scene = Scene::of(&[
        ("c/flux-system/sync.yaml", &sync("./c")),
        ("c/a.yaml", &kustomization("a", "./a", "")),
        ("c/b.yaml", &kustomization("b", "./nowhere", "")),
        ("c/d.yaml", &kustomization("d", "./d", missing)),
        ("c/e.yaml", &kustomization("e", "./d", "")),
        ("c/f.yaml", &kustomization("f", "./f", "")),
        ("f/g.yaml", &kustomization("g", "./d", "  patches: 5\n")),
        ("a/kustomization.yaml", "resources: [none.yaml]\n"),
        ("d/d.yaml", &config_map("d", "x: ${y}")),
    ]);
    let names = names(&scene.cluster("/c"));
    assert_eq!(names[0], "flux-system");
    assert!(
        names[1].starts_with("a: kustomize build failed: "),
        "{}",
        names[1]
    );
    assert!(names[1].contains("none.yaml"), "{}", names[1]);
    assert_eq!(
        names[2],
        "b: the folder ./nowhere is not in GitRepository/flux-system/flux-system"
    );
    assert_eq!(
        names[3],
        "d: /d/d.yaml:2: var substitution failed for 'd': substitute from 'ConfigMap/vars' error: configmap \
         \"vars\" is not in the tree (--vars-file can give it)"
    );
    assert_eq!(names[4], "e");
    assert!(
        names[5].starts_with("f: failed to convert to kustomization: "),
        "{}",
        names[5]
    );
}

#[test]
fn cycles_end() {
    let scene = Scene::of(&[
        ("c/flux-system/sync.yaml", &sync("./c")),
        ("c/a.yaml", &kustomization("a", "./a", "")),
        ("a/b.yaml", &kustomization("b", "./b", "")),
        // It leads back, and says something else there.
        ("b/a.yaml", &kustomization("a", "./a", "  suspend: true\n")),
        (
            "c/x.yaml",
            &kustomization("x", "./d", "  dependsOn: [{name: y}]\n"),
        ),
        (
            "c/y.yaml",
            &kustomization("y", "./d", "  dependsOn: [{name: x}]\n"),
        ),
        (
            "c/z.yaml",
            &kustomization("z", "./d", "  dependsOn: [{name: nobody}]\n"),
        ),
        ("d/d.yaml", &config_map("d", "x: y")),
    ]);
    let cluster = scene.cluster("/c");
    let names: BTreeSet<String> = names(&cluster).into_iter().collect();
    let wanted = [
        "a",
        "b",
        "flux-system",
        "x: dependsOn leads back to itself: x → y → x",
        "y: dependsOn leads back to itself: y → x → y",
        "z",
    ];
    assert_eq!(names, wanted.map(str::to_owned).into());
    assert_eq!(cluster.warnings.len(), 2, "{:?}", cluster.warnings);
    assert!(cluster.warnings[0].contains("Kustomization/flux-system/a is defined twice"));
    assert!(cluster.warnings[1].contains("depends on Kustomization/flux-system/nobody"));
}

#[test]
fn a_kustomization_that_changes_itself_is_built_as_it_comes_to_be() {
    let spec = "  commonMetadata: {labels: {owner: \"${who}\"}}\n  \
                postBuild: {substitute: {who: me}}\n";
    let sync = git("flux-system", "https://example.com/org/fleet", "")
        + &kustomization("flux-system", "./c", spec);
    let scene = Scene::of(&[("c/sync.yaml", &sync)]);
    let cluster = scene.cluster("/c");
    let labels = &first(&cluster, "flux-system")["metadata"]["labels"];
    assert_eq!(labels["owner"], "me");
}

#[test]
fn the_operators_instance_syncs() {
    let instance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  \
                    name: flux\n  namespace: flux-system\nspec:\n  sync:\n    kind: GitRepository\n    \
                    url: https://example.com/org/fleet.git\n    path: clusters/prod\n";
    let scene = Scene::of(&[
        ("clusters/prod/flux.yaml", instance),
        ("clusters/prod/app.yaml", &kustomization("app", "./app", "")),
        ("app/a.yaml", &config_map("a", "x: y")),
    ]);
    assert_eq!(
        names(&scene.cluster("/clusters/prod")),
        ["flux-system", "app"]
    );
}

#[test]
fn a_plain_folder_is_built_without_an_owner() {
    let scene = Scene::of(&[
        ("c/a.yaml", &config_map("a", "x: y")),
        ("c/app.yaml", &kustomization("app", "./app", "")),
        ("app/b.yaml", &config_map("b", "x: y")),
    ]);
    let cluster = scene.cluster("/c");
    assert_eq!(names(&cluster), ["", "app"]);
    assert!(first(&cluster, "")["metadata"]["labels"].is_null());
}
