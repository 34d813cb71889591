//! A revision as users name it, and whether what a source reports is that revision.
//!
//! Flux writes a revision as `main@sha1:<digest>`, `v1.0.0@sha1:<digest>`, `latest@sha256:<digest>`
//! or, where nothing has a name, `sha256:<digest>`.

use std::fmt;
use std::str::FromStr;

/// The fewest digits that tell one commit from another, as Git abbreviates them.
const FEWEST: usize = 7;

/// The algorithms of digests, and how many hexadecimal digits each has.
const ALGORITHMS: &[(&str, usize)] = &[
    ("sha1", 40),
    ("sha256", 64),
    ("sha384", 96),
    ("sha512", 128),
];

/// The revision that somebody waits for. Parts that were not given match anything, and a digest is
/// matched by its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    given: String,
    name: Option<String>,
    algorithm: Option<String>,
    digest: Option<String>,
}

/// Why a text names no revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing was given, or a part is empty.
    #[error("expected a revision such as main@sha1:9fceb02, sha1:9fceb02 or 9fceb02")]
    Empty,
    /// A branch has many revisions.
    #[error("{0:?} names no commit: add its digest, as in {0}@sha1:9fceb02")]
    NoDigest(String),
    /// The digest is not hexadecimal, or too short or too long for its algorithm.
    #[error("{0:?} is no digest: expected 7 or more hexadecimal digits of {1}")]
    Digest(String, &'static str),
    /// The algorithm is none of Flux's.
    #[error("{0:?} is no algorithm of a digest: expected sha1, sha256, sha384 or sha512")]
    Algorithm(String),
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl FromStr for Revision {
    type Err = Invalid;

    fn from_str(given: &str) -> Result<Self, Invalid> {
        let given = given.trim();
        let parts = Parts::of(given);
        if given.is_empty() || parts.name == Some("") || parts.digest == Some("") {
            return Err(Invalid::Empty);
        }
        if let Some(digest) = parts.digest {
            check(digest, parts.algorithm)?;
        } else if let Some(name) = parts.name.filter(|name| !is_tag(name)) {
            return Err(Invalid::NoDigest(name.to_owned()));
        }
        Ok(Revision {
            given: given.to_owned(),
            name: parts.name.map(str::to_owned),
            algorithm: parts.algorithm.map(str::to_owned),
            digest: parts.digest.map(str::to_ascii_lowercase),
        })
    }
}

impl Revision {
    /// Whether what a source or a status reports is this revision. A part that either side lacks is
    /// not compared, but one has to be.
    pub fn matches(&self, reported: &str) -> bool {
        let reported = Parts::of(reported);
        let both = |ours: &Option<String>, theirs: Option<&str>, equal: fn(&str, &str) -> bool| {
            Some(equal(ours.as_deref()?, theirs?))
        };
        let name = both(&self.name, reported.name, same_name);
        let algorithm = both(&self.algorithm, reported.algorithm, |a, b| a == b);
        let digest = both(&self.digest, reported.digest, |a, b| b.starts_with(a));
        // Without the digest, only a tag says which revision is meant.
        let decisive = if self.digest.is_some() { digest } else { name };
        decisive == Some(true) && name != Some(false) && algorithm != Some(false)
    }

    /// Whether what a source reports is of the branch or tag that this revision names; nothing is
    /// where it names none.
    pub fn shares_name(&self, reported: &str) -> bool {
        let theirs = Parts::of(reported).name;
        self.name
            .as_deref()
            .zip(theirs)
            .is_some_and(|(ours, theirs)| same_name(ours, theirs))
    }

    /// Whether it names a branch or a tag.
    pub fn is_named(&self) -> bool {
        self.name.is_some()
    }
}

/// Whether two reported revisions are of the same branch or tag.
pub(super) fn same_line(one: &str, other: &str) -> bool {
    match (Parts::of(one).name, Parts::of(other).name) {
        (Some(one), Some(other)) => same_name(one, other),
        _ => false,
    }
}

/// The parts of a revision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Parts<'a> {
    name: Option<&'a str>,
    algorithm: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        // Names of branches may hold an @, digests never do.
        if let Some((name, digest)) = text.rsplit_once('@') {
            let digest = Parts::of_digest(digest);
            return Parts {
                name: Some(name),
                ..digest
            };
        }
        if text.contains(':') || is_hexadecimal(text) {
            return Parts::of_digest(text);
        }
        // Flux before 2.0, and some who push artifacts, write `main/<digest>`.
        match text.rsplit_once('/') {
            Some((name, digest)) if matches!(digest.len(), 40 | 64) && is_hexadecimal(digest) => {
                Parts {
                    name: Some(name),
                    digest: Some(digest),
                    algorithm: None,
                }
            }
            _ => Parts {
                name: Some(text),
                ..Parts::default()
            },
        }
    }

    fn of_digest(text: &'a str) -> Self {
        let (algorithm, digest) = match text.split_once(':') {
            Some((algorithm, digest)) => (Some(algorithm), digest),
            None => (None, text),
        };
        Parts {
            name: None,
            algorithm,
            digest: Some(digest),
        }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() >= FEWEST && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `refs/heads/main` is what `main` is short for.
fn same_name(one: &str, other: &str) -> bool {
    fn short(name: &str) -> &str {
        let of = |prefix| name.strip_prefix(prefix);
        of("refs/heads/").or(of("refs/tags/")).unwrap_or(name)
    }
    short(one) == short(other)
}

/// Whether the name stands for one revision, as those of versions do.
fn is_tag(name: &str) -> bool {
    let version = name.strip_prefix('v').unwrap_or(name);
    name.starts_with("refs/tags/") || semver::Version::parse(version).is_ok()
}

fn check(digest: &str, algorithm: Option<&str>) -> Result<(), Invalid> {
    let known = ALGORITHMS
        .iter()
        .find(|(name, _)| algorithm.is_none_or(|a| a == *name));
    let Some((name, digits)) = known else {
        return Err(Invalid::Algorithm(algorithm.unwrap_or_default().to_owned()));
    };
    let most = algorithm.map_or(128, |_| *digits);
    if is_hexadecimal(digest) && digest.len() <= most {
        return Ok(());
    }
    let of = if algorithm.is_some() {
        *name
    } else {
        "a commit"
    };
    Err(Invalid::Digest(digest.to_owned(), of))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "9fceb02d0ae598e95dc970b74767f19372d61af8";

    fn revision(text: &str) -> Revision {
        text.parse().unwrap()
    }

    #[test]
    fn given_parts_must_be_equal() {
        let main = format!("main@sha1:{COMMIT}");
        for (given, reported, want) in [
            ("main@sha1:9fceb02", main.as_str(), true),
            ("sha1:9fceb02", &main, true),
            ("9fceb02", &main, true),
            ("9FCEB02D", &main, true),
            (main.as_str(), &main, true),
            ("main@9fceb02", &main, true),
            ("refs/heads/main@sha1:9fceb02", &main, true),
            ("dev@sha1:9fceb02", &main, false),
            ("sha256:9fceb02", &main, false),
            ("9fceb03", &main, false),
            // Digests match from their beginning only.
            ("fceb02d", &main, false),
            ("main@sha1:9fceb02", "", false),
            ("main@sha1:9fceb02", "main", false),
        ] {
            assert_eq!(
                revision(given).matches(reported),
                want,
                "{given} {reported}"
            );
        }
    }

    #[test]
    fn what_is_not_reported_is_not_compared() {
        let given = revision("main@sha1:9fceb02");
        assert!(given.matches(COMMIT));
        assert!(given.matches(&format!("sha1:{COMMIT}")));
        assert!(given.matches(&format!("main/{COMMIT}")));
        assert!(!given.matches(&format!("dev/{COMMIT}")));
        assert!(!given.matches("main/9fceb02"), "a branch of that name");
    }

    #[test]
    fn tags_and_artifacts() {
        for (given, reported, want) in [
            ("latest@sha256:0123456", "latest@sha256:0123456789", true),
            ("v1.2.0", "v1.2.0@sha1:0123456", true),
            ("6.1.0", "6.1.0@sha256:0123456", true),
            ("6.1.0", "6.1.1@sha256:0123456", false),
            ("refs/tags/next", "refs/tags/next@sha1:0123456", true),
            ("refs/tags/next", "sha1:0123456", false),
            ("v1.2.0@sha1:abcdef0", "v1.2.0@sha1:0123456", false),
            ("user@work@sha1:0123456", "user@work@sha1:0123456789", true),
        ] {
            assert_eq!(
                revision(given).matches(reported),
                want,
                "{given} {reported}"
            );
        }
    }

    #[test]
    fn lines() {
        let given = revision("main@sha1:9fceb02");
        assert!(given.shares_name("main@sha1:0000000"));
        assert!(given.shares_name("refs/heads/main@sha1:0000000"));
        assert!(!given.shares_name("dev@sha1:0000000"));
        assert!(!revision("9fceb02").shares_name("main@sha1:0000000"));
        assert!(same_line("main@sha1:1", "main@sha1:2"));
        assert!(!same_line("sha1:1", "sha1:1"));
    }

    #[test]
    fn refusals() {
        for (given, says) in [
            ("", "expected a revision such as"),
            ("@sha1:9fceb02", "expected a revision such as"),
            ("main@", "expected a revision such as"),
            ("main@sha1:", "expected a revision such as"),
            ("main", "\"main\" names no commit"),
            ("9fceb0", "\"9fceb0\" names no commit"),
            (
                "sha1:9fc",
                "\"9fc\" is no digest: expected 7 or more hexadecimal digits of sha1",
            ),
            ("main@sha1:xyzxyzx", "\"xyzxyzx\" is no digest"),
            ("md5:9fceb02", "\"md5\" is no algorithm"),
        ] {
            let error = given.parse::<Revision>().unwrap_err().to_string();
            assert!(error.starts_with(says), "{given}: {error}");
        }
        let long = format!("sha1:{COMMIT}0");
        assert!(long.parse::<Revision>().is_err());
        assert!(format!("{COMMIT}0").parse::<Revision>().is_ok());
    }
}
