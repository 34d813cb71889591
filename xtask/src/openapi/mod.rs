//! `openapi`: holds what reflux and the sandbox's GitHub say to each other against GitHub's own
//! published description of its API.

mod validate;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{cargo, run as run_command};

/// The npm package with the description, at a version whose content is known.
const PACKAGE: &str = "@octokit/openapi@23.0.2";
/// The file in it.
const DESCRIPTION: &str = "package/generated/api.github.com.json";
/// Tells the tests where to write what was said.
const RECORDING: &str = "REFLUX_RECORDING";

pub(crate) fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let description = description(folder.path())?;
    let recording = folder.path().join("recording.jsonl");
    // The whole workspace is named, so that what the tests have built is used again.
    run_command(
        cargo()
            .args(["test", "--workspace", "--test", "bootstrap", "recording::"])
            .env(RECORDING, &recording),
    )?;
    validate::run(&description, &recording)
}

/// Fetches the description from the npm registry.
fn description(folder: &Path) -> Result<PathBuf> {
    run_command(
        Command::new("npm")
            .args(["pack", "--silent", PACKAGE])
            .current_dir(folder),
    )
    .context("npm is needed to fetch GitHub's description of its API")?;
    let archive = fs_err::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "tgz"))
        .context("npm left no archive")?;
    run_command(
        Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg(DESCRIPTION)
            .current_dir(folder),
    )?;
    Ok(folder.join(DESCRIPTION))
}
