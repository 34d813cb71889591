//! The tree of files on disk, kept inside of one directory.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::Files;

/// The files below a directory. Paths that lead out of it, also by symbolic links, are refused.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// When there is no such directory.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            root: fs_err::canonicalize(root.as_ref())?,
        })
    }

    /// The real path of `path`, which is relative to the root or absolute.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let real = fs_err::canonicalize(self.root.join(path))?;
        if real.starts_with(&self.root) {
            return Ok(real);
        }
        let (shown, root) = (real.display(), self.root.display());
        let message = format!(
            "fs-security-constraint read {shown}: path '{shown}' is not in or below '{root}'"
        );
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs_err::read(self.resolve(path)?)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.resolve(path).is_ok_and(|path| path.is_dir())
    }

    fn exists(&self, path: &Path) -> bool {
        self.resolve(path).is_ok()
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.resolve(path)?;
        // What was named relative to the root stays so.
        match real.strip_prefix(&self.root) {
            Ok(below) if path.is_relative() => Ok(below.to_path_buf()),
            _ => Ok(real),
        }
    }
}
