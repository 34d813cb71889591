//! Codes of verbs that no scene plays.

use reflux::error::Kind;

/// What another test proves, and its file.
pub(super) static ELSEWHERE: &[(&str, Kind, &str)] = &[
    ("bootstrap", Kind::Failed, "tests/cli/bootstrap/converge.rs"),
    ("bootstrap", Kind::Refused, "tests/cli/bootstrap/host.rs"),
    ("bootstrap", Kind::NotReady, "tests/cli/bootstrap/wait.rs"),
    (
        "bootstrap",
        Kind::Conflict,
        "tests/cli/bootstrap/refusals.rs",
    ),
    ("envsubst", Kind::Failed, "tests/cli/envsubst.rs"),
    ("install", Kind::NotReady, "tests/cli/install.rs"),
    ("kustomize", Kind::Failed, "tests/cli/kustomize.rs"),
    ("kustomize", Kind::NotFound, "tests/cli/kustomize.rs"),
    ("wait", Kind::Conflict, "tests/cli/wait_revision.rs"),
];

/// Verbs that need nothing but files.
const OFFLINE: &[&str] = &["envsubst", "kustomize"];

/// What cannot happen, and why.
pub(super) static IMPOSSIBLE: &[(&[&str], Kind, &str)] = &[
    (
        &["completion"],
        Kind::Failed,
        "it prints what is built in, and so with the codes below",
    ),
    (&["completion"], Kind::NotFound, "as above"),
    (&["completion"], Kind::Refused, "as above"),
    (&["completion"], Kind::Unreachable, "as above"),
    (&["completion"], Kind::TimedOut, "as above"),
    (&["completion"], Kind::NotReady, "as above"),
    (&["completion"], Kind::Conflict, "as above"),
    (&["completion"], Kind::Interrupted, "as above"),
    (
        &[
            "build",
            "delete",
            "diff",
            "export",
            "get",
            "suspend",
            "trigger",
            "uninstall",
            "version",
        ],
        Kind::NotReady,
        "whether an object is ready is nothing to it",
    ),
    (
        &["wait"],
        Kind::NotReady,
        "what is not ready is what it waits for; what has failed for good is a failure",
    ),
    (
        OFFLINE,
        Kind::Refused,
        "it reads files, asks no server and waits for nothing; so with the codes below",
    ),
    (OFFLINE, Kind::Unreachable, "as above"),
    (OFFLINE, Kind::TimedOut, "as above"),
    (OFFLINE, Kind::NotReady, "as above"),
    (OFFLINE, Kind::Conflict, "as above"),
    (OFFLINE, Kind::Interrupted, "as above"),
    (
        &["envsubst"],
        Kind::NotFound,
        "it reads its input and the environment",
    ),
    (
        &[
            "build", "check", "diff", "export", "get", "trigger", "version",
        ],
        Kind::Conflict,
        "it changes nothing that somebody else could",
    ),
];
