//! What kustomizations name on the network: one more tree of files, beside the one that is built.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::{Fetched, Files};

/// Fetches what kustomizations name, and has the files of the repositories that were fetched. One
/// is enough for any number of builds at once; each address is asked for once.
pub trait Network: Files + Send + Sync {
    /// Whether a path is in a repository that was fetched.
    fn holds(&self, path: &Path) -> bool;
}

/// A tree of files, and beside it what is fetched while it is built.
pub struct WithNetwork<'f> {
    /// The tree.
    pub files: &'f dyn Files,
    /// What is fetched; without it, nothing is.
    pub network: Option<&'f dyn Network>,
}

impl WithNetwork<'_> {
    fn of(&self, path: &Path) -> &dyn Files {
        match self.network {
            Some(network) if network.holds(path) => network,
            _ => self.files,
        }
    }
}

impl Files for WithNetwork<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.of(path).read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.of(path).is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.of(path).exists(path)
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.of(path).real(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        match self.network {
            Some(network) => network.fetch(address),
            None => self.files.fetch(address),
        }
    }
}
