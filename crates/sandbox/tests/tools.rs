//! Tools are built when they are missing, once, whoever asks.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sandbox::tools::{Tool, Toolbox};

/// Runs [`builds`] in a process with a cache of its own, which is how the environment names one.
fn spawn(cache: &Path, path: Option<&Path>) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", "builds"])
        .env("REFLUX_SANDBOX_CACHE", cache)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.spawn().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
#[ignore = "run by the tests of this file in a process of its own"]
fn builds() {
    let toolbox = Toolbox::from_env().unwrap();
    toolbox.ensure(&[Tool::Registry]).unwrap();
    assert!(toolbox.path(Tool::Registry).exists());
}

#[test]
fn two_processes_build_once() {
    let cache = tempfile::tempdir().unwrap();
    let children = [spawn(cache.path(), None), spawn(cache.path(), None)];
    let outputs = children.map(|child| child.wait_with_output().unwrap());
    let said: Vec<String> = outputs.iter().map(text).collect();
    assert!(
        outputs.iter().all(|output| output.status.success()),
        "{said:?}"
    );
    let building = said
        .iter()
        .filter(|one| one.contains("building registry"))
        .count();
    assert_eq!(building, 1, "{said:?}");
    let built: Vec<PathBuf> = fs_err::read_dir(cache.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [home] = built.as_slice() else {
        unreachable!("one set of versions: {built:?}")
    };
    let mut left: Vec<_> = fs_err::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["bin", "lock"]);
}

#[test]
fn without_go_it_says_what_to_install() {
    let cache = tempfile::tempdir().unwrap();
    let empty = tempfile::tempdir().unwrap();
    let output = spawn(cache.path(), Some(empty.path()))
        .wait_with_output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        text(&output).contains("Go is not installed"),
        "{}",
        text(&output)
    );
}
