//! A path that stays inside the repository, whatever is asked.

use std::fmt;
use std::str::FromStr;

/// A slash path that begins with `./` and never leaves the folder it is relative to: `..` above
/// the root is dropped and absolute paths are taken as relative, as flux does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeRelativePath {
    path: String,
    moved: bool,
}

impl SafeRelativePath {
    /// The path, beginning with `./`.
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The path without the leading `./`: what it is called inside the repository.
    pub fn inner(&self) -> &str {
        self.path.trim_start_matches("./")
    }

    /// Whether the path that was given pointed outside and was brought inside.
    pub fn was_moved(&self) -> bool {
        self.moved
    }
}

impl Default for SafeRelativePath {
    fn default() -> Self {
        SafeRelativePath {
            path: "./".to_owned(),
            moved: false,
        }
    }
}

impl FromStr for SafeRelativePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains('\0') {
            return Err("invalid relative path: it holds a zero byte".to_owned());
        }
        let mut parts: Vec<&str> = Vec::new();
        let mut moved = text.starts_with('/');
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => moved |= parts.pop().is_none(),
                part => parts.push(part),
            }
        }
        Ok(SafeRelativePath {
            path: format!("./{}", parts.join("/")),
            moved,
        })
    }
}

impl fmt::Display for SafeRelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let cases = [
            ("", "./", false),
            (".", "./", false),
            ("./", "./", false),
            ("clusters/my", "./clusters/my", false),
            ("./a//b/../c/", "./a/c", false),
            ("../x", "./x", true),
            ("/etc", "./etc", true),
            ("a/../../b", "./b", true),
        ];
        for (given, want, moved) in cases {
            let path: SafeRelativePath = given.parse().unwrap();
            assert_eq!((path.as_str(), path.was_moved()), (want, moved), "{given}");
        }
    }
}
