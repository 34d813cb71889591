//! A reference to the source of a HelmChart: `kind/name`, in the chart's own namespace.

use std::fmt;
use std::str::FromStr;

const KINDS: [&str; 3] = ["HelmRepository", "GitRepository", "Bucket"];

/// The source of a HelmChart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalChartSource {
    /// `HelmRepository`, `GitRepository` or `Bucket`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

impl FromStr for LocalChartSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err(format!(
                "no helm chart source given, please specify source that contains the chart in the \
                 format '<kind>/<name>', where kind must be one of: ({})",
                KINDS.join(", ")
            ));
        }
        let (kind, name) = match text.split('/').collect::<Vec<_>>()[..] {
            [kind, name] if !kind.is_empty() && !name.is_empty() => (kind, name),
            _ => {
                return Err(format!(
                    "invalid helm chart source '{text}', must be in format <kind>/<name>"
                ));
            }
        };
        match KINDS.into_iter().find(|k| k.eq_ignore_ascii_case(kind)) {
            Some(kind) => Ok(LocalChartSource {
                kind,
                name: name.to_owned(),
            }),
            None => Err(format!(
                "source kind '{kind}' is not supported, must be one of: {}",
                KINDS.join(", ")
            )),
        }
    }
}

impl fmt::Display for LocalChartSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_name_are_needed() {
        let parse = |t: &str| t.parse::<LocalChartSource>().map(|s| s.to_string());
        assert_eq!(
            parse("gitrepository/a.b").as_deref(),
            Ok("GitRepository/a.b")
        );
        for bad in ["", " ", "x", "Bucket/", "/x", "a/b/c", "OCIRepository/x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
