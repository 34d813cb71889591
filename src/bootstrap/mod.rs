//! Bootstrap: a repository on a Git host that holds a cluster's manifests, and a cluster that
//! follows it.
//!
//! It goes one way: [`preflight`] reads the host and the cluster and refuses what could not end
//! well; [`plan`] decides, out of what is wanted and what is there, what is missing; [`run`] does
//! that, in flux's order, and waits. What is done already is not done again, so a run that was cut
//! off is finished by the next one.
//!
//! - Pure: [`request`], [`names`], [`manifests`], [`credentials`], [`plan`], [`report`],
//!   [`signing`]
//! - Adapter: [`provider`]
//! - Commands' side: [`preflight`], [`prepare`], [`commits`], [`run`], [`wait`]

pub mod commits;
pub mod credentials;
pub mod manifests;
pub mod names;
pub mod plan;
pub mod preflight;
pub mod prepare;
pub mod provider;
pub mod report;
pub mod request;
pub mod run;
pub mod signing;
pub mod wait;
