//! Every endpoint once, asked as GitHub's description says, and recorded for the example `openapi`.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use sandbox::github::{Protection, RepositorySpec, Rule, TokenSpec, openapi};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{Story, filled};

const BASE: &str = "/repos/acme/fleet";

impl Story {
    async fn ask(&self, method: &str, path: &str, status: u16, body: Value) -> Value {
        let body = Some(body).filter(|body| !body.is_null());
        self.send(method, path, body).await.expect(status)
    }

    async fn read(&self, path: &str) -> Value {
        self.ask("GET", path, 200, Value::Null).await
    }
}

#[tokio::test]
async fn every_endpoint_answers() {
    let story = filled().await;
    story.github.add_user("bob").unwrap();
    story.github.add_team("acme", "ops", &["alice"]).unwrap();
    accounts(&story).await;
    repositories(&story).await;
    objects(&story).await;
    files(&story).await;
    branches(&story).await;
    pulls(&story).await;
    refusals(&story).await;
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/github-tour.jsonl");
    fs_err::write(path, story.github.recording()).unwrap();
    let requests = story.github.requests();
    let asked = requests
        .iter()
        .filter(|request| request.status.is_some_and(|status| status < 300));
    let asked: BTreeSet<String> = asked
        .filter_map(|request| Some(format!("{} {}", request.method, request.template.as_ref()?)))
        .collect();
    let served: BTreeSet<String> = openapi::served().into_iter().collect();
    assert_eq!(asked, served);
}

async fn accounts(story: &Story) {
    for path in [
        "/meta",
        "/rate_limit",
        "/user",
        "/user/repos?per_page=1",
        "/user/orgs",
        "/user/memberships/orgs/acme",
        "/users/bob",
        "/orgs/acme",
        "/orgs/acme/repos?type=all&per_page=100",
        "/orgs/acme/memberships/alice",
        "/orgs/acme/teams?per_page=100&page=1",
        "/orgs/acme/teams/ops",
        "/orgs/acme/teams/ops/members",
    ] {
        story.read(path).await;
    }
}

async fn repositories(story: &Story) {
    let body = json!({ "name": "own", "auto_init": true, "private": true });
    story.ask("POST", "/user/repos", 201, body).await;
    let body = json!({ "name": "new", "visibility": "private", "description": "d" });
    story.ask("POST", "/orgs/acme/repos", 201, body).await;
    let change = json!({ "description": "other", "archived": false });
    story.ask("PATCH", "/repos/acme/new", 200, change).await;
    story
        .ask("DELETE", "/repos/acme/new", 204, Value::Null)
        .await;
    story.read(BASE).await;
    let team = "/orgs/acme/teams/ops/repos/acme/fleet";
    story
        .ask("PUT", team, 204, json!({ "permission": "maintain" }))
        .await;
    story.ask("GET", team, 204, Value::Null).await;
    let authorization = format!("Bearer {}", story.token.expose_secret());
    let headers = [
        ("authorization", authorization.as_str()),
        ("accept", "application/vnd.github.v3.repository+json"),
    ];
    story
        .try_send("GET", team, None, &headers)
        .await
        .unwrap()
        .expect(200);
    story.read(&format!("{BASE}/teams")).await;
    story.ask("DELETE", team, 204, Value::Null).await;
    story
        .read(&format!("{BASE}/collaborators/bob/permission"))
        .await;
    story
        .read(&format!("{BASE}/collaborators/alice/permission"))
        .await;
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    let body = json!({ "title": "flux", "key": key, "read_only": true });
    let made = story.ask("POST", &format!("{BASE}/keys"), 201, body).await;
    story.read(&format!("{BASE}/keys?per_page=100")).await;
    story.read(&format!("{BASE}/keys/{}", made["id"])).await;
    story
        .ask(
            "DELETE",
            &format!("{BASE}/keys/{}", made["id"]),
            204,
            Value::Null,
        )
        .await;
}

async fn objects(story: &Story) {
    let git = format!("{BASE}/git");
    let head = story.read(&format!("{git}/ref/heads/main")).await["object"]["sha"].clone();
    let sha = head.as_str().unwrap();
    let blob = json!({ "content": "YQ==", "encoding": "base64" });
    let blob = story.ask("POST", &format!("{git}/blobs"), 201, blob).await["sha"].clone();
    story
        .read(&format!("{git}/blobs/{}", blob.as_str().unwrap()))
        .await;
    let entry = json!({ "path": "a/b", "mode": "100755", "type": "blob", "sha": blob });
    let text = json!({ "path": "a/c", "mode": "100644", "type": "blob", "content": "c" });
    let gone = json!({ "path": "README.md", "mode": "100644", "type": "blob", "sha": null });
    let body = json!({ "base_tree": head, "tree": [entry, text, gone] });
    let tree = story.ask("POST", &format!("{git}/trees"), 201, body).await["sha"].clone();
    story
        .read(&format!(
            "{git}/trees/{}?recursive=1",
            tree.as_str().unwrap()
        ))
        .await;
    let who = json!({ "name": "Ann", "email": "ann@example.com", "date": "2026-02-03T04:05:06Z" });
    let signature = "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n";
    let body = json!({ "message": "m", "tree": tree, "parents": [sha], "author": who,
        "committer": who, "signature": signature });
    let commit = story
        .ask("POST", &format!("{git}/commits"), 201, body)
        .await["sha"]
        .clone();
    let commit = commit.as_str().unwrap();
    story.read(&format!("{git}/commits/{commit}")).await;
    let same = story
        .read(&format!("{BASE}/compare/{commit}...{commit}"))
        .await;
    assert_eq!(same["status"], "identical");
    let body = json!({ "ref": "refs/heads/change", "sha": sha });
    story.ask("POST", &format!("{git}/refs"), 201, body).await;
    let body = json!({ "sha": commit, "force": false });
    story
        .ask("PATCH", &format!("{git}/refs/heads/change"), 200, body)
        .await;
    let body = json!({ "ref": "refs/heads/gone", "sha": sha });
    story.ask("POST", &format!("{git}/refs"), 201, body).await;
    story
        .ask(
            "DELETE",
            &format!("{git}/refs/heads/gone"),
            204,
            Value::Null,
        )
        .await;
    story.read(&format!("{git}/matching-refs/heads/")).await;
    story
        .read(&format!("{BASE}/commits?sha=change&path=a&per_page=1"))
        .await;
    story.read(&format!("{BASE}/commits/change")).await;
    story.read(&format!("{BASE}/commits/main")).await;
}

