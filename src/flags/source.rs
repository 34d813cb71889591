//! A reference to the source of a Kustomization: `[kind/]name[.namespace]`.

use std::fmt;
use std::str::FromStr;

const KINDS: [&str; 3] = ["OCIRepository", "GitRepository", "Bucket"];

/// The source of a Kustomization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KustomizationSource {
    /// `OCIRepository`, `GitRepository` or `Bucket`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its namespace, where it is another than the Kustomization's.
    pub namespace: Option<String>,
}

impl FromStr for KustomizationSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err(format!(
                "no Kustomization source given, please specify source that contains the Kubernetes \
                 manifests in the format '[<kind>/]<name>.<namespace>', where kind must be one of: \
                 ({}), if kind is not specified it defaults to GitRepository",
                KINDS.join(", ")
            ));
        }
        // Anything but exactly one slash is a name, as flux reads it.
        let (kind, rest) = match text.split('/').collect::<Vec<_>>()[..] {
            [kind, rest] => (kind, rest),
            _ => ("", text),
        };
        let (name, namespace) = match rest.rsplit_once('.') {
            Some((name, namespace)) => (name, Some(namespace.to_owned())),
            None => (rest, None),
        };
        if name.is_empty() {
            return Err(format!("no name given for source of kind '{kind}'"));
        }
        if kind.is_empty() && KINDS.contains(&name) {
            return Err(format!("no kind specified for source '{name}'"));
        }
        let wanted = if kind.is_empty() {
            "GitRepository"
        } else {
            kind
        };
        let kind = KINDS
            .into_iter()
            .find(|k| k.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| {
                format!(
                    "source kind '{kind}' is not supported, must be one of: {}",
                    KINDS.join(", ")
                )
            })?;
        Ok(KustomizationSource {
            kind,
            name: name.to_owned(),
            namespace: namespace.filter(|n| !n.is_empty()),
        })
    }
}

impl fmt::Display for KustomizationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, ".{namespace}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_namespace_are_optional() {
        let parse = |t: &str| t.parse::<KustomizationSource>().map(|s| s.to_string());
        assert_eq!(parse("podinfo").as_deref(), Ok("GitRepository/podinfo"));
        assert_eq!(parse("bucket/b.ns").as_deref(), Ok("Bucket/b.ns"));
        assert_eq!(
            parse("GitRepository/a.b.c").as_deref(),
            Ok("GitRepository/a.b.c")
        );
        for bad in ["", "GitRepository", "GitRepository/", "Foo/x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
