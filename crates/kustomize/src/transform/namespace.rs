//! `namespace`: where all objects shall be.

use std::collections::HashMap;

use super::{Fields, failure};
use crate::configuration::Field;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec, split_path};
use crate::id::Gvk;
use crate::kustomization::{Kustomization, Subjects};
use crate::resource::Resource;
use crate::shown::{self, wrong_kind};
use crate::yaml::{Data, Entry, Node, Scalar};

pub(super) fn apply(
    kustomization: &Kustomization,
    fields: &Fields<'_>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let namespace = &kustomization.namespace;
    if namespace.is_empty() {
        return Ok(());
    }
    let specs = fields(Field::Namespace);
    let mut taken: HashMap<_, usize> = HashMap::new();
    for resource in &*resources {
        *taken.entry(resource.id().key()).or_default() += 1;
    }
    for at in 0..resources.len() {
        let resource = &mut resources[at];
        let before = resource.id().key();
        resource.remember_id();
        set(resource, kustomization, specs)
            .map_err(|error| failure(kustomization, resource, &error))?;
        if let Some(count) = taken.get_mut(&before) {
            *count -= 1;
        }
        let key = resource.id().key();
        let count = taken.entry(key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let same = resources.iter().filter(|other| other.id().key() == key);
            let same: Vec<String> = same.map(shown::json).collect();
            let message = format!(
                "namespace transformation produces ID conflict: [{}]",
                same.join(" ")
            );
            return Err(Error::new(message).in_file(&kustomization.file));
        }
    }
    Ok(())
}

pub(super) fn builtin_fields() -> Vec<FieldSpec> {
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
    vec![
        spec("metadata/name", "", "Namespace", true),
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

/// Sets the namespace of an object and of what else follows it in any build.
pub(super) fn set_plainly(resource: &mut Resource, namespace: &str) -> Result<(), String> {
    let kustomization = Kustomization {
        namespace: namespace.to_owned(),
        ..Kustomization::default()
    };
    set(resource, &kustomization, &[])
}

fn set(
    resource: &mut Resource,
    kustomization: &Kustomization,
    specs: &[FieldSpec],
) -> Result<(), String> {
    let gvk = resource.gvk();
    let is_binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
    let namespace = kustomization.namespace.as_str();
    let mut write = |field: &mut Node| {
        let Some(text) = field.as_scalar() else {
            return Err("namespace field specs must target scalar nodes".to_owned());
        };
        if !kustomization.unset_only || text.is_empty() || field.is_null() {
            field.data = Data::Scalar(namespace.to_owned(), Scalar::Text);
            field.untagged = false;
        }
        Ok(())
    };
    if !resource.id().is_cluster_scoped() {
        let own = FieldSpec::anywhere("metadata/namespace", true);
        own.apply(&mut resource.node, Some(Blank::Scalar), &mut write)?;
    }
    if is_binding {
        set_subjects(&mut resource.node, kustomization.subjects, &mut write)?;
    }
    let usable = |spec: &&FieldSpec| {
        let path: Vec<&str> = spec.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            // The object's own namespace is done; a name is changed in the core group alone.
            ["metadata", "namespace"] => false,
            ["metadata", "name"] => gvk.api_version() == "v1",
            ["subjects", "namespace"] => !is_binding,
            _ => true,
        }
    };
    for spec in specs
        .iter()
        .filter(|spec| gvk.is_selected(&spec.gvk))
        .filter(usable)
    {
        spec.apply(&mut resource.node, Some(Blank::Scalar), &mut write)?;
    }
    Ok(())
}

/// Whether a subject of a binding moves along.
fn is_meant(subject: &Node, mode: Subjects) -> Result<bool, String> {
    let (field, wanted) = match mode {
        Subjects::Default => ("name", "default"),
        Subjects::ServiceAccounts => ("kind", "ServiceAccount"),
        Subjects::None => return Ok(false),
    };
    let Some(value) = subject.get(field).filter(|value| !value.is_null()) else {
        return Ok(false);
    };
    match value.as_scalar() {
        Some(text) => Ok(text == wanted),
        None => Err(format!(
            "setting namespace on (cluster)role binding subjects: looking up {field} on (cluster)role binding \
             subject: {}",
            wrong_kind(value, "ScalarNode")
        )),
    }
}

/// Of the subjects of bindings, those that `mode` means move along.
fn set_subjects(
    node: &mut Node,
    mode: Subjects,
    write: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let Some(subjects) = node
        .get_mut("subjects")
        .filter(|subjects| !subjects.is_null() && mode != Subjects::None)
    else {
        return Ok(());
    };
    let refused = "setting namespace on (cluster)role binding subjects: wrong node kind";
    let Some(subjects) = subjects.as_sequence_mut() else {
        return Err(format!("{refused}: expected SequenceNode"));
    };
    let is_subject = |node: &Node| node.is_null() || node.as_mapping().is_some();
    if !subjects.iter().all(is_subject) {
        return Err(format!("{refused}: expected MappingNode"));
    }
    for subject in subjects {
        if !is_meant(subject, mode)? {
            continue;
        }
        if let Some(entries) = subject.as_mapping_mut() {
            // Made without quotes, so that a later reference may make a number of it.
            let blank = || Entry::from(Node::from(Data::Scalar(String::new(), Scalar::Null)));
            write(
                &mut entries
                    .entry("namespace".into())
                    .or_insert_with(blank)
                    .value,
            )?;
        }
    }
    Ok(())
}
