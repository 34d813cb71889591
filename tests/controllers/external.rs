//! ArtifactGenerator and ExternalArtifact: what source-watcher makes from other sources.

use reflux::kinds::{ARTIFACT_GENERATOR, EXTERNAL_ARTIFACT, KUSTOMIZATION};
use serde_json::json;

use crate::life::Life;
use crate::place::{Place, becomes, config_map};
use crate::stage::stage;

/// flux has no command that makes or removes either of the two, nor a flag by which a Kustomization
/// is made from one: the test applies and deletes them, the program shows and exports them.
#[test]
fn an_artifact_is_made_and_applied() {
    let place = Place::new("external");
    let path = "deploy/settings.yaml";
    place.follow("apps", &[(path, &config_map("settings", "one"))]);
    place.apply(
        &ARTIFACT_GENERATOR,
        "maker",
        json!({"spec": {
            "sources": [{"alias": "repository", "kind": "GitRepository", "name": "apps"}],
            "artifacts": [{
                "name": "settings", "originRevision": "@repository",
                "copy": [{"from": "@repository/deploy/**", "to": "@artifact/"}],
            }],
        }}),
    );
    let generator = Life::of(&place, &ARTIFACT_GENERATOR, "maker");
    generator.is_ready();
    let artifact = Life::of(&place, &EXTERNAL_ARTIFACT, "settings");
    artifact.is_ready();
    let first = artifact.revision().unwrap();
    assert!(first.starts_with("latest@sha256:"), "{first}");

    place.apply(
        &KUSTOMIZATION,
        "apps",
        json!({"spec": {
            "interval": "1h", "prune": true, "targetNamespace": place.name,
            "sourceRef": {"kind": "ExternalArtifact", "name": "settings"},
        }}),
    );
    let applied = Life::of(&place, &KUSTOMIZATION, "apps");
    applied.is_ready();
    assert_eq!(place.value("settings").as_deref(), Some("one"));

    stage().commit(&place.name, &[(path, &config_map("settings", "two"))]);
    let source = ["reconcile", "source", "git", "apps"];
    place.reflux(&source).success();
    becomes(|| place.value("settings").as_deref() == Some("two"), true);
    assert_ne!(artifact.revision(), Some(first));
    applied.reconcile(&[]);
    assert_eq!(applied.revision(), artifact.revision());

    applied.delete();
    becomes(|| place.value("settings"), None);
    place.remove(&ARTIFACT_GENERATOR, "maker");
    becomes(
        || place.find(&EXTERNAL_ARTIFACT, "settings").is_none(),
        true,
    );
}
