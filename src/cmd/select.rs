//! Which objects a verb works on: names of one kind, `kind/name` across kinds, or all that labels,
//! readiness and suspension pick out.

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use futures::StreamExt;
use futures::stream;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::arguments;
use super::nouns::{self, OBJECTS};
use crate::cluster::{Cluster, Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Target;
use crate::kinds::status::State;
use crate::kinds::{self, KINDS, Kind, Noun};

/// How many requests about single objects are on their way at once.
pub(super) const AT_ONCE: usize = 32;

/// From how many names on it is cheaper to list the namespace.
const LIST_FROM: usize = 5;

// Flags that pick objects, of every verb that works on many.
#[derive(Args, Clone)]
pub(super) struct SelectArgs {
    /// All objects of the kind in the namespace; without a kind, of every kind
    #[arg(long, global = true)]
    pub(super) all: bool,
    /// The objects of all namespaces
    #[arg(long, short = 'A', global = true)]
    pub(super) all_namespaces: bool,
    /// Only objects with such labels, in Kubernetes' selector syntax
    #[arg(long, short = 'l', global = true, value_name = "SELECTOR")]
    pub(super) label_selector: Option<String>,
    /// Only objects that are not ready
    #[arg(long, global = true)]
    pub(super) not_ready: bool,
    /// Only objects that are suspended
    #[arg(long, global = true)]
    pub(super) suspended: bool,
}

impl SelectArgs {
    /// Whether objects are picked by what they are like.
    fn picks(&self) -> bool {
        self.label_selector
            .as_deref()
            .is_some_and(|s| !s.is_empty())
            || self.not_ready
            || self.suspended
    }
}

/// The argument of a verb that takes `kind/name`.
pub(super) fn objects_argument(command: Command) -> Command {
    command.subcommand_precedence_over_arg(true).arg(
        Arg::new(OBJECTS)
            .value_name("KIND/NAME")
            .help("Objects of any kind, such as ks/apps hr/podinfo")
            .action(ArgAction::Append)
            .num_args(0..),
    )
}

/// What a verb was asked to work on.
pub(super) struct Request {
    /// The kind whose word was given; none where objects across kinds are meant.
    pub(super) kind: Option<&'static Kind>,
    /// The kinds to look among where no names are given.
    pub(super) kinds: Vec<&'static Kind>,
    /// The names, each once, in the order given.
    pub(super) names: Vec<(&'static Kind, String)>,
    /// The flags.
    pub(super) args: SelectArgs,
    /// The namespace to look in.
    pub(super) namespace: String,
}

/// An object that was found.
pub(super) struct Found {
    /// Its kind.
    pub(super) kind: &'static Kind,
    /// The object.
    pub(super) object: DynamicObject,
}

impl Found {
    /// The object by its names.
    pub(super) fn target(&self) -> Target {
        Target::of(self.kind, &self.object)
    }
}

/// What came of looking.
#[derive(Default)]
pub(super) struct Outcome {
    /// What is there, in the order asked for.
    pub(super) found: Vec<Found>,
    /// What is not there, or cannot be read: whom it is about, and why.
    pub(super) failures: Vec<Failure>,
}

impl Outcome {
    /// Whether nothing was found because nothing could be asked.
    fn is_shut_out(&self) -> bool {
        let shut_out = |failure: &Failure| {
            matches!(
                failure.error.kind(),
                ErrorKind::Unreachable | ErrorKind::Refused
            )
        };
        self.found.is_empty() && !self.failures.is_empty() && self.failures.iter().all(shut_out)
    }

    /// [`Outcome::or_failure`] where the server could not be asked at all; what it says is missing
    /// is left to the verb to tell.
    ///
    /// # Errors
    /// That failure.
    pub(super) fn or_shut_out(self) -> Result<Self> {
        if self.is_shut_out() {
            self.or_failure()
        } else {
            Ok(self)
        }
    }

    /// The failure that is all there is to say, where nothing was found and there is just one reason:
    /// a single name that is missing, a server that is away.
    ///
    /// # Errors
    /// That failure.
    pub(super) fn or_failure(mut self) -> Result<Self> {
        let same = |failure: &Failure, other: &Failure| {
            failure.error.kind() == other.error.kind()
                && failure.error.chain() == other.error.chain()
        };
        let alike = match &self.failures[..] {
            [first, rest @ ..] => rest.iter().all(|failure| same(first, failure)),
            [] => false,
        };
        if self.found.is_empty() && alike {
            return Err(self.failures.swap_remove(0).error);
        }
        Ok(self)
    }
}

/// Why an object or a kind is not among the found.
pub(super) struct Failure {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The name, where one was given.
    pub(super) name: Option<String>,
    /// What went wrong.
    pub(super) error: Error,
}

/// What the words behind a verb mean.
pub(super) struct Words {
    /// The kind whose word was given; none where objects across kinds are meant.
    pub(super) kind: Option<&'static Kind>,
    /// The kinds to look among where no names are given.
    pub(super) kinds: Vec<&'static Kind>,
    /// The names, each once, in the order given.
    pub(super) names: Vec<(&'static Kind, String)>,
}

/// Reads the words behind a verb. `noun` is how the verb calls the kinds; `applies` says which of
/// them it works on.
///
/// # Errors
/// When a word before a slash is no kind, or the verb does not work on it.
pub(super) fn words(
    matches: &ArgMatches,
    noun: fn(&Kind) -> Noun,
    applies: fn(&Kind) -> bool,
) -> Result<Words> {
    if matches.subcommand().is_some() {
        let selected = nouns::selected(noun, matches)?;
        let named = |name| (selected.kind, name);
        return Ok(Words {
            kind: Some(selected.kind),
            kinds: vec![selected.kind],
            names: selected.names.into_iter().map(named).collect(),
        });
    }
    let mut names: Vec<(&'static Kind, String)> = Vec::new();
    for word in matches.get_many::<String>(OBJECTS).into_iter().flatten() {
        let (kind, name) = across(word, applies)?;
        if !names.iter().any(|(k, n)| k.kind == kind.kind && *n == name) {
            names.push((kind, name));
        }
    }
    Ok(Words {
        kind: None,
        kinds: KINDS.iter().copied().filter(|kind| applies(kind)).collect(),
        names,
    })
}

/// Reads what a verb was asked to work on, and its flags for that.
///
/// # Errors
/// Those of [`words`].
pub(super) fn request(
    context: &Context,
    matches: &ArgMatches,
    noun: fn(&Kind) -> Noun,
    applies: fn(&Kind) -> bool,
) -> Result<Request> {
    let Words { kind, kinds, names } = words(matches, noun, applies)?;
    Ok(Request {
        kind,
        kinds,
        names,
        args: arguments(nouns::deepest(matches))?,
        namespace: context.namespace()?,
    })
}

/// Reads `kind/name`.
fn across(word: &str, applies: fn(&Kind) -> bool) -> Result<(&'static Kind, String)> {
    let Some((kind, name)) = word.split_once('/') else {
        return Err(Error::usage(format!("unknown command {word:?}"))
            .hint("name objects of any kind as kind/name, such as ks/apps"));
    };
    let kind = kinds::by_word(kind).ok_or_else(|| {
        let known: Vec<_> = KINDS
            .iter()
            .filter(|k| applies(k))
            .map(|k| k.kind)
            .collect();
        Error::usage(format!("{word}: there is no kind {kind:?}"))
            .hint(format!("the kinds are {}", known.join(", ")))
    })?;
    if name.is_empty() || name.contains('/') {
        return Err(Error::usage(format!("{word}: expected kind/name")));
    }
    if !applies(kind) {
        return Err(Error::usage(format!(
            "{word}: this does not apply to {}",
            kind.kind
        )));
    }
    Ok((kind, name.to_owned()))
}

impl Request {
    /// Whether one object of one kind was asked for, in flux's own form.
    pub(super) fn is_single(&self) -> bool {
        self.kind.is_some() && self.names.len() == 1 && !self.args.all_namespaces
    }

    /// Whether it is asked in a form that flux has, too: one kind, one namespace, no picking.
    pub(super) fn is_flux_form(&self) -> bool {
        self.kind.is_some() && !self.args.all_namespaces && !self.args.picks()
    }

    /// Refuses a call that picks nothing.
    ///
    /// # Errors
    /// `missing` says so, in the verb's words, where a kind's word was given.
    pub(super) fn require(&self, missing: impl FnOnce(&Kind) -> String) -> Result<()> {
        if !self.names.is_empty() || self.args.all || self.args.picks() {
            return Ok(());
        }
        Err(match self.kind {
            Some(kind) => Error::usage(missing(kind)),
            None => Error::usage("no objects are named")
                .hint("name them as kind/name, such as ks/apps, or pick them with --all, -l, --not-ready or --suspended"),
        })
    }

    /// The namespaces to look in.
    pub(super) fn scope(&self) -> Scope<'_> {
        if self.args.all_namespaces {
            Scope::All
        } else {
            Scope::Namespace(&self.namespace)
        }
    }

    fn wants(&self, kind: &Kind, object: &DynamicObject) -> bool {
        (!self.args.not_ready || kind.state(object) != State::Ready)
            && (!self.args.suspended || (kind.suspended)(object))
    }

    /// Looks for the objects. What cannot be found or read is told apart, so that the rest can
    /// still be worked on.
    pub(super) async fn resolve(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = if self.names.is_empty() {
            self.list(cluster).await
        } else if self.args.all_namespaces || self.args.picks() || self.names.len() >= LIST_FROM {
            self.pick_named(cluster).await
        } else {
            self.get_named(cluster).await
        };
        outcome
            .found
            .retain(|found| self.wants(found.kind, &found.object));
        outcome
    }

    fn labels(&self) -> Selection {
        Selection {
            labels: self.args.label_selector.clone().filter(|s| !s.is_empty()),
            name: None,
        }
    }

    async fn list(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        let lists = cluster
            .list_many(&self.kinds, self.scope(), &self.labels())
            .await;
        for (kind, list) in lists {
            match list {
                Ok(objects) => outcome
                    .found
                    .extend(objects.into_iter().map(|object| Found { kind, object })),
                // A kind that is not installed has no objects, unless it was asked for by name.
                Err(error) if error.is_kind_missing() && self.kind.is_none() => {}
                Err(error) => outcome.failures.push(Failure {
                    kind,
                    name: None,
                    error: error.into(),
                }),
            }
        }
        outcome
    }

    /// Reads few names one by one: the server's own words say what is missing.
    async fn get_named(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        let mut answers = stream::iter(&self.names)
            .map(async |(kind, name)| (*kind, name, cluster.get(kind, &self.namespace, name).await))
            .buffered(AT_ONCE);
        while let Some((kind, name, answer)) = answers.next().await {
            match answer {
                Ok(object) => outcome.found.push(Found { kind, object }),
                Err(error) => outcome.failures.push(Failure {
                    kind,
                    name: Some(name.clone()),
                    error: error.into(),
                }),
            }
        }
        outcome
    }

    /// Picks the names out of lists: one request for many names, or for all namespaces.
    async fn pick_named(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        let mut kinds: Vec<&'static Kind> = Vec::new();
        for (kind, _) in &self.names {
            if !kinds.iter().any(|k| k.kind == kind.kind) {
                kinds.push(kind);
            }
        }
        let lists = cluster
            .list_many(&kinds, self.scope(), &self.labels())
            .await;
        let mut objects = Vec::new();
        for (kind, list) in lists {
            match list {
                Ok(list) => objects.extend(list.into_iter().map(|object| Found { kind, object })),
                Err(error) => outcome.failures.push(Failure {
                    kind,
                    name: None,
                    error: error.into(),
                }),
            }
        }
        let mut places: Vec<Vec<Found>> = self.names.iter().map(|_| Vec::new()).collect();
        let by_name: std::collections::HashMap<(&str, &str), usize> = self
            .names
            .iter()
            .enumerate()
            .map(|(place, (kind, name))| ((kind.kind, name.as_str()), place))
            .collect();
        for found in objects {
            let name = found.object.name_any();
            if let Some(place) = by_name.get(&(found.kind.kind, name.as_str())) {
                places[*place].extend([found]);
            }
        }
        for ((kind, name), found) in self.names.iter().zip(places) {
            let unread = outcome
                .failures
                .iter()
                .any(|f| f.kind.kind == kind.kind && f.name.is_none());
            if found.is_empty() && !unread {
                outcome.failures.push(self.missing(kind, name));
            }
            outcome.found.extend(found);
        }
        outcome
    }

    fn missing(&self, kind: &'static Kind, name: &str) -> Failure {
        Failure {
            kind,
            name: Some(name.to_owned()),
            error: Error::new(
                ErrorKind::NotFound,
                format!("{}.{} {name:?} not found", kind.plural, kind.group),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Action;

    #[test]
    fn objects_across_kinds() {
        let read = |word| across(word, |kind| kind.allows(Action::Reconcile));
        let (kind, name) = read("ks/apps").ok().unwrap();
        assert_eq!((kind.kind, name.as_str()), ("Kustomization", "apps"));
        for (word, says) in [
            ("apps", "unknown command \"apps\""),
            ("pod/x", "pod/x: there is no kind \"pod\""),
            ("ks/", "ks/: expected kind/name"),
            ("alert/x", "alert/x: this does not apply to Alert"),
        ] {
            assert_eq!(read(word).err().unwrap().to_string(), says);
        }
    }
}
