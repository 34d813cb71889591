//! A checkout on disk, read and never written.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::{DiskFiles, Files};

use crate::build::{Checkout, Entry};

/// The files below the root of the repository that a folder is in, or all files where it is in
/// none. What leads out of it, also by symbolic links, is refused.
pub(super) struct DiskCheckout {
    files: DiskFiles,
}

impl DiskCheckout {
    /// The checkout around `dir`, which is a real path.
    pub(super) fn around(dir: &Path) -> io::Result<Self> {
        let root = dir.ancestors().find(|dir| dir.join(".git").exists());
        let root = root.map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
        Ok(DiskCheckout {
            files: DiskFiles::new(root)?,
        })
    }
}

impl Files for DiskCheckout {
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

impl Checkout for DiskCheckout {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs_err::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| {
                let shown = dir.join(name);
                io::Error::other(format!("{}: a name that is no text", shown.display()))
            })?;
            entries.push(Entry {
                name,
                is_dir: entry.file_type()?.is_dir(),
            });
        }
        entries.sort();
        Ok(entries)
    }
}
