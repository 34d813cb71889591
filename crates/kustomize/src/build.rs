//! The whole of a build, and what happens once at its end.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use crate::accumulate::Build;
use crate::accumulated::{Accumulated, register};
use crate::build_metadata::RELEASE;
use crate::configuration::Field;
use crate::error::Error;
use crate::files::{Files, clean};
use crate::id::Id;
use crate::kustomization::{Kustomization, UnsupportedField};
use crate::resource::{Resource, set_metadata_texts};
use crate::schema::Schema;
use crate::yaml::{self, Data, Node, Position};
use crate::{hash, load, references, shown, sort, unsupported};

/// Annotations that only a build under way may have.
const BUILD_ANNOTATIONS: [&str; 16] = [
    "config.k8s.io/id",
    "config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/helm-generated",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/suffixes",
];
/// The annotation of objects that are not to be applied.
const LOCAL: &str = "config.kubernetes.io/local-config";

/// An object that was built, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The object as JSON.
    pub object: Value,
    /// The file that it was read from, or the kustomization that generated it.
    pub file: String,
    /// Where it begins in that file; line 0 where that is not known.
    pub position: Position,
}

/// Builds the kustomization in `dir`: the objects, in order, as JSON.
///
/// Nothing is read but through `files`.
///
/// # Errors
///
/// Where a file is missing or malformed, a patch does not apply, two objects are the same, and where a kustomization
/// asks for what is not supported yet. The error names the kustomizations on the way, the file and the line.
pub fn build(files: &dyn Files, dir: &Path) -> Result<Vec<Value>, Error> {
    let traced = build_traced(files, dir, RELEASE)?;
    Ok(traced.into_iter().map(|traced| traced.object).collect())
}

/// [`build`] that tells of each object where it came from. `release` is what the label of `managedByLabel` calls the
/// kustomize at work: [`RELEASE`], or what a program that stands in for another has to say there.
///
/// # Errors
///
/// As those of [`build`].
pub fn build_traced(files: &dyn Files, dir: &Path, release: &str) -> Result<Vec<Traced>, Error> {
    let (top, resources) = transformed(files, dir)?;
    resources
        .into_iter()
        .map(|resource| {
            let (file, position) = (resource.file.to_string(), resource.node.position);
            Ok(Traced {
                object: finish(resource, &top, release)?.to_json(),
                file,
                position,
            })
        })
        .collect()
}

/// Builds the kustomization in `dir`, and writes the objects as `kustomize build` does: what [`to_yaml`] makes of
/// [`build`], in less memory, as the objects go one by one while the text grows.
///
/// # Errors
///
/// Those of [`build`].
pub fn build_to_yaml(files: &dyn Files, dir: &Path) -> Result<String, Error> {
    let (top, resources) = transformed(files, dir)?;
    let mut text = String::new();
    for resource in resources {
        yaml::append_node(&mut text, &finish(resource, &top, RELEASE)?);
    }
    Ok(text)
}

/// The objects after all transformations, and the kustomization at the top.
fn transformed(
    files: &dyn Files,
    dir: &Path,
) -> Result<(Box<Kustomization>, Vec<Resource>), Error> {
    let schema: Rc<Schema> = Rc::default();
    let (kustomization, built) = Build::new(files, &schema).directory(&clean(dir))?;
    let Accumulated {
        mut resources,
        rules,
    } = built;
    let within = |error: Error| error.within(&kustomization.file);
    resources
        .iter()
        .try_for_each(Resource::check_remembered)
        .map_err(within)?;
    hash::add(&mut resources);
    references::fix(&mut resources, rules.configuration.references()).map_err(within)?;
    let var_fields = rules.configuration.fields(Field::VarReference);
    rules
        .vars
        .resolve(var_fields, &mut resources)
        .map_err(within)?;
    drop_local(&mut resources).map_err(within)?;
    schema.check().map_err(within)?;
    let order = kustomization.order.as_ref().map(Result::as_ref).transpose();
    sort::sort(order.map_err(Clone::clone)?, &mut resources);
    Ok((kustomization, resources))
}

