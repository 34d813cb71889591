//! Black-box tests of the built binary.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bad_input;
mod bootstrap;
mod build;
mod build_all;
mod build_cluster;
mod bulk;
mod check;
mod create;
mod create_helmrelease;
mod create_images;
mod create_notifications;
mod create_secret;
mod create_sources;
mod create_tenant;
mod diff;
mod diff_all;
mod docs;
mod envsubst;
mod errors;
mod exit_codes;
mod get;
mod globals;
mod install;
mod kustomize;
mod output;
mod reconcile;
mod remote;
mod support;
mod surface;
mod table;
mod trigger;
mod uninstall;
mod wait;
mod wait_revision;
mod watch;
