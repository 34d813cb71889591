//! Which commands and flags the documents say are new, or are not there.

use std::collections::{BTreeMap, BTreeSet};

use super::{DIFFERENCES, quoted, read, rows, section};
use crate::surface::{self, above};

/// The flags that each command takes, those of the commands above it included.
type Flags = BTreeMap<String, BTreeSet<String>>;

/// flux's commands, but for those that reflux does not have.
fn flux() -> Flags {
    let commands = surface::flux();
    let flags = |path: &String| {
        let mut flags: BTreeSet<String> = commands[path].flags.keys().cloned().collect();
        let mut next = above(path);
        while let Some(group) = next {
            let handed_down = commands[group].flags.iter().filter(|(_, f)| f.handed_down);
            flags.extend(handed_down.map(|(name, _)| name.clone()));
            next = above(group);
        }
        (path.clone(), flags)
    };
    commands.keys().map(flags).collect()
}

/// reflux's commands, those without a page of their own in between included.
fn reflux() -> Flags {
    let commands = surface::reflux().into_iter();
    commands
        .map(|(path, facts)| (path, facts.flags.into_keys().collect()))
        .collect()
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
fn beyond<'a>(these: &'a Flags, those: &'a Flags) -> Vec<(&'a str, &'a str)> {
    let mut beyond = Vec::new();
    for (path, flags) in these {
        // A command that the other does not have is held against the one above it.
        let mut known = path.as_str();
        while !those.contains_key(known) {
            known = above(known).unwrap_or_default();
        }
        let new = flags.difference(&those[known]);
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
    let shared: Flags = flux()
        .into_iter()
        .filter(|(path, _)| ours.contains_key(path) && !path.is_empty() && is_leaf(path))
        .collect();
    same(
        "## Flags of flux that are not there",
        &beyond(&shared, &ours),
    );
}

#[test]
fn verbs_that_are_not_there_are_told() {
    let ours = reflux();
    let is_verb = |path: &String| !path.contains(' ') && !ours.contains_key(path);
    let missing: BTreeSet<String> = surface::missing().into_iter().filter(is_verb).collect();
    let section = section(&read("README.md"), "## Not there yet");
    let (_, told) = section.split_once("- Verbs:").unwrap();
    let told = told.split("\n- ").next().unwrap();
    let told: BTreeSet<String> = quoted(told).into_iter().collect();
    assert_eq!(told, missing);
}
