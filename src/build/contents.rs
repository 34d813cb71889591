//! What is in a source before anything is left out: the files of a checkout, or those of some of
//! its folders, and what is included from other sources.
//!
//! The rules are source-controller's (`gitrepository_controller.go`, and `archive.go` of
//! `fluxcd/pkg/artifact`, v0.18.1): symbolic links are in no artifact; `spec.sparseCheckout` keeps
//! the files whose path begins with one of its texts; what is included comes to a place where
//! nothing is yet.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Fetched, Files};

use super::{Artifact, Checkout, Entry, Error, SharedCheckout, clean};

/// What is included from another source.
pub(super) struct Include<'c> {
    /// The source, as it is called in messages.
    pub(super) source: String,
    /// What the source has.
    pub(super) artifact: Arc<Artifact<'c>>,
    /// The folder or file of it; empty for all of it.
    pub(super) from: String,
    /// Where that is put.
    pub(super) to: String,
}

/// The files of a source.
pub(super) struct Contents<'c> {
    files: &'c dyn SharedCheckout,
    root: &'c Path,
    /// Where the root really is.
    real: PathBuf,
    /// Whether links are left out.
    without_links: bool,
    /// What the paths of files begin with; empty for all files.
    sparse: Vec<String>,
    included: Vec<Included<'c>>,
}

/// What is included, and where.
struct Included<'c> {
    /// Relative to the root.
    at: PathBuf,
    artifact: Arc<Artifact<'c>>,
    from: PathBuf,
}

impl<'c> Contents<'c> {
    /// All files below a root, as they are.
    pub(super) fn new(files: &'c dyn SharedCheckout, root: &'c Path) -> Self {
        Contents {
            files,
            root,
            real: files.real(root).unwrap_or_else(|_| root.to_path_buf()),
            without_links: false,
            sparse: Vec::new(),
            included: Vec::new(),
        }
    }

    /// What source-controller fetches of the files below a root.
    ///
    /// # Errors
    /// When a folder of `sparse` is not there, or something cannot be included.
    pub(super) fn of_source(
        files: &'c dyn SharedCheckout,
        root: &'c Path,
        sparse: &[String],
        includes: Vec<Include<'c>>,
    ) -> Result<Self, Error> {
        let mut contents = Contents::new(files, root);
        contents.without_links = true;
        let begins = sparse
            .iter()
            .map(|path| path.strip_prefix("./").unwrap_or(path));
        contents.sparse = begins.map(str::to_owned).collect();
        for path in sparse {
            if !contents.exists(&contents.place(path)) {
                return Err(Error::new(format!(
                    "spec.sparseCheckout: the folder {path} is not in the repository"
                )));
            }
        }
        for include in includes {
            contents.include(include)?;
        }
        Ok(contents)
    }

