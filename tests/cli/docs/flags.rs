//! Which commands and flags the documents say are new, or are not there.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Command};
use reflux::cli;
use reflux::identity::Identity;

use super::{DIFFERENCES, quoted, read, rows, section};

/// A command of flux's: its flags, those of the commands above it included, and their letters.
type Flags = BTreeMap<String, Option<char>>;

/// flux's commands.
fn flux() -> BTreeMap<String, Flags> {
    let parse = |flags: &str| -> Flags {
        let flags = flags.split_whitespace();
        flags
            .map(|flag| match flag.split_once('/') {
                Some((name, letter)) => (name.to_owned(), letter.chars().next()),
                None => (flag.to_owned(), None),
            })
            .collect()
    };
    let (mut commands, mut inherited) = (BTreeMap::new(), BTreeMap::<String, Flags>::new());
    let text = read("tests/cli/fixtures/flux-flags.txt");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (path, flags) = line.split_once(':').unwrap();
        let path = path.trim_start_matches('.').to_owned();
        let (below, own) = flags.split_once(';').unwrap_or((flags, ""));
        let above = path.rsplit_once(' ').map_or("", |(above, _)| above);
        let mut all = inherited.get(above).cloned().unwrap_or_default();
        all.extend(parse(below));
        inherited.insert(path.clone(), all.clone());
        all.extend(parse(own));
        commands.insert(path, all);
    }
    commands
}

/// reflux's commands, those without a page of their own in between included.
fn reflux() -> BTreeMap<String, Flags> {
    fn walk(command: &Command, path: &[&str], found: &mut BTreeMap<String, Flags>) {
        let is_flag = |arg: &&Arg| !arg.is_positional() && arg.get_id() != "help";
        let flags = command.get_arguments().filter(is_flag);
        let flags = flags.map(|arg| (arg.get_long().unwrap().to_owned(), arg.get_short()));
        found.insert(path.join(" "), flags.collect());
        for below in command.get_subcommands() {
            walk(below, &[path, &[below.get_name()]].concat(), found);
        }
    }
    let mut command = cli::root(Identity::Reflux);
    command.build();
    let mut found = BTreeMap::new();
    walk(&command, &[], &mut found);
    found
}

/// A row of a table of flags: the flag, and the commands that it is about.
struct FlagRow {
    flag: String,
    commands: Vec<String>,
}

impl FlagRow {
    fn all(heading: &str) -> Vec<FlagRow> {
        let section = section(&read(DIFFERENCES), heading);
        let row = |cells: Vec<String>| {
            let flags = quoted(&cells[0]);
            let long = flags.iter().find_map(|f| f.strip_prefix("--")).unwrap();
            FlagRow {
                flag: long.to_owned(),
                commands: quoted(&cells[1]),
            }
        };
        rows(&section).into_iter().map(row).collect()
    }

    /// Whether it is about that flag of that command. A row without commands is about all.
    fn covers(&self, path: &str, flag: &str) -> bool {
        let below = |above: &String| path == above || path.starts_with(&format!("{above} "));
        self.flag == flag && (self.commands.is_empty() || self.commands.iter().any(below))
    }
}

/// What is in one program and not in the other, by command and flag.
fn beyond<'a>(
    these: &'a BTreeMap<String, Flags>,
    those: &'a BTreeMap<String, Flags>,
) -> Vec<(&'a str, &'a str)> {
    let mut beyond = Vec::new();
    for (path, flags) in these {
        // A command that the other does not have is held against the one above it.
        let mut above = path.as_str();
        while !those.contains_key(above) {
            above = above.rsplit_once(' ').map_or("", |(above, _)| above);
        }
        let other = &those[above];
        let new = flags.keys().filter(|flag| !other.contains_key(*flag));
        beyond.extend(new.map(|flag| (path.as_str(), flag.as_str())));
    }
    beyond
}

#[track_caller]
fn same(heading: &str, found: &[(&str, &str)]) {
    let rows = FlagRow::all(heading);
    let untold: Vec<String> = found
        .iter()
        .filter(|(path, flag)| !rows.iter().any(|row| row.covers(path, flag)))
        .map(|(path, flag)| format!("{path} --{flag}"))
        .collect();
    assert!(untold.is_empty(), "no row below {heading:?}: {untold:#?}");
    let stale = |row: &&FlagRow| !found.iter().any(|(path, flag)| row.covers(path, flag));
    let stale: Vec<&str> = rows.iter().filter(stale).map(|r| r.flag.as_str()).collect();
    assert!(
        stale.is_empty(),
        "rows below {heading:?} about nothing: {stale:?}"
    );
}

#[test]
fn flags_that_flux_lacks_are_told() {
    same("## New flags", &beyond(&reflux(), &flux()));
}

#[test]
fn flags_that_only_flux_has_are_told() {
    let ours = reflux();
    // A flag that a group hands down may stand with the commands below it.
    let is_leaf = |path: &String| !ours.keys().any(|p| p.starts_with(&format!("{path} ")));
    let shared: BTreeMap<String, Flags> = flux()
        .into_iter()
        .filter(|(path, _)| ours.contains_key(path) && !path.is_empty() && is_leaf(path))
        .collect();
    same(
        "## Flags of flux that are not there",
        &beyond(&shared, &ours),
    );
}

#[test]
fn letters_of_flags_are_fluxs() {
    let ours = reflux();
    for (path, flags) in flux() {
        let Some(own) = ours.get(&path) else { continue };
        for (flag, letter) in flags.iter().filter(|(flag, _)| own.contains_key(*flag)) {
            assert_eq!(own[flag], *letter, "{path} --{flag}");
        }
    }
}

#[test]
fn verbs_that_are_not_there_are_told() {
    let first = |path: &String| path.split(' ').next().unwrap_or_default().to_owned();
    let ours: BTreeSet<String> = reflux().keys().map(first).collect();
    let flux: BTreeSet<String> = flux().keys().map(first).collect();
    let section = section(&read("README.md"), "## Not there yet");
    let (_, told) = section.split_once("- Verbs:").unwrap();
    let told = told.split("\n- ").next().unwrap();
    let told: BTreeSet<String> = quoted(told).into_iter().collect();
    assert_eq!(told, flux.difference(&ours).cloned().collect());
}
