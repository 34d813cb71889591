//! Kustomizations that are to be built, and how soon they can be.

use serde_json::Value;

use super::super::spec::{self, Kustomization};
use super::super::{Error, Object};
use super::known::Found;

/// A Kustomization that is to be built.
pub(super) struct Waiting {
    pub(super) kustomization: Kustomization,
    /// `spec` as its manifest has it.
    pub(super) spec: Value,
    /// Whose object it is: its place among those that are done.
    pub(super) parent: Option<usize>,
    /// How many were met before it.
    pub(super) turn: usize,
    /// How often it was built already.
    pub(super) changes: usize,
}

impl Waiting {
    /// The folder to begin with.
    pub(super) fn folder() -> Self {
        Waiting {
            kustomization: Kustomization::default(),
            spec: Value::Null,
            parent: None,
            turn: 0,
            changes: 0,
        }
    }

    /// The Kustomization that the Flux operator makes of an instance.
    pub(super) fn of_instance(instance: &Value) -> Option<Self> {
        let manifest = spec::of_instance(instance)?;
        Some(Waiting {
            kustomization: Kustomization::of(&manifest).ok()?,
            spec: manifest["spec"].clone(),
            parent: None,
            turn: 0,
            changes: 0,
        })
    }

    /// The Kustomization that an object is.
    pub(super) fn of(object: &Object, parent: Option<usize>) -> Option<Result<Self, Error>> {
        let (manifest, kustomization) = object.kustomization()?;
        Some(kustomization.map(|kustomization| Waiting {
            kustomization,
            spec: manifest["spec"].clone(),
            parent,
            turn: 0,
            changes: 0,
        }))
    }
}

/// How soon a Kustomization can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// All it refers to is there.
    Now,
    /// Something that it can do without is not there, and nothing it depends on may bring it.
    Soon,
    /// The same, and what it depends on has not been built.
    Late,
    /// Something that it needs is not there.
    Never,
}

impl When {
    /// By what is there of its source and of its variables, and whether something that it depends
    /// on waits itself.
    pub(super) fn of(has_source: bool, found: Found, waits: impl Fn() -> bool) -> Self {
        match found {
            _ if !has_source => When::Never,
            Found::All => When::Now,
            Found::Missing => When::Never,
            Found::Required if waits() => When::Late,
            Found::Required => When::Soon,
        }
    }
}
