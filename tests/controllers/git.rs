//! GitRepository and Kustomization: from a commit to objects in the cluster.

use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};

use crate::life::Life;
use crate::place::{Place, becomes, config_map};
use crate::stage::stage;

#[test]
fn a_git_repository_lives() {
    let place = Place::new("git");
    place.follow("apps", &[("one.yaml", "a: 1\n")]);
    let life = Life::of(&place, &GIT_REPOSITORY, "apps");
    life.is_ready();
    let first = life.revision().unwrap();
    assert!(first.starts_with("main@sha1:"), "{first}");
    let second = stage().commit(&place.name, &[("one.yaml", "a: 2\n")]);
    life.reconcile(&[]);
    assert_eq!(life.revision(), Some(second));
    life.pause(|| stage().commit(&place.name, &[("one.yaml", "a: 3\n")]));
    life.delete();
}

#[test]
fn a_kustomization_lives() {
    let place = Place::new("ks");
    let path = "deploy/settings.yaml";
    place.follow("apps", &[(path, &config_map("settings", "one"))]);
    let life = Life::of(&place, &KUSTOMIZATION, "apps");
    life.create(&[
        "--source=GitRepository/apps",
        "--path=./deploy",
        "--prune",
        "--wait",
        "--interval=1h",
        &format!("--target-namespace={}", place.name),
    ]);
    assert_eq!(place.value("settings").as_deref(), Some("one"));

    let second = stage().commit(&place.name, &[(path, &config_map("settings", "two"))]);
    life.reconcile(&["--with-source"]);
    assert_eq!(life.revision(), Some(second));
    assert_eq!(place.value("settings").as_deref(), Some("two"));

    life.pause(|| {
        let third = stage().commit(&place.name, &[(path, &config_map("settings", "three"))]);
        let source = ["reconcile", "source", "git", "apps"];
        place.reflux(&source).success();
        third
    });
    assert_eq!(place.value("settings").as_deref(), Some("three"));

    life.delete();
    becomes(|| place.value("settings"), None);
}
