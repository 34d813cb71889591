//! Repositories, keys, teams, branches, pull requests.

use sandbox::github::{OrgRole, Permission, Protection, RepositorySpec, Rule, TokenSpec};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::{filled, story};

#[tokio::test]
async fn a_repository_is_created_changed_and_deleted() {
    let story = story().await;
    let body = json!({ "name": "fleet", "private": true, "description": "d", "has_wiki": false });
    let made = story.post("/orgs/acme/repos", body.clone()).await;
    assert_eq!(made.header("location"), made.body["url"]);
    let made = made.expect(201);
    assert_eq!(
        (&made["full_name"], &made["private"]),
        (&json!("acme/fleet"), &json!(true))
    );
    assert_eq!(
        (&made["has_wiki"], &made["visibility"]),
        (&json!(false), &json!("private"))
    );
    assert_eq!(made["permissions"]["admin"], true);
    let again = story
        .post("/orgs/acme/repos", body)
        .await
        .refused(422, "Repository creation failed.");
    assert_eq!(
        again["errors"][0]["message"],
        "name already exists on this account"
    );
    story.post("/orgs/acme/repos", json!({})).await.expect(422);
    let change = Some(json!({ "default_branch": "main" }));
    story
        .send("PATCH", "/repos/acme/fleet", change)
        .await
        .expect(422);
    let change = Some(json!({ "description": "e", "private": false }));
    let changed = story
        .send("PATCH", "/repos/acme/fleet", change)
        .await
        .expect(200);
    assert_eq!(
        (&changed["description"], &changed["visibility"]),
        (&json!("e"), &json!("public"))
    );
    story
        .send("DELETE", "/repos/acme/fleet", None)
        .await
        .expect(204);
    story
        .get("/repos/acme/fleet")
        .await
        .refused(404, "Not Found");
    let made = story
        .post("/user/repos", json!({ "name": "own", "auto_init": true }))
        .await
        .expect(201);
    assert_eq!(made["owner"]["login"], "alice");
    assert_eq!(
        story.github.tree("alice", "own", "main").unwrap()["README.md"],
        b"# own"
    );
}

#[tokio::test]
async fn a_renamed_repository_redirects_and_an_archived_refuses() {
    let story = filled().await;
    story
        .github
        .rename_repository("acme", "fleet", "armada")
        .unwrap();
    let moved = story.get("/repos/acme/fleet/branches/main").await;
    assert_eq!(moved.status, 301);
    let address = moved.header("location").to_owned();
    let path = address.split_once("/api/v3").unwrap().1;
    assert!(
        path.starts_with("/repositories/") && path.ends_with("/branches/main"),
        "{path}"
    );
    assert_eq!(story.get(path).await.expect(200)["name"], "main");
    let written = story
        .send("PUT", "/repos/acme/fleet/contents/a", Some(json!({})))
        .await;
    assert_eq!(written.status, 307);
    story
        .github
        .archive_repository("acme", "armada", true)
        .unwrap();
    let refused = story
        .post("/repos/acme/armada/git/blobs", json!({ "content": "" }))
        .await;
    refused.refused(403, "Repository was archived so is read-only.");
    story
        .get("/repos/acme/armada/git/ref/heads/main")
        .await
        .expect(200);
}

