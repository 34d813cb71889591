//! Sources, and which of them are the repository itself.

use serde_json::Value;

/// A Flux source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    /// `Kind/namespace/name`.
    pub(super) id: String,
    /// Where its files come from.
    pub(super) url: String,
    /// Which revision of them.
    reference: Value,
    /// What is left out of them.
    pub(super) ignore: String,
    /// The folders that are fetched of them; none for all.
    pub(super) sparse: Vec<String>,
    /// What is included from other sources.
    pub(super) parts: Vec<Part>,
}

/// What a GitRepository includes from another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The other one, as `Kind/namespace/name`.
    pub(super) source: String,
    /// The path in it; empty for all of it.
    pub(super) from: String,
    /// The path that it comes to.
    pub(super) to: String,
}

impl Part {
    /// An item of `spec.include`. What is included is in the same namespace.
    fn of(include: &Value, namespace: &str) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&include["repository"]["name"]);
        let to = text(&include["toPath"]);
        Part {
            source: id("GitRepository", namespace, &name),
            from: text(&include["fromPath"]),
            to: if to.is_empty() { name } else { to },
        }
    }
}

impl Source {
    /// The source that an object is, if it is one.
    pub(super) fn of(object: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let api_version = object["apiVersion"].as_str()?;
        let (group, _) = api_version.split_once('/')?;
        let kind = object["kind"].as_str()?;
        let (metadata, spec) = (&object["metadata"], &object["spec"]);
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        if group == "fluxcd.controlplane.io" && kind == "FluxInstance" {
            return Source::of_instance(&spec["sync"], &namespace);
        }
        if group != "source.toolkit.fluxcd.io"
            || ![
                "GitRepository",
                "OCIRepository",
                "Bucket",
                "ExternalArtifact",
            ]
            .contains(&kind)
        {
            return None;
        }
        let url = match kind {
            "Bucket" => format!("{}/{}", text(&spec["endpoint"]), text(&spec["bucketName"])),
            _ => text(&spec["url"]),
        };
        let list = |field: &str| match &spec[field] {
            Value::Array(items) if kind == "GitRepository" => items.clone(),
            _ => Vec::new(),
        };
        let include = list("include");
        Some(Source {
            id: id(kind, &namespace, &name),
            url,
            reference: spec["ref"].clone(),
            ignore: text(&spec["ignore"]),
            sparse: list("sparseCheckout").iter().map(text).collect(),
            parts: include
                .iter()
                .map(|item| Part::of(item, &namespace))
                .collect(),
        })
    }

    /// The source that the Flux operator makes of `spec.sync` of its instance.
    fn of_instance(sync: &Value, namespace: &str) -> Option<Self> {
        let kind = sync["kind"].as_str()?;
        let name = sync["name"].as_str().unwrap_or(namespace);
        Some(Source {
            id: id(kind, namespace, name),
            url: sync["url"].as_str()?.to_owned(),
            reference: Value::Null,
            ignore: String::new(),
            sparse: Vec::new(),
            parts: Vec::new(),
        })
    }

    /// Whether it is of the same repository and asks for the same revision of it.
    pub(super) fn is_same(&self, other: &Source) -> bool {
        same_repository(&self.url, &other.url) && self.reference == other.reference
    }

    /// Whether it follows a branch of the repository that has these remotes.
    pub(super) fn follows(&self, remotes: &[String]) -> bool {
        self.is_of_branch() && remotes.iter().any(|url| same_repository(url, &self.url))
    }

    /// Whether it is a repository and follows a branch of it.
    fn is_of_branch(&self) -> bool {
        let pinned = ["tag", "semver", "commit", "name"];
        let is_pinned = pinned.iter().any(|field| !self.reference[*field].is_null());
        self.id.starts_with("GitRepository/") && !is_pinned
    }
}

/// How likely a source is the repository that it is defined in; the likeliest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likely {
    /// It has the name that bootstrap gives it, or the address of a remote.
    Surely,
    /// It is a repository, and the remotes are not known.
    Perhaps,
}

/// Whether a source is the repository with these remotes, as far as that can be said before
/// anything is built.
pub(super) fn likely(id: &str, source: Option<&Source>, remotes: &[String]) -> Option<Likely> {
    let (_, name) = id.split_once('/')?;
    if ["flux-system/flux-system", "flux-system"].contains(&name)
        || source.is_some_and(|source| source.follows(remotes))
    {
        return Some(Likely::Surely);
    }
    let perhaps = remotes.is_empty() && source.is_some_and(Source::is_of_branch);
    perhaps.then_some(Likely::Perhaps)
}

/// A source as `--local-sources` names it.
pub(super) fn id(kind: &str, namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        format!("{kind}/{name}")
    } else {
        format!("{kind}/{namespace}/{name}")
    }
}

/// Whether two addresses are of one repository, however it is reached.
fn same_repository(one: &str, other: &str) -> bool {
    matches!((place(one), place(other)), (Some(one), Some(other)) if one == other)
}

/// Host and path of a repository's address.
fn place(url: &str) -> Option<(String, String)> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        // As in git@host:path.
        None => url
            .split_once(':')
            .filter(|(host, _)| !host.contains('/'))?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if ["22", "80", "443"].contains(&port) => name,
        _ => host,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then(|| (host.to_lowercase(), path.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_of_one_repository() {
        let https = "https://github.com/Org/repo";
        for same in [
            "https://github.com/org/repo.git",
            "https://token@GitHub.com/org/repo/",
            "ssh://git@github.com/org/repo.git",
            "ssh://git@github.com:22/org/repo",
            "git@github.com:org/repo.git",
        ] {
            assert!(same_repository(https, same), "{same}");
        }
        for other in [
            "https://github.com/org/other",
            "https://gitlab.com/org/repo",
            "ssh://git@github.com:2222/org/repo",
            "/srv/org/repo",
            "",
        ] {
            assert!(!same_repository(https, other), "{other}");
        }
    }

    #[test]
    fn sources_are_read_from_objects() {
        let git = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
            "metadata": {"name": "a", "namespace": "b"},
            "spec": {"url": "ssh://git@x.org/r", "ref": {"tag": "v1"}, "ignore": "/docs\n"},
        });
        let source = Source::of(&git).unwrap();
        assert_eq!(source.id, "GitRepository/b/a");
        assert_eq!(source.ignore, "/docs\n");
        assert!(!source.follows(&["git@x.org:r.git".to_owned()]));
        let instance = json!({
            "apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance",
            "metadata": {"name": "flux", "namespace": "flux-system"},
            "spec": {"sync": {"kind": "GitRepository", "url": "https://x.org/r", "path": "c"}},
        });
        let source = Source::of(&instance).unwrap();
        assert_eq!(source.id, "GitRepository/flux-system/flux-system");
        assert!(source.follows(&["git@x.org:r.git".to_owned()]));
        assert_eq!(
            Source::of(&json!({"apiVersion": "v1", "kind": "Secret"})),
            None
        );
    }
}
