//! The custom resources of Flux 2.9 as Rust types, with their CRDs generated from them.
//!
//! - [`source`] has GitRepository, OCIRepository, HelmRepository, HelmChart, Bucket and
//!   ExternalArtifact;
//! - [`kustomize`] has Kustomization;
//! - [`helm`] has HelmRelease;
//! - [`notification`] has Alert, Provider and Receiver;
//! - [`image`] has ImageRepository, ImagePolicy and ImageUpdateAutomation;
//! - [`extensions`] has ArtifactGenerator;
//! - [`crd`] gives the CustomResourceDefinitions of all of them;
//! - [`meta`] has what they share: references, conditions, artifacts, names of annotations;
//! - [`Duration`] is an interval or time-out as Go writes it.
//!
//! The types write the JSON that the Go types of the controllers write: an optional field that is
//! empty is left out, a required one is always there. Reading ignores fields that are not known,
//! so that objects of newer controllers can be read.

mod choices;
pub mod crd;
mod duration;
pub mod extensions;
pub mod helm;
pub mod image;
pub mod kustomize;
pub mod meta;
pub mod notification;
mod omit;
mod schema;
pub mod source;

pub use choices::UnknownChoice;
pub use duration::{Duration, INTERVAL_PATTERN, ParseDurationError, TIMEOUT_PATTERN};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
