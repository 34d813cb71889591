//! What the tests of the built binary share: running it, a namespace of one's own on a real API
//! server, and a controller that does what a test tells it.

pub(crate) mod cluster;
pub(crate) mod controller;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// One run of the binary to be.
pub(crate) struct Run {
    command: Command,
    stdin: Vec<u8>,
    /// Folders that live as long as the run.
    folders: Vec<TempDir>,
}

/// What a run left.
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// The binary under its own name, in an empty home and an environment without anything else.
pub(crate) fn reflux() -> Run {
    Run::of(Path::new(env!("CARGO_BIN_EXE_reflux")))
}

/// The binary called through a link named `flux`.
pub(crate) fn flux() -> Run {
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("flux");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_reflux"), &link).unwrap();
    let mut run = Run::of(&link);
    run.folders.push(links);
    run
}

impl Run {
    /// A program in an empty home and an environment without anything else.
    pub(crate) fn of(program: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(home.path());
        Run {
            command,
            stdin: Vec::new(),
            folders: vec![home],
        }
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Runs in that folder.
    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        text.as_bytes().clone_into(&mut self.stdin);
        self
    }

    /// Writes a file into the folder the binary runs in.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs_err::write(self.folder().join(name), text).unwrap();
        self
    }

    fn folder(&self) -> PathBuf {
        self.command.get_current_dir().unwrap().to_owned()
    }

    pub(crate) fn run(mut self) -> Output {
        let child = self.spawn();
        let output = Output::of(child);
        drop(self.folders);
        output
    }

    /// Runs until `ready` returns, and then as Ctrl-C ends it. What `ready` returns lives until the
    /// end.
    pub(crate) fn interrupted<T>(mut self, ready: impl FnOnce() -> T) -> Output {
        let child = self.spawn();
        let held = ready();
        interrupt(&child);
        let output = Output::of(child);
        drop((held, self.folders));
        output
    }

    /// Runs until it says `text` on standard error, and then as Ctrl-C ends it.
    pub(crate) fn interrupted_after(mut self, text: &str) -> Output {
        let mut child = self.spawn();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains(text) {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "{said}");
        }
        interrupt(&child);
        stderr.read_to_string(&mut said).unwrap();
        let mut output = Output::of(child);
        output.stderr = said;
        drop(self.folders);
        output
    }

    fn spawn(&mut self) -> Child {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may close it early.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        child
    }
}

/// Sends what Ctrl-C sends.
fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
}

impl Output {
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        Output {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }

    /// Demands success; returns stdout.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(
            self.code, 0,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self.stdout
    }

    /// Demands that exit code; returns stderr.
    #[track_caller]
    pub(crate) fn failure(self, code: i32) -> String {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self.stderr
    }
}
