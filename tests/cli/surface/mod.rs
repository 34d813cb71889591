//! The command line against flux 2.9.4's: every command, other word, flag, letter, type and
//! default of the verbs that both have.
//!
//! `flux.txt` states what flux takes. Where reflux differs, `exceptions.txt` says why, unless
//! `docs/differences.md` does; an exception that is none any more fails, too.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, ArgAction, Command};
use flux_api::Duration;
use reflux::cli;
use reflux::flags::List;
use reflux::identity::Identity;

use crate::docs::{DIFFERENCES, quoted, read, rows, section};

const FLUX: &str = "tests/cli/surface/flux.txt";

/// A command of one of the programs.
#[derive(Default)]
pub(crate) struct Facts {
    aliases: BTreeSet<String>,
    pub(crate) flags: BTreeMap<String, Flag>,
}

/// A flag, as one of the programs has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    letter: Option<char>,
    kind: &'static str,
    default: String,
    /// Whether the commands below take it, too.
    pub(crate) handed_down: bool,
}

/// The types of flags, and what stands for no value.
const TYPES: &[(&str, &str)] = &[
    ("bool", "false"),
    ("string", ""),
    ("list", "[]"),
    ("repeated", "[]"),
    ("int", "0"),
    ("float", "0"),
    ("duration", "0s"),
];

/// The commands of flux that reflux does not have.
pub(crate) fn missing() -> Vec<String> {
    let text = read(FLUX);
    let lines = text.lines().filter_map(|line| line.strip_prefix("! "));
    lines.map(str::to_owned).collect()
}

/// The commands of flux that both have.
pub(crate) fn flux() -> BTreeMap<String, Facts> {
    let mut commands = BTreeMap::<String, Facts>::new();
    let mut path = String::new();
    let text = read(FLUX);
    for line in text.lines().filter(|line| !line.starts_with(['#', '!'])) {
        if !line.starts_with(' ') {
            let (words, aliases) = line.split_once(" = ").unwrap_or((line, ""));
            path = words.trim_start_matches('.').to_owned();
            let aliases = aliases.split_whitespace().map(str::to_owned).collect();
            commands.entry(path.clone()).or_default().aliases = aliases;
            continue;
        }
        let handed_down = line.starts_with("  + ");
        let mut parts = line[4..].splitn(3, ' ');
        let (name, kind) = (parts.next().unwrap(), parts.next().unwrap());
        let (name, letter) = match name.split_once('/') {
            Some((name, letter)) => (name, letter.chars().next()),
            None => (name, None),
        };
        let (kind, nothing) = TYPES.iter().find(|(known, _)| *known == kind).unwrap();
        let flag = Flag {
            letter,
            kind,
            default: parts.next().unwrap_or(nothing).to_owned(),
            handed_down,
        };
        let command = commands.get_mut(&path).unwrap();
        assert!(
            command.flags.insert(name.to_owned(), flag).is_none(),
            "{line}"
        );
    }
    commands
}

/// reflux's commands, with the flags that commands above hand down.
pub(crate) fn reflux() -> BTreeMap<String, Facts> {
    fn walk(command: &Command, path: &[&str], found: &mut BTreeMap<String, Facts>) {
        let is_flag = |arg: &&Arg| !arg.is_positional() && arg.get_id() != "help";
        let flags = command.get_arguments().filter(is_flag);
        let facts = Facts {
            aliases: command.get_all_aliases().map(str::to_owned).collect(),
            flags: flags
                .map(|arg| (arg.get_long().unwrap().to_owned(), flag(arg)))
                .collect(),
        };
        found.insert(path.join(" "), facts);
        for below in command.get_subcommands() {
            walk(below, &[path, &[below.get_name()]].concat(), found);
        }
    }
    let mut command = cli::root(Identity::Flux);
    command.build();
    let mut found = BTreeMap::new();
    walk(&command, &[], &mut found);
    found
}

fn flag(arg: &Arg) -> Flag {
    let is = |id: TypeId| arg.get_value_parser().type_id() == id;
    let many = matches!(arg.get_action(), ArgAction::Append);
    let kind = if is(TypeId::of::<bool>()) {
        "bool"
    } else if many && (arg.get_value_delimiter() == Some(',') || is(TypeId::of::<List>())) {
        "list"
    } else if many {
        "repeated"
    } else if is(TypeId::of::<Duration>()) {
        "duration"
    } else if is(TypeId::of::<i64>()) {
        "int"
    } else if is(TypeId::of::<f32>()) {
        "float"
    } else {
        "string"
    };
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    let default = match (kind, &defaults[..]) {
        ("list" | "repeated", values) => format!("[{}]", values.join(",")),
        (_, []) => nothing(kind).to_owned(),
        (_, values) => values.join(","),
    };
    Flag {
        letter: arg.get_short(),
        kind,
        default,
        handed_down: arg.is_global_set(),
    }
}

fn nothing(kind: &str) -> &'static str {
    TYPES.iter().find(|(known, _)| *known == kind).unwrap().1
}

pub(crate) fn above(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    Some(path.rsplit_once(' ').map_or("", |(above, _)| above))
}

fn is_below(path: &str, group: &str) -> bool {
    group.is_empty() || path == group || path.starts_with(&format!("{group} "))
}

