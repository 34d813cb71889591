//! Where the files of sources are, and what of them is in their artifacts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::super::contents::{Contents, Include};
use super::super::{Artifact, Error};
use super::known::Known;
use super::source::{Part, Source};
use super::{Request, Tree};

/// A source whose files are here, and so are those of all that it includes.
pub(super) struct Local<'r> {
    /// Where its files are.
    pub(super) tree: &'r Tree,
    ignore: String,
    sparse: Vec<String>,
    parts: Vec<(Part, Local<'r>)>,
}

impl<'r> Local<'r> {
    /// All files of a tree.
    pub(super) fn whole(tree: &'r Tree) -> Self {
        Local {
            tree,
            ignore: String::new(),
            sparse: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn key(&self) -> Key {
        let part = |(part, local): &(Part, Local<'r>)| (part.clone(), local.key());
        Key {
            tree: std::ptr::from_ref(self.tree).addr(),
            ignore: self.ignore.clone(),
            sparse: self.sparse.clone(),
            parts: self.parts.iter().map(part).collect(),
        }
    }
}

/// What makes an artifact what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// The place of the tree in memory.
    tree: usize,
    ignore: String,
    sparse: Vec<String>,
    parts: Vec<(Part, Key)>,
}

/// Why the files of a source are not here.
pub(super) enum Absent {
    /// It, or what it includes, is not in the repository.
    Elsewhere { source: String, url: Option<String> },
    /// It never comes to be.
    Impossible(Error),
}

/// Where the sources of a cluster are.
pub(super) struct Places<'r> {
    request: &'r Request<'r>,
    /// The source of the Kustomization that the cluster begins with.
    pub(super) own: Option<String>,
    artifacts: BTreeMap<Key, Arc<Artifact<'r>>>,
}

impl<'r> Places<'r> {
    pub(super) fn new(request: &'r Request<'r>) -> Self {
        Places {
            request,
            own: None,
            artifacts: BTreeMap::new(),
        }
    }

    /// Where a source is.
    pub(super) fn find(&self, known: &Known, id: &str) -> Result<Local<'r>, Absent> {
        self.find_below(known, id, &mut Vec::new())
    }

    /// `above` are the sources that include it.
    fn find_below(
        &self,
        known: &Known,
        id: &str,
        above: &mut Vec<String>,
    ) -> Result<Local<'r>, Absent> {
        let source = known.source(id);
        let Some(tree) = self.tree(known, id) else {
            return Err(Absent::Elsewhere {
                source: id.to_owned(),
                url: source.map(|source| source.url.clone()),
            });
        };
        let mut local = Local::whole(tree);
        let Some(source) = source else {
            return Ok(local);
        };
        above.push(id.to_owned());
        local.ignore.clone_from(&source.ignore);
        local.sparse.clone_from(&source.sparse);
        for part in &source.parts {
            if above.contains(&part.source) {
                let way = [above.as_slice(), std::slice::from_ref(&part.source)].concat();
                let message = format!("spec.include leads back to itself: {}", way.join(" → "));
                return Err(Absent::Impossible(Error::new(message)));
            }
            let included = self.find_below(known, &part.source, above)?;
            local.parts.push((part.clone(), included));
        }
        above.pop();
        Ok(local)
    }

    /// The tree that a source is of.
    fn tree(&self, known: &Known, id: &str) -> Option<&'r Tree> {
        if let Some(tree) = self.request.local_sources.get(id) {
            return Some(tree);
        }
        let own = self.own.as_deref();
        let is_same = |source: &Source| {
            let own = own.and_then(|own| known.source(own));
            own.is_some_and(|own| source.is_same(own)) || source.follows(self.request.remotes)
        };
        let is_own = match known.source(id) {
            _ if own == Some(id) => true,
            Some(source) => is_same(source),
            // What bootstrap calls the repository, where the tree does not say.
            None => id == "GitRepository/flux-system/flux-system",
        };
        is_own.then_some(self.request.tree)
    }

    /// The artifact of a source. Sources that have the same share one.
    ///
    /// # Errors
    /// When a folder cannot be read, or source-controller would refuse to make it.
    pub(super) fn artifact(&mut self, local: &Local<'r>) -> Result<Arc<Artifact<'r>>, Error> {
        let key = local.key();
        if let Some(artifact) = self.artifacts.get(&key) {
            return Ok(Arc::clone(artifact));
        }
        let mut includes = Vec::new();
        for (part, included) in &local.parts {
            includes.push(Include {
                source: part.source.clone(),
                artifact: self.artifact(included)?,
                from: part.from.clone(),
                to: part.to.clone(),
            });
        }
        let (files, root): (_, &Path) = (local.tree.files.as_ref(), &local.tree.root);
        let contents = Contents::of_source(files, root, &local.sparse, includes)?;
        let artifact = Arc::new(Artifact::of(contents, &local.ignore)?);
        self.artifacts.insert(key, Arc::clone(&artifact));
        Ok(artifact)
    }
}
