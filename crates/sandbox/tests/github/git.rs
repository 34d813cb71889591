//! The real git against the server.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use sandbox::github::{Protection, RepositorySpec, Rule, TokenSpec};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Story, file, filled, git_with, story};

fn clone(story: &Story, folder: &TempDir) -> std::path::PathBuf {
    let url = story.https(&story.token, "acme/fleet");
    story
        .git(folder.path(), &["clone", "-q", &url, "work"])
        .unwrap();
    folder.path().join("work")
}

fn commit(work: &Path, name: &str, text: &str) {
    fs_err::write(work.join(name), text).unwrap();
    git_with(work, &["add", "."], &[]).unwrap();
    git_with(work, &["commit", "-q", "-m", name], &[]).unwrap();
}

#[tokio::test]
async fn clones_and_pushes_over_https() {
    let story = filled().await;
    let folder = TempDir::new().unwrap();
    let work = clone(&story, &folder);
    commit(&work, "a.yaml", "a: 1\n");
    story.git(&work, &["push", "-q"]).unwrap();
    assert_eq!(file(&story.github, "acme/fleet", "a.yaml"), "a: 1\n");
    let commits = story.github.commits("acme", "fleet", "main").unwrap();
    assert_eq!(
        commits
            .iter()
            .map(|one| one.message.as_str())
            .collect::<Vec<_>>(),
        ["a.yaml\n", "start"]
    );
    assert_eq!(commits[0].files, ["a.yaml"]);
    assert_eq!(commits[0].parents, [commits[1].id.clone()]);
    let seen = story
        .get("/repos/acme/fleet/git/ref/heads/main")
        .await
        .expect(200);
    assert_eq!(seen["object"]["sha"], *commits[0].id);
}

#[tokio::test]
async fn the_first_push_decides_the_default_branch() {
    let story = story().await;
    story
        .github
        .add_repository(RepositorySpec::private("acme", "fleet"))
        .unwrap();
    let folder = TempDir::new().unwrap();
    git_with(folder.path(), &["init", "-q", "-b", "trunk"], &[]).unwrap();
    commit(folder.path(), "a", "a");
    let url = story.https(&story.token, "acme/fleet");
    story
        .git(folder.path(), &["push", "-q", &url, "trunk"])
        .unwrap();
    assert_eq!(
        story.github.default_branch("acme", "fleet").unwrap(),
        "trunk"
    );
}

#[tokio::test]
async fn a_private_repository_opens_for_a_good_token_alone() {
    let story = filled().await;
    let folder = TempDir::new().unwrap();
    let bare = format!("https://{}/acme/fleet.git", story.github.host());
    let ls = |url: &str| story.git(folder.path(), &["ls-remote", url]);
    assert!(ls(&bare).unwrap_err().contains("could not read Username"));
    story.github.add_user("bob").unwrap();
    let bob = story
        .github
        .add_token(TokenSpec::classic("bob", &["repo"]))
        .unwrap();
    assert!(
        ls(&story.https(&bob, "acme/fleet"))
            .unwrap_err()
            .contains("Repository not found.")
    );
    let reader = TokenSpec::fine_grained("alice", "acme", &[("contents", "read")]);
    let reader = story.github.add_token(reader).unwrap();
    assert!(ls(&story.https(&reader, "acme/fleet")).is_ok());
    let work = clone(&story, &folder);
    commit(&work, "a", "a");
    let refused = story
        .git(&work, &["push", "-q", &story.https(&reader, "acme/fleet")])
        .unwrap_err();
    assert!(
        refused.contains("Permission to acme/fleet.git denied to alice."),
        "{refused}"
    );
    story.github.revoke_token(&story.token);
    let refused = ls(&story.https(&story.token, "acme/fleet")).unwrap_err();
    assert!(refused.contains("Authentication failed"), "{refused}");
}

