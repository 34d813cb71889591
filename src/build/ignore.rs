//! Which files Flux leaves out: `.sourceignore`, what the user names, and what is never a manifest.
//!
//! The patterns are those of `.gitignore` as go-git reads them, which is what Flux does: the last
//! that fits decides, and a file in a folder that is left out can be taken in again. Paths are
//! relative to the folder that is built.

use std::path::{Component, Path};

use crate::substitute;

/// What no manifest is called: of version control, pictures and archives, CI, and tools.
const ALWAYS: &[&str] = &[
    ".git/",
    ".gitignore",
    ".gitmodules",
    ".gitattributes",
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// The rules for the files of one folder, the weakest first.
#[derive(Debug, Clone)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    /// The folder below which it holds.
    domain: Vec<String>,
    /// The parts of its path.
    parts: Vec<String>,
    takes_in: bool,
    only_folders: bool,
}

impl Default for Rules {
    fn default() -> Self {
        let mut rules = Rules::none();
        rules.add(ALWAYS.iter().copied(), Path::new(""));
        rules
    }
}

impl Rules {
    /// Rules that leave nothing out.
    pub(super) fn none() -> Self {
        Rules(Vec::new())
    }

    /// Adds the patterns of a text, one a line, for what is in `domain`.
    pub(super) fn read(&mut self, text: &str, domain: &Path) {
        let lines = text.lines();
        self.add(
            lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty()),
            domain,
        );
    }

    fn add<'p>(&mut self, patterns: impl Iterator<Item = &'p str>, domain: &Path) {
        let domain = names(domain).unwrap_or_default();
        self.0
            .extend(patterns.map(|pattern| Rule::parse(pattern, domain.clone())));
    }

    /// Whether the file or folder at `path` is left out. What is not in the folder never is.
    pub(super) fn leave_out(&self, path: &Path, is_folder: bool) -> bool {
        let Some(path) = names(path) else {
            return false;
        };
        let mut strongest_first = self.0.iter().rev();
        strongest_first
            .find(|rule| rule.fits(&path, is_folder))
            .is_some_and(|rule| !rule.takes_in)
    }
}

/// The names on a path that stays below where it begins.
fn names(path: &Path) -> Option<Vec<String>> {
    path.components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

impl Rule {
    fn parse(pattern: &str, domain: Vec<String>) -> Self {
        let takes_in = pattern.starts_with('!');
        let mut pattern = pattern.strip_prefix('!').unwrap_or(pattern);
        if !pattern.ends_with("\\ ") {
            pattern = pattern.trim_end_matches(' ');
        }
        let only_folders = pattern.ends_with('/');
        let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
        Rule {
            domain,
            parts: pattern.split('/').map(str::to_owned).collect(),
            takes_in,
            only_folders,
        }
    }

    fn fits(&self, path: &[String], is_folder: bool) -> bool {
        let Some(path) = path.strip_prefix(self.domain.as_slice()) else {
            return false;
        };
        match self.parts.as_slice() {
            _ if path.is_empty() => false,
            [name] => self.fits_name(name, path, is_folder),
            _ => self.fits_path(path, is_folder),
        }
    }

    /// A pattern without slashes fits any name on the way.
    fn fits_name(&self, pattern: &str, path: &[String], is_folder: bool) -> bool {
        let found = path.iter().position(|name| fits(pattern, name));
        found.is_some_and(|at| !self.only_folders || is_folder || at + 1 < path.len())
    }

    /// A pattern with slashes fits from its folder on; what is below is fitted, too.
    fn fits_path(&self, mut path: &[String], is_folder: bool) -> bool {
        let mut matched = false;
        let mut anywhere = false;
        for (at, part) in self.parts.iter().enumerate() {
            match part.as_str() {
                "" => anywhere = false,
                "**" if at + 1 == self.parts.len() => break,
                "**" => anywhere = true,
                part if part.contains("**") || path.is_empty() => return false,
                part if anywhere => {
                    anywhere = false;
                    let found = path.iter().position(|name| fits(part, name));
                    // Nothing left and nothing found: only a later part could tell, and there is
                    // nothing for it to fit.
                    matched = found.is_some();
                    path = found.map_or(&[], |found| &path[found + 1..]);
                }
                part if fits(part, &path[0]) => {
                    matched = true;
                    path = &path[1..];
                }
                _ => return false,
            }
        }
        matched && !(self.only_folders && !is_folder && path.is_empty())
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    substitute::fits_pattern(pattern.as_bytes(), name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_fits_decides() {
        let mut rules = Rules::default();
        rules.read(
            "# all\n*.yaml\n!keep.yaml\n/top/*\n**/deep/x.yml\n  \n",
            Path::new(""),
        );
        rules.read("only/\n", Path::new("sub"));
        for (path, left_out) in [
            ("a.yaml", true),
            ("b/keep.yaml", false),
            ("top/any.yml", true),
            ("b/top/any.yml", false),
            ("a/b/deep/x.yml", true),
            ("deep/x.yml", true),
            ("sub/only/x.yml", true),
            ("sub/only", false),
            ("other/only/x.yml", false),
            (".github/x.yml", true),
            ("a/.sops.yaml", true),
            ("logo.png", true),
            ("../a.yaml", false),
            ("", false),
        ] {
            assert_eq!(rules.leave_out(Path::new(path), false), left_out, "{path}");
        }
        assert!(rules.leave_out(Path::new("sub/only"), true));
    }
}
