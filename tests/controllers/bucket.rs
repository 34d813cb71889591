//! Bucket: manifests from an S3 server.

use reflux::kinds::{BUCKET, KUSTOMIZATION};
use sandbox::sources::ObjectStore;

use crate::life::Life;
use crate::place::{Place, becomes, config_map};
use crate::stage::{block_on, stage};

fn put(value: &str) {
    let text = config_map("settings", value);
    block_on(stage().store.put("deploy/settings.yaml", &text)).unwrap();
}

#[test]
fn a_bucket_lives() {
    let place = Place::new("bucket");
    put("one");
    let life = Life::of(&place, &BUCKET, "apps");
    life.create(&[
        &format!("--bucket-name={}", ObjectStore::BUCKET),
        &format!("--endpoint={}", stage().store.host()),
        "--access-key=key",
        "--secret-key=secret",
        "--insecure",
        "--interval=1h",
    ]);
    let first = life.revision().unwrap();
    assert!(first.starts_with("sha256:"), "{first}");

    let applied = Life::of(&place, &KUSTOMIZATION, "apps");
    applied.create(&[
        "--source=Bucket/apps",
        "--path=deploy",
        "--prune",
        "--interval=1h",
        &format!("--target-namespace={}", place.name),
    ]);
    put("two");
    life.reconcile(&[]);
    let second = life.revision().unwrap();
    assert_ne!(second, first);
    becomes(|| place.value("settings").as_deref() == Some("two"), true);

    life.suspend();
    put("three");
    assert_eq!(life.revision(), Some(second));
    life.resume();
    becomes(|| place.value("settings").as_deref() == Some("three"), true);

    applied.delete();
    becomes(|| place.value("settings"), None);
    life.delete();
}
