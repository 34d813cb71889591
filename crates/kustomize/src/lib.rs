//! A native kustomize engine, and the YAML it stands on.
//!
//! ```
//! use std::path::Path;
//!
//! let files: kustomize::MemoryFiles = [
//!     ("app/kustomization.yaml", "resources: [config.yaml]\nnamespace: apps\n"),
//!     ("app/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"),
//! ]
//! .into_iter()
//! .collect();
//! let objects = kustomize::build(&files, Path::new("app")).unwrap();
//! assert_eq!(objects[0]["metadata"]["namespace"], "apps");
//! print!("{}", kustomize::to_yaml(&objects));
//! ```
//!
//! # How a build goes
//!
//! **load → accumulate → transform → emit**, over a [`Files`] trait; nothing here knows the disk (but [`DiskFiles`]),
//! the environment or the clock.
//!
//! - *load* (`load`, `kustomization`): a directory's kustomization file, typed and strict, and the objects in its
//!   resource files, as [`yaml::Node`]s that know their lines.
//! - *accumulate* (`accumulate` to `accumulated`, `generate`, `plugins`): depth first, the objects of bases, files,
//!   generators and components, in that order; no two with one identity (`id`).
//! - *transform* (`transform`): what each layer does to the objects below it: strategic merges (`merge`, with `schema`
//!   for the merge keys of Kubernetes' own kinds), JSON patches (`jsonpatch`), namespace, names, labels, replicas,
//!   images, replacements, in the fields that `configuration` lists. Objects remember what they were called (`resource`).
//! - *emit* (`build`): once, at the top: hashes in names (`hash`), references to names that changed (`references`),
//!   values of `vars`, the order (`sort`, `kind_order`), and [`to_yaml`].
//!
//! What is refused, such as helm charts, is an error that says why; [`unsupported_fields`] tells beforehand (`unsupported`).

mod accumulate;
mod accumulated;
mod advice;
mod build;
mod build_metadata;
mod configuration;
mod disk;
mod error;
mod fieldspec;
mod files;
mod generate;
mod gojson;
mod hash;
mod id;
mod jsonpatch;
mod kind_order;
mod kustomization;
mod labels;
mod load;
mod merge;
mod plugins;
mod references;
pub mod remote;
mod resource;
mod schema;
mod selector;
mod shown;
mod sort;
mod transform;
mod unsupported;
mod vars;
pub mod yaml;

pub use build::{Traced, build, build_to_yaml, build_traced, to_yaml, unsupported_fields};
pub use build_metadata::RELEASE;
pub use disk::DiskFiles;
pub use error::Error;
pub use files::{Fetched, Files, MemoryFiles};
pub use kustomization::UnsupportedField;

/// The examples in the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
