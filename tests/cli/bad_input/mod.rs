//! What `kustomize` and `build kustomization` make of trees that cannot be built: the message names
//! the file and the place, nothing is written, and memory stays bounded.

mod table;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use fs_err::File;
use tempfile::TempDir;
use wait4::Wait4;

use table::{CASES, Case, Content};

/// The most memory that a refusal may take, in bytes. A test runs unoptimized code, and the kernel
/// begins to count with what the process took that started it.
const MOST_MEMORY: u64 = 400 << 20;

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec:
  interval: 10m
  path: ./app
  prune: true
  sourceRef: {kind: GitRepository, name: src}
";

/// A tree to build, and what stays outside of it.
struct Stage {
    folder: TempDir,
}

/// How a run ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// The largest resident set, in bytes.
    memory: u64,
}

impl Stage {
    fn new(case: &Case) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage { folder };
        for (path, content) in case.files {
            stage.write(path, content);
        }
        fs_err::create_dir_all(stage.path("home")).unwrap();
        fs_err::write(stage.path("flux.yaml"), KUSTOMIZATION).unwrap();
        // Where the checkout ends.
        fs_err::create_dir_all(stage.path("checkout/.git")).unwrap();
        stage
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write(&self, path: &str, content: &Content) {
        let path = self.path("checkout").join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Content::Text(text) => fs_err::write(path, text).unwrap(),
            Content::Made(make) => fs_err::write(path, make()).unwrap(),
            Content::Sparse(size) => File::create(path).unwrap().set_len(*size).unwrap(),
            Content::Link(target) => symlink(target, path).unwrap(),
            Content::Pipe => {
                let made = Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let (stdout, stderr) = (self.path("stdout"), self.path("stderr"));
        let child = Command::new(env!("CARGO_BIN_EXE_reflux"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .current_dir(self.path("home"))
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap().into_file())
            .stderr(File::create(&stderr).unwrap().into_file())
            .spawn()
            .unwrap();
        let used = child.wait4().unwrap();
        let read = |path| String::from_utf8_lossy(&fs_err::read(path).unwrap()).into_owned();
        Ended {
            code: used.status.code(),
            stdout: read(stdout),
            stderr: read(stderr),
            memory: used.rusage.maxrss,
        }
    }

    fn kustomize(&self) -> Ended {
        let (dir, root) = (self.path("checkout/app"), self.path("checkout"));
        let (dir, root) = (dir.to_str().unwrap(), root.to_str().unwrap());
        self.run(&["kustomize", dir, "--root", root])
    }

    fn build(&self) -> Ended {
        let (dir, file) = (self.path("checkout/app"), self.path("flux.yaml"));
        let (dir, file) = (dir.to_str().unwrap(), file.to_str().unwrap());
        let arguments = ["build", "ks", "app", "--dry-run"];
        let arguments = [&arguments[..], &["--path", dir]].concat();
        self.run(&[&arguments[..], &["--kustomization-file", file]].concat())
    }

    /// Every file and folder of the checkout and of the home, with its size and time.
    fn inventory(&self) -> BTreeMap<PathBuf, (u64, std::time::SystemTime)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path("checkout"), self.path("home")];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                let metadata = entry.metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                let state = (metadata.len(), metadata.modified().unwrap());
                found.insert(entry.path(), state);
            }
        }
        found
    }
}

/// What is wrong with how a run ended that had to be refused.
fn faults(ended: &Ended, says: &[&str]) -> Vec<String> {
    let Ended {
        code,
        stdout,
        stderr,
        memory,
    } = ended;
    let mut faults = Vec::new();
    // A folder is missing, an argument wrong, or it failed for another reason; a crash has no code.
    if !matches!(code, Some(1..=3)) {
        faults.push(format!("ended with {code:?}"));
    }
    if !stdout.is_empty() {
        faults.push(format!("answered {stdout:?}"));
    }
    let missing = says.iter().filter(|part| !stderr.contains(**part));
    faults.extend(missing.map(|part| format!("does not say {part:?}")));
    if stderr.len() > 4096 || stderr.contains("panicked") {
        faults.push("says too much".to_owned());
    }
    if *memory > MOST_MEMORY {
        faults.push(format!("took {} MiB", memory >> 20));
    }
    if !faults.is_empty() {
        faults.push(format!(
            "said: {}",
            stderr.chars().take(2000).collect::<String>()
        ));
    }
    faults
}

#[test]
fn trees_that_cannot_be_built_are_refused() {
    let mut faulty = Vec::new();
    for case in CASES {
        let stage = Stage::new(case);
        let before = stage.inventory();
        let says = [&[case.place], case.says].concat();
        let mut found = faults(&stage.kustomize(), &says);
        if case.is_of_flux {
            // There the kustomization file is another one, laid over that of the folder.
            found.extend(faults(&stage.build(), case.says));
        }
        if before != stage.inventory() {
            found.push("something was written".to_owned());
        }
        let named = |fault| format!("{}: {fault}", case.name);
        faulty.extend(found.into_iter().map(named));
    }
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
}

#[test]
fn what_may_not_be_read_is_named() {
    let case = Case {
        name: "no rights",
        files: &[
            (
                "app/kustomization.yaml",
                Content::Text("resources:\n- a.yaml\n- below\n"),
            ),
            ("app/a.yaml", Content::Text(table::CONFIG)),
            (
                "app/below/kustomization.yaml",
                Content::Text("resources: []\n"),
            ),
        ],
        ..Case::NONE
    };
    let stage = Stage::new(&case);
    for (closed, place) in [
        ("checkout/app/below", "app/below"),
        ("checkout/app/a.yaml", "app/a.yaml"),
        ("checkout/app/kustomization.yaml", "app/kustomization.yaml"),
        ("checkout/app", "checkout/app"),
    ] {
        let path = stage.path(closed);
        let open = fs_err::metadata(&path).unwrap().permissions();
        let mut none = open.clone();
        std::os::unix::fs::PermissionsExt::set_mode(&mut none, 0);
        fs_err::set_permissions(&path, none).unwrap();
        let readable = fs_err::read_dir(&path).is_ok() || fs_err::read(&path).is_ok();
        let (kustomize, build) = (stage.kustomize(), stage.build());
        fs_err::set_permissions(&path, open).unwrap();
        // Nothing is closed to root.
        if readable {
            return;
        }
        let says = [place, "Permission denied"];
        for ended in [kustomize, build] {
            let faults = faults(&ended, &says);
            assert!(faults.is_empty(), "{closed}: {}", faults.join("\n"));
        }
    }
}

#[test]
fn kustomizations_without_end_end() {
    // Each layer builds on the next one twice, under another name: a path of its own, so no cycle.
    let folder = tempfile::tempdir().unwrap();
    for layer in 0..40 {
        let dir = folder.path().join(format!("layer-{layer}"));
        fs_err::create_dir_all(&dir).unwrap();
        let below = layer + 1;
        let text = match below {
            40 => "resources: []\n".to_owned(),
            _ => format!("resources: [../layer-{below}, ../layer-{below}]\n"),
        };
        fs_err::write(dir.join("kustomization.yaml"), text).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_reflux"))
        .arg("kustomize")
        .arg(folder.path().join("layer-0"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let started = std::time::Instant::now();
    let used = child.wait4().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut text).unwrap();
    assert_eq!(used.status.code(), Some(1), "{text}");
    assert!(
        text.contains("kustomizations take part in the build"),
        "{text}"
    );
    assert!(started.elapsed() < Duration::from_secs(120));
}
