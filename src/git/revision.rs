//! The files of a revision, without a checkout of it: the `git` program reads them out of the
//! repository's objects. Nothing is written.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use kustomize::Files;

use super::blobs::Blobs;
use crate::build::{Checkout, Entry};
use crate::error::{Error, Kind, Result};

/// The most symbolic links on the way to a file.
const MAX_LINKS: usize = 40;

/// A repository on disk.
pub struct Repository {
    root: PathBuf,
    blobs: Arc<Blobs>,
}

impl Repository {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// When it is in none, or there is no `git`.
    pub fn around(dir: &Path) -> Result<Self> {
        let root = run(dir, &["rev-parse", "--show-toplevel"])
            .map_err(|error| error.context(format!("{} is in no Git repository", dir.display())))?;
        let root = PathBuf::from(root);
        Ok(Repository {
            blobs: Arc::new(Blobs::new(&root)),
            root,
        })
    }

    /// The repository without a checkout in a folder.
    pub(super) fn bare(dir: &Path) -> Self {
        Repository {
            blobs: Arc::new(Blobs::new(dir)),
            root: dir.to_path_buf(),
        }
    }

    /// The folder that it is checked out in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that a revision stands for.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn commit(&self, revision: &str) -> Result<String> {
        let commit = format!("{revision}^{{commit}}");
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        run(&self.root, &args).map_err(|error| {
            if error.kind() == Kind::Failed {
                let message = format!(
                    "there is no revision {revision:?} in {}",
                    self.root.display()
                );
                Error::new(Kind::NotFound, message)
                    .hint("fetch it first, or name a branch, a tag or a commit that is there")
            } else {
                error
            }
        })
    }

    /// The last commit that two commits have in common.
    ///
    /// # Errors
    /// When there is none.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String> {
        run(&self.root, &["merge-base", one, other]).map_err(|error| {
            error
                .context(format!("no common commit of {one} and {other}"))
                .hint("fetch the whole history: a shallow clone may not have it")
        })
    }

    /// The files of a commit, below `root`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn files(&self, commit: &str, root: &Path) -> Result<RevisionFiles> {
        let args = ["ls-tree", "-r", "-t", "-z", "--full-tree", commit];
        let output = output(&self.root, &args)?;
        let mut files = RevisionFiles {
            root: root.to_path_buf(),
            nodes: BTreeMap::new(),
            blobs: Arc::clone(&self.blobs),
        };
        for line in output
            .split(|byte| *byte == 0)
            .filter(|line| !line.is_empty())
        {
            files.add(line);
        }
        Ok(files)
    }
}

/// Runs `git` and returns the line that it answers.
pub(super) fn run(dir: &Path, args: &[&str]) -> Result<String> {
    let output = output(dir, args)?;
    let text = String::from_utf8_lossy(&output);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

pub(super) fn output(dir: &Path, args: &[&str]) -> Result<Vec<u8>> {
    let output = git(dir, args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| no_git(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let word = args.first().copied().unwrap_or_default();
    Err(Error::failed(format!("git {word}: {}", stderr.trim())))
}

pub(super) fn git(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(args);
    command
}

pub(super) fn no_git(error: &io::Error) -> Error {
    Error::failed(format!("cannot run git: {error}"))
        .hint("git reads the revisions: install it, or put it on the PATH")
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    File,
    Link,
    Folder,
    /// A commit of another repository, whose files are not here.
    Submodule,
}

#[derive(Debug)]
struct Node {
    form: Form,
    object: String,
}

/// The files of a commit, below a root that they are given.
pub struct RevisionFiles {
    root: PathBuf,
    nodes: BTreeMap<PathBuf, Node>,
    blobs: Arc<Blobs>,
}

impl RevisionFiles {
    /// Adds a line of `git ls-tree`: `MODE TYPE OBJECT<TAB>PATH`.
    fn add(&mut self, line: &[u8]) {
        let Some(tab) = line.iter().position(|byte| *byte == b'\t') else {
            return;
        };
        let (facts, path) = (String::from_utf8_lossy(&line[..tab]), &line[tab + 1..]);
        let mut facts = facts.split(' ');
        let (Some(mode), Some(_), Some(object)) = (facts.next(), facts.next(), facts.next()) else {
            return;
        };
        let form = match mode {
            "040000" => Form::Folder,
            "120000" => Form::Link,
            "160000" => Form::Submodule,
            _ => Form::File,
        };
        let object = object.to_owned();
        self.nodes.insert(os_path(path), Node { form, object });
    }

    /// The path below the root without symbolic links on the way, and what stands there; the root is no node.
    fn resolve(&self, path: &Path) -> io::Result<(PathBuf, Option<&Node>)> {
        let below = path.strip_prefix(&self.root).map_err(|_| outside(path))?;
        let mut open: VecDeque<PathBuf> = parts(below);
        let mut at = PathBuf::new();
        let mut node = None;
        let mut links = 0;
        while let Some(part) = open.pop_front() {
            if part == Path::new("..") {
                if !at.pop() {
                    return Err(outside(path));
                }
                node = self.nodes.get(&at);
                continue;
            }
            at.push(&part);
            let found = self.nodes.get(&at).ok_or_else(|| not_found(path))?;
            node = Some(found);
            if found.form != Form::Link {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                let message = format!("{}: too many symbolic links", path.display());
                return Err(io::Error::other(message));
            }
            let target = os_path(&self.blobs.read(&found.object)?);
            if target.is_absolute() {
                return Err(outside(path));
            }
            at.pop();
            node = self.nodes.get(&at);
            for part in parts(&target).into_iter().rev() {
                open.push_front(part);
            }
        }
        Ok((at, node))
    }
}

/// The names on a path.
fn parts(path: &Path) -> VecDeque<PathBuf> {
    let parts = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(PathBuf::from(name)),
        Component::ParentDir => Some(PathBuf::from("..")),
        _ => None,
    });
    parts.collect()
}

fn not_found(path: &Path) -> io::Error {
    let message = format!("open {}: no such file or directory", path.display());
    io::Error::new(io::ErrorKind::NotFound, message)
}

fn outside(path: &Path) -> io::Error {
    let message = format!("{} leads out of the repository", path.display());
    io::Error::new(io::ErrorKind::PermissionDenied, message)
}

#[cfg(unix)]
pub(super) fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(String::from_utf8_lossy(bytes).as_ref()))
}

