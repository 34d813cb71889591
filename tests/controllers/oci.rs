//! OCIRepository: manifests from a registry.

use reflux::kinds::{KUSTOMIZATION, OCI_REPOSITORY};
use sandbox::sources::Artifact;

use crate::life::Life;
use crate::place::{Place, becomes, config_map};
use crate::stage::{block_on, stage};

/// Pushes manifests with a ConfigMap of that value; returns the digest.
fn push(place: &Place, value: &str) -> String {
    let text = config_map("settings", value);
    let files = [("settings.yaml", text.as_str())];
    let artifact = Artifact::manifests(files, &format!("main@sha1:{value}")).unwrap();
    let repository = format!("{}/manifests", place.name);
    block_on(stage().registry.push(&repository, "latest", &artifact)).unwrap()
}

#[test]
fn an_oci_repository_lives() {
    let place = Place::new("oci");
    let first = push(&place, "one");
    let life = Life::of(&place, &OCI_REPOSITORY, "apps");
    let host = stage().registry.host();
    life.create(&[
        &format!("--url=oci://{host}/{}/manifests", place.name),
        "--tag=latest",
        "--insecure",
        "--interval=1h",
    ]);
    assert_eq!(life.revision(), Some(format!("latest@{first}")));
    let origin = &life.object().data["status"]["artifact"]["metadata"];
    assert_eq!(origin["org.opencontainers.image.revision"], "main@sha1:one");

    let applied = Life::of(&place, &KUSTOMIZATION, "apps");
    applied.create(&[
        "--source=OCIRepository/apps",
        "--prune",
        "--interval=1h",
        &format!("--target-namespace={}", place.name),
    ]);
    assert_eq!(place.value("settings").as_deref(), Some("one"));

    let second = push(&place, "two");
    life.reconcile(&[]);
    assert_eq!(life.revision(), Some(format!("latest@{second}")));
    becomes(|| place.value("settings").as_deref() == Some("two"), true);

    life.pause(|| push(&place, "three"));
    becomes(|| place.value("settings").as_deref() == Some("three"), true);

    applied.delete();
    becomes(|| place.value("settings"), None);
    life.delete();
}
