//! A private folder and the processes that live in it. Both end with this process, however it ends.
//!
//! A shell per folder holds the reading end of a pipe whose only writing end is here. When that end closes - dropped, or
//! by the kernel after Ctrl-C, a panic or `kill -9` - the shell kills every process that was started in the folder and
//! removes the folder. It is the one way to clean up, so each test run exercises it.

use std::io::{PipeWriter, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use crate::host;

/// Waits for the pipe to close, then takes the folder away. The folder is renamed first: a process that is being started
/// at this moment finds no folder to register in and ends by itself.
const UNDERTAKER: &str = r#"
trap '' HUP INT TERM
while read -r line; do :; done
gone="$1.gone"
mv "$1" "$gone" || exit 1
for file in "$gone"/pids/*; do
  [ -e "$file" ] && kill -s KILL -- "-${file##*/}"
done
tries=0
until rm -rf "$gone"; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || exit 1
  sleep 0.05
done
"#;

/// Registers the process, then becomes the program: there is no moment at which it runs unregistered. The second look
/// is for a folder renamed between path look-up and creation.
const REGISTER: &str = r#"
file="$1/pids/$$"
shift
: > "$file" && [ -e "$file" ] || exit 1
exec "$@"
"#;

/// Bytes of a log that an error shows.
const TAIL: u64 = 3000;

/// A private temporary folder whose processes die with it.
#[derive(Debug)]
pub(crate) struct Den {
    path: PathBuf,
    undertaker: Child,
}

impl Den {
    /// Makes a folder, readable by its owner alone, under the machine's temporary folder.
    pub(crate) fn new() -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix("reflux-sandbox-")
            .tempdir()
            .context("making a temporary folder")?
            .keep();
        fs_err::create_dir(path.join("pids"))?;
        let undertaker = Command::new("sh")
            .args(["-c", UNDERTAKER, "sandbox-undertaker"])
            .arg(&path)
            .current_dir("/")
            // Out of reach of a Ctrl-C on the terminal, which goes to the whole foreground group.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting sh")?;
        Ok(Self { path, undertaker })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside the folder as text for a command line.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// Starts a program in the folder. It gets a clean environment: nothing of the caller's shell reaches it but PATH.
    pub(crate) fn spawn(&self, launch: Launch) -> Result<Process> {
        let log = self.path.join(format!("{}.log", launch.name));
        let mut command = Command::new("sh");
        command
            .args(["-c", REGISTER, "sandbox-register"])
            .arg(&self.path)
            .arg(&launch.program)
            .args(&launch.args)
            .env_clear()
            .env("PATH", host::variable("PATH").unwrap_or_default())
            .env("HOME", &self.path)
            .env("TMPDIR", &self.path)
            .envs(launch.env)
            .current_dir(&self.path)
            .process_group(0)
            .stdin(Stdio::null());
        match launch.output {
            Some(pipe) => {
                command.stdout(pipe.try_clone()?).stderr(pipe);
            }
            None => {
                let (file, _) = fs_err::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&log)?
                    .into_parts();
                command.stdout(file.try_clone()?).stderr(file);
            }
        }
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", launch.name))?;
        Ok(Process {
            pid_file: self.path.join("pids").join(child.id().to_string()),
            name: launch.name,
            log,
            child: Mutex::new(child),
        })
    }
}

impl Drop for Den {
    fn drop(&mut self) {
        drop(self.undertaker.stdin.take());
        // Fails only if it was waited for already, which nobody does.
        let _ = self.undertaker.wait();
    }
}

/// What to start.
pub(crate) struct Launch {
    /// For messages, and the name of the log file.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    /// Takes standard output and error; the log file does where this is absent.
    pub(crate) output: Option<PipeWriter>,
}

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    log: PathBuf,
    pid_file: PathBuf,
    child: Mutex<Child>,
}

impl Process {
    /// Its process id.
    #[cfg(test)]
    pub(crate) fn id(&self) -> u32 {
        self.lock().id()
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        self.lock().try_wait().ok().flatten()
    }

    /// Fails with the end of its log if it has ended.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(status) = self.ended() {
            bail!("{} ended ({status}):\n{}", self.name, tail(&self.log));
        }
        Ok(())
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        tail(&self.log)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Child> {
        // A panic elsewhere leaves the handle as good as it was.
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Everything here is temporary: nobody needs to flush, and a terminating API server would keep its port for
        // seconds. Both calls fail only if it has ended already.
        let _ = child.kill();
        let _ = child.wait();
        // From here on the number may be another process's.
        let _ = fs_err::remove_file(&self.pid_file);
    }
}

/// The last lines of a log file; empty if there is none.
pub(crate) fn tail(log: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = fs_err::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(std::io::SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default())
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn sleeper() -> Launch {
        Launch {
            name: "sleeper".to_owned(),
            program: "sh".into(),
            args: vec!["-c".to_owned(), "sleep 600 & echo up; wait".to_owned()],
            env: Vec::new(),
            output: None,
        }
    }

    fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !condition() {
            assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether any process of the group lives: `kill -0` on a group.
    fn group_lives(leader: u32) -> bool {
        Command::new("sh")
            .args(["-c", &format!("kill -s 0 -- -{leader}")])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    #[test]
    fn closing_the_den_kills_grandchildren_and_removes_the_folder() {
        let den = Den::new().unwrap();
        let process = den.spawn(sleeper()).unwrap();
        eventually("it starts", || process.log_tail() == "up");
        let (path, leader) = (den.path().to_path_buf(), process.id());
        drop(den);
        eventually("the group ends", || {
            process.ended().is_some() && !group_lives(leader)
        });
        assert!(!path.exists());
    }

    #[test]
    fn an_ended_process_is_reported_with_its_log() {
        let den = Den::new().unwrap();
        let process = den
            .spawn(Launch {
                args: vec!["-c".to_owned(), "echo because >&2; exit 3".to_owned()],
                ..sleeper()
            })
            .unwrap();
        eventually("it ends", || process.ended().is_some());
        let error = process.check().unwrap_err().to_string();
        assert!(error.contains("sleeper ended (exit status: 3)"), "{error}");
        assert!(error.contains("because"), "{error}");
    }

    #[test]
    fn nothing_starts_in_a_den_that_is_gone() {
        let den = Den::new().unwrap();
        fs_err::remove_dir_all(den.path().join("pids")).unwrap();
        let process = den.spawn(sleeper()).unwrap();
        eventually("it gives up", || process.ended().is_some());
        assert!(!process.ended().unwrap().success());
    }
}
