//! What Flux fetches from, besides Git: a web server, an OCI registry, an S3 server, and things to put there.
//!
//! - [`Web`]: files over HTTP (a chart repository, archives); it keeps what is posted to it (alerts).
//! - [`Registry`]: an OCI registry; [`Artifact`] is what is pushed.
//! - [`ObjectStore`]: a bucket.
//! - [`Chart`], [`tar_gz`]: what lies in them.

mod archive;
mod artifact;
mod call;
mod chart;
mod object_store;
mod program;
mod registry;
mod web;

pub use archive::tar_gz;
pub use artifact::{Artifact, Blob, digest};
pub use call::{Answer, call};
pub use chart::Chart;
pub use object_store::ObjectStore;
pub use registry::Registry;
pub use web::{Received, Web};
