//! Where the engine reads from: a trait, and a tree in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A tree of files. Paths are clean: no `.`, and `..` only where the tree's own paths begin with it.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it can't be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Whether there is a directory at `path`.
    fn is_dir(&self, path: &Path) -> bool;

    /// Whether there is a file or directory at `path`.
    fn exists(&self, path: &Path) -> bool;

    /// Where a directory really is, behind symbolic links. In a tree without such links that is `path` itself.
    ///
    /// # Errors
    ///
    /// When there is no such directory.
    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }

    /// What is at an address outside of the tree: a URL of a file, or of a Git repository as kustomize writes it
    /// (`https://host/org/repository//directory?ref=v1`, `git@host:org/repository`). [`crate::remote`] takes it apart.
    ///
    /// # Errors
    ///
    /// When it can't be fetched. A tree without a way to fetch anything, which is the default, refuses.
    fn fetch(&self, _address: &str) -> io::Result<Fetched> {
        Err(io::Error::new(io::ErrorKind::Unsupported, NOT_FETCHED))
    }
}

/// Why nothing is fetched, and the way out.
const NOT_FETCHED: &str = "remote resources are not fetched: copy them into the repository, or let Flux fetch them with a \
                           source of their own";

/// What is at an address outside of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The content of a file.
    File(Vec<u8>),
    /// A directory, which is now in the tree.
    Directory {
        /// Where it is.
        path: PathBuf,
        /// The root of its repository. What a kustomization in there names has to be in there, too.
        within: PathBuf,
    },
}

/// A tree of files in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(BTreeMap<PathBuf, Vec<u8>>);

impl MemoryFiles {
    /// A tree without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        self.0.insert(clean(path.as_ref()), content.into());
    }
}

impl<P: AsRef<Path>, C: Into<Vec<u8>>> FromIterator<(P, C)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        let mut tree = Self::new();
        for (path, content) in files {
            tree.insert(path, content);
        }
        tree
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file or directory"))
    }

    fn is_dir(&self, path: &Path) -> bool {
        // Directories exist by the files in them, which follow them in order.
        let mut below = self.0.range(path.to_path_buf()..).map(|(file, _)| file);
        below
            .find(|file| *file != path)
            .is_some_and(|file| file.starts_with(path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path) || self.is_dir(path)
    }
}

/// A path without `.`, and without `..` where something stands before it.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => cleaned.push(".."),
            },
            other => cleaned.push(other),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, cleaned) in [
            ("./a/../b/./c", "b/c"),
            ("a/../../b", "../b"),
            ("/../a", "/a"),
            ("", ""),
            (".", ""),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }

    #[test]
    fn directories_are_those_with_files() {
        let files: MemoryFiles = [("a/b/c.yaml", ""), ("a-b.yaml", "")].into_iter().collect();
        assert!(
            files.is_dir(Path::new("a"))
                && files.is_dir(Path::new("a/b"))
                && files.is_dir(Path::new(""))
        );
        assert!(!files.is_dir(Path::new("a/b/c.yaml")) && !files.is_dir(Path::new("b")));
        assert!(files.exists(Path::new("a-b.yaml")) && !files.exists(Path::new("a/c")));
    }
}
