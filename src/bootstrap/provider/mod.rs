//! The Git host: what bootstrap reads from it and writes to it.
//!
//! Adapters translate their host's errors once, into [`Error`], and know nothing of clusters,
//! terminals or exit codes.

mod error;
pub mod github;

pub use error::Error;
