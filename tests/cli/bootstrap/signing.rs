//! Signed commits, verified by Git itself.

use std::path::Path;
use std::process::Command;

use super::stage::{NAME, OWNER, Stage};

fn tool(program: &str, home: &Path, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("GNUPGHOME", home)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{program} {args:?}: {text}");
    text
}

/// Both commits verify; the first is a root.
fn verify(stage: &Stage, home: &Path, config: &[&str], said: &str) {
    let commits = stage.github.commits(OWNER, NAME, "main").unwrap();
    let messages = stage.messages();
    assert_eq!(
        messages,
        [
            "Add Flux sync manifests",
            "Add Flux v2.9.4 component manifests"
        ]
    );
    assert!(commits[1].parents.is_empty());
    let bare = stage.github.bare_path(OWNER, NAME).unwrap();
    for commit in &commits {
        let mut args = vec!["-c", "safe.directory=*", "-C", bare.to_str().unwrap()];
        args.extend_from_slice(config);
        args.extend(["verify-commit", &commit.id]);
        let text = tool("git", home, &args);
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn an_ssh_key_signs_the_commits_of_a_new_repository() {
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join("key");
    let key = key.to_str().unwrap();
    tool(
        "ssh-keygen",
        home.path(),
        &["-q", "-t", "ed25519", "-N", "sesame", "-f", key],
    );
    let public = fs_err::read_to_string(format!("{key}.pub")).unwrap();
    let signers = home.path().join("signers");
    fs_err::write(&signers, format!("me namespaces=\"git\" {public}")).unwrap();
    let stage = Stage::new();
    let file = format!("--ssh-signing-key-file={key}");
    let stderr = stage.run(&["--token-auth", &file]).failure(2);
    assert!(stderr.contains("passphrase protected"), "{stderr}");
    let password = "--ssh-signing-password=sesame";
    stage.run(&["--token-auth", &file, password]).success();
    let signers = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    let config = ["-c", "gpg.format=ssh", "-c", &signers];
    verify(
        &stage,
        home.path(),
        &config,
        "Good \"git\" signature for me",
    );
    // Nothing is signed again.
    let output = stage.run(&["--token-auth", &file, password]);
    assert!(output.stderr.contains("nothing to do"), "{}", output.stderr);
    output.success();
}

#[test]
fn a_gpg_key_signs_the_commits_of_a_new_repository() {
    let home = tempfile::Builder::new()
        .prefix("gpg")
        .tempdir_in("/tmp")
        .unwrap();
    let path = home.path();
    let user = "Flux <flux@example.com>";
    let gpg = [
        "--batch",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "sesame",
    ];
    let run = |more: &[&str]| tool("gpg", path, &[&gpg[..], more].concat());
    run(&["--quick-generate-key", user, "ed25519", "sign", "never"]);
    let ring = path.join("ring.gpg");
    let ring = ring.to_str().unwrap();
    run(&["--output", ring, "--export-secret-keys"]);
    let stage = Stage::new();
    let ring = format!("--gpg-key-ring={ring}");
    let stderr = stage.run(&["--token-auth", &ring]).failure(2);
    assert!(
        stderr.contains("unable to decrypt GPG private key"),
        "{stderr}"
    );
    let output = stage.run(&["--token-auth", &ring, "--gpg-passphrase=sesame"]);
    assert!(!output.stderr.contains("sesame"));
    output.success();
    verify(
        &stage,
        path,
        &[],
        "Good signature from \"Flux <flux@example.com>\"",
    );
    let _ = Command::new("gpgconf")
        .args(["--kill", "all"])
        .env("GNUPGHOME", path)
        .status();
}
