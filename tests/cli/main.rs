//! Black-box tests of the built binary.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail by panicking and set up files of their own"
)]

mod create;
mod errors;
mod get;
mod globals;
mod reconcile;
mod support;
mod verbs;
