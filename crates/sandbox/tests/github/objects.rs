//! The Git Data and Contents APIs against what the real git makes of the same.

use std::io::Write as _;
use std::process::{Command, Stdio};

use sandbox::github::{GitHub, GitHubOptions, RepositorySpec, TokenSpec};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{Story, file, filled, git_with, story};

const BASE: &str = "/repos/acme/fleet";

async fn tree(story: &Story, body: Value) -> Value {
    story
        .post(&format!("{BASE}/git/trees"), body)
        .await
        .expect(201)
}

#[tokio::test]
async fn an_empty_repository_takes_its_first_commit_through_contents() {
    let story = story().await;
    story
        .github
        .add_repository(RepositorySpec::private("acme", "fleet"))
        .unwrap();
    for path in [
        "git/ref/heads/main",
        "git/trees/main",
        "commits",
        "commits/main",
        "git/matching-refs/heads",
    ] {
        story
            .get(&format!("{BASE}/{path}"))
            .await
            .refused(409, "Git Repository is empty.");
    }
    for (path, body) in [
        ("git/blobs", json!({ "content": "x" })),
        ("git/trees", json!({ "tree": [] })),
        ("git/commits", json!({ "message": "m", "tree": "0" })),
        ("git/refs", json!({ "ref": "refs/heads/main", "sha": "0" })),
    ] {
        story
            .post(&format!("{BASE}/{path}"), body)
            .await
            .refused(409, "Git Repository is empty.");
    }
    story
        .get(&format!("{BASE}/contents/"))
        .await
        .refused(404, "This repository is empty.");
    assert_eq!(
        story.get(&format!("{BASE}/branches")).await.expect(200),
        json!([])
    );
    let body = json!({ "message": "first", "content": "eAo=", "branch": "trunk" });
    let made = story
        .send("PUT", &format!("{BASE}/contents/a/b.yaml"), Some(body))
        .await
        .expect(201);
    assert_eq!(made["content"]["path"], "a/b.yaml");
    assert_eq!(made["commit"]["parents"], json!([]));
    assert_eq!(
        story.github.default_branch("acme", "fleet").unwrap(),
        "trunk"
    );
    assert_eq!(
        story.github.tree("acme", "fleet", "trunk").unwrap()["a/b.yaml"],
        b"x\n"
    );
}

#[tokio::test]
async fn a_commit_is_built_from_blobs_and_trees() {
    let story = filled().await;
    let head = story
        .get(&format!("{BASE}/git/ref/heads/main"))
        .await
        .expect(200)["object"]["sha"]
        .clone();
    let blob = json!({ "content": "AAEC", "encoding": "base64" });
    let blob = story
        .post(&format!("{BASE}/git/blobs"), blob)
        .await
        .expect(201)["sha"]
        .clone();
    let made = tree(&story, json!({ "base_tree": head, "tree": [
        { "path": "clusters/one/bin", "mode": "100644", "type": "blob", "sha": blob },
        { "path": "clusters/one/a.yaml", "mode": "100644", "type": "blob", "content": "a: 1\n" },
        { "path": "README.md", "mode": "100644", "type": "blob", "sha": null },
    ]})).await;
    let body = json!({ "message": "m", "tree": made["sha"], "parents": [head],
        "author": { "name": "Ann", "email": "ann@example.com", "date": "2026-02-03T04:05:06+05:30" } });
    let commit = story
        .post(&format!("{BASE}/git/commits"), body)
        .await
        .expect(201);
    assert_eq!(commit["author"]["date"], "2026-02-02T22:35:06Z");
    assert_eq!(commit["committer"], commit["author"]);
    let reference = format!("{BASE}/git/refs/heads/main");
    story
        .send("PATCH", &reference, Some(json!({ "sha": commit["sha"] })))
        .await
        .expect(200);
    let files = story.github.tree("acme", "fleet", "main").unwrap();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["clusters/one/a.yaml", "clusters/one/bin"]
    );
    assert_eq!(files["clusters/one/bin"], [0, 1, 2]);

    let path = story.github.bare_path("acme", "fleet").unwrap();
    let raw = git_with(&path, &["cat-file", "commit", "main"], &[]).unwrap();
    assert!(
        raw.contains("author Ann <ann@example.com> 1770071706 +0530\n"),
        "{raw}"
    );
    git_with(&path, &["fsck", "--strict", "--no-dangling"], &[]).unwrap();
    let back = story
        .send("PATCH", &reference, Some(json!({ "sha": head })))
        .await;
    back.refused(422, "Update is not a fast forward");
    story
        .send(
            "PATCH",
            &reference,
            Some(json!({ "sha": head, "force": true })),
        )
        .await
        .expect(200);
    assert_eq!(file(&story.github, "acme/fleet", "README.md"), "fleet\n");
}

