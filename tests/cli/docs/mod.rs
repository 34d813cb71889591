//! The prose against the program: what the documents say of commands, flags, exit codes, output and
//! dependencies is so.

mod examples;
mod flags;
mod output;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use reflux::error::Kind;

pub(crate) const DIFFERENCES: &str = "docs/differences.md";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    fs_err::read_to_string(root().join(path)).unwrap()
}

/// The text below a heading, up to the next one of the same level or above.
#[track_caller]
pub(crate) fn section(text: &str, heading: &str) -> String {
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
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
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
pub(crate) fn quoted(text: &str) -> Vec<String> {
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
