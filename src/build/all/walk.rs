//! Following the Kustomizations of one cluster.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::Files as _;
use serde_json::Value;

use super::super::spec::Kustomization;
use super::super::{Artifact, Error, Object, Variables};
use super::entries::{folder, instance_of};
use super::known::Known;
use super::order::{self, Step};
use super::places::{Absent, Local, Places};
use super::recall::{self, Work};
use super::source::{Likely, Source, likely};
use super::waiting::{Waiting, When};
use super::within::within;
use super::{Cluster, Elsewhere, Id, Rendered, Request, id, parallel, title};

/// How often a Kustomization that changes itself is built until it stays as it is.
const MAX_CHANGES: usize = 4;

/// What the threads need to build one.
struct Job<'r> {
    artifact: Arc<Artifact<'r>>,
    dir: PathBuf,
    variables: Variables,
    waiting: Waiting,
}

struct Done {
    rendered: Rendered,
    parent: Option<usize>,
    turn: usize,
}

struct Walk<'r> {
    request: &'r Request<'r>,
    known: Known,
    places: Places<'r>,
    waiting: Vec<Waiting>,
    done: Vec<Done>,
    /// All Kustomizations that were met, with their spec and whose objects they are.
    met: BTreeMap<Id, (Value, String)>,
    elsewhere: BTreeMap<String, Elsewhere>,
    warnings: Vec<String>,
}

/// Builds what is found from `entry` on; where that cannot be built itself, `advice` is added to
/// what is wrong.
pub(super) fn cluster(
    request: &Request<'_>,
    entry: &Path,
    advice: Option<&str>,
) -> Result<Cluster, Error> {
    let mut walk = Walk {
        request,
        known: Known::new(request.given),
        places: Places::new(request),
        waiting: Vec::new(),
        done: Vec::new(),
        met: BTreeMap::new(),
        elsewhere: BTreeMap::new(),
        warnings: Vec::new(),
    };
    walk.begin(entry, advice)?;
    while !walk.waiting.is_empty() {
        walk.round();
    }
    let entry = entry.strip_prefix(&request.tree.root).unwrap_or(entry);
    Ok(walk.end(entry))
}

impl<'r> Walk<'r> {
    /// Builds the folder to begin with. Where one of its objects is the Kustomization that builds
    /// this very folder, the cluster begins with that.
    fn begin(&mut self, entry: &Path, advice: Option<&str>) -> Result<(), Error> {
        let artifact = self.places.artifact(&Local::whole(self.request.tree))?;
        let work = Work {
            artifact: artifact.as_ref(),
            dir: entry,
            kustomization: &Kustomization::default(),
            variables: &Variables::default(),
            options: &self.request.options(),
        };
        let objects = match recall::build(self.request.recall, &work) {
            Ok(objects) => objects,
            Err(error) => {
                let mut error = self.shorten(error);
                if let Some(advice) = advice {
                    error = error.reworded(|why| format!("{why}; {advice}"));
                }
                self.finish(&Waiting::folder(), Err(error));
                return Ok(());
            }
        };
        let own = self.own(entry, &objects);
        let Some(own) = own.or_else(|| self.synced(entry)) else {
            self.absorb(&Waiting::folder(), objects);
            return Ok(());
        };
        // What is left out of its source is known before it is built.
        for object in objects.iter() {
            if Source::of(&object.value).is_some() {
                self.known.learn(&object.value);
            }
        }
        self.places.own = Some(own.kustomization.source());
        self.met.insert(
            id(&own.kustomization),
            (own.spec.clone(), "itself".to_owned()),
        );
        self.waiting.push(own);
        Ok(())
    }

    /// The Kustomization of an instance that is not in the folder and syncs it.
    fn synced(&mut self, entry: &Path) -> Option<Waiting> {
        let instance = instance_of(self.request, entry)?;
        let own = Waiting::of_instance(&instance)?;
        let id = own.kustomization.source();
        let source = Source::of(&instance);
        if entry == self.request.tree.root {
            likely(&id, source.as_ref(), self.request.remotes)?;
        }
        self.known.learn(&instance);
        Some(own)
    }

