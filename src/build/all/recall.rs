//! What a build read and what it made, so that another revision's build which would read the same
//! is not done again.
//!
//! A build is a function of the Kustomization, of its variables and of what the tree of files
//! answers. So every answer is noted: what a file holds (by its digest), that something is not
//! there, what is in a folder. Where another tree gives the same answers to the same questions,
//! the build would go the same way and end in the same objects, wherever in the tree it looked:
//! above the folder, through symbolic links, past `.sourceignore`. Failures are not kept: they are
//! found anew, and say where.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize::{Fetched, Files};
use sha2::{Digest as _, Sha256};

use super::super::spec::Kustomization;
use super::super::{self as single, Artifact, Checkout, Entry, Error, Object, Options, Variables};
use super::{Id, id};

/// The builds of one tree, for that of another one. All are done with the same options.
#[derive(Default)]
pub struct Recall {
    built: Mutex<BTreeMap<Id, Vec<Arc<Built>>>>,
}

/// A build that succeeded.
struct Built {
    /// The folder, in its source.
    dir: PathBuf,
    kustomization: Kustomization,
    variables: Variables,
    answers: Answers,
    objects: Arc<[Object]>,
}

/// What a build needs.
pub(super) struct Work<'w> {
    pub(super) artifact: &'w Artifact<'w>,
    pub(super) dir: &'w Path,
    pub(super) kustomization: &'w Kustomization,
    pub(super) variables: &'w Variables,
    pub(super) options: &'w Options,
}

impl Work<'_> {
    fn build(&self, files: &dyn Checkout) -> Result<Arc<[Object]>, Error> {
        let Work {
            dir,
            kustomization,
            variables,
            options,
            ..
        } = self;
        single::build(files, dir, kustomization, variables, options).map(Arc::from)
    }

    /// The folder, in its source.
    fn dir(&self) -> PathBuf {
        below(self.artifact.root(), self.dir)
    }
}

/// Builds, unless `recall` has it.
///
/// # Errors
/// As [`single::build`].
pub(super) fn build(recall: Option<&Recall>, work: &Work<'_>) -> Result<Arc<[Object]>, Error> {
    match recall {
        Some(recall) => recall.build(work),
        None => work.build(work.artifact),
    }
}

impl Recall {
    /// How many builds it has: those that were done, and succeeded.
    pub fn count(&self) -> usize {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.values().map(Vec::len).sum()
    }

    fn build(&self, work: &Work<'_>) -> Result<Arc<[Object]>, Error> {
        if let Some(built) = self.find(work) {
            return Ok(Arc::clone(&built.objects));
        }
        let notes = Notes {
            artifact: work.artifact,
            answers: RefCell::default(),
        };
        let objects = work.build(&notes)?;
        let built = Built {
            dir: work.dir(),
            kustomization: work.kustomization.clone(),
            variables: work.variables.clone(),
            answers: notes.answers.into_inner(),
            objects: Arc::clone(&objects),
        };
        self.of(work, |all| all.push(Arc::new(built)));
        Ok(objects)
    }

    /// A build of the same with the same answers.
    fn find(&self, work: &Work<'_>) -> Option<Arc<Built>> {
        let dir = work.dir();
        let candidates: Vec<Arc<Built>> = self.of(work, |all| {
            let same = |built: &&Arc<Built>| {
                built.dir == dir
                    && built.kustomization == *work.kustomization
                    && built.variables == *work.variables
            };
            all.iter().filter(same).cloned().collect()
        });
        candidates.into_iter().find(|built| {
            let mut answers = built.answers.iter();
            answers.all(|((question, path), answer)| question.ask(work.artifact, path) == *answer)
        })
    }

    fn of<R>(&self, work: &Work<'_>, action: impl FnOnce(&mut Vec<Arc<Built>>) -> R) -> R {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        action(built.entry(id(work.kustomization)).or_default())
    }
}

/// What a build asks a tree of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Read,
    IsDir,
    Exists,
    Real,
    List,
}

/// What the tree answers. Paths are relative to its root.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Is(bool),
    Content([u8; 32]),
    Path(PathBuf),
    Entries(Vec<Entry>),
    Failure(io::ErrorKind),
}

/// Questions and where they were about, with the answers.
type Answers = BTreeMap<(Question, PathBuf), Answer>;

impl Question {
    /// Asks about a path in the source.
    fn ask(self, artifact: &Artifact<'_>, path: &Path) -> Answer {
        let root = artifact.root();
        let path = root.join(path);
        match self {
            Question::Read => Answer::content(&artifact.read(&path)),
            Question::IsDir => Answer::Is(artifact.is_dir(&path)),
            Question::Exists => Answer::Is(artifact.exists(&path)),
            Question::Real => Answer::path(root, &artifact.real(&path)),
            Question::List => Answer::entries(&artifact.list(&path)),
        }
    }
}

impl Answer {
    fn content(content: &io::Result<Vec<u8>>) -> Self {
        match content {
            Ok(content) => Answer::Content(Sha256::digest(content).into()),
            Err(error) => Answer::Failure(error.kind()),
        }
    }

    fn path(root: &Path, path: &io::Result<PathBuf>) -> Self {
        match path {
            Ok(path) => Answer::Path(below(root, path)),
            Err(error) => Answer::Failure(error.kind()),
        }
    }

    fn entries(entries: &io::Result<Vec<Entry>>) -> Self {
        match entries {
            Ok(entries) => Answer::Entries(entries.clone()),
            Err(error) => Answer::Failure(error.kind()),
        }
    }
}

/// An artifact whose answers are noted.
struct Notes<'n> {
    artifact: &'n Artifact<'n>,
    answers: RefCell<Answers>,
}

impl Notes<'_> {
    fn note(&self, question: Question, path: &Path, answer: Answer) {
        let path = below(self.artifact.root(), path);
        self.answers.borrow_mut().insert((question, path), answer);
    }
}

impl Files for Notes<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let content = self.artifact.read(path);
        self.note(Question::Read, path, Answer::content(&content));
        content
    }

    fn is_dir(&self, path: &Path) -> bool {
        let is_dir = self.artifact.is_dir(path);
        self.note(Question::IsDir, path, Answer::Is(is_dir));
        is_dir
    }

    fn exists(&self, path: &Path) -> bool {
        let exists = self.artifact.exists(path);
        self.note(Question::Exists, path, Answer::Is(exists));
        exists
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.artifact.real(path);
        let root = self.artifact.root();
        self.note(Question::Real, path, Answer::path(root, &real));
        real
    }

    // What an address stands for is no matter of the tree: in one run it is the same for all.
    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        self.artifact.fetch(address)
    }
}

impl Checkout for Notes<'_> {
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let entries = self.artifact.list(dir);
        self.note(Question::List, dir, Answer::entries(&entries));
        entries
    }
}

/// The path from the root on; what is not below it stays as it is.
fn below(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}
