//! Tokens: who they are, what they may, how a refusal reads.

use jiff::{SignedDuration, Timestamp};
use sandbox::github::{OrgRole, Permission, RepositorySpec, TokenSpec};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::support::{filled, story};

#[tokio::test]
async fn a_token_is_asked_for_and_checked() {
    let story = story().await;
    let none: [(&str, &str); 0] = [];
    story
        .try_send("GET", "/user", None, &none)
        .await
        .unwrap()
        .refused(401, "Requires authentication");
    let wrong = SecretString::from("ghp_wrong");
    story
        .as_token(&wrong, "GET", "/user", None)
        .await
        .refused(401, "Bad credentials");
    let past = Timestamp::now() - SignedDuration::from_hours(1);
    let expired = story
        .github
        .add_token(TokenSpec::classic("alice", &["repo"]).expires(past))
        .unwrap();
    story
        .as_token(&expired, "GET", "/user", None)
        .await
        .refused(401, "Bad credentials");
    story.github.revoke_token(&story.token);
    story.get("/user").await.refused(401, "Bad credentials");
}

#[tokio::test]
async fn answers_tell_scopes_and_expiry() {
    let story = story().await;
    let answer = story.get("/user").await;
    assert_eq!(
        answer.header("x-oauth-scopes"),
        "repo, admin:org, delete_repo"
    );
    assert!(
        !answer
            .headers
            .contains_key("github-authentication-token-expiration")
    );
    assert_eq!(answer.body["login"], "alice");
    let end: Timestamp = "2100-01-02T03:04:05Z".parse().unwrap();
    let token = TokenSpec::fine_grained("alice", "acme", &[("contents", "write")]).expires(end);
    let token = story.github.add_token(token).unwrap();
    assert!(token.expose_secret().starts_with("github_pat_"));
    let answer = story.as_token(&token, "GET", "/user", None).await;
    assert!(!answer.headers.contains_key("x-oauth-scopes"));
    assert_eq!(
        answer.header("github-authentication-token-expiration"),
        "2100-01-02 03:04:05 UTC"
    );
}

#[tokio::test]
async fn every_scheme_is_taken() {
    use base64::Engine as _;
    let story = story().await;
    let secret = story.token.expose_secret();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("any:{secret}"));
    for header in [
        format!("token {secret}"),
        format!("bearer {secret}"),
        format!("Basic {basic}"),
    ] {
        story
            .try_send("GET", "/user", None, &[("authorization", &header)])
            .await
            .unwrap()
            .expect(200);
    }
}

#[tokio::test]
async fn a_private_repository_is_hidden() {
    let story = filled().await;
    let none: [(&str, &str); 0] = [];
    story
        .try_send("GET", "/repos/acme/fleet", None, &none)
        .await
        .unwrap()
        .refused(404, "Not Found");
    story.github.add_user("bob").unwrap();
    let bob = story
        .github
        .add_token(TokenSpec::classic("bob", &["repo"]))
        .unwrap();
    story
        .as_token(&bob, "GET", "/repos/acme/fleet", None)
        .await
        .refused(404, "Not Found");
    let narrow = story
        .github
        .add_token(TokenSpec::classic("alice", &["public_repo"]))
        .unwrap();
    story
        .as_token(&narrow, "GET", "/repos/acme/fleet", None)
        .await
        .refused(404, "Not Found");
    let elsewhere = TokenSpec::fine_grained("alice", "alice", &[("contents", "write")]);
    let elsewhere = story.github.add_token(elsewhere).unwrap();
    story
        .as_token(&elsewhere, "GET", "/repos/acme/fleet", None)
        .await
        .refused(404, "Not Found");
}

#[tokio::test]
async fn a_fine_grained_token_lacks_what_it_was_not_given() {
    let story = filled().await;
    let token = TokenSpec::fine_grained("alice", "acme", &[("contents", "read")]);
    let token = story.github.add_token(token).unwrap();
    let refused = "Resource not accessible by personal access token";
    story
        .as_token(&token, "GET", "/repos/acme/fleet/git/ref/heads/main", None)
        .await
        .expect(200);
    let answer = story
        .as_token(&token, "GET", "/repos/acme/fleet/keys", None)
        .await;
    assert_eq!(
        answer.header("x-accepted-github-permissions"),
        "administration=read"
    );
    answer.refused(403, refused);
    let blob = json!({ "content": "x" });
    story
        .as_token(&token, "POST", "/repos/acme/fleet/git/blobs", Some(blob))
        .await
        .refused(403, refused);
    let body = json!({ "name": "new" });
    story
        .as_token(&token, "POST", "/orgs/acme/repos", Some(body))
        .await
        .refused(403, refused);
}

#[tokio::test]
async fn users_below_the_level_are_refused() {
    let story = filled().await;
    story.github.add_user("bob").unwrap();
    story
        .github
        .add_member("acme", "bob", OrgRole::Member)
        .unwrap();
    let bob = story
        .github
        .add_token(TokenSpec::classic("bob", &["repo"]))
        .unwrap();
    let repository = story
        .as_token(&bob, "GET", "/repos/acme/fleet", None)
        .await
        .expect(200);
    assert_eq!(repository["permissions"]["pull"], true);
    assert_eq!(repository["permissions"]["push"], false);
    let blob = json!({ "content": "x" });
    story
        .as_token(&bob, "POST", "/repos/acme/fleet/git/blobs", Some(blob))
        .await
        .refused(404, "Not Found");
    let change = Some(json!({ "description": "x" }));
    let answer = story
        .as_token(&bob, "PATCH", "/repos/acme/fleet", change)
        .await;
    answer.refused(403, "Must have admin rights to Repository.");
    story
        .as_token(&bob, "GET", "/repos/acme/fleet/keys", None)
        .await
        .refused(404, "Not Found");
    story
        .github
        .add_collaborator("acme", "fleet", "bob", Permission::Maintain)
        .unwrap();
    let seen = story
        .get("/repos/acme/fleet/collaborators/bob/permission")
        .await
        .expect(200);
    assert_eq!(
        (&seen["permission"], &seen["role_name"]),
        (&json!("write"), &json!("maintain"))
    );
}

#[tokio::test]
async fn single_sign_on_is_demanded() {
    let story = filled().await;
    story.github.require_sso("acme").unwrap();
    let answer = story.get("/repos/acme/fleet").await;
    assert!(
        answer
            .header("x-github-sso")
            .starts_with("required; url=https://")
    );
    assert_eq!(answer.status, 403);
    let mut spec = TokenSpec::classic("alice", &["repo"]);
    spec.authorized = vec!["acme".to_owned()];
    let token = story.github.add_token(spec).unwrap();
    story
        .as_token(&token, "GET", "/repos/acme/fleet", None)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_public_repository_is_read_by_all_and_written_by_few() {
    let story = story().await;
    story
        .github
        .add_repository(RepositorySpec::public("alice", "site"))
        .unwrap();
    let none: [(&str, &str); 0] = [];
    let seen = story
        .try_send("GET", "/repos/alice/site", None, &none)
        .await
        .unwrap()
        .expect(200);
    assert!(seen["permissions"].is_null());
    let token = story
        .github
        .add_token(TokenSpec::classic("alice", &["public_repo"]))
        .unwrap();
    let body = json!({ "message": "m", "content": "eA==" });
    story
        .as_token(&token, "PUT", "/repos/alice/site/contents/x", Some(body))
        .await
        .expect(201);
}