    /// The Kustomization among the objects of a folder that builds this very folder. The root of
    /// the repository is also what one without a path builds of any other source.
    fn own(&self, entry: &Path, objects: &[Object]) -> Option<Waiting> {
        let root = &self.request.tree.root;
        let sources: Vec<Source> = objects
            .iter()
            .filter_map(|object| Source::of(&object.value))
            .collect();
        // What cannot be read is told once its folder is built.
        let mut all: Vec<(Option<Likely>, Waiting)> = objects
            .iter()
            .filter_map(|object| Waiting::of(object, None)?.ok())
            .filter(|own| folder(root, &own.kustomization.spec.path) == entry)
            .map(|own| {
                let id = own.kustomization.source();
                let source = sources.iter().find(|source| source.id == id);
                (likely(&id, source, self.request.remotes), own)
            })
            .filter(|(likely, _)| likely.is_some() || entry != root)
            .collect();
        // The likeliest, and of those the first.
        all.sort_by_key(|(likely, _)| likely.map_or(u8::MAX, |likely| likely as u8));
        all.into_iter().next().map(|(_, own)| own)
    }

    /// Builds all that can be built now.
    fn round(&mut self) {
        let ranks: Vec<When> = self.waiting.iter().map(|next| self.when(next)).collect();
        let soonest = ranks.iter().min().copied().unwrap_or(When::Never);
        let mut jobs = Vec::new();
        let mut later = Vec::new();
        for (next, rank) in std::mem::take(&mut self.waiting).into_iter().zip(ranks) {
            if rank == soonest {
                if let Some(job) = self.job(next) {
                    jobs.push(job);
                }
            } else {
                later.push(next);
            }
        }
        self.waiting = later;
        let options = self.request.options();
        let results = parallel::each(&jobs, self.request.threads, |job| {
            let kustomization = &job.waiting.kustomization;
            let work = Work {
                artifact: job.artifact.as_ref(),
                dir: &job.dir,
                kustomization,
                variables: &job.variables,
                options: &options,
            };
            let built = recall::build(self.request.recall, &work);
            (self.request.progress)(&title(&id(kustomization)));
            built
        });
        for (job, result) in jobs.into_iter().zip(results) {
            self.built(job.waiting, result);
        }
    }

    fn when(&self, next: &Waiting) -> When {
        let kustomization = &next.kustomization;
        let place = self.places.find(&self.known, &kustomization.source());
        let found = self.known.found(kustomization, self.request.given);
        let depends_on = kustomization.depends_on();
        let waits = || {
            let mut others = self.waiting.iter().map(|other| id(&other.kustomization));
            others.any(|other| depends_on.contains(&other))
        };
        When::of(place.is_ok(), found, waits)
    }

