//! ImageRepository, ImagePolicy and ImageUpdateAutomation: from a pushed tag to a commit.

use reflux::kinds::{IMAGE_POLICY, IMAGE_REPOSITORY, IMAGE_UPDATE_AUTOMATION};
use sandbox::sources::Artifact;

use crate::life::Life;
use crate::place::{Place, becomes};
use crate::stage::{OWNER, block_on, stage};

fn image(place: &Place) -> String {
    format!("{}/{}/app", stage().registry.host(), place.name)
}

fn push(place: &Place, tag: &str) -> String {
    let repository = format!("{}/app", place.name);
    let artifact = Artifact::image(tag).unwrap();
    block_on(stage().registry.push(&repository, tag, &artifact)).unwrap()
}

/// An ImageRepository `app` of the place's image.
fn repository(place: &Place) -> Life<'_> {
    push(place, "1.0.0");
    let life = Life::of(place, &IMAGE_REPOSITORY, "app");
    life.create(&[&format!("--image={}", image(place)), "--interval=1h"]);
    life
}

fn scan(place: &Place) {
    let args = ["reconcile", "image", "repository", "app"];
    place.reflux(&args).success();
}

#[test]
fn an_image_repository_lives() {
    let place = Place::new("tags");
    let life = repository(&place);
    let tags = || life.object().data["status"]["lastScanResult"]["tagCount"].clone();
    assert_eq!(tags(), 1);
    push(&place, "1.1.0");
    life.reconcile(&[]);
    assert_eq!(tags(), 2);
    life.suspend();
    push(&place, "1.2.0");
    assert_eq!(tags(), 2);
    life.resume();
    scan(&place);
    becomes(tags, 3.into());
    life.delete();
}

#[test]
fn an_image_policy_lives() {
    let place = Place::new("policy");
    let repository = repository(&place);
    let life = Life::of(&place, &IMAGE_POLICY, "app");
    life.create(&[
        "--image-ref=app",
        "--select-semver=>=1.0.0",
        "--reflect-digest=IfNotPresent",
    ]);
    let first = life.revision().unwrap();
    assert!(first.contains(":1.0.0@sha256:"), "{first}");
    let digest = push(&place, "1.1.0");
    scan(&place);
    life.reconcile(&[]);
    life.reaches(&format!(":1.1.0@{digest}"));
    life.pause(|| {
        let digest = push(&place, "1.2.0");
        scan(&place);
        format!(":1.2.0@{digest}")
    });
    life.delete();
    repository.delete();
}

/// A Deployment with a marked image; the tag is the policy's to choose.
fn manifest(place: &Place, tag: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  selector:
    matchLabels:
      app: app
  template:
    metadata:
      labels:
        app: app
    spec:
      containers:
      - name: app
        image: {}:{tag} # {{\"$imagepolicy\": \"{}:app\"}}
",
        image(place),
        place.name
    )
}

#[test]
fn an_image_update_lives() {
    let place = Place::new("update");
    let path = "deploy/app.yaml";
    place.follow("apps", &[(path, &manifest(&place, "0.9.0"))]);
    let repository = repository(&place);
    let policy = Life::of(&place, &IMAGE_POLICY, "app");
    policy.create(&["--image-ref=app", "--select-semver=>=1.0.0"]);
    let committed = || {
        let mut files = stage().github.tree(OWNER, &place.name, "main").unwrap();
        String::from_utf8(files.remove(path).unwrap()).unwrap()
    };

    let life = Life::of(&place, &IMAGE_UPDATE_AUTOMATION, "app");
    life.create(&[
        "--git-repo-ref=apps",
        "--git-repo-path=./deploy",
        "--checkout-branch=main",
        "--author-name=fluxcdbot",
        "--author-email=bot@example.com",
        "--commit-template=newer images",
        "--interval=1h",
    ]);
    becomes(committed, manifest(&place, "1.0.0"));
    let commits = stage().github.commits(OWNER, &place.name, "main").unwrap();
    assert_eq!(commits[0].message.trim(), "newer images");
    assert_eq!(commits[0].author, "fluxcdbot");

    push(&place, "1.1.0");
    scan(&place);
    policy.reaches(":1.1.0");
    life.reconcile(&[]);
    becomes(committed, manifest(&place, "1.1.0"));

    life.suspend();
    push(&place, "1.2.0");
    scan(&place);
    policy.reaches(":1.2.0");
    assert_eq!(committed(), manifest(&place, "1.1.0"));
    life.resume();
    becomes(committed, manifest(&place, "1.2.0"));

    life.delete();
    policy.delete();
    repository.delete();
}
