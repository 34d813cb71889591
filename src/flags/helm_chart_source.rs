//! A reference to the source of a HelmRelease's chart: `kind/name[.namespace]`.

use std::fmt;
use std::str::FromStr;

use super::reference::ObjectReference;

const KINDS: [&str; 3] = ["HelmRepository", "GitRepository", "Bucket"];

/// The source that holds the chart of a HelmRelease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelmChartSource {
    /// `HelmRepository`, `GitRepository` or `Bucket`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its namespace, where it is another than the HelmRelease's.
    pub namespace: Option<String>,
}

impl FromStr for HelmChartSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err(format!(
                "no helm chart source given, please specify source that contains the chart in the \
                 format '<kind>/<name>.<namespace>', where kind must be one of: ({})",
                KINDS.join(", ")
            ));
        }
        let given = ObjectReference::namespaced(text);
        if given.kind.is_empty() || given.name.is_empty() {
            return Err(format!(
                "invalid helm chart source '{text}', must be in format <kind>/<name>"
            ));
        }
        let known = KINDS
            .into_iter()
            .find(|kind| kind.eq_ignore_ascii_case(&given.kind));
        match known {
            Some(kind) => Ok(HelmChartSource {
                kind,
                name: given.name,
                namespace: Some(given.namespace).filter(|n| !n.is_empty()),
            }),
            None => Err(format!(
                "source kind '{}' is not supported, must be one of: {}",
                given.kind,
                KINDS.join(", ")
            )),
        }
    }
}

impl fmt::Display for HelmChartSource {
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
    fn kind_and_name_are_needed() {
        let parse = |t: &str| t.parse::<HelmChartSource>().map(|s| s.to_string());
        assert_eq!(parse("bucket/b.ns").as_deref(), Ok("Bucket/b.ns"));
        assert_eq!(
            parse("HelmRepository/a.b.c").as_deref(),
            Ok("HelmRepository/a.b.c")
        );
        for bad in [
            "",
            " ",
            "x",
            "Bucket/",
            "Bucket/.n",
            "/x",
            "a/b/c",
            "OCIRepository/x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
