//! The Flux distribution that this build generates, and the controller versions in it.
//!
//! This is the one place where they are pinned: images, CRDs and types follow from here.

use crate::error::{Error, Result};

/// The Flux release whose manifests are generated.
pub const DISTRIBUTION: &str = "v2.9.4";

/// The version of source-controller in the distribution.
pub const SOURCE_CONTROLLER: &str = "v1.9.4";
/// The version of kustomize-controller in the distribution.
pub const KUSTOMIZE_CONTROLLER: &str = "v1.9.4";
/// The version of helm-controller in the distribution.
pub const HELM_CONTROLLER: &str = "v1.6.3";
/// The version of notification-controller in the distribution.
pub const NOTIFICATION_CONTROLLER: &str = "v1.9.3";
/// The version of image-reflector-controller in the distribution.
pub const IMAGE_REFLECTOR_CONTROLLER: &str = "v1.2.4";
/// The version of image-automation-controller in the distribution.
pub const IMAGE_AUTOMATION_CONTROLLER: &str = "v1.2.4";
/// The version of source-watcher in the distribution.
pub const SOURCE_WATCHER: &str = "v2.2.3";

/// The version to install when the user asks for `wanted`; empty asks for the one that is carried,
/// and so does `latest`: manifests are generated here, never fetched.
///
/// # Errors
/// When `wanted` lacks the leading `v`, or is another version than [`DISTRIBUTION`].
pub fn requested(wanted: &str) -> Result<&'static str> {
    match wanted {
        "" | "latest" | DISTRIBUTION => Ok(DISTRIBUTION),
        other if !other.starts_with('v') => Err(Error::usage(format!(
            "targeted version '{other}' must be prefixed with 'v'"
        ))),
        other => Err(Error::usage(format!(
            "targeted version '{other}' is not available: this build carries Flux {DISTRIBUTION}"
        ))
        .hint(format!(
            "leave --version out to install {DISTRIBUTION}, or use a release of reflux that carries {other}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_carried_version_can_be_asked_for() {
        for wanted in ["", "latest", "v2.9.4"] {
            assert_eq!(requested(wanted).unwrap(), "v2.9.4");
        }
        assert_eq!(
            requested("2.9.4").unwrap_err().to_string(),
            "targeted version '2.9.4' must be prefixed with 'v'"
        );
        let error = requested("v2.9.3").unwrap_err();
        assert!(error.to_string().contains("carries Flux v2.9.4"), "{error}");
        assert_eq!(error.hints().len(), 1);
    }
}