impl Files for RevisionFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.resolve(path)? {
            (_, Some(node)) if node.form == Form::File => {
                let content = self.blobs.read(&node.object)?;
                Ok(content.to_vec())
            }
            _ => Err(not_found(path)),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.resolve(path)
            .is_ok_and(|(_, node)| node.is_none_or(|node| node.form == Form::Folder))
    }

    fn exists(&self, path: &Path) -> bool {
        self.resolve(path).is_ok()
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let (real, _) = self.resolve(path)?;
        if real.as_os_str().is_empty() {
            return Ok(self.root.clone());
        }
        Ok(self.root.join(real))
    }
}

impl Checkout for RevisionFiles {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let (dir, _) = self.resolve(dir)?;
        // What is below a folder does not follow it at once: `a-b` comes before `a/b`, but not as
        // a path.
        let below = self.nodes.range(dir.clone()..);
        let mut entries = Vec::new();
        for (path, node) in below.take_while(|(path, _)| path.starts_with(&dir)) {
            if path.parent() != Some(dir.as_path()) {
                continue;
            }
            let name = path.file_name().and_then(OsStr::to_str).ok_or_else(|| {
                io::Error::other(format!("{}: a name that is no text", path.display()))
            })?;
            entries.push(Entry {
                name: name.to_owned(),
                is_dir: node.form == Form::Folder,
            });
        }
        entries.sort();
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git_in(dir: &Path, args: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@x.org"];
        let args = [&identity, args].concat();
        run(dir, &args).unwrap()
    }

    fn repository(files: &[(&str, &str)]) -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        git_in(folder.path(), &["init", "--quiet"]);
        for (path, text) in files {
            let path = folder.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("../a", folder.path().join("b/link")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("b/out")).unwrap();
        std::os::unix::fs::symlink("../..", folder.path().join("b/up")).unwrap();
        git_in(folder.path(), &["add", "."]);
        git_in(folder.path(), &["commit", "--quiet", "-m", "one"]);
        let repository = Repository::around(folder.path()).unwrap();
        (folder, repository)
    }

    #[test]
    fn files_are_those_of_the_commit() {
        let (folder, repository) = repository(&[
            ("a/x.yaml", "one"),
            ("a-b/x.yaml", "two"),
            ("b/y.yaml", "three"),
        ]);
        fs_err::write(folder.path().join("a/x.yaml"), "changed").unwrap();
        let files = repository
            .files(&repository.commit("HEAD").unwrap(), Path::new("/"))
            .unwrap();
        let read = |path: &str| files.read(Path::new(path)).map_err(|error| error.kind());
        assert_eq!(read("/a/x.yaml").unwrap(), b"one");
        assert_eq!(read("/b/link/x.yaml").unwrap(), b"one");
        assert_eq!(read("/b/link/../b/y.yaml").unwrap(), b"three");
        assert_eq!(read("/a/nope"), Err(io::ErrorKind::NotFound));
        assert_eq!(read("/b/out/passwd"), Err(io::ErrorKind::PermissionDenied));
        assert_eq!(read("/b/up/x"), Err(io::ErrorKind::PermissionDenied));
        assert!(files.is_dir(Path::new("/")) && files.is_dir(Path::new("/b/link")));
        assert!(!files.is_dir(Path::new("/a/x.yaml")));
        assert_eq!(files.real(Path::new("/b/link")).unwrap(), Path::new("/a"));
        let names = |dir: &str| -> Vec<String> {
            let entries = files.list(Path::new(dir)).unwrap();
            entries.into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names("/"), ["a", "a-b", "b"]);
        assert_eq!(names("/b"), ["link", "out", "up", "y.yaml"]);

        // They can be elsewhere.
        let root = Path::new("/srv/repo");
        let commit = repository.commit("HEAD").unwrap();
        let files = repository.files(&commit, root).unwrap();
        assert_eq!(files.read(&root.join("a/x.yaml")).unwrap(), b"one");
        assert_eq!(files.real(root).unwrap(), root);
        assert_eq!(files.real(&root.join("b/link")).unwrap(), root.join("a"));
        for path in ["/a/x.yaml", "/srv/repo-two/a/x.yaml", "/srv/repo/../x"] {
            let error = files.read(Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{path}");
        }
    }

    #[test]
    fn revisions_that_are_not_there() {
        let (folder, repository) = repository(&[("a/x.yaml", "one"), ("b/x", "")]);
        let error = repository.commit("nope").unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert_eq!(
            repository.commit("--help").unwrap_err().kind(),
            Kind::NotFound
        );
        let first = repository.commit("HEAD").unwrap();
        git_in(
            folder.path(),
            &["commit", "--quiet", "--allow-empty", "-m", "two"],
        );
        let second = repository.commit("HEAD").unwrap();
        assert_eq!(repository.merge_base(&first, &second).unwrap(), first);
        let none = tempfile::tempdir().unwrap();
        assert!(Repository::around(none.path()).is_err());
    }
}
