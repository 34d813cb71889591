//! Logs in the format of container runtimes, so that kwok can give them out as a pod's.

use std::io::{BufRead as _, BufReader, PipeWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::component::Component;
use crate::process::Den;

/// The log file of a controller.
pub(super) fn path(den: &Den, component: Component) -> PathBuf {
    den.path().join(format!("{component}.log"))
}

/// A pipe whose lines are appended to `file`, each with the time at which it came. The thread behind it ends when the
/// last writing end is closed.
pub(super) fn pipe_to(file: &Path) -> Result<PipeWriter> {
    let (reader, writer) = std::io::pipe().context("making a pipe")?;
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)?;
    std::thread::Builder::new()
        .name("sandbox-log".to_owned())
        .spawn(move || {
            for line in BufReader::new(reader).split(b'\n') {
                let Ok(line) = line else { break };
                // One write per line, so that readers see whole lines. A full disk costs the log, not the controller.
                let _ = file.write_all(&entry(jiff::Timestamp::now(), &line));
            }
        })
        .context("starting a thread")?;
    Ok(writer)
}

/// One line: `TIME STREAM TAG TEXT`. Both streams are called `stdout`, and `F` says that the line is whole.
fn entry(time: jiff::Timestamp, line: &[u8]) -> Vec<u8> {
    let mut entry = format!("{time:.9} stdout F ").into_bytes();
    entry.extend_from_slice(line);
    entry.push(b'\n');
    entry
}

/// The text without what [`entry`] put before each line.
pub(super) fn strip(log: &str) -> String {
    log.lines()
        .filter_map(|line| line.splitn(4, ' ').nth(3))
        .flat_map(|text| [text, "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_marked_as_a_runtime_would() {
        let time = jiff::Timestamp::from_second(1_700_000_000).unwrap();
        let bytes = entry(time, br#"{"msg":"a b"}"#);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "2023-11-14T22:13:20.000000000Z stdout F {\"msg\":\"a b\"}\n"
        );
        assert_eq!(strip(&text), "{\"msg\":\"a b\"}\n");
    }
}
