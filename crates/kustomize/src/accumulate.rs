//! Collecting the objects of a kustomization and of those it builds on.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::accumulated::{Accumulated, Resources, Rules};
use crate::build_metadata::Place;
use crate::error::Error;
use crate::files::{Fetched, Files};
use crate::generate;
use crate::kustomization::{Kustomization, Located};
use crate::load::{self, Directory, shown};
use crate::remote;
use crate::schema::Schema;
use crate::transform;

/// The most kustomizations that may stand on top of each other.
pub(crate) const MAX_LAYERS: usize = 100;
/// How many kustomizations may take part in a build, each as often as it is reached. Those that build on two others, and
/// these on two again, would never come to an end.
const MAX_VISITS: usize = 100_000;

/// A build under way: the tree, and the directories that led to the one at hand.
pub(crate) struct Build<'a> {
    files: &'a dyn Files,
    schema: &'a Rc<Schema>,
    visited: Vec<PathBuf>,
    /// The root of the repository that the directory at hand was fetched from.
    within: Option<PathBuf>,
    /// How many directories were visited.
    visits: usize,
    /// Where the directory at hand is, if that is to be told of objects.
    pub(crate) place: Option<Place>,
}

impl<'a> Build<'a> {
    pub(crate) fn new(files: &'a dyn Files, schema: &'a Rc<Schema>) -> Self {
        Self {
            files,
            schema,
            visited: Vec::new(),
            within: None,
            visits: 0,
            place: None,
        }
    }

    /// Builds a directory but for what happens once at the end.
    pub(crate) fn directory(
        &mut self,
        path: &Path,
    ) -> Result<(Box<Kustomization>, Accumulated), Error> {
        let within = self.within.clone();
        let directory = Directory {
            files: self.files,
            path,
            schema: self.schema,
            within: within.as_deref(),
        };
        let kustomization = directory.kustomization()?;
        directory.settle_schema(&kustomization)?;
        if kustomization.is_component && !self.visited.is_empty() {
            let message = format!("expected kind != 'Component' for path '{}'", shown(path));
            return Err(Error::new(message).in_file(&kustomization.file));
        }
        if self.visited.is_empty() && kustomization.build_metadata.is_tracked() {
            self.place = Some(Place::default());
        }
        let built = self.target(directory, &kustomization, Accumulated::default())?;
        Ok((kustomization, built))
    }

    fn target(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        inherited: Accumulated,
    ) -> Result<Accumulated, Error> {
        self.visited.push(directory.path.to_path_buf());
        if let Some(place) = &mut self.place {
            place.set_file(&kustomization.file);
        }
        let built = self.target_inner(directory, kustomization, inherited);
        self.visited.pop();
        built.map_err(|error| error.within(&kustomization.file))
    }

    fn target_inner(
        &mut self,
        directory: Directory<'_>,
        kustomization: &Kustomization,
        inherited: Accumulated,
    ) -> Result<Accumulated, Error> {
        kustomization.check_supported()?;
        let mut resources = Resources::new(inherited.resources)?;
        let mut rules = inherited.rules;
        for entry in &kustomization.resources {
            let at_entry = |error: Error| error.at(&kustomization.file, entry.position);
            self.entry(directory, entry, &mut resources, &mut rules)
                .map_err(at_entry)?;
        }
        rules.configuration.load(directory, kustomization)?;
        let mut resources = resources.into_vec();
        generate::run(
            directory,
            kustomization,
            self.place.as_ref(),
            &mut resources,
        )?;
        self.generators(directory, kustomization, &mut resources)?;
        let mut built = Accumulated { resources, rules };
        for entry in &kustomization.components {
            let at_entry = |error: Error| error.at(&kustomization.file, entry.position);
            built = self.component(directory, entry, built).map_err(at_entry)?;
        }
        let Accumulated {
            mut resources,
            mut rules,
        } = built;
        // What was generated has the types of the build too.
        for resource in &mut resources {
            resource
                .schema
                .get_or_insert_with(|| Rc::clone(self.schema));
        }
        let configuration = &rules.configuration;
        let place = self.place.as_ref();
        let resources = transform::run(directory, kustomization, configuration, place, resources)?;
        let resources = self.transformers(directory, kustomization, configuration, resources)?;
        let mut resources = self.validators(directory, kustomization, configuration, resources)?;
        rules
            .vars
            .declare(&kustomization.file, &kustomization.vars, &mut resources)?;
        Ok(Accumulated { resources, rules })
    }

    /// One entry of `resources`: a file or a directory.
    pub(crate) fn entry(
        &mut self,
        directory: Directory<'_>,
        entry: &Located,
        into: &mut Resources,
        rules: &mut Rules,
    ) -> Result<(), Error> {
        let path = match self.remote("accumulating resources", entry)? {
            None => directory.inside(&entry.text)?,
            Some(Fetched::Directory { path, within }) => {
                return self.fetched(entry, &path, within, into, rules);
            }
            Some(Fetched::File(content)) => {
                let file = remote::shown(&entry.text);
                let text = load::text(content, &file)?;
                return self.objects(directory, entry, &text, &file, into);
            }
        };
        if self.files.is_dir(&path) {
            return self.base(entry, &path, into, rules);
        }
        let (text, file) = directory.read_text(&entry.text).map_err(|error| {
            let message = format!(
                "accumulating resources from '{}': {}",
                entry.text,
                error.message()
            );
            if error.file().is_some() {
                error
            } else {
                Error::new(message)
            }
        })?;
        self.objects(directory, entry, &text, &file, into)
    }

