//! What things are called: branches, deploy keys, commits, addresses. Pure.

use sha1::{Digest, Sha1};

use crate::error::{Error, Result};

/// The branch, if Git takes the name.
///
/// # Errors
/// With the rule of `git check-ref-format --branch` that it breaks.
pub fn branch(name: &str) -> Result<&str> {
    match broken_rule(name) {
        None => Ok(name),
        Some(rule) => Err(Error::usage(format!(
            "invalid branch name {name:?}: it {rule}"
        ))),
    }
}

/// Characters that a reference cannot hold besides control characters.
const FORBIDDEN: &[char] = &[' ', '~', '^', ':', '?', '*', '[', '\\'];

fn broken_rule(name: &str) -> Option<String> {
    let bad = name
        .chars()
        .find(|c| c.is_ascii_control() || FORBIDDEN.contains(c));
    let rule = match name {
        "" => "is empty",
        "@" => "cannot be a lone @",
        "HEAD" => "cannot be HEAD",
        _ if name.starts_with('-') => "cannot begin with a dash",
        _ if name.starts_with('/') || name.ends_with('/') || name.contains("//") => {
            "has an empty part between slashes"
        }
        _ if name.starts_with("refs/heads/") => "is a full reference: leave \"refs/heads/\" out",
        _ if name.contains("..") => "cannot hold two dots in a row",
        _ if name.contains("@{") => "cannot hold @{",
        _ if name.ends_with('.') => "cannot end with a dot",
        _ if name.split('/').any(|part| part.starts_with('.')) => {
            "has a part that begins with a dot"
        }
        _ if name.split('/').any(|part| part.ends_with(".lock")) => {
            "has a part that ends with .lock"
        }
        _ => return bad.map(|c| format!("cannot hold {c:?}")),
    };
    Some(rule.to_owned())
}

/// The title of a deploy key. It is flux's, so that either program finds the other's key.
pub fn deploy_key(namespace: &str, branch: &str, secret: &str, path: &str) -> String {
    let parts = [namespace, branch, secret, path];
    let given: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    given.join("-")
}

/// The message of a commit, with what the user wants behind it.
pub fn message(subject: &str, appendix: &str) -> String {
    if appendix.is_empty() {
        subject.to_owned()
    } else {
        format!("{subject}\n\n{appendix}")
    }
}

/// A repository's address over HTTPS.
pub fn https_url(host: &str, owner: &str, repository: &str) -> String {
    format!("{}.git", web_url(host, owner, repository))
}

/// A repository's page.
pub fn web_url(host: &str, owner: &str, repository: &str) -> String {
    format!("https://{host}/{owner}/{repository}")
}

/// A repository's address over SSH.
pub fn ssh_url(host: &str, owner: &str, repository: &str) -> String {
    format!("ssh://git@{host}/{owner}/{repository}")
}

/// The number by which Git knows a file of this content.
pub fn blob_id(content: &[u8]) -> String {
    let digest = Sha1::new()
        .chain_update(format!("blob {}\0", content.len()))
        .chain_update(content)
        .finalize();
    hex(&digest)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The branch and the commit of a revision such as `main@sha1:0123…`.
pub fn revision(text: &str) -> Option<(&str, &str)> {
    let (branch, digest) = text.rsplit_once('@')?;
    Some((branch, digest.strip_prefix("sha1:").unwrap_or(digest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_follow_gits_rules() {
        for good in ["main", "feature/x", "a.b", "v1@2", "ünï", "a-b_c+d=e"] {
            assert_eq!(branch(good).unwrap(), good);
        }
        for bad in [
            "",
            "@",
            "HEAD",
            "-x",
            "/a",
            "a/",
            "a//b",
            "a..b",
            "a@{1}",
            "a.",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[0]",
            "a\\b",
            "a\tb",
            "refs/heads/main",
        ] {
            let error = branch(bad).unwrap_err().to_string();
            assert!(error.starts_with("invalid branch name"), "{bad}: {error}");
        }
    }

    #[test]
    fn titles_leave_out_what_is_empty() {
        assert_eq!(
            deploy_key("flux-system", "main", "flux-system", "./clusters/my"),
            "flux-system-main-flux-system-./clusters/my"
        );
        assert_eq!(
            deploy_key("flux-system", "main", "flux-system", ""),
            "flux-system-main-flux-system"
        );
    }

    #[test]
    fn blobs_are_numbered_as_git_does() {
        // From `printf 'hello\n' | git hash-object --stdin`.
        assert_eq!(
            blob_id(b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
        assert_eq!(blob_id(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    }

    #[test]
    fn revisions_are_a_branch_and_a_commit() {
        assert_eq!(revision("main@sha1:abc"), Some(("main", "abc")));
        assert_eq!(revision("a@b@sha1:abc"), Some(("a@b", "abc")));
        assert_eq!(revision("main"), None);
    }

    #[test]
    fn messages_carry_the_appendix() {
        assert_eq!(message("Add x", ""), "Add x");
        assert_eq!(message("Add x", "[ci skip]"), "Add x\n\n[ci skip]");
    }
}
