//! The prose against the program: what the documents say of commands, flags, exit codes and
//! dependencies is so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use reflux::bootstrap::report::{
    ApiCall, CommitReport, FileReport, KeyReport, Report, SecretReport,
};
use reflux::cli::{self, Stop};
use reflux::cluster::apply::{Action, Change, ObjectName};
use reflux::error::Kind;
use reflux::identity::Identity;
use serde_json::Value;

const DIFFERENCES: &str = "docs/differences.md";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs_err::read_to_string(root().join(path)).unwrap()
}

/// The text below a heading, up to the next one of the same level or above.
#[track_caller]
fn section(text: &str, heading: &str) -> String {
    let level = heading.chars().take_while(|c| *c == '#').count();
    let mut lines = text.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "there is no heading {heading:?}");
    let is_next = |line: &str| {
        let depth = line.chars().take_while(|c| *c == '#').count();
        (1..=level).contains(&depth) && line[depth..].starts_with(' ')
    };
    let below: Vec<&str> = lines.take_while(|line| !is_next(line)).collect();
    below.join("\n")
}

/// The rows of the tables in a text, without headers: cells, trimmed.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut body = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            body = false;
        } else if line.chars().all(|c| "|-: ".contains(c)) {
            body = true;
        } else if body {
            let inner = line.trim().trim_matches('|').replace("\\|", "\u{0}");
            let cells = inner.split('|');
            rows.push(cells.map(|c| c.trim().replace('\u{0}', "|")).collect());
        }
    }
    rows
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    let pieces = text.split('`').skip(1).step_by(2);
    pieces.map(str::to_owned).collect()
}

#[test]
fn exit_codes_are_those_of_the_program() {
    let told: Vec<(String, Vec<String>)> = rows(&read("docs/exit-codes.md"))
        .into_iter()
        .map(|row| (row[0].clone(), quoted(&row[1])))
        .collect();
    let real: Vec<(String, Vec<String>)> = Kind::ALL
        .iter()
        .map(|kind| (kind.exit_code().to_string(), vec![kind.word().to_owned()]))
        .collect();
    assert_eq!(told, real);
}

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

/// The command lines of the shell blocks in a text, split into words.
fn examples(text: &str) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```sh";
        } else if inside {
            lines.push(line);
        }
    }
    let text = lines.join("\n").replace("\\\n", " ");
    let commands = text.lines().map(words);
    commands
        .filter(|words| words.first().is_some_and(|w| w == "reflux" || w == "flux"))
        .collect()
}

/// The words of one simple command: quotes are honoured, what follows it is not looked at.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.trim_start_matches("$ ").chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | ';' | '&') => break,
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn examples_are_commands() {
    let written = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/exit-codes.md",
        "docs/output/README.md",
        "docs/rbac.md",
        DIFFERENCES,
    ];
    let generated = fs_err::read_dir(root().join("docs/commands")).unwrap();
    let generated = generated.map(|entry| entry.unwrap().path());
    let mut found = 0;
    for document in written.into_iter().map(PathBuf::from).chain(generated) {
        for words in examples(&read(&document)) {
            let line = words.join(" ");
            let identity = Identity::of(words.first().map(AsRef::as_ref));
            let arguments = words.into_iter().map(Into::into).collect();
            if let Err(Stop::Refusal(error)) = cli::parse(identity, arguments) {
                panic!("{}: {line}: {}", document.display(), error.chain());
            }
            found += 1;
        }
    }
    assert!(found >= 50, "{found}");
}

#[test]
fn words_are_split_as_a_shell_does() {
    assert_eq!(
        words("reflux get ks -l 'a in (b)' --x=\"\" | jq . # all"),
        ["reflux", "get", "ks", "-l", "a in (b)", "--x="]
    );
}

#[test]
fn links_lead_somewhere() {
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        DIFFERENCES,
    ] {
        let folder = Path::new(document).parent().unwrap();
        for link in read(document).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(
                    root().join(folder).join(target).exists(),
                    "{document}: {target}"
                );
            }
        }
    }
}

#[test]
fn dependencies_are_explained() {
    let manifest = read("Cargo.toml");
    let (_, list) = manifest.split_once("[workspace.dependencies]").unwrap();
    let list = list.split("\n[").next().unwrap();
    let wanted: BTreeSet<String> = list
        .lines()
        .filter(|line| !line.contains("path ="))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .collect();
    let explained = rows(&section(&read("CONTRIBUTING.md"), "## Dependencies"));
    assert!(
        explained
            .iter()
            .all(|row| row.len() == 4 && !row[1].is_empty())
    );
    let told: BTreeSet<String> = explained.into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(told, wanted);
}

/// The JSON documents below a heading.
fn documents(text: &str, heading: &str) -> Vec<Value> {
    let section = section(text, heading);
    let blocks = section.split("```json\n").skip(1);
    let block = |block: &str| serde_json::from_str(block.split("```").next().unwrap()).unwrap();
    blocks.map(block).collect()
}

/// The paths of all fields in a document.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}.{key}");
                fields(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                fields(item, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_plan_of_a_bootstrap_has_the_fields_that_are_told() {
    let text = String::new;
    let action = Action::Created;
    let plan = Report {
        repository: text(),
        branch: text(),
        up_to_date: false,
        api_calls: vec![ApiCall {
            method: "POST",
            path: text(),
            effect: text(),
        }],
        commits: vec![CommitReport {
            message: text(),
            author: text(),
            signed_by: Some(text()),
            files: vec![FileReport {
                path: text(),
                action,
                content: text(),
                diff: text(),
            }],
        }],
        keys: vec![KeyReport {
            title: text(),
            action,
            read_only: true,
        }],
        secrets: vec![SecretReport {
            namespace: text(),
            name: text(),
            action,
            reason: text(),
            host_keys: vec![text()],
        }],
        objects: vec![Change {
            object: ObjectName {
                api_version: text(),
                kind: text(),
                namespace: Some(text()),
                name: text(),
            },
            action,
        }],
    };
    let (mut real, mut told) = (BTreeSet::new(), BTreeSet::new());
    fields(&serde_json::to_value(plan).unwrap(), "", &mut real);
    let described = documents(&read("docs/output/README.md"), "## bootstrap --dry-run");
    fields(&described[0], "", &mut told);
    assert_eq!(told, real);
}

#[test]
fn documents_are_json() {
    let text = read("docs/output/README.md");
    for heading in ["## get", "## version", "## check", "## bootstrap --dry-run"] {
        assert_eq!(documents(&text, heading).len(), 1, "{heading}");
    }
}
