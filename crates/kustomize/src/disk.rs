//! The tree of files on disk, kept inside of one directory.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::files::Files;

/// The files below a directory. Paths that lead out of it, also by symbolic links, are refused, and so is what is no
/// file, such as a device, and what is larger than [`DiskFiles::MAX_SIZE`].
///
/// It remembers where directories really are, so a tree in which links are changed needs a new one.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
    /// Where directories really are that were asked for.
    real: Arc<RwLock<HashMap<PathBuf, PathBuf>>>,
}

impl DiskFiles {
    /// The most bytes that a file may hold. The objects of a whole cluster are a fraction of that.
    pub const MAX_SIZE: u64 = 128 << 20;

    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// When there is no such directory.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            root: fs_err::canonicalize(root.as_ref())?,
            real: Arc::default(),
        })
    }

    /// The real path of `path`, which is relative to the root or absolute, and what is there.
    fn resolve(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        let (real, metadata) = self.follow(&self.root.join(path))?;
        if real.starts_with(&self.root) {
            return Ok((real, metadata));
        }
        let (shown, root) = (real.display(), self.root.display());
        let message = format!(
            "fs-security-constraint read {shown}: path '{shown}' is not in or below '{root}'"
        );
        Err(io::Error::new(ErrorKind::PermissionDenied, message))
    }

    /// Follows the symbolic links in an absolute path. The directory that it is in was mostly met before, and leaves the
    /// last part alone to look at.
    fn follow(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        if let (Some(directory), Some(name)) = (path.parent(), path.file_name()) {
            let real = self.real_directory(directory)?.join(name);
            let metadata = fs_err::symlink_metadata(&real)?;
            if !metadata.is_symlink() {
                return Ok((real, metadata));
            }
        }
        let real = fs_err::canonicalize(path)?;
        let metadata = fs_err::metadata(&real)?;
        Ok((real, metadata))
    }

    fn real_directory(&self, path: &Path) -> io::Result<PathBuf> {
        let known = self.real.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(real) = known.get(path) {
            return Ok(real.clone());
        }
        drop(known);
        let real = fs_err::canonicalize(path)?;
        let mut known = self.real.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_path_buf(), real.clone());
        Ok(real)
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let (real, metadata) = self.resolve(path)?;
        let refuse = |why: &str| {
            let message = format!("read {}: {why}", real.display());
            Err(io::Error::new(ErrorKind::InvalidInput, message))
        };
        if metadata.is_dir() {
            return refuse("is a directory");
        }
        // A pipe might never end, and neither might a device.
        if !metadata.is_file() {
            return refuse("is not a regular file");
        }
        let most = usize::try_from(Self::MAX_SIZE).unwrap_or(usize::MAX);
        let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let mut content = Vec::new();
        if size <= most {
            // With room for one byte more, the end is found without growing.
            content.reserve_exact(size + 1);
            let file = fs_err::File::open(&real)?;
            file.take(Self::MAX_SIZE + 1).read_to_end(&mut content)?;
        }
        if size.max(content.len()) > most {
            let most = Self::MAX_SIZE >> 20;
            return refuse(&format!(
                "is larger than {most} MiB, the most that is read of one file"
            ));
        }
        Ok(content)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.resolve(path)
            .is_ok_and(|(_, metadata)| metadata.is_dir())
    }

    fn exists(&self, path: &Path) -> bool {
        self.resolve(path).is_ok()
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let (real, _) = self.resolve(path)?;
        // What was named relative to the root stays so.
        match real.strip_prefix(&self.root) {
            Ok(below) if path.is_relative() => Ok(below.to_path_buf()),
            _ => Ok(real),
        }
    }
}
