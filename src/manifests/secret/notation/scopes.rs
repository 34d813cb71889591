//! Registry scopes: which repositories a statement of a trust policy is for.

/// Checks that `scope` names a repository: a domain or the like, a slash, and a path.
///
/// # Errors
/// With Notation's words.
pub(super) fn check(scope: &str) -> Result<(), String> {
    const WHAT_TO_DO: &str = "make sure it is a fully qualified repository without the scheme, \
                              protocol or tag. For example domain.com/my/repository or a local \
                              scope like local/myOCILayout";
    if scope.len() > 1 && scope.contains('*') {
        return Err(format!(
            "registry scope {scope:?} with wild card(s) is not valid, {WHAT_TO_DO}"
        ));
    }
    match scope.split_once('/') {
        Some((domain, repository)) if is_domain(domain) && is_repository(repository) => Ok(()),
        _ => Err(format!(
            "registry scope {scope:?} is not valid, {WHAT_TO_DO}"
        )),
    }
}

/// Names between dots, and perhaps a port.
fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    let is_label = |label: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !label.is_empty()
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label) && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Components between slashes, each of lower-case words between a dot, one or two underscores, or
/// any number of dashes.
fn is_repository(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_component = |component: &str| {
        let bytes = component.as_bytes();
        bytes.first().copied().is_some_and(is_word)
            && bytes.last().copied().is_some_and(is_word)
            && component
                .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|b| b == b'-'))
    };
    text.split('/').all(is_component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_those_of_the_distribution_specification() {
        for good in [
            "local/my",
            "reg.example.com:5000/a/b-c__d.e",
            "a--b.Example/x---y",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "a",
            "a/",
            "/b",
            "a/*",
            "https://a/b",
            "a/b:tag",
            "a/b//c",
            "a/b___c",
            "a/b..c",
            "-a/b",
            "a-/b",
            "a:/b",
            "a:x/b",
            "a/B",
            "a/_b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
