//! The words for kinds below a verb, made from the table of kinds.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};

use super::select;
use crate::error::{Error, Result};
use crate::kinds::{GROUPS, KINDS, Kind, Noun};

/// The argument that takes names of objects.
pub const NAMES: &str = "names";
/// The argument of a verb that takes objects of any kind, as `kind/name`.
pub const OBJECTS: &str = "objects";

/// How a verb calls the kinds.
#[derive(Clone, Copy)]
pub struct Words {
    /// Which kinds the verb applies to.
    pub applies: fn(&Kind) -> bool,
    /// Which of a kind's nouns.
    pub noun: fn(&Kind) -> Noun,
    /// Whether the verb also takes objects of any kind, as `kind/name`.
    pub across: bool,
    /// The first line of help for a kind.
    pub about: fn(&Kind) -> String,
    /// Runnable examples for a kind; `{bin}` stands for the program's name.
    pub examples: fn(&Kind) -> String,
}

/// The verb's command with a leaf for each kind, whose flags are those of `A` and what `extra`
/// adds for the kind. `base` has the verb's own flags, marked global.
pub fn tree<A: Args>(
    base: Command,
    words: Words,
    extra: impl Fn(Command, &'static Kind) -> Command,
) -> Command {
    let mut command = base;
    if words.across {
        command = select::objects_argument(command);
    }
    for kind in KINDS.iter().copied().filter(|kind| (words.applies)(kind)) {
        let noun = (words.noun)(kind);
        let (last, group) = match noun.path {
            [last] => (last, None),
            [group, last] => (last, Some(*group)),
            _ => continue,
        };
        let leaf = Command::new(*last)
            .visible_aliases(noun.aliases)
            .about((words.about)(kind))
            .after_help(format!("Examples:\n{}", (words.examples)(kind)))
            .arg(
                Arg::new(NAMES)
                    .value_name("NAME")
                    .help(format!("Names of {} objects", kind.kind))
                    .action(ArgAction::Append)
                    .num_args(0..),
            );
        let leaf = extra(A::augment_args(leaf), kind);
        command = match group {
            None => command.subcommand(leaf),
            Some(group) => below(command, group, leaf),
        };
    }
    command
}

/// Puts `leaf` below the group of that word, making the group where it is not there yet.
fn below(command: Command, group: &'static str, leaf: Command) -> Command {
    if command.find_subcommand(group).is_some() {
        return command.mut_subcommand(group, |g| g.subcommand(leaf));
    }
    let aliases = GROUPS
        .iter()
        .find(|g| g.path == [group])
        .map_or(&[][..], |g| g.aliases);
    command.subcommand(
        Command::new(group)
            .visible_aliases(aliases)
            .about(format!("The kinds of {group}"))
            .subcommand(leaf),
    )
}

/// Lets `change` at the leaf of every kind below every verb of the tree.
pub fn walk(root: Command, change: &mut impl FnMut(Command, &'static Kind) -> Command) -> Command {
    let verbs: Vec<String> = root
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    verbs.into_iter().fold(root, |root, verb| {
        root.mut_subcommand(verb, |verb| leaves(verb, &mut Vec::new(), change))
    })
}

fn leaves(
    command: Command,
    path: &mut Vec<String>,
    change: &mut impl FnMut(Command, &'static Kind) -> Command,
) -> Command {
    let takes_names = command.get_arguments().any(|arg| arg.get_id() == NAMES);
    if takes_names {
        let kind = KINDS.iter().copied().find(|k| {
            [k.singular, k.list]
                .iter()
                .any(|noun| path.iter().eq(noun.path))
        });
        return match kind {
            Some(kind) => change(command, kind),
            None => command,
        };
    }
    let words: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    words.into_iter().fold(command, |command, word| {
        command.mut_subcommand(word.clone(), |sub| {
            path.push(word);
            let sub = leaves(sub, path, change);
            path.pop();
            sub
        })
    })
}

/// What was selected below a verb.
pub struct Selected<'a> {
    /// The kind.
    pub kind: &'static Kind,
    /// The names, each once, in the order given.
    pub names: Vec<String>,
    /// The leaf's flags.
    pub matches: &'a ArgMatches,
}

impl Selected<'_> {
    /// The only name.
    ///
    /// # Errors
    /// When there is none.
    pub fn name(&self) -> Result<&str> {
        self.names
            .first()
            .map(String::as_str)
            .ok_or_else(|| self.no_name())
    }

    /// The refusal of a call without a name.
    pub fn no_name(&self) -> Error {
        Error::usage(format!("{} name is required", self.kind.human))
    }
}

/// The matches of the last word of a command.
pub fn deepest(mut matches: &ArgMatches) -> &ArgMatches {
    while let Some((_, below)) = matches.subcommand() {
        matches = below;
    }
    matches
}

/// Whether a verb that was called without a kind's word says by other means what it is to work on.
pub fn picks(matches: &ArgMatches) -> bool {
    matches.ids().any(|id| {
        // A flag of the whole program says nothing about objects.
        PICKING.contains(&id.as_str())
            && matches.value_source(id.as_str()) == Some(ValueSource::CommandLine)
    })
}

/// The arguments that pick objects.
const PICKING: &[&str] = &[
    OBJECTS,
    "all",
    "label_selector",
    "not_ready",
    "suspended",
    "expired",
    "revision",
];

/// Finds the kind that the words select.
///
/// # Errors
/// When the words are not a kind's; the parser has refused such words before.
pub fn selected(noun: fn(&Kind) -> Noun, matches: &ArgMatches) -> Result<Selected<'_>> {
    let mut path = Vec::new();
    let mut matches = matches;
    while let Some((word, below)) = matches.subcommand() {
        path.push(word);
        matches = below;
    }
    let kind = KINDS
        .iter()
        .copied()
        .find(|k| noun(k).path == path)
        .ok_or_else(|| Error::usage(format!("unknown command {:?}", path.join(" "))))?;
    let mut names: Vec<String> = Vec::new();
    for name in matches.get_many::<String>(NAMES).into_iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(Selected {
        kind,
        names,
        matches,
    })
}

/// Whether the kind's leaf has that boolean flag, and it is set.
pub fn flag(matches: &ArgMatches, id: &str) -> bool {
    matches
        .try_get_one::<bool>(id)
        .ok()
        .flatten()
        .copied()
        .unwrap_or(false)
}
