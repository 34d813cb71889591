//! A real control plane, the real Flux controllers and a Git host as plain processes on loopback, for tests and the demo.
//!
//! - [`tools`]: the Go programs, found or built once.

pub mod github;
mod host;
pub mod tools;
