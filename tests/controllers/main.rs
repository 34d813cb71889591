//! The life of every kind on Flux's own controllers: create, ready, reconcile, suspend, resume,
//! delete, each by the built program; and that what it builds is what they apply.
//!
//! All tests share one cluster, on which the program itself has installed Flux, and have a
//! namespace each. The controllers are real, and so is what they fetch from: a Git host, a chart
//! server, an OCI registry, an S3 server. Who pushes is the test.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bucket;
mod build;
mod external;
mod failures;
mod git;
mod helm;
mod images;
mod life;
mod notifications;
mod oci;
mod place;
mod stage;
