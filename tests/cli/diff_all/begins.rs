//! That a change to where clusters begin is no change to all that they have.

use super::*;

fn failures(report: &Value) -> Vec<&str> {
    let errors = report["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["message"].as_str().unwrap())
        .collect()
}

#[test]
fn a_source_elsewhere_does_not_hide_the_clusters() {
    let repository = Repository::example();
    repository.write(
        "components/team/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
    );
    repository.commit();
    let vendor = kustomization("vendor", "./", "").replace(
        "{kind: GitRepository, name: flux-system}",
        "{kind: OCIRepository, name: vendor}",
    );
    repository.write("clusters/a/vendor.yaml", &vendor);
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(changes(&report), ["vendor created"]);
    assert_eq!(report["summary"]["unchanged"], 8);
    assert_eq!(failures(&report), [""; 0]);
}

#[test]
fn a_folder_that_is_gone_deletes_nothing() {
    let repository = Repository::example();
    repository.git(&["mv", "clusters/a", "clusters/b"]);
    let output = repository.diff(&["--base", "HEAD"]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (2, ""),
        "{}",
        output.stderr
    );
    assert_eq!(
        output.stderr,
        "✗ the folder clusters/a is not there after the change: a cluster that follows it applies \
         nothing new and deletes nothing (kustomization path not found)\n1 failed\n"
    );
    // It is no other when the folder is named.
    let path = repository.0.path().join("clusters/a").display().to_string();
    let named = reflux()
        .args(["diff", "all", &path, "--base", "HEAD"])
        .run();
    assert_eq!((named.code, named.stderr), (2, output.stderr));
    // What begins in the new folder is new; nothing goes.
    repository.write(
        "clusters/b/flux-system/sync.yaml",
        &SYNC.replace("CLUSTER", "b"),
    );
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(failures(&report).len(), 1, "{report}");
    let summary = &report["summary"];
    assert_eq!(
        (&summary["created"], &summary["deleted"]),
        (&8.into(), &0.into())
    );
}

#[test]
fn a_folder_that_nothing_follows_any_more_is_not_compared() {
    let repository = Repository::example();
    repository.remove("clusters/a/flux-system/sync.yaml");
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(changes(&report), [""; 0]);
    let failures = failures(&report);
    assert!(
        failures[0].starts_with(
            "Kustomization/flux-system/flux-system, which follows clusters/a, is not among its \
             objects after the change: "
        ),
        "{failures:?}"
    );
    assert_eq!(failures.len(), 1);
}

#[test]
fn the_root_of_the_repository_has_a_name() {
    let repository = Repository::example();
    repository.remove("clusters/a/flux-system/sync.yaml");
    repository.commit();
    repository.write("components/kustomization.yaml", "kind: Component\n");
    let report = repository.json(&["--base", "HEAD"]);
    let failures = failures(&report);
    assert!(
        failures[0].starts_with("the folder itself cannot be built after the change: "),
        "{failures:?}"
    );
    assert!(failures[0].ends_with("perhaps clusters/a"), "{failures:?}");
    assert_eq!(changes(&report), [""; 0]);
}

/// The Kustomization that the operator makes of an instance prunes, though it is in no file.
#[test]
fn a_folder_that_an_instance_syncs_is_followed() {
    let repository = Repository::example();
    repository.remove("clusters/a/flux-system/sync.yaml");
    let instance = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
        metadata: {name: flux, namespace: flux-system}\nspec:\n  chart: {spec: {chart: \
        flux-instance}}\n  values: {instance: {sync: {kind: GitRepository, path: clusters/a, url: \
        \"https://example.com/org/fleet\"}}}\n";
    repository.write("infra/instance.yaml", instance);
    repository.commit();
    repository.remove("clusters/a/apps.yaml");
    for path in ["", "clusters/a"] {
        let path = repository.0.path().join(path).display().to_string();
        let output = reflux()
            .args(["diff", "all", &path, "--base", "HEAD", "-o", "json"])
            .run();
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(
            changes(&report),
            ["apps deleted", "one deleted", "same deleted", "two deleted"]
        );
    }
}
