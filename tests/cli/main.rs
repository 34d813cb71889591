//! Black-box tests of the built binary.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod create;
mod errors;
mod get;
mod globals;
mod reconcile;
mod support;
mod verbs;
