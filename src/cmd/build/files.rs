//! Writing files that are never there in part.

use std::io::Write as _;
use std::path::Path;

use fs_err::OpenOptions;

use crate::error::{Error, Result};

/// Writes a file with the folders it is in. Whoever reads it meanwhile gets the old content or the
/// new one. What is built may hold Secrets, so that nobody else may read it.
pub(super) fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        let path = path.display();
        return Err(Error::failed(format!("{path} is no name for a file")));
    };
    fs_err::create_dir_all(dir)?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = dir.join(temporary);
    let written = write(&temporary, content).and_then(|()| fs_err::rename(&temporary, path));
    if written.is_err() {
        // The failure to write is what matters.
        let _ = fs_err::remove_file(&temporary);
    }
    Ok(written?)
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
