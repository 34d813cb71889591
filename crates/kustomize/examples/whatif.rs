//! `whatif DIR FILE`: builds the kustomization in DIR twice, as it is and with the content of standard input in the place
//! of FILE, and prints which objects come, change and go, each with the place that it comes from.
//!
//! It shows how a tree of one's own is made of another ([`Files`]), and what is known of objects ([`Traced`]) and errors.

#![expect(
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints its result"
)]

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kustomize::{DiskFiles, Error, Files, RELEASE, Traced, build_traced};

/// The files of a directory on disk, but for one.
struct WhatIf {
    disk: DiskFiles,
    path: PathBuf,
    content: Vec<u8>,
}

impl Files for WhatIf {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path {
            return Ok(self.content.clone());
        }
        self.disk.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.disk.is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path == self.path || self.disk.exists(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.disk.real(path)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, file] = arguments.as_slice() else {
        eprintln!("usage: whatif DIR FILE < CONTENT");
        return ExitCode::from(2);
    };
    match compare(Path::new(dir), Path::new(file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(dir: &Path, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut content = Vec::new();
    io::stdin().read_to_end(&mut content)?;
    let disk = DiskFiles::new(".")?;
    // Directories are asked for by where they really are, and so are the files in them.
    let parent = disk.real(file.parent().unwrap_or(Path::new("")))?;
    let path = parent.join(file.file_name().unwrap_or_default());
    let before = objects(&disk, dir)?;
    let changed = WhatIf {
        disk,
        path,
        content,
    };
    let after = objects(&changed, dir)?;
    for (name, new) in &after {
        let sign = match before.get(name) {
            None => '+',
            Some(old) if old.object != new.object => '~',
            Some(_) => continue,
        };
        println!("{sign} {name} ({}:{})", new.file, new.position.line);
    }
    for (name, old) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        println!("- {name} ({}:{})", old.file, old.position.line);
    }
    Ok(())
}

/// The objects of a build by their kinds and names.
fn objects(files: &dyn Files, dir: &Path) -> Result<BTreeMap<String, Traced>, Error> {
    let traced = build_traced(files, dir, RELEASE)?;
    let named = traced.into_iter().map(|traced| {
        let metadata = &traced.object["metadata"];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let name = format!(
            "{} {}/{}",
            text(&traced.object["kind"]),
            text(&metadata["namespace"]),
            text(&metadata["name"])
        );
        (name, traced)
    });
    Ok(named.collect())
}
