//! Black-box tests of the built binary.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bootstrap;
mod bulk;
mod check;
mod create;
mod create_helmrelease;
mod create_notifications;
mod create_secret;
mod create_tenant;
mod docs;
mod errors;
mod get;
mod globals;
mod install;
mod reconcile;
mod support;
mod surface;
mod table;
mod trigger;
mod uninstall;
mod watch;
