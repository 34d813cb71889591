//! `replacements`: values of fields that go to fields of other objects.

pub(crate) mod path;
mod structured;

use crate::error::Error;
use crate::id::Id;
use crate::kustomization::{
    Kustomization, Replacement, ReplacementEntry, Source, Target, TargetOptions,
};
use crate::load::Directory;
use crate::resource::Resource;
use crate::selector::Selector;
use crate::yaml::{self, Data, Dialect, Duplicates, MAX_DEPTH, Node, Scalar};

/// The most values that an object may hold into which lists or mappings are put.
const MAX_SIZE: usize = 1_000_000;

/// Reads the replacements that stand in files of their own.
pub(super) fn load(
    directory: Directory<'_>,
    kustomization: &Kustomization,
) -> Result<Vec<Replacement>, Error> {
    let mut replacements = Vec::new();
    for entry in &kustomization.replacements {
        match entry {
            ReplacementEntry::Inline(replacement) => {
                replacements.push(replacement.as_ref().clone())
            }
            ReplacementEntry::File(path) => {
                let at_entry = |error: Error| error.at(&kustomization.file, path.position);
                let (text, file) = directory.read_text(&path.text).map_err(at_entry)?;
                let documents = yaml::documents(&text, Dialect::Kubernetes, Duplicates::Replace);
                let documents = documents.map_err(|error| Error::from_yaml(&error, &file))?;
                let Some(document) = documents.first() else {
                    return Err(Error::new("the file holds no replacements").in_file(&file));
                };
                replacements.extend(Replacement::parse_file(&file, document)?);
            }
        }
    }
    Ok(replacements)
}

pub(super) fn apply(replacements: &[Replacement], resources: &mut [Resource]) -> Result<(), Error> {
    for replacement in replacements {
        let at_entry =
            |error: String| Error::new(error).at(&replacement.file, replacement.position);
        let value = value(replacement, resources).map_err(at_entry)?;
        for target in &replacement.targets {
            let at_target =
                |error: String| Error::new(error).at(&replacement.file, target.position);
            put(target, &value, resources).map_err(at_target)?;
        }
    }
    Ok(())
}

/// The value that a replacement spreads.
fn value(replacement: &Replacement, resources: &[Resource]) -> Result<Node, String> {
    match (&replacement.source, &replacement.value) {
        _ if replacement.targets.is_empty() => {
            Err("replacements must specify a source and at least one target".into())
        }
        (None, None) => Err("replacements must specify a source and at least one target".into()),
        (Some(_), Some(_)) => Err("value and resource selectors are mutually exclusive".into()),
        (None, Some(value)) => Ok(Node::from(Data::Scalar(
            value.clone(),
            Dialect::Resource.resolve(value),
        ))),
        (Some(source), None) => from_source(source, resources),
    }
}

fn from_source(source: &Source, resources: &[Resource]) -> Result<Node, String> {
    let wanted = Id::earlier(
        source.gvk.clone(),
        source.name.clone(),
        source.namespace.clone(),
    );
    let fits = |id: &Id| {
        id.gvk.is_selected(&wanted.gvk)
            && (wanted.name.is_empty() || wanted.name == id.name)
            && (wanted.namespace.is_empty()
                || wanted.effective_namespace() == id.effective_namespace())
    };
    let mut matching = resources
        .iter()
        .filter(|resource| ids(resource).iter().any(fits));
    let described = || format!("{wanted}:{}", source.path);
    let resource = match (matching.next(), matching.next()) {
        (Some(resource), None) => resource,
        (None, _) => return Err(format!("nothing selected by {}", described())),
        (Some(_), Some(_)) => return Err(format!("multiple matches for selector {}", described())),
    };
    let found = path::get(&resource.node, &path::split(&source.path))?;
    let is_blank = |node: &Node| {
        node.is_null()
            || node.as_sequence().is_some_and(<[Node]>::is_empty)
            || node
                .as_mapping()
                .is_some_and(crate::yaml::Mapping::is_empty)
    };
    let Some(found) = found.filter(|node| !is_blank(node)) else {
        return Err(format!(
            "fieldPath `{}` is missing for replacement source {wanted}",
            source.path
        ));
    };
    part(&source.options, found)
}

/// The part of a text that the options mean.
fn part(options: &TargetOptions, node: &Node) -> Result<Node, String> {
    if options.delimiter.is_empty() {
        return Ok(node.clone());
    }
    let Some(text) = node.as_scalar() else {
        return Err("delimiter option can only be used with scalar nodes".into());
    };
    let mut parts = text.split(options.delimiter.as_str());
    let part = usize::try_from(options.index)
        .ok()
        .and_then(|index| parts.nth(index));
    let Some(part) = part else {
        return Err(format!(
            "options.index {} is out of bounds for value {text}",
            options.index
        ));
    };
    let mut node = node.clone();
    set_text(&mut node, part)?;
    Ok(node)
}

