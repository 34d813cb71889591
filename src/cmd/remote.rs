//! What kustomizations name on the network: files by HTTPS, and directories of Git repositories,
//! which lie in a tree of their own under the repository's name.
//!
//! One [`Remotes`] serves a whole run, whatever number of builds there are at once: each file, and
//! each revision of a repository, is asked for once, and whoever else wants it waits for that. So
//! all of a run sees the same, both sides of a comparison included.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use clap::Args;
use http::{HeaderMap, Method};
use kustomize::remote::{Address, shown};
use kustomize::{DiskFiles, Fetched, Files};
use url::Url;

use crate::build::Network;
use crate::cluster::proxy;
use crate::context::Context;
use crate::env::{self, Env};
use crate::error::{Error, Kind, Result};
use crate::git::fetch;
use crate::git::revision::RevisionFiles;
use crate::ui::Spinners;
use crate::web::{self, Request};

/// Whether anything is fetched.
#[derive(Args)]
pub(super) struct RemoteArgs {
    /// Refuse what kustomizations name on the network, as kustomize-controller does with this flag
    #[arg(long)]
    no_remote_bases: bool,
}

impl RemoteArgs {
    /// What fetches, unless nothing is to be fetched.
    pub(super) fn network(&self, context: &Context) -> Option<Arc<dyn Network>> {
        (!self.no_remote_bases).then(|| Arc::new(Remotes::new(context)) as Arc<dyn Network>)
    }
}

/// What is asked for once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Wanted {
    File(String),
    Revision { url: String, reference: String },
}

/// What came of it.
#[derive(Debug, Clone)]
enum Found {
    File(Vec<u8>),
    /// Where the files of a revision are.
    Root(PathBuf),
}

/// Why nothing came of it, for all who want it.
type Outcome = Result<Found, String>;

/// What was fetched in a run.
pub(super) struct Remotes {
    env: Env,
    spinners: Spinners,
    /// When what is under way is given up.
    deadline: Instant,
    /// Where the files of repositories are in the tree.
    trees: RwLock<Vec<(PathBuf, Arc<RevisionFiles>)>>,
    asked: Mutex<HashMap<Wanted, Arc<OnceLock<Outcome>>>>,
}

impl Remotes {
    /// Nothing is fetched yet.
    pub(super) fn new(context: &Context) -> Self {
        // The rest of the time is for telling what did not come.
        let limit = context.remaining() / 20 * 19;
        Remotes {
            env: context.env.clone(),
            spinners: context.ui.spinners(),
            deadline: Instant::now() + limit,
            trees: RwLock::default(),
            asked: Mutex::default(),
        }
    }

