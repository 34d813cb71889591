//! A real control plane, the real Flux controllers and a Git host as plain processes on loopback, for tests and the demo.
//!
//! - [`tools`]: the Go programs, found or built once.
//! - [`ControlPlane`]: etcd and the API server, alone or with all that makes Deployments run; [`shared`] is one per process.
//! - [`Flux`]: the real controllers, as processes beside it.
//! - [`faults`]: a proxy that makes the API server misbehave.
//! - [`github`]: a GitHub of our own.
//! - [`sources`]: a web server, an OCI registry and an S3 server.
//!
//! Every process started here and every folder made here is gone when the process that started it is, even if that was
//! killed.

mod certs;
mod control_plane;
mod crds;
pub mod faults;
mod flux;
pub mod github;
mod host;
mod player;
mod ports;
mod process;
mod shared;
pub mod sources;
pub mod tools;

pub use control_plane::{ControlPlane, Size, User};
pub use crds::install_crds;
pub use flux::{Component, Flux, FluxOptions, Follow, State};
pub use player::Player;
pub use shared::{KUBECONFIG_VARIABLE, shared};
