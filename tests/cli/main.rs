//! Black-box tests of the built binary.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bootstrap;
mod check;
mod create;
mod docs;
mod errors;
mod get;
mod globals;
mod install;
mod reconcile;
mod support;
mod uninstall;
mod verbs;
mod watch;