#[tokio::test]
async fn protections_stop_a_push() {
    let story = filled().await;
    let folder = TempDir::new().unwrap();
    let work = clone(&story, &folder);
    let protection = Protection {
        required_reviews: Some(1),
        enforce_admins: true,
        ..Protection::default()
    };
    story
        .github
        .protect_branch("acme", "fleet", "main", protection)
        .unwrap();
    commit(&work, "a", "a");
    let refused = story.git(&work, &["push", "-q"]).unwrap_err();
    assert!(
        refused.contains("GH006: Protected branch update failed for refs/heads/main."),
        "{refused}"
    );
    assert!(
        refused.contains("Changes must be made through a pull request."),
        "{refused}"
    );
    story
        .git(&work, &["push", "-q", "origin", "HEAD:other"])
        .unwrap();

    story.github.unprotect("acme", "fleet").unwrap();
    story
        .github
        .add_rule("acme", "fleet", "~DEFAULT_BRANCH", Rule::NonFastForward)
        .unwrap();
    story.git(&work, &["push", "-q"]).unwrap();
    git_with(&work, &["commit", "-q", "--amend", "-m", "b"], &[]).unwrap();
    let refused = story.git(&work, &["push", "-q", "--force"]).unwrap_err();
    assert!(
        refused.contains("GH013: Repository rule violations found"),
        "{refused}"
    );
    story
        .github
        .add_rule("acme", "fleet", "~ALL", Rule::RequiredSignatures)
        .unwrap();
    let refused = story
        .git(&work, &["push", "-q", "origin", "HEAD:other"])
        .unwrap_err();
    assert!(
        refused.contains("GH013") || refused.contains("non-fast-forward"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_archived_and_a_renamed_repository() {
    let story = filled().await;
    let folder = TempDir::new().unwrap();
    let work = clone(&story, &folder);
    story
        .github
        .archive_repository("acme", "fleet", true)
        .unwrap();
    commit(&work, "a", "a");
    assert!(
        story
            .git(&work, &["push", "-q"])
            .unwrap_err()
            .contains("archived so it is read-only")
    );
    story
        .github
        .archive_repository("acme", "fleet", false)
        .unwrap();
    story
        .github
        .rename_repository("acme", "fleet", "armada")
        .unwrap();
    story.git(&work, &["push", "-q"]).unwrap();
    assert_eq!(file(&story.github, "acme/armada", "a"), "a");
}

#[tokio::test]
async fn ssh_admits_exactly_the_registered_keys() {
    let story = filled().await;
    story
        .github
        .add_repository(RepositorySpec::private("acme", "other"))
        .unwrap();
    let folder = TempDir::new().unwrap();
    let write = key(folder.path(), "write", Algorithm::Ed25519);
    let curve = russh::keys::EcdsaCurve::NistP384;
    let read = key(folder.path(), "read", Algorithm::Ecdsa { curve });
    let stranger = key(folder.path(), "stranger", Algorithm::Ed25519);
    for (name, public, read_only) in [("write", &write, false), ("read", &read, true)] {
        let body = json!({ "title": name, "key": public, "read_only": read_only });
        story.post("/repos/acme/fleet/keys", body).await.expect(201);
    }
    let known = folder.path().join("known_hosts");
    fs_err::write(&known, story.github.known_hosts()).unwrap();
    let ssh = |name: &str, directory: &Path, arguments: &[&str]| {
        let command = format!(
            "ssh -F none -i {} -o IdentitiesOnly=yes -o IdentityAgent=none -o UserKnownHostsFile={} -o StrictHostKeyChecking=yes",
            folder.path().join(name).display(),
            known.display(),
        );
        git_with(directory, arguments, &[("GIT_SSH_COMMAND", &command)])
    };
    let url = format!("ssh://git@{}/acme/fleet", story.github.ssh_host());
    ssh("read", folder.path(), &["clone", "-q", &url, "work"]).unwrap();
    let work = folder.path().join("work");
    commit(&work, "a", "a");
    let refused = ssh("read", &work, &["push", "-q"]).unwrap_err();
    assert!(refused.contains("marked as read only"), "{refused}");
    ssh("write", &work, &["push", "-q"]).unwrap();
    assert_eq!(file(&story.github, "acme/fleet", "a"), "a");

    let refused = ssh("stranger", folder.path(), &["ls-remote", &url]).unwrap_err();
    assert!(
        refused.contains("Permission denied (publickey)"),
        "{refused}"
    );
    let other = url.replace("fleet", "other");
    let refused = ssh("write", folder.path(), &["ls-remote", &other]).unwrap_err();
    assert!(refused.contains("Repository not found"), "{refused}");
    let body = json!({ "title": "again", "key": stranger });
    story.post("/repos/acme/other/keys", body).await.expect(201);
    assert!(ssh("stranger", folder.path(), &["ls-remote", &other]).is_ok());
    let keys = story.github.deploy_keys("acme", "fleet").unwrap();
    story
        .github
        .remove_deploy_key("acme", "fleet", keys[0].id)
        .unwrap();
    assert!(ssh("write", folder.path(), &["ls-remote", &url]).is_err());
}

/// Makes a key pair; the public half as text.
fn key(folder: &Path, name: &str, algorithm: Algorithm) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let key = PrivateKey::random(&mut rand::rng(), algorithm).unwrap();
    let path = folder.join(name);
    fs_err::write(&path, key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    key.public_key().to_openssh().unwrap()
}

#[tokio::test]
async fn a_large_push_and_fetch() {
    let story = filled().await;
    let folder = TempDir::new().unwrap();
    let work = clone(&story, &folder);
    // Larger than git's buffer, so it is sent in chunks; random, so it stays large.
    let bytes: Vec<u8> = rand::random_iter().take(3 << 20).collect();
    fs_err::write(work.join("big"), &bytes).unwrap();
    commit(&work, "small", "s");
    story.git(&work, &["push", "-q"]).unwrap();
    assert!(story.github.tree("acme", "fleet", "main").unwrap()["big"] == bytes);
    let again = TempDir::new().unwrap();
    let work = clone(&story, &again);
    assert!(fs_err::read(work.join("big")).unwrap() == bytes);
}

#[tokio::test]
async fn the_folder_goes_with_the_server() {
    let story = filled().await;
    let path = story.github.bare_path("acme", "fleet").unwrap();
    assert!(path.exists());
    drop(story);
    assert!(!path.exists());
}
