//! `kustomize` of what is elsewhere: repositories are fetched into the cache folder, and nothing
//! leads out of them.

use std::path::Path;

use super::{CONFIG, Host, git, repository, web, write};
use crate::support::{Output, reflux};

/// Builds a kustomization with one resource.
fn build(folder: &Path, resource: &str) -> Output {
    build_with(folder, resource, &[], &[])
}

fn build_with(folder: &Path, resource: &str, env: &[(&str, &Path)], args: &[&str]) -> Output {
    let text = format!("namePrefix: my-\nresources:\n- {resource}\n");
    write(folder, "app/kustomization.yaml", &text);
    let run = reflux().env("XDG_CACHE_HOME", folder.join("cache"));
    env.iter()
        .fold(run, |run, (name, value)| run.env(name, value))
        .args([Path::new("kustomize"), &folder.join("app")])
        .args(args)
        .run()
}

#[test]
fn a_repository_is_fetched_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let commit = repository(folder);
    let url = format!("file://{}", folder.join("repository").display());
    let built = CONFIG.replace("settings", "my-settings");
    for reference in ["main", &commit] {
        let output = build(folder, &format!("{url}//base?ref={reference}"));
        assert_eq!(output.success(), built, "{reference}");
    }
    // A branch that moved is seen.
    let repository = folder.join("repository");
    write(
        &repository,
        "config.yaml",
        &CONFIG.replace("settings", "new"),
    );
    git(&repository, &["commit", "--quiet", "-a", "-m", "b"]);
    let output = build(folder, &format!("{url}//base?ref=main"));
    assert!(output.success().contains("name: my-new"));
    // A commit is what it was, and needs no repository any more.
    fs_err::rename(&repository, folder.join("elsewhere")).unwrap();
    let output = build(folder, &format!("{url}//base?ref={commit}"));
    assert_eq!(output.success(), built);
    let error = build(folder, &format!("{url}//base?ref=main")).failure(1);
    assert!(error.contains("app/kustomization.yaml:3:3: "), "{error}");
    assert!(error.contains("git fetch: "), "{error}");
}

#[test]
fn nothing_of_this_machine_is_read_for_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    repository(folder);
    write(folder, "app/own.yaml", CONFIG);
    let url = format!("file://{}", folder.join("repository").display());
    let error = build(folder, &format!("{url}//out")).failure(1);
    assert!(error.contains("leads out of the repository"), "{error}");
    assert!(error.contains("/out/kustomization.yaml:2:3: "), "{error}");
}

#[test]
fn files_come_by_https() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (server, authority) = web(folder);
    server.put("/config.yaml", CONFIG);
    server.put("/broken.yaml", "kind: [");
    let trusted = [("SSL_CERT_FILE", authority.as_path())];
    let url = |path: &str| format!("{}{path}", server.url());
    let output = build_with(folder, &url("/config.yaml"), &trusted, &[]);
    assert_eq!(output.success(), CONFIG.replace("settings", "my-settings"));
    // Who the server is matters.
    let error = build(folder, &url("/config.yaml")).failure(1);
    assert!(error.contains("app/kustomization.yaml:3:3: "), "{error}");
    assert!(error.contains("certificate"), "{error}");
    for (path, wanted) in [
        ("/none.yaml", "HTTP Error: 404 Not Found"),
        ("/broken.yaml", "/broken.yaml:1:"),
    ] {
        let error = build_with(folder, &url(path), &trusted, &[]).failure(1);
        assert!(error.contains(wanted), "{error}");
    }
    assert_eq!(
        server.asked(),
        ["/config.yaml", "/none.yaml", "/broken.yaml"]
    );
}

#[test]
fn repositories_come_by_https() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let host = Host::start(&[
        ("base/kustomization.yaml", "resources: [../config.yaml]\n"),
        ("config.yaml", CONFIG),
    ]);
    let trusted = [("GIT_SSL_CAINFO", host.github.ca_file())];
    let resource = format!("{}//base?ref=main", host.url());
    let output = build_with(folder, &resource, &trusted, &[]);
    assert_eq!(output.success(), CONFIG.replace("settings", "my-settings"));
    let resource = format!("{}//base?ref=nothing", host.url());
    let error = build_with(folder, &resource, &trusted, &[]).failure(1);
    assert!(error.contains("app/kustomization.yaml:3:3: "), "{error}");
    assert!(
        error.contains("couldn't find remote ref nothing"),
        "{error}"
    );
}

#[test]
fn nothing_is_fetched_where_that_is_forbidden() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (server, authority) = web(folder);
    server.put("/config.yaml", CONFIG);
    let trusted = [("SSL_CERT_FILE", authority.as_path())];
    let url = format!("{}/config.yaml", server.url());
    let error = build_with(folder, &url, &trusted, &["--no-remote-bases"]).failure(1);
    assert!(error.contains("app/kustomization.yaml:3:3: "), "{error}");
    assert!(error.contains("copy them into the repository"), "{error}");
    assert!(server.asked().is_empty());
}

#[test]
fn a_password_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    for resource in [
        "https://me:hunter2@127.0.0.1:1/config.yaml",
        "https://me:hunter2@127.0.0.1:1/org/repo//base?ref=main",
    ] {
        let error = build(folder.path(), resource).failure(1);
        assert!(error.contains("app/kustomization.yaml:3:3: "), "{error}");
        assert!(error.contains("copied into the repository"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
