//! Which folders are what clusters follow.

use super::*;

/// The folders that building the root begins with.
fn begins(scene: &Scene) -> String {
    let clusters = scene.build("/");
    let entries = clusters.iter().map(|c| c.entry.display().to_string());
    entries.collect::<Vec<_>>().join(" ")
}

/// A Kustomization whose source is another one.
fn of(path: &str, kind: &str, name: &str) -> String {
    kustomization("vendor", path, "").replace(
        "kind: GitRepository\n    name: flux-system\n",
        &format!("kind: {kind}\n    name: {name}\n"),
    )
}

const ELSEWHERE: &str = "https://example.com/org/vendor";

#[test]
fn a_source_elsewhere_says_nothing_of_this_repository() {
    let sync = sync("./clusters/prod");
    let config = config_map("a", "x: y");
    let vendor = of("./", "OCIRepository", "vendor");
    let other = of("./apps", "GitRepository", "vendor") + &git("vendor", ELSEWHERE, "");
    let tagged =
        of("", "GitRepository", "vendor") + &git("vendor", ELSEWHERE, "  ref: {tag: v1}\n");
    for (file, text) in [
        ("clusters/prod/vendor.yaml", &vendor),
        ("clusters/prod/vendor.yaml", &tagged),
        ("apps/vendor.yaml", &other),
        ("apps/vendor.yaml", &vendor),
    ] {
        let mut scene = Scene::of(&[
            ("clusters/prod/flux-system/gotk-sync.yaml", &sync),
            ("apps/a.yaml", &config),
            (file, text),
        ]);
        assert_eq!(begins(&scene), "clusters/prod", "{text}");
        scene.remotes = vec!["git@example.com:org/fleet.git".to_owned()];
        assert_eq!(begins(&scene), "clusters/prod", "{text}");
    }
    // Nor does it where a folder has no other Kustomization.
    let scene = Scene::of(&[("vendor.yaml", &vendor), ("a.yaml", &config)]);
    let cluster = scene.cluster("/");
    assert_eq!(names(&cluster), [""]);
    assert_eq!(cluster.elsewhere.len(), 1);
}

#[test]
fn a_source_is_known_by_its_remote() {
    let fleet = of("./clusters/prod", "GitRepository", "fleet")
        + &git("fleet", "https://example.com/org/fleet", "");
    let other = of("./vendor", "GitRepository", "vendor") + &git("vendor", ELSEWHERE, "");
    let mut scene = Scene::of(&[
        ("clusters/prod/sync.yaml", &fleet),
        ("vendor/sync.yaml", &other),
    ]);
    assert_eq!(begins(&scene), "clusters/prod vendor");
    scene.remotes = vec!["git@example.com:org/fleet.git".to_owned()];
    assert_eq!(begins(&scene), "clusters/prod");
}

#[test]
fn what_a_cluster_builds_of_the_whole_repository_is_in_it() {
    let all = kustomization("all", "./", "");
    let scene = Scene::of(&[
        ("clusters/prod/sync.yaml", &sync("./clusters/prod")),
        ("clusters/prod/all.yaml", &all),
    ]);
    assert_eq!(begins(&scene), "clusters/prod");
    // A cluster can follow the whole repository.
    let scene = Scene::of(&[
        ("flux-system/sync.yaml", &sync("./")),
        ("apps/self.yaml", &kustomization("self", "./apps", "")),
    ]);
    assert_eq!(begins(&scene), "");
    assert_eq!(names(&scene.cluster("/")), ["flux-system", "self"]);
}

/// The layout of the template with the operator's charts: nothing that a cluster follows says so.
fn template(instance: &str) -> Scene {
    Scene::of(&[
        (
            "kubernetes/flux/cluster/ks.yaml",
            &kustomization("cluster-apps", "./kubernetes/apps", ""),
        ),
        (
            "kubernetes/apps/default/echo/ks.yaml",
            &kustomization("echo", "./kubernetes/apps/default/echo/app", ""),
        ),
        (
            "kubernetes/apps/default/echo/app/a.yaml",
            &config_map("a", "x: y"),
        ),
        (
            "kubernetes/apps/kustomization.yaml",
            "resources: [default/echo/ks.yaml]\n",
        ),
        (
            "kubernetes/components/common/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        ),
        ("kubernetes/flux/instance.yaml", instance),
    ])
}

#[test]
fn the_chart_of_an_instance_says_what_is_synced() {
    let release = |path: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: flux, \
             namespace: flux-system}}\nspec:\n  chartRef: {{kind: OCIRepository, name: \
             flux-instance}}\n  values: {{instance: {{sync: {{kind: GitRepository, url: \
             \"https://example.com/org/home\", path: {path}}}}}}}\n"
        )
    };
    let scene = template(&release("kubernetes/flux/cluster"));
    assert_eq!(begins(&scene), "kubernetes/flux/cluster");
    for path in ["/", "/kubernetes", "/kubernetes/flux/cluster"] {
        let cluster = scene.cluster(path);
        assert_eq!(names(&cluster), ["flux-system", "cluster-apps", "echo"]);
        assert!(cluster.rendered[0].kustomization.spec.prune, "{path}");
    }
    // The instance of another cluster, whose folder is elsewhere.
    for path in ["clusters/other", "./"] {
        assert_eq!(begins(&template(&release(path))), "", "{path}");
    }
}

#[test]
fn a_folder_that_nothing_follows_cannot_be_built_and_says_which_may() {
    let scene = template("");
    let names = names(&scene.cluster("/"));
    assert!(
        names[0].ends_with(
            "; it is not known to be a folder that a cluster follows; name the one that is, \
             perhaps kubernetes/flux/cluster"
        ),
        "{names:?}"
    );
    // Not where it holds the Kustomizations itself.
    let scene = Scene::of(&[
        ("c/app.yaml", &kustomization("app", "./app", "")),
        ("c/broken.yaml", "a: b\n"),
    ]);
    let error = &outcome(&scene.cluster("/c"))[0].1;
    assert!(
        !error.as_ref().unwrap_err().contains("perhaps"),
        "{error:?}"
    );
}
