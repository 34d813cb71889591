//! What goes with what is removed, and is in no file.

use super::*;

#[test]
fn what_goes_unseen_is_told() {
    let repository = Repository::example();
    let vendor = |name: &str, spec: &str| {
        kustomization(name, "./deploy", spec).replace(
            "{kind: GitRepository, name: flux-system}",
            "{kind: OCIRepository, name: vendor}",
        )
    };
    repository.write("clusters/a/vendor.yaml", &vendor("vendor", ""));
    let orphans = vendor("orphans", "  deletionPolicy: Orphan\n");
    repository.write("clusters/a/orphans.yaml", &orphans);
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
        metadata: {name: podinfo, namespace: web}\nspec: {interval: 1h, chartRef: \
        {kind: OCIRepository, name: podinfo}}\n";
    repository.write("apps/release.yaml", release);
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n";
    repository.write("apps/namespace.yaml", namespace);
    repository.commit();
    for path in [
        "clusters/a/vendor.yaml",
        "clusters/a/orphans.yaml",
        "apps/release.yaml",
        "apps/namespace.yaml",
        "apps/one.yaml",
    ] {
        repository.remove(path);
    }
    let report = repository.json(&["--base", "HEAD"]);
    let reasons: Vec<(&str, &str)> = report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let text = |field: &str| change[field].as_str().unwrap_or_default();
            (text("name"), text("reason"))
        })
        .collect();
    assert_eq!(
        reasons,
        [
            (
                "orphans",
                "its deletionPolicy is Orphan: what it applied stays"
            ),
            ("vendor", "with all that it applied, which is not seen here"),
            ("web", "with everything in it"),
            ("one", ""),
            (
                "podinfo",
                "with the release that it installed, which is not seen here"
            ),
        ]
    );
    let output = repository.diff(&["--base", "HEAD"]);
    assert!(
        output.stderr.contains(
            "⚠️ Kustomization/flux-system/vendor is deleted: with all that it applied, which is \
             not seen here\n"
        ),
        "{}",
        output.stderr
    );
    // What a Kustomization of this repository applied is told by itself.
    repository.remove("clusters/a/apps.yaml");
    let stderr = repository.diff(&["--base", "HEAD"]).stderr;
    assert!(
        !stderr.contains("Kustomization/flux-system/apps is deleted"),
        "{stderr}"
    );
}

#[test]
fn what_git_ignores_is_no_change() {
    let repository = Repository::example();
    repository.write(".gitignore", "*.local.yaml\n");
    repository.commit();
    repository.write("apps/plain.local.yaml", &config_map("plain", "1"));
    let output = repository.diff(&["--base", "HEAD"]);
    assert_eq!(output.code, 0, "{}", output.stdout);
    repository.write("apps/new.yaml", &config_map("new", "1"));
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(changes(&report), ["new created"]);
}
