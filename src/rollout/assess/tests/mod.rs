//! What is said of whole clusters.

use super::samples::*;
use super::*;

mod sources;

/// The assessment as lines: the verdict, the headline, the blockers in their order.
#[track_caller]
fn check(world: &mut World, focus: &[&str], want: &[&str]) {
    let assessment = world.assess(focus);
    let mut lines = vec![match &assessment.verdict {
        Verdict::Superseded(newer) => format!("Superseded by {newer}"),
        verdict => format!("{verdict:?}"),
    }];
    lines.extend(assessment.headline.clone());
    for (id, standing) in assessment.blockers() {
        lines.push(format!("{id}: {:?}: {}", standing.progress, standing.text));
    }
    lines.extend(assessment.unseen.iter().map(|id| format!("unseen {id}")));
    assert_eq!(lines, want);
}

fn follow(objects: &[(&str, Record)], want: &[&str]) {
    check(&mut World::of(objects), &[], want);
}

fn fleet() -> (&'static str, Record) {
    ("git/fleet", record().fetched(REV))
}

fn apps() -> Record {
    record().from("git/fleet")
}

#[test]
fn all_is_there() {
    let mut world = World::of(&[
        fleet(),
        ("ks/apps", apps().built(REV).carries("hr/web")),
        ("hr/web", record()),
        ("ks/other", record().from("git/other").busy()),
        (
            "git/other",
            record().fetched("dev@sha1:3333333").at("https://git/other"),
        ),
    ]);
    check(&mut world, &[], &["Done"]);
    let standings = world.assess(&[]).standings;
    let names: Vec<String> = standings.keys().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "GitRepository ns/fleet",
            "HelmRelease ns/web",
            "Kustomization ns/apps"
        ]
    );
    assert_eq!(standings[&id("ks/apps")].text, format!("ready at {REV}"));
}

#[test]
fn a_kustomization_on_its_way() {
    for (record, says) in [
        (apps().built(OLD), format!("Pending: is still at {OLD}")),
        (apps(), "Pending: has not taken it up yet".to_owned()),
        (
            apps().built(OLD).tried(REV).busy(),
            "Pending: at work".to_owned(),
        ),
        (apps().built(REV).busy(), "Pending: at work".to_owned()),
        (
            apps().built(OLD).tried(REV).failing("HealthCheckFailed"),
            "Pending: no luck".to_owned(),
        ),
        (
            apps().built(OLD).tried(OLD).failing("BuildFailed"),
            "Pending: no luck".to_owned(),
        ),
        (
            apps().built(OLD).tried(REV).failing("BuildFailed"),
            "Failed: no luck".to_owned(),
        ),
        (apps().built(OLD).stalled(), "Failed: given up".to_owned()),
        (
            apps().built(REV).suspended(),
            "Failed: suspended by ops".to_owned(),
        ),
    ] {
        let verdict = says.split(':').next().unwrap().to_owned();
        let line = format!("Kustomization ns/apps: {says}");
        follow(&[fleet(), ("ks/apps", record)], &[&verdict, &line]);
    }
}

#[test]
fn what_has_arrived_may_be_looked_at_again() {
    let mut world = World::of(&[fleet(), ("ks/apps", apps().built(REV))]);
    check(&mut world, &[], &["Done"]);
    world.put("ks/apps", apps().built(REV).busy());
    check(&mut world, &[], &["Done"]);
    let mut changed = apps().built(REV).busy();
    changed.generation = 2;
    world.put("ks/apps", changed);
    check(
        &mut world,
        &[],
        &["Pending", "Kustomization ns/apps: Pending: at work"],
    );
    world.put("ks/apps", apps().built(REV).failing("HealthCheckFailed"));
    check(
        &mut world,
        &[],
        &["Pending", "Kustomization ns/apps: Pending: no luck"],
    );
}

