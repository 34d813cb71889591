//! Which source is where, and what its artifact holds.

use super::*;

#[test]
fn sources_are_told_apart() {
    let of = |name: &str, source: &str| {
        kustomization(name, "./app", "")
            .replace("name: flux-system\n", &format!("name: {source}\n"))
    };
    let sources = git(
        "same",
        "https://example.com/org/fleet.git",
        "  ref: {branch: main}\n",
    ) + &git(
        "tagged",
        "https://example.com/org/fleet.git",
        "  ref: {tag: v1}\n",
    ) + &git("other", "https://user:pass@example.com/org/other", "");
    let mut scene = Scene::of(&[
        ("c/flux-system/sync.yaml", &sync("./c")),
        ("c/sources.yaml", &sources),
        ("c/1.yaml", &of("one", "same")),
        ("c/2.yaml", &of("two", "other")),
        ("c/3.yaml", &of("three", "other")),
        ("c/4.yaml", &of("four", "nowhere")),
        ("c/5.yaml", &of("five", "tagged")),
        ("app/a.yaml", &config_map("a", "x: y")),
    ]);
    let cluster = scene.cluster("/c");
    assert_eq!(names(&cluster), ["flux-system", "one"]);
    let elsewhere: Vec<(&str, bool, usize)> = cluster
        .elsewhere
        .iter()
        .map(|e| (e.source.as_str(), e.url.is_some(), e.kustomizations.len()))
        .collect();
    assert_eq!(
        elsewhere,
        [
            ("GitRepository/flux-system/nowhere", false, 1),
            ("GitRepository/flux-system/other", true, 2),
            ("GitRepository/flux-system/tagged", true, 1),
        ]
    );
    let other = Memory::tree(&[("app/b.yaml", &config_map("b", "x: y"))]);
    let id = "GitRepository/flux-system/other".to_owned();
    scene.local_sources.insert(id, other);
    let cluster = scene.cluster("/c");
    assert_eq!(first(&cluster, "two")["metadata"]["name"], "b");
    assert_eq!(cluster.elsewhere.len(), 2);
}

#[test]
fn what_the_source_leaves_out_is_not_there() {
    let sync = git(
        "flux-system",
        "ssh://git@example.com/org/fleet",
        "  ignore: |\n    /app/broken.yaml\n",
    ) + &kustomization("flux-system", "./c", "");
    let scene = Scene::of(&[
        ("c/sync.yaml", &sync),
        ("c/app.yaml", &kustomization("app", "./app", "")),
        ("app/a.yaml", &config_map("a", "x: y")),
        ("app/broken.yaml", "no object"),
        ("app/docs/example.yaml", "no object"),
        (".sourceignore", "docs/\n"),
    ]);
    assert_eq!(names(&scene.cluster("/c")), ["flux-system", "app"]);
}

/// A cluster with one Kustomization `app` of `./path`, whose source has `spec`, and more sources.
fn scene(spec: &str, path: &str, sources: &str, files: &[(&str, &str)]) -> Scene {
    let url = "ssh://git@example.com/org/fleet";
    let sync = git("flux-system", url, spec) + &kustomization("flux-system", "./c", "") + sources;
    let app = kustomization("app", path, "");
    let mut all = vec![("c/sync.yaml", sync.as_str()), ("c/app.yaml", &app)];
    all.extend(files);
    Scene::of(&all)
}

fn map(scene: &mut Scene, name: &str, files: &[(&str, &str)]) {
    let id = format!("GitRepository/flux-system/{name}");
    scene.local_sources.insert(id, Memory::tree(files));
}

/// The names of the objects of `app`, or why there are none.
fn app(scene: &Scene) -> String {
    let cluster = scene.cluster("/c");
    let mut outcome = outcome(&cluster).into_iter();
    match outcome.find(|(name, _)| name == "app") {
        Some((_, Ok(objects))) => objects.join(" "),
        Some((_, Err(error))) => error,
        None => cluster.elsewhere[0].source.clone(),
    }
}

const LIB: &str = "https://example.com/org/lib";

#[test]
fn what_is_included_is_there() {
    let (one, two, left) = (
        config_map("one", "x: y"),
        config_map("two", "x: y"),
        "no object",
    );
    for (include, path) in [
        ("{repository: {name: lib}}", "./lib/apps"),
        (
            "{repository: {name: lib}, toPath: ./vendor/lib/}",
            "./vendor/lib/apps",
        ),
        (
            "{repository: {name: lib}, fromPath: apps, toPath: vendor}",
            "./vendor",
        ),
        (
            "{repository: {name: lib}, fromPath: ../apps, toPath: /a/b/c}",
            "./a",
        ),
        (
            "{repository: {name: lib}, fromPath: apps, toPath: apps/new}",
            "./apps",
        ),
    ] {
        let spec = format!("  include: [{include}]\n");
        let files = [("apps/readme.md", ""), (".sourceignore", "left.yaml\n")];
        let mut scene = scene(&spec, path, &git("lib", LIB, "  ignore: docs/\n"), &files);
        assert_eq!(app(&scene), "GitRepository/flux-system/lib", "{include}");
        let lib = [
            ("apps/one.yaml", one.as_str()),
            ("apps/deep/two.yaml", &two),
            ("apps/docs/left.yaml", left),
            ("apps/left.yaml", left),
        ];
        map(&mut scene, "lib", &lib);
        assert_eq!(app(&scene), "ConfigMap/two ConfigMap/one", "{include}");
    }
}