    /// The files of the repository that a path is in.
    fn tree(&self, path: &Path) -> Option<Arc<RevisionFiles>> {
        let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner);
        let mut trees = trees.iter();
        let (_, files) = trees.find(|(root, _)| path.starts_with(root))?;
        Some(Arc::clone(files))
    }

    /// What is wanted, fetched by the first who wants it.
    fn once(&self, wanted: Wanted) -> Outcome {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = Arc::clone(asked.entry(wanted.clone()).or_default());
        drop(asked);
        let get = || {
            let found = match &wanted {
                Wanted::File(url) => self.file(url).map(Found::File),
                Wanted::Revision { url, reference } => {
                    self.revision(url, reference).map(Found::Root)
                }
            };
            found.map_err(|error| with_way_out(&error, &wanted))
        };
        cell.get_or_init(get).clone()
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The content of a file.
    fn file(&self, url: &str) -> Result<Vec<u8>> {
        let _progress = self.spinners.show(format!("fetching {}", shown(url)));
        let most = usize::try_from(DiskFiles::MAX_SIZE).unwrap_or(usize::MAX);
        let request = Request {
            method: Method::GET,
            url: Url::parse(url).map_err(|error| Error::failed(error.to_string()))?,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        // A build may run on any thread, and needs none but this answer.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let limit = self.remaining();
        let answer = runtime.block_on(async {
            let proxy_of = |uri: &http::Uri| proxy::of_address(uri, &self.env);
            let answer = web::send_for(request, most.saturating_add(1), &proxy_of);
            tokio::time::timeout(limit, answer).await
        });
        // Looking up a name cannot be stopped, and must not hold what goes on.
        runtime.shutdown_background();
        let answer = answer
            .map_err(|_| Error::new(Kind::TimedOut, "no answer in the time that --timeout gives"))?
            .map_err(|error| Error::new(Kind::Unreachable, error.to_string()))?;
        if !answer.status.is_success() {
            return Err(Error::failed(format!("HTTP Error: {}", answer.status)));
        }
        if answer.body.len() > most {
            return Err(Error::failed("the file is too large"));
        }
        if answer.body.contains('\u{fffd}') {
            return Err(Error::failed("the file is not UTF-8"));
        }
        Ok(answer.body.into_bytes())
    }

    /// The root of the files of a revision.
    fn revision(&self, url: &str, reference: &str) -> Result<PathBuf> {
        let _progress = self.spinners.show(format!("fetching {}", shown(url)));
        let cache = fetch::cache_in(&self.cache()?);
        let (repository, commit) = fetch::fetch(&cache, url, reference, self.remaining())?;
        let root = place(url, &commit);
        if self.tree(&root).is_none() {
            let files = Arc::new(repository.files(&commit, &root)?);
            let mut trees = self.trees.write().unwrap_or_else(PoisonError::into_inner);
            trees.push((root.clone(), files));
        }
        Ok(root)
    }

    /// The user's folder for caches.
    fn cache(&self) -> Result<PathBuf> {
        let home = || Some(Path::new(self.env.get(env::HOME)?).join(".cache"));
        let cache = self.env.get(env::XDG_CACHE_HOME).map(PathBuf::from);
        cache
            .filter(|cache| cache.is_absolute())
            .or_else(home)
            .ok_or_else(|| {
                Error::failed("no folder for what is fetched: set HOME or XDG_CACHE_HOME")
            })
    }
}

/// The error in one line, with what can be done.
fn with_way_out(error: &Error, wanted: &Wanted) -> String {
    let why = error.chain();
    match (error.kind(), wanted) {
        (Kind::TimedOut, _) => format!("{why}; allow more time with --timeout"),
        (Kind::Unreachable, Wanted::File(_)) => format!(
            "{why}; it has to be reached from here, with HTTPS_PROXY where there is a proxy, or \
             copied into the repository"
        ),
        (_, Wanted::File(_)) => why,
        (_, Wanted::Revision { url, .. }) => format!(
            "{why}; `git ls-remote {}` has to work here, or what is wanted has to be copied into \
             the repository",
            shown(url)
        ),
    }
}

/// Where the files of a commit are in the tree: under the repository's address, without a password.
fn place(url: &str, commit: &str) -> PathBuf {
    let address = url.split_once("://").map_or(url, |(_, rest)| rest);
    let address = address.rsplit_once('@').map_or(address, |(_, rest)| rest);
    let short = commit.get(..12).unwrap_or(commit);
    let name = address.trim_matches('/').trim_end_matches(".git");
    Path::new("/").join(format!("{}@{short}", name.replace(':', "/")))
}

impl Files for Remotes {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let files = self.tree(path).ok_or(io::ErrorKind::NotFound)?;
        files.read(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.tree(path).is_some_and(|files| files.is_dir(path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.tree(path).is_some_and(|files| files.exists(path))
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let files = self.tree(path).ok_or(io::ErrorKind::NotFound)?;
        files.real(path)
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        let address = Address::parse(address).map_err(io::Error::other)?;
        let (wanted, directory) = match address {
            Address::File(url) => (Wanted::File(url), String::new()),
            Address::Repository(repository) => {
                let wanted = Wanted::Revision {
                    url: repository.url,
                    reference: repository.reference,
                };
                (wanted, repository.directory)
            }
        };
        match self.once(wanted).map_err(io::Error::other)? {
            Found::File(content) => Ok(Fetched::File(content)),
            Found::Root(within) => Ok(Fetched::Directory {
                path: within.join(directory),
                within,
            }),
        }
    }
}

impl Network for Remotes {
    fn holds(&self, path: &Path) -> bool {
        self.tree(path).is_some()
    }
}