    /// A directory that was fetched.
    fn fetched(
        &mut self,
        entry: &Located,
        path: &Path,
        within: PathBuf,
        into: &mut Resources,
        rules: &mut Rules,
    ) -> Result<(), Error> {
        let outer = self.within.replace(within);
        let built = self.base(entry, path, into, rules);
        self.within = outer;
        built
    }

    /// A directory that is built on.
    fn base(
        &mut self,
        entry: &Located,
        path: &Path,
        into: &mut Resources,
        rules: &mut Rules,
    ) -> Result<(), Error> {
        let path = self.real(path)?;
        self.check_new(entry, &path)?;
        let outer = self.enter(entry);
        let built = self.directory(&path);
        self.place = outer;
        let (_, built) = built?;
        into.extend(built.resources)?;
        rules.merge(built.rules)
    }

    /// The objects in the text of an entry.
    fn objects(
        &self,
        directory: Directory<'_>,
        entry: &Located,
        text: &str,
        file: &str,
        into: &mut Resources,
    ) -> Result<(), Error> {
        let mut resources = directory.resources(text, file)?;
        if let Some(place) = &self.place {
            place.of_file(&entry.text).set(&mut resources);
        }
        into.extend(resources)
    }

    /// What a remote entry stands for; `None` for one of the tree.
    fn remote(&self, doing: &str, entry: &Located) -> Result<Option<Fetched>, Error> {
        if !remote::is_remote(&entry.text) {
            return Ok(None);
        }
        self.files.fetch(&entry.text).map(Some).map_err(|error| {
            let address = remote::shown(&entry.text);
            Error::new(format!("{doing} from '{address}': {error}"))
        })
    }

    fn component(
        &mut self,
        directory: Directory<'_>,
        entry: &Located,
        inherited: Accumulated,
    ) -> Result<Accumulated, Error> {
        match self.remote("accumulating components", entry)? {
            Some(Fetched::Directory { path, within }) => {
                let outer = self.within.replace(within);
                let built = self.component_at(&path, entry, inherited);
                self.within = outer;
                built
            }
            _ => self.component_at(&directory.inside(&entry.text)?, entry, inherited),
        }
    }

    fn component_at(
        &mut self,
        path: &Path,
        entry: &Located,
        inherited: Accumulated,
    ) -> Result<Accumulated, Error> {
        if !self.files.is_dir(path) {
            let why = if self.files.exists(path) {
                "file is not directory"
            } else {
                "no such file or directory"
            };
            return Err(Error::new(format!(
                "accumulating components: loader.New: must build at directory: '{}': {why}",
                shown(path)
            )));
        }
        let path = self.real(path)?;
        self.check_new(entry, &path)?;
        let within = self.within.clone();
        let directory = Directory {
            files: self.files,
            path: &path,
            schema: self.schema,
            within: within.as_deref(),
        };
        let kustomization = directory.kustomization()?;
        directory.settle_schema(&kustomization)?;
        if !kustomization.is_component {
            let message = format!(
                "expected kind 'Component' for path but got 'Kustomization': {}",
                shown(&path)
            );
            return Err(Error::new(message).in_file(&kustomization.file));
        }
        let outer = self.enter(entry);
        let built = self.target(directory, &kustomization, inherited);
        self.place = outer;
        let built = built?;
        // What was and what came are joined anew, which may leave out fields that others cover.
        let resources = Resources::new(built.resources)?.into_vec();
        let mut rules = Rules::default();
        rules.merge(built.rules)?;
        Ok(Accumulated { resources, rules })
    }

    /// Goes on to the place of another directory; returns the one to come back to.
    fn enter(&mut self, entry: &Located) -> Option<Place> {
        let outer = self.place.clone();
        self.place = outer
            .as_ref()
            .map(|outer| Place::below(Some(outer), &entry.text));
        outer
    }

    /// Where a directory really is.
    fn real(&self, path: &Path) -> Result<PathBuf, Error> {
        let real = self.files.real(path);
        real.map_err(|error| Error::new(error.to_string()))
    }

    /// Refuses directories that lead back to where the build came from.
    fn check_new(&mut self, entry: &Located, path: &Path) -> Result<(), Error> {
        if entry.text.is_empty() {
            return Err(Error::new("new root cannot be empty"));
        }
        if Path::new(&entry.text).is_absolute() {
            return Err(Error::new(format!(
                "new root '{}' cannot be absolute",
                entry.text
            )));
        }
        if let Some(visited) = self
            .visited
            .iter()
            .find(|visited| visited.starts_with(path))
        {
            let (path, visited) = (shown(path), shown(visited));
            return Err(Error::new(format!(
                "cycle detected: candidate root contains visited root: '{path}' contains '{visited}'"
            )));
        }
        if self.visited.len() >= MAX_LAYERS {
            return Err(Error::new(format!(
                "more than {MAX_LAYERS} kustomizations build on each other"
            )));
        }
        self.visits += 1;
        if self.visits > MAX_VISITS {
            return Err(Error::new(format!(
                "more than {MAX_VISITS} kustomizations take part in the build"
            )));
        }
        Ok(())
    }
}
