//! Faults, limits, and the recording of both.

use std::time::{Duration, Instant};

use sandbox::github::{Failure, Fault, RateLimit};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::{Story, filled, story};

async fn create(story: &Story, name: &str) -> Option<u16> {
    let header = format!("token {}", story.token.expose_secret());
    let body = json!({ "name": name });
    let sent = story
        .try_send(
            "POST",
            "/orgs/acme/repos",
            Some(body),
            &[("authorization", &header)],
        )
        .await;
    sent.ok().map(|answer| answer.status)
}

#[tokio::test]
async fn a_fault_strikes_before_or_after_the_effect() {
    let story = story().await;
    let broken = || Failure::Status(502, json!({ "message": "Server Error" }));
    story.github.fail_nth(2, Fault::before(broken()));
    assert_eq!(create(&story, "a").await, Some(201));
    assert_eq!(create(&story, "b").await, Some(502));
    assert!(!story.github.has_repository("acme", "b"));
    story.github.fail_nth(1, Fault::after(broken()));
    assert_eq!(create(&story, "b").await, Some(502));
    assert!(story.github.has_repository("acme", "b"));
    story.github.fail_nth(1, Fault::after(Failure::Reset));
    assert_eq!(create(&story, "c").await, None);
    assert!(story.github.has_repository("acme", "c"));
    story
        .github
        .fail_matching(1, Fault::before(Failure::Reset), |method, path| {
            method == "POST" && path.ends_with("/repos")
        });
    story.get("/user").await.expect(200);
    assert_eq!(create(&story, "d").await, None);
    assert!(!story.github.has_repository("acme", "d"));
    assert_eq!(create(&story, "d").await, Some(201));
    let faults: Vec<_> = story
        .github
        .requests()
        .into_iter()
        .filter_map(|request| request.fault)
        .collect();
    assert_eq!(
        faults,
        ["502 before", "502 after", "reset after", "reset before"]
    );
}

#[tokio::test]
async fn a_timeout_stalls() {
    let story = story().await;
    story.github.fail_nth(
        1,
        Fault::after(Failure::Timeout(Duration::from_millis(300))),
    );
    let start = Instant::now();
    assert_eq!(create(&story, "a").await, None);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert!(story.github.has_repository("acme", "a"));
}

#[tokio::test]
async fn the_primary_limit_counts_down_and_is_renewed() {
    let story = story().await;
    let reset = Duration::from_secs(1);
    story.github.set_rate_limit(RateLimit::Primary {
        status: 403,
        remaining: 2,
        reset,
    });
    let first = story.get("/user").await;
    assert_eq!(
        (
            first.header("x-ratelimit-limit"),
            first.header("x-ratelimit-remaining")
        ),
        ("2", "1")
    );
    story.get("/user").await.expect(200);
    let refused = story.get("/user").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .starts_with("API rate limit exceeded for user ID")
    );
    let overview = story.get("/rate_limit").await.expect(200);
    assert_eq!(overview["rate"]["remaining"], 0);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    story.get("/user").await.expect(200);
}

#[tokio::test]
async fn the_secondary_limit_says_how_long_to_wait() {
    let story = story().await;
    let retry_after = Duration::from_secs(1);
    story.github.set_rate_limit(RateLimit::Secondary {
        status: 429,
        after: 1,
        retry_after,
    });
    story.get("/user").await.expect(200);
    let refused = story.get("/user").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .contains("secondary rate limit")
    );
    story.get("/user").await.expect(429);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    story.get("/user").await.expect(200);
}

#[tokio::test]
async fn a_recording_holds_no_secret() {
    let story = filled().await;
    let body = json!({ "content": format!("token: {}", story.token.expose_secret()) });
    story
        .post("/repos/acme/fleet/git/blobs", body)
        .await
        .expect(201);
    let recording = story.github.recording();
    assert!(
        recording.contains("\"Bearer ghp_***\"") && recording.contains("token: ***"),
        "{recording}"
    );
    assert!(!recording.contains(story.token.expose_secret()));
    let request = &story.github.requests()[0];
    assert_eq!(
        request.template.as_deref(),
        Some("/repos/{owner}/{repo}/git/blobs")
    );
    assert_eq!(request.status, Some(201));
    story.github.clear_requests();
    assert!(story.github.requests().is_empty());
}
