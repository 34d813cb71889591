//! Which versions fit together. Pure.

use semver::Version;

use crate::manifests::components;
use crate::manifests::versions::DISTRIBUTION;

/// The Kubernetes versions that this distribution of Flux supports, as flux writes the range.
pub(super) const KUBERNETES: &str = ">=1.33.0-0";

/// The first version in [`KUBERNETES`], which includes those that lead up to it.
const OLDEST: (u64, u64) = (1, 33);

/// A Kubernetes version as the server gives it, such as `v1.33.2+k3s1`, and whether it is
/// supported; nothing where it is no version.
pub(super) fn kubernetes(git_version: &str) -> Option<(Version, bool)> {
    let version = Version::parse(git_version.strip_prefix('v').unwrap_or(git_version)).ok()?;
    let supported = (version.major, version.minor) >= OLDEST;
    Some((version, supported))
}

/// What there is to say where the cluster's distribution is not the one this program carries.
pub(super) fn skew(cluster: &str) -> Option<String> {
    if cluster == DISTRIBUTION {
        return None;
    }
    let ours = Version::parse(DISTRIBUTION.trim_start_matches('v')).ok();
    let theirs = Version::parse(cluster.trim_start_matches('v')).ok();
    let next = match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs > ours => "use a newer release of this program",
        _ => "upgrade the cluster with install or bootstrap",
    };
    Some(format!(
        "the cluster has Flux {cluster} and this program carries {DISTRIBUTION}: {next}"
    ))
}

/// What there is to say where the latest release is later than the one this program carries.
pub(super) fn later(tag: &str) -> Option<String> {
    let latest = Version::parse(tag.trim_start_matches('v')).ok()?;
    let ours = Version::parse(DISTRIBUTION.trim_start_matches('v')).ok()?;
    (latest > ours)
        .then(|| format!("flux {ours} <{latest} (new CLI version is available, please upgrade)"))
}

/// What there is to say where a controller's image is not the one of the distribution that this
/// program carries. Of other distributions, and of images without a tag, nothing is known.
pub(super) fn controller_skew(controller: &str, image: &str) -> Option<String> {
    let row = components::find(controller)?;
    let name_and_tag = image.rsplit('/').next()?.split('@').next()?;
    let (name, tag) = name_and_tag.split_once(':')?;
    (name == controller && tag != row.version).then(|| {
        format!(
            "{controller} is {tag}, Flux {DISTRIBUTION} has {}",
            row.version
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_versions() {
        for (text, want) in [
            ("v1.36.3", Some(true)),
            ("v1.33.2+k3s1", Some(true)),
            ("v1.33.0-alpha.1", Some(true)),
            ("v1.33.1-gke.1057000", Some(true)),
            ("v1.32.9", Some(false)),
            ("v1.32.9-eks-473151a", Some(false)),
            ("v2.0.0", Some(true)),
            ("1.34.0", Some(true)),
            ("v1.33", None),
            ("", None),
        ] {
            assert_eq!(kubernetes(text).map(|(_, ok)| ok), want, "{text}");
        }
        assert_eq!(
            kubernetes("v1.33.2+k3s1").unwrap().0.to_string(),
            "1.33.2+k3s1"
        );
        assert_eq!(KUBERNETES, format!(">={}.{}.0-0", OLDEST.0, OLDEST.1));
    }

    #[test]
    fn skew_says_who_is_behind() {
        assert_eq!(skew(DISTRIBUTION), None);
        assert!(
            skew("v2.8.0")
                .unwrap()
                .ends_with("upgrade the cluster with install or bootstrap")
        );
        assert!(
            skew("v9.0.0")
                .unwrap()
                .ends_with("use a newer release of this program")
        );
        assert!(skew("").is_some());
    }

    #[test]
    fn later_releases_are_told() {
        assert_eq!(later(DISTRIBUTION), None);
        assert_eq!(later("v0.1.0"), None);
        assert!(
            later("v99.0.0")
                .unwrap()
                .contains("<99.0.0 (new CLI version")
        );
    }

    #[test]
    fn controllers_are_compared_by_tag() {
        let skew = |image: &str| controller_skew("source-controller", image);
        let ours = components::find("source-controller").unwrap().version;
        assert_eq!(
            skew(&format!("ghcr.io/fluxcd/source-controller:{ours}")),
            None
        );
        assert_eq!(
            skew(&format!("r:5000/x/source-controller:{ours}@sha256:00")),
            None
        );
        assert_eq!(skew("ghcr.io/fluxcd/source-controller@sha256:00"), None);
        assert_eq!(skew("ghcr.io/sidecar/proxy:v1"), None);
        assert!(
            skew("ghcr.io/fluxcd/source-controller:v0.1.0")
                .unwrap()
                .contains("is v0.1.0")
        );
    }
}