/// What reflux has otherwise, one line each: the command, the flag behind `--`, what it is.
fn differences(
    flux: &BTreeMap<String, Facts>,
    reflux: &BTreeMap<String, Facts>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, facts) in flux {
        let Some(own) = reflux.get(path) else {
            found.insert(format!("{path}: missing"));
            continue;
        };
        for alias in facts.aliases.difference(&own.aliases) {
            found.insert(format!("{path}: {alias:?} does not mean it"));
        }
        for alias in own.aliases.difference(&facts.aliases) {
            found.insert(format!("{path}: {alias:?} means it"));
        }
        for (name, flag) in &facts.flags {
            found.extend(of_flag(flux, reflux, path, name, flag));
        }
    }
    for path in reflux.keys().filter(|path| !flux.contains_key(*path)) {
        // The highest command that is new stands for those below it.
        if above(path).is_some_and(|above| flux.contains_key(above)) {
            found.insert(format!("{path}: new"));
        }
    }
    found
}

/// The differences of a flag: where it is declared or, if only some of the commands that take it
/// differ, at each of these.
fn of_flag(
    flux: &BTreeMap<String, Facts>,
    reflux: &BTreeMap<String, Facts>,
    path: &str,
    name: &str,
    flag: &Flag,
) -> Vec<String> {
    let has_below = |path: &str| flux.keys().any(|p| p != path && is_below(p, path));
    // What is handed down stands where it is declared and at the end of words, unless a command
    // there has a flag of that name for itself.
    let takes = |p: &str| {
        p == path || (is_below(p, path) && !has_below(p) && !flux[p].flags.contains_key(name))
    };
    let places: Vec<&str> = flux
        .keys()
        .map(String::as_str)
        .filter(|p| {
            if flag.handed_down {
                takes(p)
            } else {
                *p == path
            }
        })
        .filter(|p| reflux.contains_key(*p))
        .collect();
    let mut at = BTreeMap::<String, Vec<&str>>::new();
    for place in &places {
        for difference in of_one(flag, reflux[*place].flags.get(name)) {
            at.entry(difference).or_default().push(place);
        }
    }
    let mut found = Vec::new();
    let path = if path.is_empty() { "." } else { path };
    for (difference, found_at) in at {
        if found_at.len() == places.len() {
            found.push(format!("{path} --{name}: {difference}"));
        } else {
            found.extend(
                found_at
                    .iter()
                    .map(|at| format!("{at} --{name}: {difference}")),
            );
        }
    }
    found
}

fn of_one(flux: &Flag, own: Option<&Flag>) -> Vec<String> {
    let Some(own) = own else {
        return vec!["missing".to_owned()];
    };
    let mut found = Vec::new();
    if own.letter != flux.letter {
        found.push(format!("the letter is {:?}", own.letter));
    }
    if own.kind != flux.kind {
        found.push(format!("the type is {}, not {}", own.kind, flux.kind));
    }
    if own.default != flux.default {
        found.push(format!(
            "the default is {:?}, not {:?}",
            own.default, flux.default
        ));
    }
    found
}

/// Whether the differences page tells of a command that is new, or of a flag of flux's that is not
/// there.
fn is_told(difference: &str) -> bool {
    if let Some(command) = difference.strip_suffix(": new") {
        let text = section(&read(DIFFERENCES), "## New commands");
        return quoted(&text).iter().any(|told| told == command);
    }
    let Some((at, flag)) = difference
        .strip_suffix(": missing")
        .and_then(|d| d.split_once(" --"))
    else {
        return false;
    };
    let text = section(&read(DIFFERENCES), "## Flags of flux that are not there");
    rows(&text).iter().any(|cells| {
        let of = quoted(&cells[1]);
        quoted(&cells[0]).contains(&format!("--{flag}"))
            && (of.is_empty() || of.iter().any(|group| is_below(at, group)))
    })
}

/// The differences that are meant, each of which has a reason below it.
fn exceptions() -> BTreeSet<String> {
    let text = read("tests/cli/surface/exceptions.txt");
    let mut exceptions = BTreeSet::new();
    let mut differences = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with("  ") {
            exceptions.extend(differences.drain(..));
        } else {
            differences.push(line.to_owned());
        }
    }
    assert!(differences.is_empty(), "without a reason: {differences:#?}");
    exceptions
}

#[test]
fn the_command_line_is_fluxs() {
    let (flux, reflux) = (flux(), reflux());
    assert!(flux.len() > 140, "{}", flux.len());
    let built: Vec<_> = missing()
        .into_iter()
        .filter(|path| reflux.contains_key(path))
        .collect();
    assert!(built.is_empty(), "said not to be there: {built:#?}");
    let found = differences(&flux, &reflux);
    let exceptions = exceptions();
    let untold: Vec<_> = found
        .iter()
        .filter(|d| !exceptions.contains(*d) && !is_told(d))
        .collect();
    assert!(untold.is_empty(), "differences: {untold:#?}");
    let stale: Vec<_> = exceptions.difference(&found).collect();
    assert!(stale.is_empty(), "exceptions that are none: {stale:#?}");
}

#[test]
fn differences_are_seen() {
    let mut reflux = reflux();
    let get = |flag: &str| format!("get kustomizations --{flag}");
    let facts = reflux.get_mut("get kustomizations").unwrap();
    facts.aliases.remove("ks");
    facts.flags.remove("show-source");
    facts.flags.get_mut("all-namespaces").unwrap().letter = None;
    facts.flags.get_mut("watch").unwrap().kind = "string";
    facts.flags.get_mut("timeout").unwrap().default = "1m0s".to_owned();
    reflux.remove("get alerts");
    let known = exceptions();
    let found: Vec<_> = differences(&flux(), &reflux)
        .into_iter()
        .filter(|d| !known.contains(d) && !is_told(d))
        .collect();
    assert_eq!(
        found,
        [
            get("all-namespaces: the letter is None"),
            get("show-source: missing"),
            get("timeout: the default is \"1m0s\", not \"5m0s\""),
            get("watch: the type is string, not bool"),
            "get alerts: missing".to_owned(),
            "get kustomizations: \"ks\" does not mean it".to_owned(),
        ]
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
}