/// Drops the objects that are not to be applied, and those of which a patch has left nothing.
///
/// Like kustomize by their identities, which may have become those of others: what shares its identity with an object
/// that stays, stays as well.
///
/// # Errors
///
/// Where the objects left are malformed or two of them are the same, and where two that go are.
fn drop_local(resources: &mut Vec<Resource>) -> Result<(), Error> {
    let is_local = |resource: &Resource| {
        let annotations = resource.annotations();
        annotations.get(LOCAL).is_some_and(|local| local != "false")
    };
    let mut stays = Vec::with_capacity(resources.len());
    let mut keys = HashSet::with_capacity(resources.len());
    for resource in &*resources {
        let is_blank = load::is_blank(&resource.node);
        if !is_blank {
            load::check(&resource.node, &resource.file)?;
        }
        stays.push(!is_blank && !is_local(resource));
        if stays.last() == Some(&true) {
            register(&mut keys, resource)?;
        }
    }
    if !stays.contains(&false) {
        return Ok(());
    }
    let ids: Vec<Id> = resources.iter().map(Resource::id).collect();
    let kept = ids.iter().zip(stays).filter(|(_, stays)| *stays);
    let kept: HashSet<&Id> = kept.map(|(id, _)| id).collect();
    let mut gone = HashSet::new();
    for (id, resource) in ids.iter().zip(&*resources) {
        if !kept.contains(id) && !gone.insert(id) {
            let error = Error::new(format!("id {id} not found in removal"));
            return Err(error.at(&resource.file, resource.node.position));
        }
    }
    let mut each = ids.iter();
    resources.retain(|_| each.next().is_some_and(|id| kept.contains(id)));
    Ok(())
}

/// Writes objects as `kustomize build` does.
#[must_use]
pub fn to_yaml(objects: &[Value]) -> String {
    yaml::to_string_all(objects)
}

/// What the kustomizations in and under `dir` use that [`build`] refuses.
///
/// # Errors
///
/// Where a kustomization file can't be read.
pub fn unsupported_fields(files: &dyn Files, dir: &Path) -> Result<Vec<UnsupportedField>, Error> {
    unsupported::find(files, &clean(dir), &mut Vec::new())
}

/// The object as it is written: annotations are texts, and those of the build itself are gone.
fn finish(mut resource: Resource, top: &Kustomization, release: &str) -> Result<Node, Error> {
    let within = |resource: &Resource, message: String| {
        let error = Error::new(message).at(&resource.file, resource.node.position);
        error.within(&top.file)
    };
    let mut annotations = named_annotations(&resource).map_err(|error| within(&resource, error))?;
    annotations.retain(|key, _| {
        !BUILD_ANNOTATIONS.contains(&key.as_str())
            && !key.starts_with("internal.config.kubernetes.io/previous")
    });
    resource.keep_metadata();
    set_metadata_texts(&mut resource.node, "annotations", annotations);
    resource.check_written()?;
    resource.node.reread();
    let finished = top.build_metadata.finish(&mut resource, release);
    finished.map_err(|error| within(&resource, error))?;
    if has_control_characters(&resource.node) {
        let message = format!(
            "{}: yaml: control characters are not allowed",
            shown::go(&resource)
        );
        return Err(within(&resource, message));
    }
    yaml::fold_next_lines(&mut resource.node);
    Ok(resource.node)
}

/// The annotations, of which each has a name: a list that a replacement has put in their place may be one of pairs.
fn named_annotations(resource: &Resource) -> Result<BTreeMap<String, String>, String> {
    let annotations = resource.annotations();
    let written = resource.node.at(&["metadata", "annotations"]);
    let is_odd = written
        .and_then(Node::as_sequence)
        .is_some_and(|list| list.len() % 2 == 1);
    if is_odd || annotations.contains_key("") {
        return Err(format!("annotations need names (in {})", resource.id()));
    }
    Ok(annotations)
}

/// Whether a text holds characters that Go's YAML can't write.
fn has_control_characters(node: &Node) -> bool {
    let bad = |text: &str| {
        let plain = text.bytes().all(|byte| byte < 0x7f);
        !plain
            && text.chars().any(
                |c| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'),
            )
    };
    match &node.data {
        Data::Scalar(text, _) => bad(text),
        Data::Sequence(items) => items.iter().any(has_control_characters),
        Data::Mapping(entries) => entries
            .iter()
            .any(|(key, entry)| bad(key) || has_control_characters(&entry.value)),
    }
}
