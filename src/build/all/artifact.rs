//! What a source's artifact holds: the files of a checkout without those that Flux leaves out.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::Files;

use super::super::ignore::Rules;
use super::super::{Checkout, Entry, Error, generate};

/// A checkout that several threads can read.
pub trait SharedCheckout: Checkout + Send + Sync {}

impl<C: Checkout + Send + Sync> SharedCheckout for C {}

/// The files below `root` that are not left out by `.sourceignore` files, by the rules of a source
/// or by Flux's own.
pub(super) struct Artifact<'c> {
    files: &'c dyn SharedCheckout,
    root: &'c Path,
    rules: Rules,
}

impl<'c> Artifact<'c> {
    /// The artifact of the checkout below `root`; `ignore` is `spec.ignore` of its source.
    pub(super) fn new(
        files: &'c dyn SharedCheckout,
        root: &'c Path,
        ignore: &str,
    ) -> Result<Self, Error> {
        let mut rules = Rules::default();
        generate::load_rules(files, root, Path::new(""), &mut rules, &mut false)?;
        rules.read(ignore, Path::new(""));
        Ok(Artifact { files, root, rules })
    }

    fn is_left_out(&self, path: &Path, is_folder: bool) -> bool {
        let below = path.strip_prefix(self.root);
        below.is_ok_and(|below| self.rules.leave_out(below, is_folder))
    }
}

impl Files for Artifact<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_left_out(path, false) {
            let message = format!("open {}: no such file or directory", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        self.files.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.is_dir(path) && !self.is_left_out(path, true)
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.exists(path) && !self.is_left_out(path, self.files.is_dir(path))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.real(path)
    }
}

impl Checkout for Artifact<'_> {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = self.files.list(dir)?;
        entries.retain(|entry| !self.is_left_out(&dir.join(&entry.name), entry.is_dir));
        Ok(entries)
    }
}
