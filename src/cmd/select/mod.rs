//! Which objects a verb works on: names of one kind, `kind/name` across kinds, or all that labels,
//! readiness and suspension pick out.

mod resolve;

use clap::{Arg, ArgAction, ArgMatches, Args, Command};

pub(super) use self::resolve::{Failure, Found, Outcome};
use super::arguments;
use super::nouns::{self, OBJECTS};
use crate::cluster::Scope;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::kinds::{self, KINDS, Kind, Noun};

/// How many requests about single objects are on their way at once.
pub(super) const AT_ONCE: usize = 8;

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