#[tokio::test]
async fn a_signed_commit_has_the_number_that_git_computes() {
    let story = filled().await;
    let head = story.github.head("acme", "fleet", "main").unwrap().unwrap();
    let root = story
        .get(&format!("{BASE}/git/commits/{head}"))
        .await
        .expect(200)["tree"]["sha"]
        .clone();
    let signature = "-----BEGIN SSH SIGNATURE-----\n\nU1NIU0lHAAAA\n-----END SSH SIGNATURE-----\n";
    let who = json!({ "name": "Ann", "email": "ann@example.com", "date": "2026-02-03T04:05:06Z" });
    let body = json!({ "message": "signed\n\nbody\n", "tree": root, "parents": [], "author": who, "signature": signature });
    let made = story
        .post(&format!("{BASE}/git/commits"), body)
        .await
        .expect(201);
    let text = format!(
        "tree {}\nauthor Ann <ann@example.com> 1770091506 +0000\ncommitter Ann <ann@example.com> 1770091506 +0000\n\
         gpgsig -----BEGIN SSH SIGNATURE-----\n \n U1NIU0lHAAAA\n -----END SSH SIGNATURE-----\n\nsigned\n\nbody\n",
        root.as_str().unwrap(),
    );
    let mut child = Command::new("git")
        .args(["hash-object", "-t", "commit", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        made["sha"],
        String::from_utf8(output.stdout).unwrap().trim()
    );
    assert_eq!(made["verification"]["reason"], "unknown_key");
    let payload = made["verification"]["payload"].as_str().unwrap();
    assert!(
        payload.starts_with("tree ") && !payload.contains("gpgsig"),
        "{payload}"
    );
}

#[tokio::test]
async fn references_are_created_listed_and_deleted() {
    let story = filled().await;
    let head = story.github.head("acme", "fleet", "main").unwrap().unwrap();
    let create = |name: &str, sha: &str| {
        let body = json!({ "ref": name, "sha": sha });
        async { story.post("/repos/acme/fleet/git/refs", body).await }
    };
    create("refs/heads/feature/x", &head).await.expect(201);
    create("refs/heads/feature/x", &head)
        .await
        .refused(422, "Reference already exists");
    create("refs/heads/y", &"0".repeat(40))
        .await
        .refused(422, "Object does not exist");
    create("heads", &head).await.expect(422);
    let listed = story
        .get(&format!("{BASE}/git/matching-refs/heads/fe"))
        .await
        .expect(200);
    assert_eq!(listed[0]["ref"], "refs/heads/feature/x");
    assert_eq!(
        story
            .get(&format!("{BASE}/branches/feature%2Fx"))
            .await
            .expect(200)["name"],
        "feature/x"
    );
    story
        .get(&format!("{BASE}/git/ref/heads/none"))
        .await
        .refused(404, "Not Found");
    story
        .send("DELETE", &format!("{BASE}/git/refs/heads/feature/x"), None)
        .await
        .expect(204);
    let gone = story
        .send("DELETE", &format!("{BASE}/git/refs/heads/feature/x"), None)
        .await;
    gone.refused(422, "Reference does not exist");
}

#[tokio::test]
async fn bad_trees_are_refused() {
    let story = filled().await;
    let refused = |entry: Value, message: &'static str| {
        let body = json!({ "base_tree": Value::Null, "tree": [entry] });
        async {
            story
                .post("/repos/acme/fleet/git/trees", body)
                .await
                .refused(422, message)
        }
    };
    refused(
        json!({ "path": "a/../b", "mode": "100644", "content": "" }),
        "tree.path contains a malformed path component",
    )
    .await;
    refused(
        json!({ "path": "a", "mode": "644", "content": "" }),
        "Must supply a valid tree.mode",
    )
    .await;
    refused(
        json!({ "path": "none", "mode": "100644", "sha": null }),
        "GitRPC::BadObjectState",
    )
    .await;
    let zero = "0000000000000000000000000000000000000001";
    refused(
        json!({ "path": "a", "mode": "100644", "type": "blob", "sha": zero }),
        "tree.sha 0000000000000000000000000000000000000001 is not a valid blob",
    )
    .await;
}

