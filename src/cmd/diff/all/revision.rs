//! The files of a revision where its work tree is, so that both sides of a comparison have the
//! same paths, and what leads out of one leads out of the other.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::Files;

use crate::build::{Checkout, Entry};
use crate::git::revision::RevisionFiles;

/// The files of a revision, below a root.
pub(super) struct Revision {
    /// The folder that the repository is checked out in.
    pub(super) root: PathBuf,
    /// The files, below `/`.
    pub(super) files: RevisionFiles,
}

impl Revision {
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let below = path.strip_prefix(&self.root).map_err(|_| {
            let message = format!("{} leads out of the repository", path.display());
            io::Error::new(io::ErrorKind::PermissionDenied, message)
        })?;
        Ok(Path::new("/").join(below))
    }
}

impl Files for Revision {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(&self.inside(path)?)
    }

    fn is_dir(&self, path: &Path) -> bool {
        let inside = self.inside(path);
        inside.is_ok_and(|path| self.files.is_dir(&path))
    }

    fn exists(&self, path: &Path) -> bool {
        let inside = self.inside(path);
        inside.is_ok_and(|path| self.files.exists(&path))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.files.real(&self.inside(path)?)?;
        Ok(self.root.join(real.strip_prefix("/").unwrap_or(&real)))
    }
}

impl Checkout for Revision {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.files.list(&self.inside(dir)?)
    }
}