#[tokio::test]
async fn deploy_keys_are_unique_on_the_whole_server() {
    let story = filled().await;
    story
        .github
        .add_repository(RepositorySpec::private("acme", "other"))
        .unwrap();
    let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@here";
    let body = json!({ "title": "flux", "key": key, "read_only": true });
    let made = story
        .post("/repos/acme/fleet/keys", body.clone())
        .await
        .expect(201);
    assert_eq!(made["key"], key.rsplit_once(' ').unwrap().0);
    for repository in ["fleet", "other"] {
        let refused = story
            .post(&format!("/repos/acme/{repository}/keys"), body.clone())
            .await;
        assert_eq!(
            refused.body["errors"][0]["message"],
            "key is already in use"
        );
        refused.refused(422, "Validation Failed");
    }
    let bad = story
        .post(
            "/repos/acme/fleet/keys",
            json!({ "title": "x", "key": "nonsense" }),
        )
        .await
        .expect(422);
    assert!(
        bad["errors"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("key is invalid")
    );
    let path = format!("/repos/acme/fleet/keys/{}", made["id"]);
    assert_eq!(story.get(&path).await.expect(200), made);
    assert_eq!(
        story.get("/repos/acme/fleet/keys").await.expect(200),
        json!([made])
    );
    story.send("DELETE", &path, None).await.expect(204);
    story.get(&path).await.refused(404, "Not Found");
    assert!(
        story
            .github
            .deploy_keys("acme", "fleet")
            .unwrap()
            .is_empty()
    );
    story.github.disable_deploy_keys("acme", "fleet").unwrap();
    let refused = story.post("/repos/acme/fleet/keys", body).await;
    refused.refused(422, "Deploy keys are disabled for this repository");
}

#[tokio::test]
async fn teams_are_granted_repositories() {
    let story = filled().await;
    story.github.add_team("acme", "ops", &["alice"]).unwrap();
    assert_eq!(
        story.get("/orgs/acme/teams").await.expect(200)[0]["slug"],
        "ops"
    );
    assert_eq!(
        story.get("/orgs/acme/teams/ops").await.expect(200)["members_count"],
        1
    );
    story
        .get("/orgs/acme/teams/none")
        .await
        .refused(404, "Not Found");
    let path = "/orgs/acme/teams/ops/repos/acme/fleet";
    story.get(path).await.refused(404, "Not Found");
    story
        .send("PUT", path, Some(json!({ "permission": "maintain" })))
        .await
        .expect(204);
    assert_eq!(
        story.github.team_grants("acme", "fleet").unwrap()["ops"],
        Permission::Maintain
    );
    story.get(path).await.expect(204);
    let authorization = format!("Bearer {}", story.token.expose_secret());
    let headers = [
        ("authorization", authorization.as_str()),
        ("accept", "application/vnd.github.v3.repository+json"),
    ];
    let seen = story
        .try_send("GET", path, None, &headers)
        .await
        .unwrap()
        .expect(200);
    assert_eq!(
        (&seen["permissions"]["push"], &seen["permissions"]["admin"]),
        (&json!(true), &json!(false))
    );
    let teams = story.get("/repos/acme/fleet/teams").await.expect(200);
    assert_eq!(teams[0]["permission"], "maintain");
    let refused = story
        .send("PUT", path, Some(json!({ "permission": "all" })))
        .await;
    refused.refused(422, "Validation Failed");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let story = story().await;
    for number in 0..5 {
        story
            .github
            .add_repository(RepositorySpec::private("acme", &format!("r{number}")))
            .unwrap();
    }
    let page = story.get("/orgs/acme/repos?per_page=2&page=2").await;
    let link = page.header("link").to_owned();
    for part in [
        "page=1>; rel=\"prev\"",
        "page=3>; rel=\"next\"",
        "page=3>; rel=\"last\"",
        "page=1>; rel=\"first\"",
    ] {
        assert!(link.contains(part), "{link}");
    }
    assert_eq!(page.expect(200).as_array().unwrap().len(), 2);
    let last = story.get("/orgs/acme/repos?per_page=2&page=3").await;
    assert!(!last.header("link").contains("next"));
    assert_eq!(last.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn protections_and_rules_are_told_and_kept() {
    let story = filled().await;
    let base = "/repos/acme/fleet";
    let seen = story
        .get(&format!("{base}/branches/main"))
        .await
        .expect(200);
    assert_eq!(seen["protected"], false);
    story
        .get(&format!("{base}/branches/none"))
        .await
        .refused(404, "Branch not found");
    story
        .get(&format!("{base}/branches/main/protection"))
        .await
        .refused(404, "Branch not protected");
    assert_eq!(
        story
            .get(&format!("{base}/rules/branches/main"))
            .await
            .expect(200),
        json!([])
    );

    let protection = Protection {
        required_reviews: Some(2),
        enforce_admins: true,
        ..Protection::default()
    };
    story
        .github
        .protect_branch("acme", "fleet", "main", protection)
        .unwrap();
    let seen = story
        .get(&format!("{base}/branches/main/protection"))
        .await
        .expect(200);
    assert_eq!(
        seen["required_pull_request_reviews"]["required_approving_review_count"],
        2
    );
    let put = || {
        story.send(
            "PUT",
            "/repos/acme/fleet/contents/a",
            Some(json!({ "message": "m", "content": "YQ==" })),
        )
    };
    put().await.refused(
        409,
        "Could not create file: Changes must be made through a pull request.",
    );

    story.github.unprotect("acme", "fleet").unwrap();
    story
        .github
        .add_rule("acme", "fleet", "ma*", Rule::PullRequest(1))
        .unwrap();
    let rules = story
        .get(&format!("{base}/rules/branches/main"))
        .await
        .expect(200);
    assert_eq!(rules[0]["type"], "pull_request");
    let refusal =
        "Repository rule violations found\n\nChanges must be made through a pull request.\n\n";
    put().await.refused(409, refusal);
    let head = story.github.head("acme", "fleet", "main").unwrap();
    let change = Some(json!({ "sha": head }));
    story
        .send("PATCH", &format!("{base}/git/refs/heads/main"), change)
        .await
        .refused(422, refusal);
}

#[tokio::test]
async fn a_pull_request_is_opened_and_merged() {
    let story = filled().await;
    let base = "/repos/acme/fleet";
    let head = story.github.head("acme", "fleet", "main").unwrap().unwrap();
    let branch = json!({ "ref": "refs/heads/change", "sha": head });
    story
        .post(&format!("{base}/git/refs"), branch)
        .await
        .expect(201);
    let body = json!({ "title": "t", "head": "acme:change", "base": "main" });
    let none = story
        .post(&format!("{base}/pulls"), body.clone())
        .await
        .expect(422);
    assert_eq!(
        none["errors"][0]["message"],
        "No commits between main and change"
    );
    story
        .github
        .commit_files("acme", "fleet", "change", "c", &[("c", Some(&b"c"[..]))])
        .unwrap();
    let made = story
        .post(&format!("{base}/pulls"), body.clone())
        .await
        .expect(201);
    assert_eq!(
        (&made["number"], &made["mergeable"], &made["commits"]),
        (&json!(1), &json!(true), &json!(1))
    );
    let twice = story.post(&format!("{base}/pulls"), body).await.expect(422);
    assert_eq!(
        twice["errors"][0]["message"],
        "A pull request already exists for acme:change."
    );
    assert_eq!(
        story
            .get(&format!("{base}/pulls?head=acme:change"))
            .await
            .expect(200)[0]["number"],
        1
    );
    let merge = |body| story.send("PUT", "/repos/acme/fleet/pulls/1/merge", Some(body));
    merge(json!({ "sha": head })).await.expect(409);
    merge(json!({})).await.expect(200);
    assert_eq!(
        story.github.commits("acme", "fleet", "main").unwrap()[0]
            .parents
            .len(),
        2
    );
    assert_eq!(
        story.get(&format!("{base}/pulls/1")).await.expect(200)["merged"],
        true
    );
    merge(json!({}))
        .await
        .refused(405, "Pull Request is not mergeable");
}

#[tokio::test]
async fn meta_publishes_the_host_keys() {
    let story = story().await;
    let meta = story.get("/meta").await.expect(200);
    let keys = meta["ssh_keys"].as_array().unwrap();
    let known = story.github.known_hosts();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| known.contains(key.as_str().unwrap())));
    assert!(meta["ssh_key_fingerprints"]["SHA256_ED25519"].is_string());
    story.get("/no/such/path").await.refused(404, "Not Found");
}

#[tokio::test]
async fn members_create_repositories_unless_owners_alone_may() {
    let story = story().await;
    story.github.add_user("bob").unwrap();
    let bob = story
        .github
        .add_token(TokenSpec::classic("bob", &["repo"]))
        .unwrap();
    let create = |name: &'static str| {
        let body = Some(json!({ "name": name, "private": true }));
        story.as_token(&bob, "POST", "/orgs/acme/repos", body)
    };
    create("stranger").await.expect(403);
    story
        .github
        .add_member("acme", "bob", OrgRole::Member)
        .unwrap();
    let answer = create("mine").await;
    assert_eq!(
        answer.header("x-accepted-oauth-scopes"),
        "public_repo, repo"
    );
    assert_eq!(answer.expect(201)["permissions"]["admin"], true);
    story.github.restrict_creation("acme").unwrap();
    create("other").await.expect(403);
    let seen = story.get("/orgs/acme").await.expect(200);
    assert_eq!(seen["members_can_create_repositories"], false);
}
