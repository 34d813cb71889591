//! Sources that have the revision, had it, or do not get it.

use super::*;

#[test]
fn artifacts_by_the_revision_they_were_made_from() {
    let source = record().fetched("latest@sha256:aaaa").origin(REV);
    let build = |built: &str| record().from("oci/fleet").built(built);
    follow(
        &[
            ("oci/fleet", source.clone()),
            ("ks/apps", build("latest@sha256:aaaa")),
        ],
        &["Done"],
    );
    follow(
        &[
            ("oci/fleet", source),
            ("ks/apps", build("latest@sha256:0000")),
        ],
        &[
            "Pending",
            "Kustomization ns/apps: Pending: is still at latest@sha256:0000",
        ],
    );
}

#[test]
fn no_source_has_it_yet() {
    follow(
        &[],
        &[
            "Pending",
            "no source is at main@sha1:1111111111: there are no sources",
        ],
    );
    let headline = "no source is at main@sha1:1111111111 yet";
    follow(
        &[
            ("git/fleet", record().fetched(OLD)),
            ("git/dev", record().fetched("dev@sha1:3333333")),
            ("git/empty", record().failing("GitOperationFailed")),
            ("ks/apps", apps().built(OLD)),
        ],
        &[
            "Pending",
            headline,
            "GitRepository ns/empty: Pending: has fetched nothing yet: no luck",
            &format!("GitRepository ns/fleet: Pending: is at {OLD}"),
        ],
    );
    follow(
        &[("git/dev", record().fetched("dev@sha1:3333333"))],
        &[
            "Pending",
            &format!("{headline}, and none of that branch or tag is known"),
        ],
    );
    follow(
        &[("git/fleet", record().fetched(OLD).suspended())],
        &[
            "Failed",
            headline,
            &format!("GitRepository ns/fleet: Failed: is at {OLD}, suspended by ops"),
        ],
    );
}

#[test]
fn a_source_that_jumped_over_it() {
    let mut world = World::of(&[("git/fleet", record().fetched(OLD))]);
    world.put("git/fleet", record().fetched(NEW));
    let says = format!("GitRepository ns/fleet: Failed: is at {NEW}");
    let headline = "no source is at main@sha1:1111111111 yet";
    check(
        &mut world,
        &[],
        &[&format!("Superseded by {NEW}"), headline, &says],
    );
    // With two repositories, it may be the other's branch.
    world.put(
        "git/other",
        record()
            .fetched("main@sha1:4444444")
            .at("https://git/other"),
    );
    let pending = format!("GitRepository ns/fleet: Pending: is at {NEW}");
    let other = "GitRepository ns/other: Pending: is at main@sha1:4444444";
    check(&mut world, &[], &["Pending", headline, &pending, other]);
    // Named objects say which is meant.
    world.put("ks/apps", apps().built(OLD));
    check(
        &mut world,
        &["ks/apps"],
        &[
            &format!("Superseded by {NEW}"),
            headline,
            &says,
            "Kustomization ns/apps: Pending: waits for GitRepository ns/fleet",
        ],
    );
}

#[test]
fn a_source_that_moved_on() {
    let mut world = World::of(&[fleet(), ("ks/apps", apps().built(OLD))]);
    world.put("git/fleet", record().fetched(NEW));
    let still = |at: &str| format!("Kustomization ns/apps: Pending: is still at {at}");
    check(&mut world, &[], &["Pending", &still(OLD)]);
    assert_eq!(world.assess(&[]).newer(), Some(NEW));
    world.put("ks/apps", apps().built(REV));
    check(&mut world, &[], &["Done"]);
    world.put("ks/apps", apps().built(NEW));
    check(&mut world, &[], &["Done"]);
    assert_eq!(
        world.assess(&[]).standings[&id("ks/apps")].newer.as_deref(),
        Some(NEW)
    );
    world.put(
        "ks/apps",
        apps().built(OLD).tried(NEW).failing("BuildFailed"),
    );
    check(
        &mut world,
        &[],
        &[
            &format!("Superseded by {NEW}"),
            "Kustomization ns/apps: Failed: no luck",
        ],
    );
    world.put("ks/apps", apps().built(OLD).suspended());
    check(
        &mut world,
        &[],
        &["Failed", "Kustomization ns/apps: Failed: suspended by ops"],
    );
}

#[test]
fn a_source_that_had_moved_on_before() {
    let later = ("git/fleet", record().fetched(NEW));
    follow(
        &[
            later.clone(),
            ("ks/apps", apps().built(NEW).was(NEW).was(REV)),
        ],
        &["Done"],
    );
    follow(
        &[
            later.clone(),
            ("ks/apps", apps().built(NEW).was(REV)),
            ("ks/slow", apps().built(OLD)),
        ],
        &[
            "Pending",
            &format!("Kustomization ns/slow: Pending: is still at {OLD}"),
        ],
    );
    // Still at it, while its source has gone on.
    follow(&[later, ("ks/apps", apps().built(REV))], &["Done"]);
}

#[test]
fn other_objects_for_the_same_branch() {
    let other = |revision: &str| ("git/copy", record().fetched(revision));
    follow(
        &[fleet(), other(OLD)],
        &[
            "Pending",
            &format!("GitRepository ns/copy: Pending: is at {OLD}"),
        ],
    );
    follow(&[fleet(), other(REV)], &["Done"]);
    follow(&[fleet(), other("dev@sha1:3333333")], &["Done"]);
    let mut pinned = record().fetched(OLD);
    pinned.pinned = true;
    follow(&[fleet(), ("git/copy", pinned)], &["Done"]);
    // It went straight to what the first one has by now.
    let mut world = World::of(&[
        fleet(),
        other(OLD),
        ("ks/copy", record().from("git/copy").built(NEW)),
    ]);
    world.put("git/fleet", record().fetched(NEW));
    world.put("git/copy", record().fetched(NEW));
    check(&mut world, &[], &["Done"]);
}

#[test]
fn sources_in_other_namespaces() {
    follow(
        &[("ks/apps", record().from("git/base/fleet").built(OLD))],
        &[
            "Pending",
            "no source is at main@sha1:1111111111: there are no sources",
            "unseen GitRepository base/fleet",
        ],
    );
    let mut world = World::of(&[
        ("ks/apps", record().from("git/base/fleet").built(REV)),
        ("git/base/fleet", record().fetched(REV)),
        ("ks/base/apps", record().from("git/base/fleet").built(OLD)),
    ]);
    check(&mut world, &[], &["Done"]);
}