    pub(super) fn root(&self) -> &'c Path {
        self.root
    }

    /// The place that a path in a spec stands for, which nothing leads out of.
    fn place(&self, path: &str) -> PathBuf {
        below(self.root, path)
    }

    fn include(&mut self, include: Include<'c>) -> Result<(), Error> {
        let Include {
            source,
            artifact,
            from,
            to,
        } = include;
        let refuse = |why: String| Err(Error::new(format!("spec.include of {source}: {why}")));
        let inner = below(artifact.root(), &from);
        if !artifact.exists(&inner) {
            return refuse(format!("the path {from} is not in it"));
        }
        let outer = self.place(&to);
        let is_replaced = !artifact.is_dir(&inner) && self.exists(&outer) && !self.is_dir(&outer);
        if self.exists(&outer) && !is_replaced {
            return refuse(format!("there is something at {to} already"));
        }
        let mut above = outer.ancestors().skip(1);
        if above.any(|path| self.exists(path) && !self.is_dir(path)) {
            return refuse(format!("{to} is below a file"));
        }
        let at = outer.strip_prefix(self.root).unwrap_or(&outer);
        self.included.push(Included {
            at: at.to_path_buf(),
            artifact,
            from: inner,
        });
        Ok(())
    }

    /// What is included at a path, and the path in there. The last that was included is deepest.
    fn included(&self, path: &Path) -> Option<(&Artifact<'c>, PathBuf)> {
        let below = path.strip_prefix(self.root).ok()?;
        self.included.iter().rev().find_map(|included| {
            let rest = below.strip_prefix(&included.at).ok()?;
            let inner = match rest.as_os_str().is_empty() {
                true => included.from.clone(),
                false => included.from.join(rest),
            };
            Some((included.artifact.as_ref(), inner))
        })
    }

    /// Whether a folder is there because something is included below it.
    fn leads_to_included(&self, path: &Path) -> bool {
        let below = path.strip_prefix(self.root);
        below.is_ok_and(|below| {
            let mut places = self.included.iter();
            places.any(|included| included.at != below && included.at.starts_with(below))
        })
    }

    /// Whether there is something at a path, as `is` says of the files that it would be among.
    fn has(&self, path: &Path, is: impl Fn(&dyn Files, &Path) -> bool) -> bool {
        self.leads_to_included(path)
            || match self.included(path) {
                Some((artifact, inner)) => is(artifact, &inner),
                None => self.left_out(path).is_none() && is(self.files, path),
            }
    }

    /// Why what the checkout has at a path is not in the source.
    fn left_out(&self, path: &Path) -> Option<&'static str> {
        let below = path.strip_prefix(self.root).ok()?;
        if self.without_links
            && let Ok(real) = self.files.real(path)
            && real.strip_prefix(&self.real).ok() != Some(below)
        {
            return Some("a symbolic link leads there, and sources leave those out");
        }
        let begins = |text: &String| {
            let path = below.to_string_lossy();
            path.starts_with(text.as_str())
                // What stands above a folder that is there.
                || text.strip_prefix(&*path).is_some_and(|rest| {
                    path.is_empty() || rest.starts_with('/')
                })
        };
        if self.sparse.is_empty() || self.sparse.iter().any(begins) {
            return None;
        }
        Some("it is in no folder of spec.sparseCheckout")
    }
}

/// What a path in a spec stands for below a root.
fn below(root: &Path, path: &str) -> PathBuf {
    let path = clean(&Path::new("/").join(path.trim_start_matches('/')));
    match path.strip_prefix("/") {
        Ok(path) if path.as_os_str().is_empty() => root.to_path_buf(),
        Ok(path) => root.join(path),
        Err(_) => root.join(&path),
    }
}

impl Files for Contents<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if let Some((artifact, inner)) = self.included(path) {
            return artifact.read(&inner);
        }
        match self.left_out(path) {
            Some(why) => {
                let message = format!("open {}: {why}", path.display());
                Err(io::Error::other(message))
            }
            None => self.files.read(path),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.has(path, |files, path| files.is_dir(path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.has(path, |files, path| files.exists(path))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let is_other = self.included(path).is_some() || self.leads_to_included(path);
        if is_other && self.exists(path) {
            return Ok(path.to_path_buf());
        }
        self.files.real(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        self.files.fetch(address)
    }
}

impl Checkout for Contents<'_> {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let listed = match self.included(dir) {
            Some((artifact, inner)) => artifact.list(&inner),
            None => self.files.list(dir),
        };
        let mut entries: BTreeSet<Entry> = match listed {
            Ok(entries) => entries.into_iter().collect(),
            Err(_) if self.leads_to_included(dir) => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        if self.included(dir).is_none() && (self.without_links || !self.sparse.is_empty()) {
            entries.retain(|entry| self.left_out(&dir.join(&entry.name)).is_none());
        }
        let below = dir.strip_prefix(self.root).unwrap_or(dir);
        for included in &self.included {
            let Ok(rest) = included.at.strip_prefix(below) else {
                continue;
            };
            let mut parts = rest.components();
            let Some(name) = parts.next().and_then(|name| name.as_os_str().to_str()) else {
                continue;
            };
            entries.retain(|entry| entry.name != name);
            entries.insert(Entry {
                name: name.to_owned(),
                is_dir: self.is_dir(&dir.join(name)),
            });
        }
        Ok(entries.into_iter().collect())
    }
}
