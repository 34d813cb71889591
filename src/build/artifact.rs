//! What a source's artifact holds: the files of a checkout without those that Flux leaves out.

use std::io;
use std::path::{Path, PathBuf};

use kustomize::{Fetched, Files};

use super::contents::Contents;
use super::ignore::Rules;
use super::{Checkout, Entry, Error, generate};

/// A checkout that several threads can read.
pub trait SharedCheckout: Checkout + Send + Sync {}

impl<C: Checkout + Send + Sync> SharedCheckout for C {}

/// The files of a source that are not left out by `.sourceignore` files, by the rules of the source
/// or by Flux's own.
pub struct Artifact<'c> {
    contents: Contents<'c>,
    rules: Rules,
}

impl<'c> Artifact<'c> {
    /// The artifact of what a source has; `ignore` is its `spec.ignore`.
    ///
    /// # Errors
    /// When a folder or a `.sourceignore` file cannot be read.
    pub(super) fn of(contents: Contents<'c>, ignore: &str) -> Result<Self, Error> {
        let mut rules = Rules::default();
        let root = contents.root();
        generate::load_rules(&contents, root, Path::new(""), &mut rules, &mut false)?;
        rules.read(ignore, Path::new(""));
        Ok(Artifact { contents, rules })
    }

    /// What the checkout has for a build of `dir` that looks at the rules in and below `dir`
    /// itself, as flux does: only what is above counts, and `ignore`. Symbolic links are followed.
    ///
    /// # Errors
    /// When a `.sourceignore` file cannot be read.
    pub fn around(
        files: &'c dyn SharedCheckout,
        root: &'c Path,
        dir: &Path,
        ignore: &str,
    ) -> Result<Self, Error> {
        let mut rules = Rules::none();
        let below = dir.strip_prefix(root).unwrap_or(Path::new(""));
        let mut above: Vec<&Path> = below.ancestors().skip(1).collect();
        above.reverse();
        for folder in above {
            generate::read_rules(files, &root.join(folder), folder, &mut rules)?;
        }
        rules.read(ignore, Path::new(""));
        let contents = Contents::new(files, root);
        Ok(Artifact { contents, rules })
    }

    /// The root of the source.
    pub(super) fn root(&self) -> &'c Path {
        self.contents.root()
    }

    fn is_left_out(&self, path: &Path, is_folder: bool) -> bool {
        let below = path.strip_prefix(self.root());
        below.is_ok_and(|below| self.rules.leave_out(below, is_folder))
    }
}

impl Files for Artifact<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_left_out(path, false) {
            let message = format!("open {}: no such file or directory", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        self.contents.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.contents.is_dir(path) && !self.is_left_out(path, true)
    }

    fn exists(&self, path: &Path) -> bool {
        self.contents.exists(path) && !self.is_left_out(path, self.contents.is_dir(path))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.contents.real(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        self.contents.fetch(address)
    }
}

impl Checkout for Artifact<'_> {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = self.contents.list(dir)?;
        entries.retain(|entry| !self.is_left_out(&dir.join(&entry.name), entry.is_dir));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::super::all::memory::Memory;
    use super::*;

    #[test]
    fn rules_above_a_folder_count() {
        let tree = Memory::tree(&[
            (".sourceignore", "/*\n!/apps\n*.txt\n"),
            ("apps/.sourceignore", "secret.yaml\n"),
            ("apps/web/.sourceignore", "own.yaml\n"),
            ("apps/web/own.yaml", ""),
            ("apps/web/secret.yaml", ""),
            ("apps/web/a.yaml", ""),
            ("apps/web/a.txt", ""),
            ("apps/web/ignored.yaml", ""),
            ("other/a.yaml", ""),
        ]);
        let (files, root) = (tree.files.as_ref(), tree.root.as_path());
        let dir = Path::new("/apps/web");
        let artifact = Artifact::around(files, root, dir, "ignored.yaml\n").unwrap();
        let names: Vec<String> = artifact
            .list(dir)
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        // The rules of the folder itself are the build's business.
        assert_eq!(names, [".sourceignore", "a.yaml", "own.yaml"]);
        assert!(!artifact.exists(Path::new("/other/a.yaml")));
        assert!(artifact.read(Path::new("/apps/web/secret.yaml")).is_err());
    }
}