#[test]
fn what_a_kustomization_carries() {
    let parent = apps().carries("ks/child").carries("ks/root");
    let world =
        |parent: Record, child: Record| vec![fleet(), ("ks/root", parent), ("ks/child", child)];
    let other = || record().from("git/elsewhere");
    // What is there before the revision is applied says nothing.
    follow(
        &world(parent.clone().built(OLD), other().stalled()),
        &[
            "Pending",
            &format!("Kustomization ns/root: Pending: is still at {OLD}"),
        ],
    );
    // Being applied: what it waits for is named before it.
    follow(
        &world(
            parent.clone().built(OLD).tried(REV).busy(),
            other().stalled(),
        ),
        &[
            "Pending",
            "Kustomization ns/child: Pending: given up",
            "Kustomization ns/root: Pending: at work",
        ],
    );
    let parent = parent.built(REV);
    follow(
        &world(parent.clone(), other().stalled()),
        &["Failed", "Kustomization ns/child: Failed: given up"],
    );
    follow(&world(parent.clone(), other()), &["Done"]);
    follow(
        &[
            fleet(),
            ("ks/root", parent.clone().carries("ks/other/child")),
            ("ks/child", other()),
        ],
        &[
            "Pending",
            "Kustomization other/child: Pending: being looked up",
            "unseen Kustomization other/child",
        ],
    );
    follow(
        &[fleet(), ("ks/root", parent.clone())],
        &["Pending", "Kustomization ns/child: Pending: does not exist"],
    );
    // Down to the third floor.
    follow(
        &[
            fleet(),
            ("ks/root", parent),
            ("ks/child", other().carries("hr/web")),
            ("hr/web", record().failing("InstallFailed")),
        ],
        &["Pending", "HelmRelease ns/web: Pending: no luck"],
    );
}

#[test]
fn a_path_that_the_same_commit_moves() {
    // The child has seen the commit before its parent has changed the child.
    let child = apps()
        .built(OLD)
        .tried(REV)
        .failing("BuildFailed")
        .by("ks/root");
    follow(
        &[
            fleet(),
            ("ks/root", apps().built(OLD)),
            ("ks/child", child.clone()),
        ],
        &[
            "Pending",
            "Kustomization ns/child: Pending: no luck",
            &format!("Kustomization ns/root: Pending: is still at {OLD}"),
        ],
    );
    follow(
        &[
            fleet(),
            ("ks/root", apps().built(REV).by("ks/root")),
            ("ks/child", child),
        ],
        &["Failed", "Kustomization ns/child: Failed: no luck"],
    );
}

#[test]
fn dependencies_name_their_root() {
    let waiting = |on: &str| apps().built(OLD).failing("DependencyNotReady").after(on);
    follow(
        &[
            fleet(),
            ("ks/apps", waiting("ks/infra")),
            ("ks/infra", waiting("ks/crds")),
            (
                "ks/crds",
                apps().built(OLD).tried(REV).failing("HealthCheckFailed"),
            ),
        ],
        &[
            "Pending",
            "Kustomization ns/crds: Pending: no luck",
            "Kustomization ns/apps: Pending: depends on Kustomization ns/crds, which is not ready: no luck",
            "Kustomization ns/infra: Pending: depends on Kustomization ns/crds, which is not ready: no luck",
        ],
    );
    let says = |why: &str| format!("Kustomization ns/apps: Pending: {why}");
    follow(
        &[fleet(), ("ks/apps", waiting("ks/gone"))],
        &[
            "Pending",
            &says("depends on Kustomization ns/gone, which does not exist"),
        ],
    );
    follow(
        &[fleet(), ("ks/apps", waiting("ks/apps"))],
        &[
            "Pending",
            &says("depends on Kustomization ns/apps, which depends on it in turn"),
        ],
    );
    let infra = record().from("git/elsewhere");
    follow(
        &[
            fleet(),
            ("ks/apps", waiting("ks/infra")),
            ("ks/infra", infra.clone().busy().suspended()),
        ],
        &[
            "Pending",
            &says("depends on Kustomization ns/infra, which is suspended by ops"),
        ],
    );
    follow(
        &[
            fleet(),
            ("ks/apps", waiting("ks/infra")),
            ("ks/infra", infra),
        ],
        &["Pending", &says("no luck")],
    );
}

