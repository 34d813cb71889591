//! A repository in memory, for tests.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use kustomize::{Files, MemoryFiles};

use super::super::{Checkout, Entry};
use super::Tree;

/// A repository in memory, below `/`.
#[derive(Default)]
pub(crate) struct Memory {
    files: MemoryFiles,
    paths: Vec<PathBuf>,
}

impl Memory {
    pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
        let mut memory = Memory::default();
        for (path, text) in files {
            let path = Path::new("/").join(path);
            memory.files.insert(&path, *text);
            memory.paths.push(path);
        }
        Tree {
            files: Box::new(memory),
            root: "/".into(),
        }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.exists(path)
    }
}

impl Checkout for Memory {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let below = self
            .paths
            .iter()
            .filter_map(|path| path.strip_prefix(dir).ok());
        let entries: BTreeSet<Entry> = below
            .filter_map(|below| {
                let mut parts = below.components();
                let name = parts.next()?.as_os_str().to_str()?.to_owned();
                let is_dir = parts.next().is_some();
                Some(Entry { name, is_dir })
            })
            .collect();
        Ok(entries.into_iter().collect())
    }
}