#[test]
fn what_is_included_may_include() {
    let sources = git("lib", LIB, "  include: [{repository: {name: base}}]\n")
        + &git("base", "https://example.com/org/base", "");
    let spec =
        "  include: [{repository: {name: lib}}, {repository: {name: base}, toPath: lib/more}]\n";
    let kustomization = "resources: [base/one.yaml, more/sub]\n";
    let mut scene = scene(spec, "./lib", &sources, &[]);
    map(&mut scene, "lib", &[("kustomization.yaml", kustomization)]);
    assert_eq!(app(&scene), "GitRepository/flux-system/base");
    let (one, two) = (config_map("one", "x: y"), config_map("two", "x: y"));
    let base = [
        ("one.yaml", one.as_str()),
        ("sub/kustomization.yaml", "resources: [two.yaml]\n"),
        ("sub/two.yaml", &two),
    ];
    map(&mut scene, "base", &base);
    assert_eq!(app(&scene), "ConfigMap/one ConfigMap/two");
}

#[test]
fn what_cannot_be_included_is_an_error_of_whoever_needs_it() {
    let sources = git("lib", LIB, "")
        + &git(
            "round",
            LIB,
            "  include: [{repository: {name: flux-system}}]\n",
        );
    for (include, wanted) in [
        (
            "{repository: {name: lib}, fromPath: nowhere}",
            "GitRepository/flux-system/flux-system: spec.include of GitRepository/flux-system/lib: \
             the path nowhere is not in it",
        ),
        (
            "{repository: {name: lib}, toPath: c}",
            "GitRepository/flux-system/flux-system: spec.include of GitRepository/flux-system/lib: \
             there is something at c already",
        ),
        (
            "{repository: {name: lib}, toPath: .}",
            "GitRepository/flux-system/flux-system: spec.include of GitRepository/flux-system/lib: \
             there is something at . already",
        ),
        (
            "{repository: {name: lib}, toPath: c/app.yaml/x}",
            "GitRepository/flux-system/flux-system: spec.include of GitRepository/flux-system/lib: \
             c/app.yaml/x is below a file",
        ),
        (
            "{repository: {name: round}}",
            "spec.include leads back to itself: GitRepository/flux-system/flux-system → \
             GitRepository/flux-system/round → GitRepository/flux-system/flux-system",
        ),
    ] {
        let spec = format!("  include: [{include}]\n");
        let mut scene = scene(&spec, "./app", &sources, &[]);
        map(&mut scene, "lib", &[("one.yaml", "")]);
        map(&mut scene, "round", &[("one.yaml", "")]);
        let names = names(&scene.cluster("/c"));
        assert_eq!(names, [format!("flux-system: {wanted}")], "{include}");
    }
}

#[test]
fn sparse_checkouts_have_what_they_name() {
    let one = config_map("one", "x: y");
    let files = [
        // What is not fetched says nothing, either.
        (".sourceignore", "one.yaml\n"),
        ("apps/one/one.yaml", one.as_str()),
        ("apps/two/one.yaml", &one),
        (
            "apps/two/kustomization.yaml",
            "resources: [one.yaml, ../../other/one.yaml]\n",
        ),
        ("other/one.yaml", &one),
    ];
    for (sparse, path, wanted) in [
        ("[]", "./apps/one", ""),
        ("[c, ./apps]", "./apps/one", "ConfigMap/one"),
        ("[c, apps/one]", "./apps", "ConfigMap/one"),
        (
            "[c, apps/o]",
            "./apps/one",
            "spec.sparseCheckout: the folder apps/o is not in",
        ),
        (
            "[c, apps/one]",
            "./apps/two",
            "the folder ./apps/two is not in",
        ),
        (
            "[c, apps/two]",
            "./apps/two",
            "no folder of spec.sparseCheckout",
        ),
    ] {
        let spec = format!("  sparseCheckout: {sparse}\n");
        let scene = scene(&spec, path, "", &files);
        let cluster = scene.cluster("/c");
        let told = match outcome(&cluster).as_slice() {
            [(_, Err(error))] => error.clone(),
            _ => app(&scene),
        };
        let is_wanted = told.contains(wanted) && (told.is_empty() == wanted.is_empty());
        assert!(is_wanted, "{sparse}: {told}");
    }
}
