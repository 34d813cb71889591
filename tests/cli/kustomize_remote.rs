//! `kustomize` of what is elsewhere: repositories are fetched into the cache folder, and nothing
//! leads out of them.

use std::path::Path;
use std::process::Command;

use crate::support::{Output, reflux};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with a base that takes a file from beside it, and the commit.
fn repository(folder: &Path) -> String {
    let repository = folder.join("repository");
    write(
        &repository,
        "base/kustomization.yaml",
        "resources: [../config.yaml]\n",
    );
    write(
        &repository,
        "out/kustomization.yaml",
        "resources:\n- ../../app/own.yaml\n",
    );
    write(&repository, "config.yaml", CONFIG);
    git(&repository, &["init", "--quiet", "--initial-branch=main"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "a"]);
    git(&repository, &["rev-parse", "HEAD"])
}

/// Builds a kustomization with one resource.
fn build(folder: &Path, resource: &str) -> Output {
    let text = format!("namePrefix: my-\nresources:\n- {resource}\n");
    write(folder, "app/kustomization.yaml", &text);
    reflux()
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .args([Path::new("kustomize"), &folder.join("app")])
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
