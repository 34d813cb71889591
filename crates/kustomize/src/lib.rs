//! The kustomize engine of reflux and the YAML it stands on.

pub mod yaml;
