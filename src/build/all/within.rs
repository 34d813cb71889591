//! Messages with paths as they are in the repository.

use std::path::Path;

/// The text with paths below `root` as they are in there; the root itself is `.`.
pub(super) fn within(root: &Path, text: &str) -> String {
    let root = root.display().to_string();
    if root == "/" {
        return text.replace(" '/", " './");
    }
    let mut parts = text.split(root.as_str());
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // What goes on with something else than a separator is a longer name.
        if let Some(below) = part.strip_prefix('/') {
            short.push_str(below);
        } else if part.starts_with(|next: char| next.is_alphanumeric() || "-_.".contains(next)) {
            short.push_str(&root);
            short.push_str(part);
        } else {
            short.push('.');
            short.push_str(part);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_paths_in_the_repository() {
        let root = Path::new("/srv/repo");
        for (text, short) in [
            ("/srv/repo → /srv/repo/a.yaml:2: bad", ". → a.yaml:2: bad"),
            ("no folder '/srv/repo'", "no folder '.'"),
            (
                "/srv/repo-two and /srv/repo.git",
                "/srv/repo-two and /srv/repo.git",
            ),
        ] {
            assert_eq!(within(root, text), short);
        }
        assert_eq!(within(Path::new("/"), "no '/a'"), "no './a'");
    }
}
