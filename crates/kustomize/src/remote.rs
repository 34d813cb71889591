//! Addresses of what is not in the tree, as kustomizations write them.
//!
//! The rules of kustomize (`api/internal/git/repospec.go`, v0.21.1): what stands before `//`, up to `.git`, or else the first
//! two parts of the path, is the repository, what follows is a directory in it; `ref` (or `version`) names a branch, a tag or a
//! commit. One thing is decided otherwise: kustomize asks every `https` address for a file first, and takes it for a
//! repository when the answer is no YAML. Here an address is a file when it ends like one and names no repository.

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file at a URL.
    File(String),
    /// A directory of a Git repository.
    Repository(Repository),
}

/// A directory of a Git repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// What Git clones.
    pub url: String,
    /// The directory in it; empty for its root.
    pub directory: String,
    /// The branch, tag or commit; empty for the one that the server offers.
    pub reference: String,
    /// Whether the repositories in it are wanted, too.
    pub submodules: bool,
}

const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", "file://"];
/// How the names of files of objects end.
const FILE_ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    ///
    /// Where it is none, or leads out of its repository.
    pub fn parse(address: &str) -> Result<Self, String> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let is_web = path.starts_with("https://") || path.starts_with("http://");
        let after_scheme = path.split_once("://").map_or(path, |(_, rest)| rest);
        let marked = [".git", "//", "_git/"]
            .iter()
            .any(|mark| after_scheme.contains(mark));
        if is_web && !marked && FILE_ENDINGS.iter().any(|end| path.ends_with(end)) {
            return Ok(Self::File(address.to_owned()));
        }
        Repository::parse(path, query).map(Self::Repository)
    }
}

impl Repository {
    fn parse(path: &str, query: &str) -> Result<Self, String> {
        let path = path.strip_prefix("git::").unwrap_or(path);
        let (host, path) = host(path)?;
        let (repository, directory) = split(path, host.starts_with("file://"))
            .filter(|(repository, _)| !repository.is_empty())
            .ok_or("failed to parse repo path segment")?;
        let directory = crate::files::clean(directory.trim_start_matches('/').as_ref());
        if directory.starts_with("..") {
            return Err(format!("url path exits repo: {path}"));
        }
        let mut found = Self {
            url: format!("{host}{repository}"),
            directory: directory.display().to_string(),
            reference: String::new(),
            submodules: true,
        };
        let mut version = "";
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "ref" => value.clone_into(&mut found.reference),
                "version" => version = value,
                "submodules" => {
                    found.submodules =
                        !matches!(value, "0" | "f" | "F" | "false" | "False" | "FALSE")
                }
                _ => {}
            }
        }
        if found.reference.is_empty() {
            version.clone_into(&mut found.reference);
        }
        // Git would take that for an option.
        if found.reference.starts_with('-') || found.url.starts_with('-') {
            return Err("neither a repository nor a ref begins with a dash".to_owned());
        }
        Ok(found)
    }
}

