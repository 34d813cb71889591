//! One run of a program, as the kernel accounts for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;
use wait4::Wait4;

use super::demand;

/// A program under measurement.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    /// Its home, for its caches alone.
    home: TempDir,
}

impl Program {
    pub(crate) fn new(name: &'static str, path: PathBuf) -> Result<Self> {
        let path = fs_err::canonicalize(path)?;
        let home = tempfile::tempdir()?;
        Ok(Program { name, path, home })
    }

    /// The program, with nothing of the caller's environment but what it needs.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8");
        command
    }
}

/// GNU time. The kernel lets a child begin with its parent's largest resident set, so a small
/// program has to start the one whose memory is measured.
const TIME: &str = "/usr/bin/time";

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The largest resident set, in bytes; none where GNU time is not there to tell.
    pub(crate) memory: Option<u64>,
}

/// Runs the programs turn by turn, `samples` times each, and returns each one's medians.
pub(crate) fn measure(
    programs: &[Program],
    samples: usize,
    command: impl Fn(&Program) -> Command,
) -> Result<Vec<Sample>> {
    measure_after(|| Ok(()), programs, samples, command)
}

/// [`measure`] of a command that changes something: before each run, `restore` makes things what
/// they were.
pub(crate) fn measure_after(
    mut restore: impl FnMut() -> Result<()>,
    programs: &[Program],
    samples: usize,
    command: impl Fn(&Program) -> Command,
) -> Result<Vec<Sample>> {
    let mut all = vec![Vec::new(); programs.len()];
    for round in 0..=samples {
        for (program, collected) in programs.iter().zip(&mut all) {
            restore()?;
            let sample = once(command(program))?;
            // The first round only warms the caches.
            if round > 0 {
                collected.push(sample);
            }
        }
    }
    programs
        .iter()
        .zip(&all)
        .map(|(program, samples)| {
            restore()?;
            Ok(Sample {
                memory: memory(&command(program))?,
                ..medians(samples)
            })
        })
        .collect()
}

/// The largest resident set of one run, in bytes.
pub(crate) fn memory(command: &Command) -> Result<Option<u64>> {
    if !Path::new(TIME).exists() {
        return Ok(None);
    }
    let report = tempfile::NamedTempFile::new()?;
    let mut timed = Command::new(TIME);
    timed
        .args(["--format", "%M", "--output"])
        .arg(report.path())
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(dir) = command.get_current_dir() {
        timed.current_dir(dir);
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            timed.env(name, value);
        }
    }
    let status = timed.status().context(TIME)?;
    demand(status.success(), &format!("{command:?}"), "")?;
    let text = fs_err::read_to_string(report.path())?;
    let kibibytes: Option<u64> = text.lines().last().and_then(|l| l.trim().parse().ok());
    Ok(kibibytes.map(|k| k * 1024))
}

/// One run; it has to succeed.
pub(crate) fn once(mut command: Command) -> Result<Sample> {
    let shown = format!("{command:?}");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| shown.clone())?;
    let mut stderr = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(stderr) = &mut stderr {
            // What was said before an error is all there is to show.
            let _ = std::io::Read::read_to_string(stderr, &mut text);
        }
        text
    });
    let used = child.wait4().with_context(|| shown.clone())?;
    let wall = started.elapsed();
    let text = reader.join().unwrap_or_default();
    demand(used.status.success(), &shown, &text)?;
    Ok(Sample {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        memory: None,
    })
}

/// The median of each figure.
pub(crate) fn medians(samples: &[Sample]) -> Sample {
    let median = |figures: &mut Vec<u64>| {
        figures.sort_unstable();
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    Sample {
        wall: Duration::from_nanos(median(&mut samples.iter().map(|s| nanos(s.wall)).collect())),
        cpu: Duration::from_nanos(median(&mut samples.iter().map(|s| nanos(s.cpu)).collect())),
        memory: None,
    }
}
