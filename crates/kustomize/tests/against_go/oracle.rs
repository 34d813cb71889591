//! Builds and talks to the Go program in `tests/oracle`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use serde_json::{Value, json};

/// A running oracle.
struct Oracle {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Compiles a Go program with the modules that the sandbox pins, and returns the program's path.
fn compile(package: &std::ffi::OsStr, name: &str) -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/tools");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let built = Command::new("go")
        .arg("build")
        .arg("-C")
        .arg(modules)
        .arg("-o")
        .arg(&program)
        .arg(package)
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

fn start() -> Oracle {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/main.go");
        compile(source.as_os_str(), "kustomize-oracle")
    });
    let mut process = Command::new(&*PROGRAM)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // kustomize warns of old names of fields there.
        .stderr(Stdio::null())
        .spawn()
        .expect("the oracle was just built");
    let requests = process.stdin.take().unwrap();
    let answers = BufReader::new(process.stdout.take().unwrap());
    Oracle {
        process,
        requests,
        answers,
    }
}

fn ask(request: &Value) -> Result<String, String> {
    static ORACLE: LazyLock<Mutex<Oracle>> = LazyLock::new(|| Mutex::new(start()));
    let mut oracle = ORACLE.lock().expect("no request panics");
    writeln!(oracle.requests, "{request}").unwrap();
    oracle.requests.flush().unwrap();
    let mut answer = String::new();
    oracle.answers.read_line(&mut answer).unwrap();
    if answer.is_empty() {
        // What Go can't recover from, such as a stack that overflows or a loop without end, is kustomize's answer too.
        let status = oracle.process.wait().unwrap();
        *oracle = start();
        return Err(format!("panic: the program ended: {status}"));
    }
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

/// What the command `kustomize build` prints of a directory on disk.
pub(crate) fn run(dir: &Path) -> Result<String, String> {
    ask(&json!({ "op": "run", "dir": dir }))
}

/// What the program `kustomize` prints of a directory on disk.
pub(crate) fn run_program(dir: &Path) -> Result<String, String> {
    static PROGRAM: LazyLock<PathBuf> =
        LazyLock::new(|| compile("sigs.k8s.io/kustomize/kustomize/v5".as_ref(), "kustomize"));
    let output = Command::new(&*PROGRAM)
        .args([
            "build",
            "--load-restrictor",
            "LoadRestrictionsNone",
            "--reorder",
            "none",
        ])
        .arg(dir)
        .output()
        .expect("kustomize was just built");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}
