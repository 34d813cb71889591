//! What the sandbox takes from the machine it runs on: environment variables and the standard error stream.
//! Nothing else in this crate reads the environment or writes to a terminal.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

/// The value of an environment variable; unset and empty are the same.
#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox's one reader of the environment: it is a library for tests and does not depend on reflux"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// [`variable`] as a path.
pub(crate) fn path_variable(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

/// Writes one progress line to standard error. Failing to do so is no reason to stop.
pub(crate) fn progress(line: &str) {
    let _ = writeln!(std::io::stderr(), "sandbox: {line}");
}
