//! What goes, and what goes with it.

use serde_json::json;

use super::Stage;

#[test]
fn what_is_not_in_the_folder_any_more_goes_where_it_may() {
    let stage = Stage::with(&[]);
    stage.write("app", &[stage.config("stays", "1")]);
    stage.applied("app", &stage.config("stays", "1"));
    let gone = stage.applied("app", &stage.config("gone", "1"));
    let adopted = stage.applied("other", &stage.config("adopted", "1"));
    let mut kept = stage.config("kept", "1");
    kept["metadata"]["annotations"] = json!({"kustomize.toolkit.fluxcd.io/prune": "disabled"});
    let kept = stage.applied("app", &kept);
    let never = stage.config("never", "1");
    let applied = [&gone, &adopted, &kept, &never];
    stage.kustomization("app", json!({}), &applied);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/adopted moved to Kustomization/NS/other\n► ConfigMap/NS/gone deleted\n\
         ► ConfigMap/NS/kept kept: kustomize.toolkit.fluxcd.io/prune: disabled\n"
    );
    assert!(
        output
            .failure(1)
            .starts_with("1 moved, 1 deleted, 1 kept, 1 unchanged\n")
    );
    assert_eq!(stage.diff(&["--fail-on=delete"]).code, 1);

    stage.kustomization("app", json!({"prune": false}), &applied);
    assert_eq!(stage.diff(&[]).success(), "");
}

#[test]
fn a_removed_kustomization_takes_all_along_to_the_end() {
    let stage = Stage::with(&[]);
    let deep = stage.applied("below", &stage.config("deep", "1"));
    let chart = stage.config("chart", "1");
    stage.apply("helm", &chart);
    let mut policy = stage.config("policy", "1");
    policy["metadata"]["annotations"] = json!({"helm.sh/resource-policy": "keep"});
    stage.apply("helm", &policy);
    let release = stage.applied(
        "below",
        &json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
            "metadata": {"name": "release", "namespace": stage.ns.name},
            "spec": {"interval": "1m", "chartRef": {"kind": "OCIRepository", "name": "x"}},
        }),
    );
    stage.inventory(&release, &[&chart, &policy]);
    let below = stage.applied("app", &stage.kustomization_of("below", json!({})));
    // One that holds itself ends.
    stage.inventory(&below, &[&deep, &release, &below]);
    stage.kustomization("app", json!({}), &[&below]);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► Kustomization/NS/below deleted\n\
         ► ConfigMap/NS/deep deleted with Kustomization/NS/below\n\
         ► HelmRelease/NS/release deleted with Kustomization/NS/below\n\
         ► ConfigMap/NS/chart deleted with HelmRelease/NS/release\n\
         ► ConfigMap/NS/policy kept: helm.sh/resource-policy: keep\n"
    );
    output.failure(1);

    // What is suspended lets go of what it applied.
    let suspended = stage.kustomization_of("below", json!({"suspend": true}));
    let below = stage.applied("app", &suspended);
    stage.inventory(&below, &[&deep]);
    let output = stage.diff(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► Kustomization/NS/below deleted\n"
    );
    assert!(
        output
            .failure(1)
            .contains("it is suspended: what it applied stays")
    );
}

#[test]
fn what_moves_between_kustomizations_is_not_deleted() {
    let stage = Stage::with(&[]);
    let moving = stage.applied("one", &stage.config("moving", "1"));
    let children = ["one", "two"].map(|name| stage.kustomization_of(name, json!({})));
    for child in &children {
        stage.applied("app", child);
    }
    stage.inventory(&children[0], &[&moving]);
    stage.kustomization("app", json!({}), &[&children[0], &children[1]]);
    stage.write("app", &children);
    stage.write("one", &[stage.config("other", "1")]);
    stage.applied("one", &stage.config("other", "1"));
    stage.write("two", &[stage.config("moving", "1")]);
    let output = stage.recursive(&[]);
    let stdout = stage.plain(&output.stdout);
    assert!(
        stdout.starts_with(
            "📁 Kustomization/NS/one changed\n► ConfigMap/NS/moving moved to Kustomization/NS/two\n\
             📁 Kustomization/NS/two changed\n► ConfigMap/NS/moving drifted\n"
        ),
        "{stdout}"
    );
    assert!(!stdout.contains("deleted"), "{stdout}");
    assert_eq!(stage.recursive(&["--fail-on=delete"]).code, 0);
}

#[test]
fn kustomizations_below_are_compared_where_their_source_is_known() {
    let stage = Stage::with(&[]);
    let child = stage.kustomization_of("child", json!({}));
    let suspended = stage.kustomization_of("asleep", json!({"suspend": true}));
    stage.applied("app", &child);
    stage.applied("app", &suspended);
    stage.write(
        "app",
        &[child, suspended, stage.kustomization_of("new", json!({}))],
    );
    stage.write("child", &[stage.config("c", "1")]);
    stage.write("new", &[stage.config("n", "1")]);
    let output = stage.recursive(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► Kustomization/NS/new created\n📁 Kustomization/NS/child changed\n\
         ► ConfigMap/NS/c created\n📁 Kustomization/NS/new changed\n► ConfigMap/NS/n created\n"
    );
    assert!(output.failure(1).contains("asleep is suspended"));

    let stderr = stage.diff(&["--recursive"]).failure(2);
    assert!(
        stderr.contains("cannot get local path for GitRepository/"),
        "{stderr}"
    );
}

#[test]
fn what_goes_stands_with_its_kustomization() {
    let stage = Stage::with(&[]);
    let gone = stage.applied("app", &stage.config("gone", "1"));
    let lost = stage.applied("child", &stage.config("lost", "1"));
    let child = stage.applied("app", &stage.kustomization_of("child", json!({})));
    stage.inventory(&child, &[&lost]);
    stage.kustomization("app", json!({}), &[&child, &gone]);
    stage.write("app", &[stage.kustomization_of("child", json!({}))]);
    stage.write("child", &[stage.config("c", "1")]);
    let output = stage.recursive(&[]);
    assert_eq!(
        stage.plain(&output.stdout),
        "► ConfigMap/NS/gone deleted\n📁 Kustomization/NS/child changed\n\
         ► ConfigMap/NS/c created\n► ConfigMap/NS/lost deleted\n"
    );
    output.failure(1);
}