async fn files(story: &Story) {
    let path = format!("{BASE}/contents/x/y.yaml");
    let body = json!({ "message": "m", "content": "eDogMQo=", "branch": "main" });
    let made = story.ask("PUT", &path, 201, body).await["content"]["sha"].clone();
    let body = json!({ "message": "m", "content": "eDogMgo=", "sha": made });
    let made = story.ask("PUT", &path, 200, body).await["content"]["sha"].clone();
    story.read(&format!("{path}?ref=main")).await;
    story.read(&format!("{BASE}/contents/x")).await;
    story.read(&format!("{BASE}/contents/")).await;
    story
        .ask("DELETE", &path, 200, json!({ "message": "m", "sha": made }))
        .await;
}

async fn branches(story: &Story) {
    let protection = Protection {
        required_reviews: Some(1),
        required_checks: vec!["build".to_owned()],
        ..Protection::default()
    };
    story
        .github
        .protect_branch("acme", "fleet", "main", protection)
        .unwrap();
    let checks = Rule::RequiredStatusChecks(vec!["build".to_owned()]);
    for rule in [
        Rule::PullRequest(1),
        Rule::RequiredSignatures,
        Rule::NonFastForward,
        Rule::Deletion,
        checks,
    ] {
        story
            .github
            .add_rule("acme", "fleet", "~DEFAULT_BRANCH", rule)
            .unwrap();
    }
    story.read(&format!("{BASE}/branches?protected=true")).await;
    story.read(&format!("{BASE}/branches/main")).await;
    story
        .read(&format!("{BASE}/branches/main/protection"))
        .await;
    story
        .read(&format!("{BASE}/rules/branches/main?per_page=100"))
        .await;
    story.github.unprotect("acme", "fleet").unwrap();
    story.read(&format!("{BASE}/branches/main")).await;
}

async fn pulls(story: &Story) {
    let body = json!({ "title": "t", "head": "change", "base": "main", "body": "b" });
    story.ask("POST", &format!("{BASE}/pulls"), 201, body).await;
    story
        .read(&format!(
            "{BASE}/pulls?state=open&head=acme:change&base=main"
        ))
        .await;
    story.read(&format!("{BASE}/pulls/1")).await;
    let body = json!({ "merge_method": "squash", "commit_title": "done" });
    story
        .ask("PUT", &format!("{BASE}/pulls/1/merge"), 200, body)
        .await;
    story.read(&format!("{BASE}/pulls/1")).await;
    story.read(&format!("{BASE}/pulls?state=all")).await;
}

/// Refusals whose requests are well formed.
async fn refusals(story: &Story) {
    story
        .github
        .add_repository(RepositorySpec::private("acme", "empty"))
        .unwrap();
    let empty = "/repos/acme/empty";
    let none = "0".repeat(40);
    story
        .ask(
            "GET",
            &format!("{empty}/git/ref/heads/main"),
            409,
            Value::Null,
        )
        .await;
    story
        .ask(
            "POST",
            &format!("{empty}/git/blobs"),
            409,
            json!({ "content": "x" }),
        )
        .await;
    story
        .ask("GET", &format!("{empty}/contents/x"), 404, Value::Null)
        .await;
    story
        .ask("POST", "/orgs/acme/repos", 422, json!({ "name": "fleet" }))
        .await;
    story
        .ask(
            "POST",
            &format!("{BASE}/keys"),
            422,
            json!({ "key": "none" }),
        )
        .await;
    story
        .ask(
            "PATCH",
            &format!("{BASE}/git/refs/heads/none"),
            422,
            json!({ "sha": none }),
        )
        .await;
    story
        .ask("GET", &format!("{BASE}/branches/none"), 404, Value::Null)
        .await;
    story
        .ask(
            "GET",
            &format!("{BASE}/branches/main/protection"),
            404,
            Value::Null,
        )
        .await;
    let weak = TokenSpec::fine_grained("alice", "acme", &[]);
    let weak = story.github.add_token(weak).unwrap();
    story
        .as_token(&weak, "GET", &format!("{BASE}/keys"), None)
        .await
        .expect(403);
    story
        .github
        .archive_repository("acme", "empty", true)
        .unwrap();
    let put = Some(json!({ "message": "m", "content": "eA==" }));
    story
        .send("PUT", &format!("{empty}/contents/x"), put)
        .await
        .expect(403);
    story
        .github
        .rename_repository("acme", "fleet", "armada")
        .unwrap();
    story.ask("GET", BASE, 301, Value::Null).await;
    story.github.revoke_token(&weak);
    story
        .as_token(&weak, "GET", "/user", None)
        .await
        .expect(401);
}