/// The scheme, user and host of an address, with the sign that ends them; and the rest.
fn host(address: &str) -> Result<(String, &str), String> {
    let scheme = SCHEMES.iter().find(|scheme| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let scheme = scheme.copied().unwrap_or_default();
    let rest = &address[scheme.len()..];
    if scheme == "file://" {
        return Ok((scheme.to_owned(), rest));
    }
    let user_end = rest.find('@').filter(|at| {
        let user = &rest[..*at];
        let name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        user.starts_with(|c: char| c.is_ascii_alphabetic()) && user.chars().all(name)
    });
    let (user, rest) = rest.split_at(user_end.map_or(0, |at| at + 1));
    let lower = rest.to_ascii_lowercase();
    let is_github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    let is_short = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_short {
        return Err("failed to parse scheme".to_owned());
    }
    let slash = rest.find('/');
    let colon = rest.find(':').filter(|colon| is_short && *colon > 0);
    let end = match (slash, colon) {
        (Some(slash), Some(colon)) => Some(slash.min(colon)),
        (slash, colon) => slash.or(colon),
    };
    let (host, path) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
    if host.is_empty() {
        return Err("failed to parse host segment".to_owned());
    }
    if !is_github {
        return Ok((format!("{scheme}{user}{host}"), path));
    }
    if scheme == "ssh://" || !user.is_empty() {
        let user = if user.is_empty() { "git@" } else { user };
        return Ok((format!("{user}github.com:"), path));
    }
    Ok(("https://github.com/".to_owned(), path))
}

/// The repository and the directory in it.
fn split(path: &str, is_file: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find("_git/") {
        let start = at + "_git/".len();
        let end = path[start..]
            .find('/')
            .map_or(path.len(), |end| start + end);
        return Some(path.split_at(end));
    }
    if let Some(both) = path.split_once("//") {
        return Some(both);
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if is_file {
        return Some((path, ""));
    }
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    slashes.next()?;
    Some(slashes.next().map_or((path, ""), |at| path.split_at(at)))
}

/// Whether an entry of `resources` or `components` asks for something outside of the tree.
#[must_use]
pub fn is_remote(entry: &str) -> bool {
    ["github.com/", "git@", "git::", "gh:"]
        .iter()
        .any(|start| entry.starts_with(start))
        || entry.contains("://")
        || entry.contains("?ref=")
}

/// An address as it may be shown: without a password.
#[must_use]
pub fn shown(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) if rest[..at].contains(':') || scheme.starts_with("http") => {
            format!("{scheme}://***@{}", &rest[at + 1..])
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_as_by_kustomize() {
        for (address, url, directory, reference) in [
            (
                "https://github.com/org/repo//a/b?ref=v1",
                "https://github.com/org/repo",
                "a/b",
                "v1",
            ),
            (
                "github.com/org/repo/a?ref=v1",
                "https://github.com/org/repo",
                "a",
                "v1",
            ),
            (
                "github.com/org/repo.git/a",
                "https://github.com/org/repo.git",
                "a",
                "",
            ),
            (
                "git@github.com:org/repo//a?version=v2",
                "git@github.com:org/repo",
                "a",
                "v2",
            ),
            (
                "git@example.com:org/repo.git",
                "git@example.com:org/repo.git",
                "",
                "",
            ),
            (
                "ssh://git@example.com:2222/org/repo//a",
                "ssh://git@example.com:2222/org/repo",
                "a",
                "",
            ),
            (
                "https://example.com/group/sub/repo//a",
                "https://example.com/group/sub/repo",
                "a",
                "",
            ),
            (
                "https://dev.azure.com/org/project/_git/repo/a/b?ref=v1",
                "https://dev.azure.com/org/project/_git/repo",
                "a/b",
                "v1",
            ),
            (
                "file:///tmp/repo//a/../b?ref=main",
                "file:///tmp/repo",
                "b",
                "main",
            ),
            ("file:///tmp/repo", "file:///tmp/repo", "", ""),
            (
                "git::https://example.com/org/repo",
                "https://example.com/org/repo",
                "",
                "",
            ),
        ] {
            let Ok(Address::Repository(found)) = Address::parse(address) else {
                panic!("{address}");
            };
            let parts = (
                found.url.as_str(),
                found.directory.as_str(),
                found.reference.as_str(),
            );
            assert_eq!(parts, (url, directory, reference), "{address}");
        }
    }

    #[test]
    fn files_are_files() {
        let address = "https://example.com/releases/v1/all.yaml";
        assert_eq!(
            Address::parse(address),
            Ok(Address::File(address.to_owned()))
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in [
            "example.com/org/repo",
            "https://example.com/org",
            "https://example.com/org/repo//../../etc",
            "https://example.com/org/repo?ref=--upload-pack=x",
        ] {
            assert!(Address::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("https://me:secret@host/a"), "https://***@host/a");
        assert_eq!(shown("https://token@host/a"), "https://***@host/a");
        assert_eq!(shown("ssh://git@host/a"), "ssh://git@host/a");
        assert_eq!(shown("git@host:a/b"), "git@host:a/b");
    }
}
