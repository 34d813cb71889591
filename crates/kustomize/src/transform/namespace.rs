//! `namespace`: where all objects shall be.

use std::collections::HashMap;

use super::failure;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec, split_path};
use crate::id::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::{Resource, text_at};
use crate::yaml::{Data, Entry, Node, Scalar};

pub(super) fn apply(
    kustomization: &Kustomization,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let namespace = &kustomization.namespace;
    if namespace.is_empty() {
        return Ok(());
    }
    let specs = specs();
    let mut taken: HashMap<_, usize> = HashMap::new();
    for resource in &*resources {
        *taken.entry(resource.id().key()).or_default() += 1;
    }
    for resource in resources {
        let before = resource.id().key();
        resource.remember_id();
        set(resource, namespace, &specs)
            .map_err(|error| failure(kustomization, resource, &error))?;
        if let Some(count) = taken.get_mut(&before) {
            *count -= 1;
        }
        let count = taken.entry(resource.id().key()).or_default();
        *count += 1;
        if *count > 1 {
            let message = format!(
                "namespace transformation produces ID conflict: {}",
                resource.id()
            );
            return Err(Error::new(message).in_file(&kustomization.file));
        }
    }
    Ok(())
}

fn specs() -> [FieldSpec; 2] {
    let spec = |path: &str, group: &str, kind: &str, create| FieldSpec {
        gvk: Gvk {
            group: group.into(),
            version: String::new(),
            kind: kind.into(),
        },
        path: split_path(path),
        create,
    };
    let webhook = "spec/conversion/webhook/clientConfig/service/namespace";
    [
        spec(
            "spec/service/namespace",
            "apiregistration.k8s.io",
            "APIService",
            true,
        ),
        spec(
            webhook,
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            false,
        ),
    ]
}

fn set(resource: &mut Resource, namespace: &str, specs: &[FieldSpec]) -> Result<(), String> {
    let gvk = resource.gvk();
    let is_namespace = gvk.kind == "Namespace" && gvk.api_version() == "v1";
    let mut write = |field: &mut Node| match field.as_scalar() {
        Some(_) => {
            field.data = Node::text(namespace).data;
            Ok(())
        }
        None => Err("namespace field specs must target scalar nodes".to_owned()),
    };
    if !resource.id().is_cluster_scoped() {
        FieldSpec::anywhere("metadata/namespace", true).apply(
            &mut resource.node,
            Some(Blank::Scalar),
            &mut write,
        )?;
    }
    if is_namespace {
        FieldSpec::anywhere("metadata/name", true).apply(
            &mut resource.node,
            Some(Blank::Scalar),
            &mut write,
        )?;
    }
    if matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        set_default_subjects(&mut resource.node, namespace);
    }
    for spec in specs.iter().filter(|spec| gvk.is_selected(&spec.gvk)) {
        spec.apply(&mut resource.node, Some(Blank::Scalar), &mut write)?;
    }
    Ok(())
}

/// Of the subjects of bindings, those called `default` move along.
fn set_default_subjects(node: &mut Node, namespace: &str) {
    let subjects = node
        .get_mut("subjects")
        .and_then(Node::as_sequence_mut)
        .into_iter()
        .flatten();
    for subject in subjects.filter(|subject| text_at(subject, &["name"]) == "default") {
        if let Some(entries) = subject.as_mapping_mut() {
            // Written without quotes, so that a later reference may make a number of it.
            let blank = || Entry::from(Node::from(Data::Scalar(String::new(), Scalar::Null)));
            let field = entries.entry("namespace".into()).or_insert_with(blank);
            field.value.data = Data::Scalar(namespace.to_owned(), Scalar::Text);
        }
    }
}