    /// What it takes to build a Kustomization. Where that is not there, it is noted.
    fn job(&mut self, waiting: Waiting) -> Option<Job<'r>> {
        let source = waiting.kustomization.source();
        let local = match self.places.find(&self.known, &source) {
            Ok(local) => local,
            Err(Absent::Elsewhere { source, url }) => {
                let id = id(&waiting.kustomization);
                let elsewhere = self.elsewhere.entry(source.clone());
                let elsewhere = elsewhere.or_insert_with(|| Elsewhere {
                    source,
                    url,
                    kustomizations: Vec::new(),
                });
                elsewhere.kustomizations.push(id);
                return None;
            }
            Err(Absent::Impossible(error)) => {
                self.finish(&waiting, Err(error));
                return None;
            }
        };
        let artifact = match self.places.artifact(&local) {
            Ok(artifact) => artifact,
            Err(error) => {
                let error = self.shorten(Error::new(format!("{source}: {error}")));
                self.finish(&waiting, Err(error));
                return None;
            }
        };
        let dir = folder(&local.tree.root, &waiting.kustomization.spec.path);
        if !artifact.is_dir(&dir) {
            let path = &waiting.kustomization.spec.path;
            let error = Error::new(format!("the folder {path} is not in {source}"));
            self.finish(&waiting, Err(error));
            return None;
        }
        let variables = self
            .known
            .variables(&waiting.kustomization, self.request.given);
        Some(Job {
            artifact,
            dir,
            variables,
            waiting,
        })
    }

    /// Goes on with what a Kustomization was built to.
    fn built(&mut self, waiting: Waiting, result: Result<Arc<[Object]>, Error>) {
        let objects = match result {
            Ok(objects) => objects,
            Err(error) => {
                let error = self.shorten(error);
                return self.finish(&waiting, Err(error));
            }
        };
        // A Kustomization among its own objects is applied as they have it, and built anew.
        let own = id(&waiting.kustomization);
        let changed = objects
            .iter()
            .filter_map(|object| Waiting::of(object, waiting.parent)?.ok())
            .find(|next| id(&next.kustomization) == own && next.spec != waiting.spec);
        if let Some(next) = changed
            && waiting.changes < MAX_CHANGES
        {
            return self.waiting.push(Waiting {
                changes: waiting.changes + 1,
                turn: waiting.turn,
                ..next
            });
        }
        self.absorb(&waiting, objects);
    }

    /// Learns from the objects of a Kustomization and queues the Kustomizations among them.
    fn absorb(&mut self, waiting: &Waiting, objects: Arc<[Object]>) {
        let kustomization = &waiting.kustomization;
        let own = id(kustomization);
        let place = Some(self.done.len());
        // What is applied to another cluster is of no use to this one.
        if kustomization.spec.kube_config.is_none() {
            objects
                .iter()
                .for_each(|object| self.known.learn(&object.value));
        }
        let mut unreadable = None;
        for next in objects
            .iter()
            .filter_map(|object| Waiting::of(object, place))
        {
            match next {
                Ok(next) => self.meet(next, &own),
                Err(error) => unreadable = Some(error),
            }
        }
        self.finish(waiting, unreadable.map_or(Ok(objects), Err));
    }

    /// Queues a Kustomization, unless it was met before.
    fn meet(&mut self, next: Waiting, parent: &Id) {
        let id = id(&next.kustomization);
        if id == *parent {
            return;
        }
        if let Some((spec, first)) = self.met.get(&id) {
            if *spec != next.spec {
                let warning = format!(
                    "{} is defined twice, by {first} and by {}: the first definition is built",
                    title(&id),
                    title(parent)
                );
                self.warnings.push(warning);
            }
            return;
        }
        self.met.insert(id, (next.spec.clone(), title(parent)));
        let turn = self.met.len();
        self.waiting.push(Waiting { turn, ..next });
    }

    fn finish(&mut self, waiting: &Waiting, objects: Result<Arc<[Object]>, Error>) {
        let Waiting { parent, turn, .. } = *waiting;
        let above = parent.map(|parent| id(&self.done[parent].rendered.kustomization));
        self.done.push(Done {
            rendered: Rendered {
                kustomization: waiting.kustomization.clone(),
                above,
                objects,
            },
            parent,
            turn,
        });
    }

    /// The error with paths as they are in the repository.
    fn shorten(&self, error: Error) -> Error {
        error.reworded(|why| within(&self.request.tree.root, why))
    }

    fn end(mut self, entry: &Path) -> Cluster {
        let steps: Vec<Step> = self
            .done
            .iter()
            .map(|done| Step {
                id: id(&done.rendered.kustomization),
                parent: done.parent,
                turn: done.turn,
                depends_on: done.rendered.kustomization.depends_on(),
            })
            .collect();
        for step in &steps {
            for other in step
                .depends_on
                .iter()
                .filter(|id| !self.met.contains_key(*id))
            {
                self.warnings.push(format!(
                    "{} depends on {}, which is not in the tree",
                    title(&step.id),
                    title(other)
                ));
            }
        }
        for (at, way) in order::cycles(&steps) {
            let way: Vec<&str> = way.iter().map(|(_, name)| name.as_str()).collect();
            let message = format!("dependsOn leads back to itself: {}", way.join(" → "));
            self.done[at].rendered.objects = Err(Error::new(message));
        }
        for secret in &self.known.encrypted {
            self.warnings.push(format!(
                "values of {secret} are encrypted: __SOPS__ stands for them, unless --vars-file \
                 gives others"
            ));
        }
        let order = order::sort(&steps);
        let mut rendered: Vec<Option<Rendered>> = self
            .done
            .into_iter()
            .map(|done| Some(done.rendered))
            .collect();
        Cluster {
            entry: entry.to_path_buf(),
            rendered: order
                .into_iter()
                .filter_map(|at| rendered[at].take())
                .collect(),
            elsewhere: self.elsewhere.into_values().collect(),
            warnings: self.warnings,
        }
    }
}
