//! Builds and talks to the Go program in `tests/oracle`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

/// A running oracle.
struct Oracle {
    /// Kept so that the process lives as long as its pipes.
    _process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Compiles the oracle with the modules that the sandbox pins, and returns the program's path.
fn compile() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = package.join("../sandbox/tools");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomize-oracle");
    let built = Command::new("go")
        .arg("build")
        .arg("-C")
        .arg(modules)
        .arg("-o")
        .arg(&program)
        .arg(package.join("tests/oracle/main.go"))
        .output()
        .expect(
            "these tests compare with Go programs: the `go` command must be installed and in PATH",
        );
    assert!(
        built.status.success(),
        "go build failed:\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
}

fn start() -> Mutex<Oracle> {
    let mut process = Command::new(compile())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // kustomize warns of old names of fields there.
        .stderr(Stdio::null())
        .spawn()
        .expect("the oracle was just built");
    let requests = process.stdin.take().unwrap();
    let answers = BufReader::new(process.stdout.take().unwrap());
    Mutex::new(Oracle {
        _process: process,
        requests,
        answers,
    })
}

fn ask(request: &Value) -> Result<String, String> {
    static ORACLE: OnceLock<Mutex<Oracle>> = OnceLock::new();
    let mut oracle = ORACLE
        .get_or_init(start)
        .lock()
        .expect("no request ended the oracle");
    writeln!(oracle.requests, "{request}").unwrap();
    oracle.requests.flush().unwrap();
    let mut answer = String::new();
    oracle.answers.read_line(&mut answer).unwrap();
    assert!(
        !answer.is_empty(),
        "this request ended the oracle: {request}"
    );
    let answer: Value = serde_json::from_str(&answer).unwrap();
    match answer["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer["out"].as_str().unwrap().to_owned()),
    }
}

/// What `sigs.k8s.io/yaml` writes for `value`.
pub(crate) fn marshal(value: &Value) -> Result<String, String> {
    ask(&json!({ "op": "marshal", "text": value.to_string() }))
}

/// What `sigs.k8s.io/yaml` reads from the first document of `text`, as it writes that.
pub(crate) fn read_kubernetes(text: &str) -> Result<String, String> {
    ask(&json!({ "op": "read-kubernetes", "text": text }))
}

/// The list of documents that kustomize reads from `text`, as `sigs.k8s.io/yaml` writes that.
pub(crate) fn read_resources(text: &str) -> Result<String, String> {
    ask(&json!({ "op": "read-resource", "text": text }))
}

/// What kustomize builds of a directory in a tree of files.
pub(crate) fn build(files: &Value, dir: &str) -> Result<String, String> {
    ask(&json!({ "op": "build", "files": files, "dir": dir }))
}
