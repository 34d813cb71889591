//! Where clusters begin in a repository: the folders that a Kustomization in them builds, which is
//! what a bootstrap leaves behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustomize::yaml::{self, Dialect};

use super::super::spec::{GROUP, Kustomization, is_kustomization, of_instance};
use super::super::{Error, SharedCheckout, generate};

/// The folders to begin with for `path`: itself, unless it is a plain folder and clusters begin
/// below it.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn entries(
    files: &dyn SharedCheckout,
    root: &Path,
    path: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let itself = || Ok(vec![path.to_path_buf()]);
    if generate::own_file(files, path).is_some() {
        return itself();
    }
    let mut found = BTreeSet::new();
    scan(files, root, path, &mut found)?;
    if found.is_empty() || found.contains(path) {
        return itself();
    }
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in found {
        // What is in a cluster belongs to it.
        if !entries.iter().any(|outer| entry.starts_with(outer)) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn scan(
    files: &dyn SharedCheckout,
    root: &Path,
    dir: &Path,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), Error> {
    let entries = files
        .list(dir)
        .map_err(|error| Error::new(format!("{}: {error}", dir.display())))?;
    for entry in entries {
        let path = dir.join(&entry.name);
        if entry.is_dir {
            if entry.name != ".git" {
                scan(files, root, &path, found)?;
            }
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            // A file that cannot be read matters once something is made of it.
            let text = files.read(&path).unwrap_or_default();
            found.extend(begins(&text, root, &path));
        }
    }
    Ok(())
}

/// The folders around a file that Kustomizations in it build.
fn begins(text: &[u8], root: &Path, file: &Path) -> Vec<PathBuf> {
    let begins = |text: &&str| text.contains(GROUP) || text.contains("FluxInstance");
    let Some(text) = std::str::from_utf8(text).ok().filter(begins) else {
        return Vec::new();
    };
    let documents = yaml::parse(text, Dialect::Kubernetes).unwrap_or_default();
    let objects = documents.iter().map(yaml::Node::to_json);
    let folders = objects.filter_map(|object| {
        let object = if is_kustomization(&object) {
            object
        } else {
            of_instance(&object)?
        };
        let kustomization = Kustomization::of(&object).ok()?;
        let folder = folder(root, &kustomization.spec.path);
        file.starts_with(&folder).then_some(folder)
    });
    folders.collect()
}

/// The folder that a path of a Kustomization stands for; what leads out of the source leads to its
/// root.
pub(super) fn folder(root: &Path, path: &str) -> PathBuf {
    let path = super::super::clean(&Path::new("/").join(path.trim_start_matches('/')));
    root.join(path.strip_prefix("/").unwrap_or(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stay_in_the_source() {
        for (path, wanted) in [
            ("./apps", "/repo/apps"),
            ("/apps/../x", "/repo/x"),
            ("../../etc", "/repo/etc"),
            ("./", "/repo/"),
            ("", "/repo/"),
        ] {
            assert_eq!(
                folder(Path::new("/repo"), path),
                Path::new(wanted),
                "{path}"
            );
        }
    }
}
