//! What Git leaves out of a checkout.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::revision::{os_path, output};
use crate::error::Result;

/// What is in the checkout at `root` and is ignored: files that the rules of `.gitignore`, of the
/// repository and of the user name and that Git does not keep. A folder stands for all that is in
/// it.
///
/// # Errors
/// When the folder is no checkout, or there is no `git`.
pub fn ignored(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let args = [
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
        "-z",
    ];
    let output = output(root, &args)?;
    let paths = output
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty());
    let path = |path: &[u8]| root.join(os_path(path.strip_suffix(b"/").unwrap_or(path)));
    Ok(paths.map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::super::revision::run;
    use super::*;

    #[test]
    fn what_git_keeps_is_not_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        run(root, &["init", "--quiet"]).unwrap();
        for (path, text) in [
            (".gitignore", "local-*\n/out/\n"),
            ("a/own.yaml", ""),
            ("a/local-ü 1.yaml", ""),
            ("a/new.yaml", ""),
            ("local-kept.yaml", ""),
            ("out/deep/x.yaml", ""),
            ("mixed/out/kept.yaml", ""),
        ] {
            let path = root.join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        run(root, &["add", "--force", "a/own.yaml", "local-kept.yaml"]).unwrap();
        let found = ignored(root).unwrap();
        let wanted = ["a/local-ü 1.yaml", "out"].map(|path| root.join(path));
        assert_eq!(found, wanted.into());
        // What is in an ignored folder can be kept.
        run(root, &["add", "--force", "out/deep/x.yaml"]).unwrap();
        assert_eq!(ignored(root).unwrap().len(), 1);
        let none = tempfile::tempdir().unwrap();
        assert!(ignored(none.path()).is_err());
    }
}
