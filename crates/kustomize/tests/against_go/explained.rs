//! Differences that are meant, or not worth the same: each stands in the crate's README.

use crate::fuzz::Outcome;

/// Why the outcomes of a tree may differ, if they may.
pub(crate) fn reason(ours: &Outcome, theirs: &Outcome) -> Option<&'static str> {
    match (ours, theirs) {
        (Outcome::Built(_), Outcome::Refused(error)) if error.contains("nodes unequal: ") => {
            Some("kustomize compares texts to see whether a validator changed more than its mark")
        }
        (Outcome::Refused(error), Outcome::Built(_)) if error.contains("inside of YAML texts") => {
            Some("values inside of YAML texts with comments, anchors or tags are not replaced")
        }
        _ => None,
    }
}
