//! Names of image repositories: `[registry/]path`, without a tag.

use super::go_url;

const CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";

/// Checks the name of an image repository by the rules of the Go library that flux and the image
/// controllers use. They are mild: what the registry makes of the name is seen when it is asked.
///
/// # Errors
/// With that library's words for what is wrong.
pub fn image_repository(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a repository name must be specified".to_owned());
    }
    // A first part without a dot or a colon belongs to the path of Docker Hub's images.
    let (registry, path) = match name.split_once('/') {
        Some((registry, path)) if registry.contains(['.', ':']) => (registry, path),
        _ => ("", name),
    };
    if !(2..=255).contains(&path.chars().count()) {
        return Err(format!(
            "repository must be between 2 and 255 characters in length: {path}"
        ));
    }
    if path.chars().any(|c| !CHARACTERS.contains(c)) {
        return Err(format!(
            "repository can only contain the characters `{CHARACTERS}`: {path}"
        ));
    }
    // A registry is a host and maybe a port, in no need of escapes.
    match go_url(&format!("//{registry}")) {
        Ok(url) if url.host == registry && !registry.contains('%') => Ok(()),
        _ => Err(format!(
            "registries must be valid RFC 3986 URI authorities: {registry}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_as_the_controllers_do() {
        for good in [
            "alpine",
            "library/alpine",
            "ghcr.io/a/b",
            "reg.io:5000/a/b",
            "localhost:5000/app",
            "http://a/b",
            "[::1]:5000/app",
            "a..b",
        ] {
            assert_eq!(image_repository(good), Ok(()), "{good}");
        }
        for (bad, want) in [
            ("", "must be specified"),
            ("a", "between 2 and 255 characters in length: a"),
            ("ghcr.io/", "between 2 and 255 characters in length: "),
            ("a:tag", "can only contain the characters"),
            ("Alpine", "can only contain the characters"),
            ("a@sha256", "can only contain the characters"),
            ("u@x.io/app", "registries must be valid"),
            ("x.io:port/app", "registries must be valid"),
            ("x%C3%A9.io/app", "registries must be valid"),
            ("x.io?y/app", "registries must be valid"),
        ] {
            let refusal = image_repository(bad).unwrap_err();
            assert!(refusal.contains(want), "{bad}: {refusal}");
        }
        assert!(image_repository(&"a".repeat(256)).is_err());
    }
}
