//! However a process that started a control plane ends, its processes and its folder are gone shortly after.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::{ControlPlane, Size};

/// Runs one of the ignored tests below in a process of its own and returns the folder of its control plane.
fn start(test: &str) -> (Child, PathBuf) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", test])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folder = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(PathBuf::from(line.split_once("folder=")?.1)))
        .unwrap();
    (child, folder)
}

fn group_lives(leader: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("kill -s 0 -- -{leader}")])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

fn processes(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder.join("pids")).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn assert_gone(folder: &Path, processes: &[String]) {
    let begun = Instant::now();
    let gone = folder.with_extension("gone");
    while folder.exists() || gone.exists() || processes.iter().any(|one| group_lives(one)) {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{} is left",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends the child by a signal, by name.
fn end_by(signal: &str) {
    let (mut child, folder) = start("holds");
    let processes = processes(&folder);
    assert_eq!(processes.len(), 2);
    assert!(processes.iter().all(|one| group_lives(one)));
    let status = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    child.wait().unwrap();
    assert_gone(&folder, &processes);
}

#[test]
fn killed() {
    end_by("KILL");
}

#[test]
fn interrupted() {
    end_by("INT");
}

#[test]
fn panicked() {
    let (mut child, folder) = start("panics");
    let processes = processes(&folder);
    assert!(!child.wait().unwrap().success());
    assert_gone(&folder, &processes);
}

fn started() -> ControlPlane {
    let plane = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(ControlPlane::start(Size::ApiOnly))
        .unwrap();
    let kubeconfig = plane.kubeconfig();
    // The harness's own text may stand before it on the line.
    println_to_stdout(&format!(
        "folder={}",
        kubeconfig.parent().unwrap().display()
    ));
    plane
}

fn println_to_stdout(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").unwrap();
    stdout.flush().unwrap();
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn holds() {
    let _plane = started();
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn panics() {
    let _plane = started();
    std::thread::sleep(Duration::from_secs(1));
    panic!("on purpose");
}
