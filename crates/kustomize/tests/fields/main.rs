//! Fields of a kustomization that say how others work: `vars`, `configurations`, `crds`, `buildMetadata`, `openapi`;
//! and fields that change together.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod configurations;
mod metadata;
mod openapi;
mod vars;

use std::path::Path;

use kustomize::{MemoryFiles, build};
use serde_json::Value;

const OBJECTS: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}, {name: metrics, port: 9090}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {at: $(NAME):$(PORT)}, labels: {port: $(PORT)}}
---
apiVersion: example.com/v1
kind: Site
metadata: {name: site}
spec: {settings: settings, host: $(NAME), labels: {a: b}}
";

fn files<const N: usize>(files: [(&str, &str); N]) -> MemoryFiles {
    files
        .into_iter()
        .chain([("objects.yaml", OBJECTS)])
        .collect()
}

fn built<const N: usize>(tree: [(&str, &str); N]) -> Vec<Value> {
    build(&files(tree), Path::new("")).unwrap()
}

fn refused<const N: usize>(tree: [(&str, &str); N]) -> String {
    build(&files(tree), Path::new("")).unwrap_err().to_string()
}
