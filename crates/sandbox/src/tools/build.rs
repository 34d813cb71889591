//! Building Go programs from the tool dependencies, and finding the folders of their modules.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use super::{Progress, Row, Versions};

/// How often a running build says how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(15);

/// Lines of the compiler's output that an error shows.
const ERROR_LINES: usize = 20;

/// Builds `rows` with one `go build` and moves the binaries into the cache. The caller holds the cache's lock.
pub(super) fn build(versions: &Versions, progress: &Progress, rows: &[&'static Row]) -> Result<()> {
    let names = names(rows);
    progress(&format!(
        "building {names} with Go, once (up to 10 minutes for all on two cores)"
    ));
    fs_err::create_dir_all(versions.bin())?;
    let output = tempfile::Builder::new()
        .prefix("build-")
        .tempdir_in(&versions.home)
        .with_context(|| format!("making a folder in {}", versions.home.display()))?;
    let begun = Instant::now();
    run_build(&versions.module, progress, rows, output.path())
        .with_context(|| format!("building {names}"))?;
    for row in rows {
        // A rename within one folder tree is atomic: nobody sees half a binary.
        fs_err::rename(
            output.path().join(row.built_as),
            versions.bin().join(row.name),
        )?;
    }
    progress(&format!("built {names} in {} s", begun.elapsed().as_secs()));
    Ok(())
}

fn run_build(
    module: &Path,
    progress: &Progress,
    rows: &[&'static Row],
    output: &Path,
) -> Result<()> {
    let mut child = go(module)
        .args([
            "build",
            "-v",
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
        ])
        .arg("-ldflags")
        .arg(linker_flags(kubernetes_version(module)?.as_deref()))
        .arg("-o")
        // A trailing separator tells Go that this is a folder.
        .arg(output.join(""))
        .args(rows.iter().map(|row| row.package))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| explain(error, rows))?;
    let mut tail = std::collections::VecDeque::new();
    let mut reported = Instant::now();
    let mut packages = 0_usize;
    // With -v Go names each package as it compiles it; errors come on the same stream.
    for line in child
        .stderr
        .take()
        .into_iter()
        .flat_map(|stream| BufReader::new(stream).lines())
    {
        packages += 1;
        if tail.len() == ERROR_LINES {
            tail.pop_front();
        }
        tail.push_back(line.context("reading the output of go build")?);
        if reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            progress(&format!("{packages} packages compiled"));
        }
    }
    let status = child.wait().context("waiting for go build")?;
    if !status.success() {
        bail!(
            "go build failed ({status}) in {}:\n{}",
            module.display(),
            Vec::from(tail).join("\n")
        );
    }
    Ok(())
}

/// The folder of `module` at the version of `go.mod`.
pub(super) fn module_dir(go_mod: &Path, module: &str) -> Result<PathBuf> {
    let listed = output(go(go_mod).args(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module]))
        .with_context(|| format!("finding the Go module {module}"))?;
    if !listed.is_empty() {
        return Ok(listed.into());
    }
    output(go(go_mod).args(["mod", "download", module]))
        .with_context(|| format!("downloading the Go module {module}"))?;
    let listed =
        output(go(go_mod).args(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module]))?;
    if listed.is_empty() {
        bail!("the Go module {module} has no folder after its download");
    }
    Ok(listed.into())
}

/// Copies a folder of a module to `to`, all or nothing. Modules are read-only on disk; the copy is not.
pub(super) fn keep_folder(from: &Path, to: &Path) -> Result<()> {
    let parent = to.parent().context("a folder below the cache")?;
    fs_err::create_dir_all(parent)?;
    let staged = tempfile::Builder::new()
        .prefix("copy-")
        .tempdir_in(parent)
        .with_context(|| format!("making a folder in {}", parent.display()))?;
    copy_folder(from, &staged.path().join("copy"))?;
    fs_err::rename(staged.path().join("copy"), to)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs_err::write(&target, fs_err::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// A `go` command in the module's folder, free of settings that would build something else.
fn go(module: &Path) -> Command {
    let mut command = Command::new("go");
    command
        .current_dir(module)
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        .env("GOFLAGS", "")
        .env_remove("GOOS")
        .env_remove("GOARCH");
    command
}

fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| explain(error, &[]))?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Says what to install where Go is missing.
fn explain(error: std::io::Error, rows: &[&'static Row]) -> anyhow::Error {
    if error.kind() != ErrorKind::NotFound {
        return anyhow!(error).context("starting go");
    }
    let mut message = "Go is not installed (no `go` on PATH), and the sandbox's tools are built with it: install Go \
                       1.26 or newer from https://go.dev/dl"
        .to_owned();
    if !rows.is_empty() && rows.iter().all(|row| row.in_assets) {
        message
            .push_str(", or set KUBEBUILDER_ASSETS to a folder that holds etcd and kube-apiserver");
    }
    anyhow!(message)
}

fn names(rows: &[&'static Row]) -> String {
    let names: Vec<_> = rows.iter().map(|row| row.name).collect();
    names.join(", ")
}

/// The version of `k8s.io/kubernetes` in `go.mod`, with its `v`, if it is there.
fn kubernetes_version(module: &Path) -> Result<Option<String>> {
    let text = fs_err::read_to_string(module.join("go.mod"))?;
    let version = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"))
        .map(|rest| format!("v{}", rest.split_whitespace().next().unwrap_or(rest)));
    Ok(version)
}

/// Without these stamps the API server says it is v0.0.0, and clients that check for a minimum refuse it.
fn linker_flags(kubernetes: Option<&str>) -> String {
    let mut flags = "-s -w".to_owned();
    let Some(version) = kubernetes else {
        return flags;
    };
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    for package in [
        "k8s.io/component-base/version",
        "k8s.io/client-go/pkg/version",
    ] {
        for (variable, value) in [
            ("gitVersion", version),
            ("gitMajor", major),
            ("gitMinor", minor),
            ("gitTreeState", "clean"),
            ("gitCommit", "0000000000000000000000000000000000000000"),
            ("buildDate", "2026-01-01T00:00:00Z"),
        ] {
            flags.push_str(&format!(" -X {package}.{variable}={value}"));
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_that_of_the_module_file() {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
        let version = kubernetes_version(&module).unwrap();
        assert_eq!(version.as_deref(), Some("v1.36.3"));
        assert_eq!(kubernetes_version(&module.join("s3")).unwrap(), None);
        let flags = linker_flags(version.as_deref());
        assert!(
            flags.contains(" -X k8s.io/component-base/version.gitMinor=36 "),
            "{flags}"
        );
        assert!(
            flags.contains("client-go/pkg/version.gitVersion=v1.36.3"),
            "{flags}"
        );
    }

    #[test]
    fn missing_go_is_explained() {
        let error = explain(ErrorKind::NotFound.into(), &[]);
        assert!(error.to_string().contains("install Go"), "{error}");
        assert!(!error.to_string().contains("KUBEBUILDER_ASSETS"), "{error}");
    }

    #[test]
    fn folders_are_copied_whole() {
        let place = tempfile::tempdir().unwrap();
        let from = place.path().join("from");
        fs_err::create_dir_all(from.join("inner")).unwrap();
        fs_err::write(from.join("inner/file"), "text").unwrap();
        let to = place.path().join("share/to");
        keep_folder(&from, &to).unwrap();
        assert_eq!(
            fs_err::read_to_string(to.join("inner/file")).unwrap(),
            "text"
        );
        assert_eq!(
            fs_err::read_dir(place.path().join("share"))
                .unwrap()
                .count(),
            1
        );
    }
}
