//! How GitHub's limits, failures and other people's pushes are met.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sandbox::github::{Failure, Fault, RateLimit};
use serde_json::json;

use super::stage::{NAME, OWNER, Stage};

#[test]
fn limits_are_waited_out() {
    for limit in [
        RateLimit::Secondary {
            status: 403,
            after: 6,
            retry_after: Duration::from_secs(1),
        },
        RateLimit::Primary {
            status: 429,
            remaining: 6,
            reset: Duration::from_secs(2),
        },
    ] {
        let stage = Stage::new();
        stage.github.set_rate_limit(limit);
        stage.run(&["--token-auth"]).success();
        assert_eq!(stage.messages().len(), 2);
    }
}

#[test]
fn a_limit_beyond_the_time_allowed_is_told() {
    let stage = Stage::new();
    stage.github.set_rate_limit(RateLimit::Primary {
        status: 403,
        remaining: 0,
        reset: Duration::from_secs(600),
    });
    let stderr = stage.run(&["--token-auth"]).failure(4);
    assert!(
        stderr.contains("limits the rate of requests for another"),
        "{stderr}"
    );
}

#[test]
fn passing_failures_are_tried_again() {
    let stage = Stage::new();
    let failure = || Failure::Status(502, json!({"message": "Bad Gateway"}));
    // Each write fails once, some before and some after it took effect.
    for (method, part, after) in [
        ("POST", "/orgs/acme/repos", true),
        ("PUT", "/contents/", true),
        ("POST", "/git/trees", false),
        ("POST", "/git/commits", true),
        ("PATCH", "/git/refs/", true),
        ("POST", "/keys", true),
    ] {
        let fault = if after {
            Fault::after(failure())
        } else {
            Fault::before(failure())
        };
        let picks = move |m: &str, path: &str| m == method && path.contains(part);
        stage.github.fail_matching(1, fault, picks);
    }
    stage.run(&[]).success();
    assert_eq!(
        stage.messages(),
        [
            "Add Flux sync manifests",
            "Add Flux v2.9.4 component manifests"
        ]
    );
    assert_eq!(stage.github.deploy_keys(OWNER, NAME).unwrap().len(), 1);
}

#[test]
fn a_branch_that_moves_is_built_upon_again() {
    let stage = Stage::with_repository();
    let (github, moved) = (Arc::clone(&stage.github), Arc::new(AtomicBool::new(false)));
    let failure = Fault::before(Failure::Reset);
    // A colleague pushes just before the branch is moved for the first time.
    stage
        .github
        .fail_matching(usize::MAX, failure, move |method, path| {
            if method == "PATCH"
                && path.contains("/git/refs/")
                && !moved.swap(true, Ordering::SeqCst)
            {
                let files = [("theirs.txt", Some(&b"theirs"[..]))];
                github
                    .commit_files(OWNER, NAME, "main", "Theirs", &files)
                    .unwrap();
            }
            false
        });
    stage.run(&["--token-auth"]).success();
    assert_eq!(
        stage.messages(),
        [
            "Add Flux sync manifests",
            "Add Flux v2.9.4 component manifests",
            "Theirs",
            "Change README.md",
        ]
    );
    assert_eq!(stage.file("theirs.txt").as_deref(), Some("theirs"));
}

#[test]
fn a_revision_after_ours_is_as_good() {
    // A colleague pushes before the cluster fetches: it never is at our commit.
    let stage = Stage::with_colleague();
    stage.run(&["--token-auth"]).success();
    assert_eq!(stage.messages()[0], "Theirs");
}

#[test]
fn teams_are_let_in() {
    let stage = Stage::new();
    stage.github.add_team(OWNER, "ops", &["dana"]).unwrap();
    stage.github.add_team(OWNER, "dev", &[]).unwrap();
    let output = stage.run(&["--token-auth", "--team=ops:admin,dev"]);
    assert!(
        output
            .stderr
            .contains("✔ granted \"admin\" permissions to \"ops\""),
        "{}",
        output.stderr
    );
    assert!(
        output
            .stderr
            .contains("✔ granted \"maintain\" permissions to \"dev\"")
    );
    output.success();
    // A lower permission is not put in place of a higher one.
    stage
        .run(&["--token-auth", "--team=ops:pull", "--reconcile"])
        .success();
    let grants = stage.github.team_grants(OWNER, NAME).unwrap();
    let shown = format!("{grants:?}");
    assert!(
        shown.contains("Admin") && shown.contains("Maintain"),
        "{shown}"
    );
}