#[tokio::test]
async fn a_long_tree_is_cut() {
    let github = GitHub::start(GitHubOptions {
        tree_limit: 3,
        ..GitHubOptions::default()
    })
    .await
    .unwrap();
    github.add_user("alice").unwrap();
    let token = github
        .add_token(TokenSpec::classic("alice", &["repo"]))
        .unwrap();
    github
        .add_repository(RepositorySpec::private("alice", "big"))
        .unwrap();
    let text: Option<&[u8]> = Some(b"x");
    github
        .commit_files(
            "alice",
            "big",
            "main",
            "m",
            &[("a/1", text), ("a/2", text), ("b", text)],
        )
        .unwrap();
    let story = Story { github, token };
    let whole = story
        .get("/repos/alice/big/git/trees/main")
        .await
        .expect(200);
    assert_eq!(whole["truncated"], false);
    let cut = story
        .get("/repos/alice/big/git/trees/main?recursive=1")
        .await
        .expect(200);
    assert_eq!(
        (&cut["truncated"], cut["tree"].as_array().unwrap().len()),
        (&json!(true), 3)
    );
}

#[tokio::test]
async fn files_change_only_for_who_has_seen_them() {
    let story = filled().await;
    let path = format!("{BASE}/contents/README.md");
    let seen = story.get(&path).await.expect(200);
    assert_eq!(
        (&seen["type"], &seen["content"]),
        (&json!("file"), &json!("ZmxlZXQK\n"))
    );
    let put = |sha: Option<&str>| {
        let mut body = json!({ "message": "m", "content": "bmV3Cg==" });
        if let Some(sha) = sha {
            body["sha"] = sha.into();
        }
        let path = path.clone();
        let story = &story;
        async move { story.send("PUT", &path, Some(body)).await }
    };
    put(None)
        .await
        .refused(422, "Invalid request.\n\n\"sha\" wasn't supplied.");
    let zero = "0".repeat(40);
    put(Some(&zero))
        .await
        .refused(409, &format!("README.md does not match {zero}"));
    let changed = put(seen["sha"].as_str()).await.expect(200);
    assert_eq!(file(&story.github, "acme/fleet", "README.md"), "new\n");
    let listing = story.get(&format!("{BASE}/contents")).await.expect(200);
    assert_eq!(listing[0]["name"], "README.md");
    let authorization = format!("Bearer {}", story.token.expose_secret());
    let headers = [
        ("authorization", authorization.as_str()),
        ("accept", "application/vnd.github.raw+json"),
    ];
    let raw = story.try_send("GET", &path, None, &headers).await.unwrap();
    assert_eq!(raw.body, "new\n");
    story
        .get(&format!("{path}?ref=none"))
        .await
        .refused(404, "No commit found for the ref none");
    let body = json!({ "message": "gone", "sha": changed["content"]["sha"] });
    story.send("DELETE", &path, Some(body)).await.expect(200);
    assert!(
        story
            .github
            .tree("acme", "fleet", "main")
            .unwrap()
            .is_empty()
    );
    let commit = story.get(&format!("{BASE}/commits/main")).await.expect(200);
    assert_eq!(commit["files"][0]["status"], "removed");
    assert_eq!(
        story
            .get(&format!("{BASE}/commits?per_page=1"))
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
