//! Who the program is: reflux, or flux when it is called through a link of that name.

use std::ffi::OsStr;
use std::path::Path;

use crate::env::{self, Env};
use crate::error::{Error, Kind};
use crate::manifests::versions::DISTRIBUTION as FLUX_VERSION;

/// The version of this program.
pub const REFLUX_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The name the program was called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// Called by its own name, or any other.
    Reflux,
    /// Called as `flux`: help, versions and exit codes are flux's.
    Flux,
}

impl Identity {
    /// Reads the name off the first argument.
    pub fn of(argv0: Option<&OsStr>) -> Self {
        let stem = argv0
            .map(Path::new)
            .and_then(Path::file_stem)
            .and_then(OsStr::to_str);
        if stem == Some("flux") {
            Identity::Flux
        } else {
            Identity::Reflux
        }
    }

    /// The name in help and hints.
    pub fn name(self) -> &'static str {
        match self {
            Identity::Reflux => "reflux",
            Identity::Flux => "flux",
        }
    }

    /// What `--version` prints.
    pub fn version_line(self) -> String {
        let flux = FLUX_VERSION.trim_start_matches('v');
        match self {
            Identity::Reflux => format!("reflux version {REFLUX_VERSION} (flux {flux})"),
            Identity::Flux => format!("flux version {flux}"),
        }
    }

    /// How failures exit for this name and environment.
    pub fn exit_codes(self, env: &Env) -> ExitCodes {
        match (env.get(env::REFLUX_EXIT_CODES), self) {
            (Some("meaning"), _) => ExitCodes::Meaning,
            (Some("flux"), _) | (_, Identity::Flux) => ExitCodes::Flux,
            (_, Identity::Reflux) => ExitCodes::Meaning,
        }
    }
}

/// How failures exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCodes {
    /// By the kind of the failure.
    Meaning,
    /// 1 for every failure, as flux's; an interruption stays 130.
    Flux,
    /// 2 for every failure, because 1 says that there are differences; an interruption stays 130.
    Comparing,
}

impl ExitCodes {
    /// Those of a command that compares, for any other's.
    #[must_use]
    pub fn of_verb(self, verb: Option<&str>) -> Self {
        if verb == Some("diff") {
            ExitCodes::Comparing
        } else {
            self
        }
    }

    /// The exit code of an error.
    pub fn of_error(self, error: &Error) -> u8 {
        if error.is_difference() {
            1
        } else {
            self.of(error.kind())
        }
    }

    /// The exit code of a failure.
    pub fn of(self, kind: Kind) -> u8 {
        match (self, kind) {
            (_, Kind::Interrupted) | (ExitCodes::Meaning, _) => kind.exit_code(),
            (ExitCodes::Flux, _) => 1,
            (ExitCodes::Comparing, _) => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides() {
        for (argv0, want) in [
            ("/usr/local/bin/flux", Identity::Flux),
            ("flux.exe", Identity::Flux),
            ("reflux", Identity::Reflux),
            ("./fluxx", Identity::Reflux),
        ] {
            assert_eq!(Identity::of(Some(OsStr::new(argv0))), want, "{argv0}");
        }
    }

    #[test]
    fn the_environment_overrides_the_exit_codes() {
        let env = Env::from_lookup(|n| (n == env::REFLUX_EXIT_CODES).then(|| "meaning".into()));
        assert_eq!(Identity::Flux.exit_codes(&env).of(Kind::NotFound), 3);
        let none = Env::default();
        assert_eq!(Identity::Flux.exit_codes(&none).of(Kind::NotFound), 1);
        assert_eq!(Identity::Flux.exit_codes(&none).of(Kind::Interrupted), 130);
        assert_eq!(Identity::Reflux.exit_codes(&none).of(Kind::NotFound), 3);
    }

    #[test]
    fn comparing_has_codes_of_its_own() {
        let codes = ExitCodes::Meaning.of_verb(Some("diff"));
        assert_eq!(codes.of(Kind::Usage), 2);
        assert_eq!(codes.of(Kind::NotFound), 2);
        assert_eq!(codes.of(Kind::Interrupted), 130);
        assert_eq!(codes.of_error(&Error::differences("x")), 1);
        let others = ExitCodes::Flux.of_verb(Some("get"));
        assert_eq!(others.of(Kind::NotFound), 1);
    }
}
