//! The files of a build, and what its kustomizations name on the network: files by HTTPS, and
//! directories of Git repositories, which lie in the tree under the repository's name.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use http::{HeaderMap, Method};
use kustomize::remote::{Address, Repository, shown};
use kustomize::{DiskFiles, Fetched, Files};
use url::Url;

use crate::cluster::proxy;
use crate::context::Context;
use crate::env;
use crate::error::{Error, Kind, Result};
use crate::git::fetch;
use crate::git::revision::RevisionFiles;
use crate::web::{self, Request};

/// Files on disk, and those that were fetched.
pub(super) struct NetworkFiles<'c> {
    context: &'c Context,
    disk: DiskFiles,
    /// Where the files of repositories are in the tree.
    repositories: RefCell<Vec<(PathBuf, Rc<RevisionFiles>)>>,
    /// What was fetched by its address, so that it is the same in all of a build.
    fetched: RefCell<HashMap<String, Fetched>>,
}

impl<'c> NetworkFiles<'c> {
    pub(super) fn new(context: &'c Context, disk: DiskFiles) -> Self {
        NetworkFiles {
            context,
            disk,
            repositories: RefCell::default(),
            fetched: RefCell::default(),
        }
    }

    /// The repository that a path is in, and the path in there.
    fn repository(&self, path: &Path) -> Option<(PathBuf, Rc<RevisionFiles>, PathBuf)> {
        let repositories = self.repositories.borrow();
        repositories.iter().find_map(|(root, files)| {
            let below = path.strip_prefix(root).ok()?;
            Some((root.clone(), Rc::clone(files), Path::new("/").join(below)))
        })
    }

    fn get(&self, address: &str) -> Result<Fetched> {
        match Address::parse(address).map_err(Error::failed)? {
            Address::File(url) => self.file(&url).map(Fetched::File),
            Address::Repository(repository) => self.directory(&repository),
        }
    }

    /// The content of a file.
    fn file(&self, url: &str) -> Result<Vec<u8>> {
        let most = usize::try_from(DiskFiles::MAX_SIZE).unwrap_or(usize::MAX);
        let request = Request {
            method: Method::GET,
            url: Url::parse(url).map_err(|error| Error::failed(error.to_string()))?,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let answer = self.context.block_on(async {
            let proxy_of = |uri: &http::Uri| proxy::of_address(uri, &self.context.env);
            let answer = web::send_for(request, most.saturating_add(1), &proxy_of).await;
            answer.map_err(|error| Error::new(Kind::Unreachable, error.to_string()))
        })?;
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

    /// A directory of a repository.
    fn directory(&self, wanted: &Repository) -> Result<Fetched> {
        let context = self.context;
        let _progress = context
            .ui
            .progress(format!("fetching {}", shown(&wanted.url)));
        let cache = fetch::cache_in(&self.cache()?);
        let (repository, commit) =
            fetch::fetch(&cache, &wanted.url, &wanted.reference, context.remaining())?;
        let root = place(&wanted.url, &commit);
        let known = self.repository(&root).is_some();
        if !known {
            let files = Rc::new(repository.files(&commit)?);
            self.repositories.borrow_mut().push((root.clone(), files));
        }
        Ok(Fetched::Directory {
            path: root.join(&wanted.directory),
            within: root,
        })
    }

    /// The user's folder for caches.
    fn cache(&self) -> Result<PathBuf> {
        let env = &self.context.env;
        let home = || Some(Path::new(env.get(env::HOME)?).join(".cache"));
        let cache = env.get(env::XDG_CACHE_HOME).map(PathBuf::from);
        cache
            .filter(|cache| cache.is_absolute())
            .or_else(home)
            .ok_or_else(|| {
                Error::failed("no folder for what is fetched").hint("set HOME or XDG_CACHE_HOME")
            })
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

impl Files for NetworkFiles<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.repository(path) {
            Some((_, files, below)) => files.read(&below),
            None => self.disk.read(path),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        match self.repository(path) {
            Some((_, files, below)) => files.is_dir(&below),
            None => self.disk.is_dir(path),
        }
    }

    fn exists(&self, path: &Path) -> bool {
        match self.repository(path) {
            Some((_, files, below)) => files.exists(&below),
            None => self.disk.exists(path),
        }
    }

    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let Some((root, files, below)) = self.repository(path) else {
            return self.disk.real(path);
        };
        let real = files.real(&below)?;
        Ok(root.join(real.strip_prefix("/").unwrap_or(&real)))
    }

    fn fetch(&self, address: &str) -> io::Result<Fetched> {
        if let Some(fetched) = self.fetched.borrow().get(address) {
            return Ok(fetched.clone());
        }
        let fetched = self
            .get(address)
            .map_err(|error| io::Error::other(error.chain()))?;
        let mut all = self.fetched.borrow_mut();
        all.insert(address.to_owned(), fetched.clone());
        Ok(fetched)
    }
}
