//! A checkout on disk, read and never written.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use kustomize::{DiskFiles, Files};

use crate::build::{Checkout, Entry};

/// The files below the root of the repository that a folder is in, or all files where it is in
/// none. What leads out of it, also by symbolic links, is refused.
pub(super) struct DiskCheckout {
    files: DiskFiles,
    /// What counts as not there, with all that is in it.
    left_out: BTreeSet<PathBuf>,
}

impl DiskCheckout {
    /// The checkout around `dir`, which is a real path.
    pub(super) fn around(dir: &Path) -> io::Result<Self> {
        DiskCheckout::at(DiskCheckout::root_of(dir).unwrap_or(Path::new("/")))
    }

    /// The files in and below `root`.
    pub(super) fn at(root: &Path) -> io::Result<Self> {
        Ok(DiskCheckout {
            files: DiskFiles::new(root)?,
            left_out: BTreeSet::new(),
        })
    }

    /// The same without some files, and without some folders and all that is in them.
    pub(super) fn without(self, left_out: BTreeSet<PathBuf>) -> Self {
        DiskCheckout { left_out, ..self }
    }

    fn is_left_out(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.left_out.contains(path))
    }

    /// The root of the repository that `dir` is in, where it is in one.
    pub(super) fn root_of(dir: &Path) -> Option<&Path> {
        dir.ancestors().find(|dir| dir.join(".git").exists())
    }
}

/// The addresses of the remotes of the repository with this root, as far as Git's configuration
/// has them.
pub(in crate::cmd) fn remotes(root: &Path) -> Vec<String> {
    let text = config_file(&root.join(".git")).map(fs_err::read_to_string);
    let Some(Ok(text)) = text else {
        return Vec::new();
    };
    let mut in_remote = false;
    let mut remotes = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            in_remote = line.starts_with("[remote ");
        } else if in_remote
            && let Some((key, url)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            remotes.push(url.trim().trim_matches('"').to_owned());
        }
    }
    remotes
}

/// Git's configuration of a repository, which is elsewhere for a work tree of another one.
fn config_file(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.join("config"));
    }
    let text = fs_err::read_to_string(git).ok()?;
    let dir = git.parent()?.join(text.strip_prefix("gitdir:")?.trim());
    let common = match fs_err::read_to_string(dir.join("commondir")) {
        Ok(common) => dir.join(common.trim()),
        Err(_) => dir,
    };
    Some(common.join("config"))
}

impl Files for DiskCheckout {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_left_out(path) {
            let message = format!("open {}: no such file or directory", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        self.files.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.is_dir(path) && !self.is_left_out(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.exists(path) && !self.is_left_out(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.real(path)
    }
}

impl Checkout for DiskCheckout {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs_err::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| {
                let shown = dir.join(name);
                io::Error::other(format!("{}: a name that is no text", shown.display()))
            })?;
            if self.left_out.contains(&dir.join(&name)) {
                continue;
            }
            entries.push(Entry {
                name,
                is_dir: entry.file_type()?.is_dir(),
            });
        }
        entries.sort();
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_of_repositories_and_work_trees() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        };
        let config = "[core]\n\turl = no\n[remote \"origin\"]\n\turl = git@x.org:a/b.git\n\
            \tfetch = +refs/heads/*\n[branch \"main\"]\n\turl = no\n";
        write("main/.git/config", config);
        write("main/.git/worktrees/w/commondir", "../..\n");
        write("work/.git", "gitdir: ../main/.git/worktrees/w\n");
        for root in ["main", "work"] {
            let remotes = remotes(&folder.path().join(root));
            assert_eq!(remotes, ["git@x.org:a/b.git"], "{root}");
        }
        assert!(remotes(folder.path()).is_empty());
    }
}