/// The identities of an object, now and before, with the namespaces as written.
fn ids(resource: &Resource) -> Vec<Id> {
    let now = Id::earlier(
        resource.gvk(),
        resource.name().into(),
        resource.namespace().into(),
    );
    std::iter::once(now)
        .chain(resource.previous_ids())
        .collect()
}

fn put(target: &Target, value: &Node, resources: &mut [Resource]) -> Result<(), String> {
    let Some(select) = &target.select else {
        return Err("target must specify resources to select".into());
    };
    let select = Selector::new(select)?;
    let reject = target
        .reject
        .iter()
        .map(|patterns| Ok((patterns, Selector::new(patterns)?)));
    let reject: Vec<_> = reject.collect::<Result<_, String>>()?;
    for resource in resources {
        if !select.fits_called(resource) || !select.fits_labels(resource) {
            continue;
        }
        let by_labels = reject
            .iter()
            .any(|(patterns, selector)| patterns.has_labels() && selector.fits_labels(resource));
        let by_id = reject
            .iter()
            .any(|(patterns, selector)| patterns.has_identity() && selector.fits_called(resource));
        if !by_labels && !by_id {
            for path in &target.paths {
                put_at(&mut resource.node, path, value, &target.options)?;
                resource.sync_shared();
            }
            check_size(&resource.node, value)?;
        }
    }
    Ok(())
}

/// Refuses an object that lists and mappings, put into one another, let grow out of bounds.
fn check_size(node: &Node, value: &Node) -> Result<(), String> {
    if value.as_scalar().is_some() {
        return Ok(());
    }
    let (height, size) = node.measure();
    if height > MAX_DEPTH {
        return Err(format!(
            "the target would nest deeper than {MAX_DEPTH} levels"
        ));
    }
    if size > MAX_SIZE {
        return Err(format!("the target would hold more than {MAX_SIZE} values"));
    }
    Ok(())
}

fn put_at(
    node: &mut Node,
    path: &str,
    value: &Node,
    options: &TargetOptions,
) -> Result<(), String> {
    let create = options.create.then(|| path::Made::like(value));
    let keys = path::split(path);
    if keys.len() > MAX_DEPTH {
        return Err(format!("a path of more than {MAX_DEPTH} parts"));
    }
    if structured::set(node, &keys, value, create)? {
        return Ok(());
    }
    let what = if options.create {
        "find or create"
    } else {
        "find"
    };
    let missing = format!("unable to {what} field \"{path}\" in replacement target");
    let mut set = |field: &mut Node| set_field(field, value, options).map_err(path::Stop::Set);
    match path::visit(node, &keys, create, &mut set) {
        Ok(0) => Err(missing),
        Ok(_) => Ok(()),
        Err(path::Stop::Set(error)) => Err(error),
        Err(path::Stop::Path(error)) => Err(format!("{missing}: {error}")),
    }
}

fn set_field(field: &mut Node, value: &Node, options: &TargetOptions) -> Result<(), String> {
    let text = value.as_scalar().unwrap_or_default();
    if options.delimiter.is_empty() {
        return assign(field, value);
    }
    let Some(old) = field.as_scalar() else {
        return Err("delimiter option can only be used with scalar nodes".into());
    };
    let mut parts: Vec<&str> = old.split(options.delimiter.as_str()).collect();
    match usize::try_from(options.index) {
        Err(_) => parts.insert(0, text),
        Ok(index) if index >= parts.len() => parts.push(text),
        Ok(index) => parts[index] = text,
    }
    let joined = parts.join(&options.delimiter);
    set_text(field, &joined)
}

/// Puts a value in the place of another. A single value keeps its type, and takes over no more than the text.
fn assign(field: &mut Node, value: &Node) -> Result<(), String> {
    if field.as_scalar().is_some() {
        return set_text(field, value.as_scalar().unwrap_or_default());
    }
    let position = field.position;
    *field = Node {
        position,
        ..value.clone()
    };
    Ok(())
}

/// Gives a scalar another text, which must be one of its type.
fn set_text(field: &mut Node, text: &str) -> Result<(), String> {
    let Data::Scalar(_, old) = &field.data else {
        return Ok(());
    };
    let new = Dialect::Resource.resolve(text);
    #[expect(clippy::cast_precision_loss, reason = "the field holds a float")]
    let scalar = match (old, new) {
        _ if field.quoted => Scalar::Text,
        // A field just made has no type yet.
        (Scalar::Blank, new) => new,
        (Scalar::Text, _) => Scalar::Text,
        (Scalar::Int(_), Scalar::Int(_))
        | (Scalar::Bool(_), Scalar::Bool(_))
        | (Scalar::Null, Scalar::Null)
        | (Scalar::Timestamp, Scalar::Timestamp)
        | (Scalar::Float(_), Scalar::Float(_)) => new,
        (Scalar::Float(_), Scalar::Int(whole)) => Scalar::Float(i128::from(whole) as f64),
        _ => {
            return Err(format!(
                "cannot put `{text}` in the place of a value of another type"
            ));
        }
    };
    field.data = Data::Scalar(text.to_owned(), scalar);
    Ok(())
}
