//! What of a folder is built, and where it is written.

use super::*;

/// Makes a repository of it that the `git` program knows.
fn init(repository: &Repository) {
    fs_err::remove_dir_all(repository.path(".git")).unwrap();
    let status = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(&repository.0)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn what_git_ignores_is_not_built() {
    let repository = Repository::example();
    repository.write(".gitignore", "*.local.yaml\n/decrypted/\n");
    let new = VARS.replace("name: vars", "name: new");
    repository.write("infrastructure/new.yaml", &new);
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: web}\n";
    repository.write("infrastructure/plain.local.yaml", secret);
    repository.write("decrypted/plain.yaml", secret);
    // No repository that Git knows: all files count.
    let all = repository.build("clusters/staging", &[]).success();
    assert!(all.contains("name: plain\n"), "{all}");
    init(&repository);
    let stdout = repository.build("clusters/staging", &[]).success();
    assert!(!stdout.contains("name: plain\n"), "{stdout}");
    assert!(stdout.contains("name: new\n"), "{stdout}");
    // Unless that is what is asked for.
    let stdout = repository.build("decrypted", &[]).success();
    assert!(stdout.contains("name: plain\n"), "{stdout}");
    // And a folder by itself is built as flux does.
    repository.write("app.yaml", &kustomization("app", "./x", ""));
    let args = ["build", "kustomization", "app", "--dry-run", "--path"];
    let output = reflux()
        .args(args)
        .args([&repository.path("infrastructure"), "--kustomization-file"])
        .args([&repository.path("app.yaml")])
        .run();
    assert!(output.stdout.contains("name: plain\n"), "{}", output.stderr);
}

#[test]
fn a_folder_with_nothing_in_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let build = || {
        reflux()
            .args([Path::new("build"), Path::new("all"), folder.path()])
            .run()
    };
    let stderr = build().failure(3);
    assert!(
        stderr.starts_with("✗ there is nothing to build in \"/"),
        "{stderr}"
    );
    // What only has its source elsewhere is something.
    let vendor = kustomization("vendor", "./", "").replace("name: flux-system}", "name: vendor}");
    fs_err::write(folder.path().join("vendor.yaml"), vendor).unwrap();
    assert_eq!(build().code, 0);
}

#[test]
fn where_nothing_can_be_written_is_told_once() {
    let repository = Repository::example();
    repository.write("out", "a file\n");
    let out = repository.path("out");
    let output = repository.build("clusters/staging", &["--output-dir", &out]);
    let stderr = output.failure(1);
    assert!(
        stderr.starts_with("✗ cannot write Kustomization/flux-system/flux-system: "),
        "{stderr}"
    );
    assert_eq!(stderr.matches("cannot write").count(), 1, "{stderr}");
    assert!(!stderr.contains("could not be built"), "{stderr}");
}
