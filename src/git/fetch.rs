//! Repositories that are elsewhere: the `git` program fetches one commit of them into a private
//! folder, with the user's own configuration and credentials.
//!
//! The address stands in the configuration of the private repository, never among the arguments of
//! a program: it may hold a password.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::revision::{Repository, git, no_git, run};
use crate::error::{Error, Kind, Result};

/// How often it is looked whether Git is done.
const POLL: Duration = Duration::from_millis(10);

/// Fetches what `reference` (a branch, a tag or a commit) stands for in the repository at `url`;
/// without one, what the server offers. Returns a repository below `cache` that has it, and the
/// commit. A commit that is there already is not asked for again.
///
/// # Errors
/// When it cannot be fetched in time, or the folder cannot be written.
pub fn fetch(
    cache: &Path,
    url: &str,
    reference: &str,
    limit: Duration,
) -> Result<(Repository, String)> {
    let dir = cache.join(name(url));
    fs_err::create_dir_all(cache)?;
    // Two at once would fetch into one another's way.
    let lock = fs_err::File::create(dir.with_extension("lock"))?;
    lock.file().lock()?;
    prepare(cache, &dir, url)?;
    let is_commit = reference.len() == 40 && reference.bytes().all(|b| b.is_ascii_hexdigit());
    let known = format!("{reference}^{{commit}}");
    if is_commit && run(&dir, &["cat-file", "-e", &known]).is_ok() {
        return Ok((Repository::bare(&dir), reference.to_owned()));
    }
    let wanted = if reference.is_empty() {
        "HEAD"
    } else {
        reference
    };
    download(&dir, url, wanted, limit)?;
    let commit = run(&dir, &["rev-parse", "--verify", "FETCH_HEAD^{commit}"])?;
    Ok((Repository::bare(&dir), commit))
}

/// The name of the folder for an address.
fn name(url: &str) -> String {
    let digest = Sha256::digest(url.as_bytes());
    digest
        .iter()
        .take(16)
        .fold(String::new(), |mut name, byte| {
            // A text takes whatever is written to it.
            let _ = write!(name, "{byte:02x}");
            name
        })
}

/// Makes the private repository, unless it is there.
fn prepare(cache: &Path, dir: &Path, url: &str) -> Result<()> {
    if dir.join("ready").exists() {
        return Ok(());
    }
    if url.chars().any(char::is_control) {
        return Err(Error::failed("control characters in an address"));
    }
    let quoted = url.replace('\\', "\\\\").replace('"', "\\\"");
    let path = dir.to_string_lossy();
    run(cache, &["init", "--quiet", "--bare", &path])?;
    private(dir)?;
    let config = dir.join("config");
    let mut text = fs_err::read_to_string(&config)?;
    text.push_str(&format!("[remote \"origin\"]\n\turl = \"{quoted}\"\n"));
    fs_err::write(config, text)?;
    fs_err::write(dir.join("ready"), "")?;
    Ok(())
}

/// Closes a folder to others.
fn private(dir: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn download(dir: &Path, url: &str, wanted: &str, limit: Duration) -> Result<()> {
    let args = [
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--force",
        // The reference comes from a file of somebody else's: it must not be taken for an option.
        "--end-of-options",
        "origin",
        wanted,
    ];
    let mut child = git(dir, &args)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| no_git(&error))?;
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            // What was said before an error is all there is to show.
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            let message = format!("git fetch did not end within {} s", limit.as_secs());
            return Err(Error::new(Kind::TimedOut, message));
        }
        thread::sleep(POLL);
    };
    if status.success() {
        return Ok(());
    }
    let said = reader.join().unwrap_or_default();
    let said = said.trim().replace(url, &kustomize::remote::shown(url));
    let said: Vec<&str> = said.lines().collect();
    Err(Error::failed(format!("git fetch: {}", said.join("; "))))
}

/// The folder for repositories in a folder for caches.
pub fn cache_in(folder: &Path) -> PathBuf {
    folder.join("reflux").join("git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_never_an_option() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, proof) = (folder.path().join("cache"), folder.path().join("proof"));
        let source = folder.path().join("source");
        fs_err::create_dir(&source).unwrap();
        run(&source, &["init", "--quiet"]).unwrap();
        let identity = ["-c", "user.name=t", "-c", "user.email=t@x.org"];
        let commit = ["commit", "--quiet", "--allow-empty", "-m", "one"];
        run(&source, &[&identity[..], &commit[..]].concat()).unwrap();
        let url = format!("file://{}", source.display());
        let limit = Duration::from_secs(30);
        assert!(fetch(&cache, &url, "", limit).is_ok());
        let reference = format!("--upload-pack=touch {};false", proof.display());
        let error = fetch(&cache, &url, &reference, limit).err().unwrap();
        assert_eq!(error.kind(), Kind::Failed, "{error}");
        assert!(!proof.exists());
    }
}