#[test]
fn charts_in_the_repository() {
    let made = |revision: &str| {
        let mut chart = apps().built(revision).fetched("1.1.0");
        chart.address = None;
        chart
    };
    let release = || record().from("chart/ns-web");
    let with = |chart: Record, release: Record| {
        vec![fleet(), ("chart/ns-web", chart), ("hr/web", release)]
    };
    follow(&with(made(REV), release().built("1.1.0")), &["Done"]);
    follow(
        &with(made(REV), release().built("1.0.0")),
        &["Pending", "HelmRelease ns/web: Pending: is still at 1.0.0"],
    );
    follow(
        &with(made(OLD), release().built("1.1.0")),
        &[
            "Pending",
            &format!("HelmChart ns/ns-web: Pending: is still at {OLD}"),
            "HelmRelease ns/web: Pending: waits for HelmChart ns/ns-web",
        ],
    );
    // Given up on the older chart, which the newer one may change.
    follow(
        &with(made(REV), release().built("1.0.0").stalled()),
        &["Pending", "HelmRelease ns/web: Pending: given up"],
    );
    follow(
        &with(made(REV), release().built("1.1.0").stalled()),
        &["Failed", "HelmRelease ns/web: Failed: given up"],
    );
}

#[test]
fn charts_that_are_artifacts() {
    let source = ("oci/web", record().fetched("1.0.0@sha256:aaaa").origin(REV));
    let release = |digest: &str| record().from("oci/web").built(digest).built("1.0.0+aaaa");
    follow(
        &[source.clone(), ("hr/web", release("sha256:aaaa"))],
        &["Done"],
    );
    follow(
        &[source, ("hr/web", release("sha256:bbbb"))],
        &[
            "Pending",
            "HelmRelease ns/web: Pending: is still at sha256:bbbb",
        ],
    );
}

#[test]
fn only_what_is_named() {
    let mut world = World::of(&[
        fleet(),
        ("ks/apps", apps().built(REV).carries("hr/web")),
        ("ks/broken", apps().built(OLD).stalled()),
        ("hr/web", record().busy().by("ks/apps")),
        ("hr/lost", record()),
    ]);
    check(&mut world, &["ks/apps"], &["Done"]);
    check(
        &mut world,
        &["ks/broken"],
        &["Failed", "Kustomization ns/broken: Failed: given up"],
    );
    check(
        &mut world,
        &["hr/web"],
        &["Pending", "HelmRelease ns/web: Pending: at work"],
    );
    check(
        &mut world,
        &["hr/lost"],
        &[
            "Failed",
            "HelmRelease ns/lost: Failed: is not made from anything that has such a revision",
        ],
    );
    world.put("hr/web", record().by("ks/apps"));
    check(&mut world, &["hr/web"], &["Done"]);
    world.put("ks/apps", apps().built(OLD));
    check(
        &mut world,
        &["hr/web"],
        &[
            "Pending",
            &format!("Kustomization ns/apps: Pending: is still at {OLD}"),
            "HelmRelease ns/web: Pending: waits for Kustomization ns/apps",
        ],
    );
    // A source that is not there, although another one is.
    world.put(
        "git/other",
        record()
            .fetched("main@sha1:4444444")
            .at("https://git/other"),
    );
    world.put(
        "ks/other",
        record().from("git/other").built("main@sha1:4444444"),
    );
    check(
        &mut world,
        &["ks/other"],
        &[
            "Pending",
            "GitRepository ns/other: Pending: is at main@sha1:4444444",
            "Kustomization ns/other: Pending: waits for GitRepository ns/other",
        ],
    );
}

#[test]
fn what_is_named_and_not_there_may_come_with_the_revision() {
    let mut world = World::of(&[fleet(), ("ks/root", apps().built(OLD))]);
    check(
        &mut world,
        &["ks/new"],
        &[
            "Pending",
            "Kustomization ns/new: Pending: does not exist",
            &format!("Kustomization ns/root: Pending: is still at {OLD}"),
        ],
    );
    world.put("ks/root", apps().built(REV));
    check(
        &mut world,
        &["ks/new"],
        &["Failed", "Kustomization ns/new: Missing: does not exist"],
    );
    check(
        &mut World::of(&[]),
        &["ks/new"],
        &[
            "Failed",
            "no source is at main@sha1:1111111111: there are no sources",
            "Kustomization ns/new: Missing: does not exist",
        ],
    );
}
