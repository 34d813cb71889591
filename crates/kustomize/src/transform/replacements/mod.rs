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
use crate::yaml::{self, Data, Dialect, Duplicates, MAX_DEPTH, Node, Scalar, Tag};

/// The most values that an object may hold into which lists or mappings are put.
const MAX_SIZE: usize = 200_000;

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
        let mut value = value(replacement, resources).map_err(at_entry)?;
        for target in &replacement.targets {
            let at_target =
                |error: String| Error::new(error).at(&replacement.file, target.position);
            put(target, &mut value, resources, &at_target).map_err(at_target)?;
        }
    }
    Ok(())
}

/// The value that a replacement spreads.
struct Spread {
    node: Node,
    /// The object and the field that hold it, unless it is a part of a text: what changes there in the course of a
    /// replacement is spread on.
    held: Option<(usize, Vec<String>)>,
}

impl Spread {
    /// Looks at the field again, after the object with this number has changed.
    fn refresh(&mut self, changed: usize, resource: &Resource) {
        if let Some((_, path)) = self.held.as_ref().filter(|(at, _)| *at == changed)
            && let Ok(Some(node)) = path::get(&resource.node, path)
        {
            self.node = node.clone();
        }
    }
}

fn value(replacement: &Replacement, resources: &[Resource]) -> Result<Spread, String> {
    match (&replacement.source, &replacement.value) {
        _ if !replacement.has_targets => {
            Err("replacements must specify a source and at least one target".into())
        }
        (None, None) => Err("replacements must specify a source and at least one target".into()),
        (Some(_), Some(_)) => Err("value and resource selectors are mutually exclusive".into()),
        (None, Some(value)) => Ok(Spread {
            node: Data::Scalar(value.clone(), Dialect::Resource.resolve(value)).into(),
            held: None,
        }),
        (Some(source), None) => from_source(source, resources),
    }
}

fn from_source(source: &Source, resources: &[Resource]) -> Result<Spread, String> {
    let wanted = Id::earlier(
        source.gvk.clone(),
        source.name.clone(),
        source.namespace.clone(),
    );
    let is_meant = |id: &Id| {
        id.gvk.is_selected(&wanted.gvk)
            && (wanted.name.is_empty() || wanted.name == id.name)
            && (wanted.namespace.is_empty()
                || wanted.effective_namespace() == id.effective_namespace())
    };
    let mut matching = (0..resources.len()).filter(|at| ids(&resources[*at]).iter().any(is_meant));
    let described = || format!("{wanted}:{}", source.path);
    let at = match (matching.next(), matching.next()) {
        (Some(at), None) => at,
        (None, _) => return Err(format!("nothing selected by {}", described())),
        (Some(_), Some(_)) => return Err(format!("multiple matches for selector {}", described())),
    };
    let path = path::split(&source.path);
    let found = path::get(&resources[at].node, &path)?;
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
    Ok(Spread {
        node: part(&source.options, found)?,
        held: source
            .options
            .delimiter
            .is_empty()
            .then(|| (at, path::numbered(&resources[at].node, &path))),
    })
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

fn put(
    target: &Target,
    value: &mut Spread,
    resources: &mut [Resource],
    at_target: &dyn Fn(String) -> Error,
) -> Result<(), String> {
    let Some(select) = &target.select else {
        return Err("target must specify resources to select".into());
    };
    let select = Selector::new(select)?;
    let reject = target
        .reject
        .iter()
        .map(|patterns| Ok((patterns, Selector::new(patterns)?)));
    let reject: Vec<_> = reject.collect::<Result<_, String>>()?;
    for (at, resource) in resources.iter_mut().enumerate() {
        if !select.fits_labels(resource)? {
            continue;
        }
        let mut by_labels = false;
        for (_, selector) in reject.iter().filter(|(patterns, _)| patterns.has_labels()) {
            by_labels = by_labels || selector.fits_labels(resource)?;
        }
        let by_id = || {
            reject.iter().any(|(patterns, selector)| {
                patterns.has_identity() && selector.fits_called(resource)
            })
        };
        if !by_labels && select.fits_called(resource) && !by_id() {
            for path in &target.paths {
                put_at(at, resource, path, value, &target.options)?;
            }
            if let (Err(error), None) = (fits(&resource.node), &resource.misfit) {
                resource.misfit = Some(Box::new(at_target(error)));
            }
            check_size(&resource.node, &value.node)?;
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

/// Puts a value at a path of the object with this number.
fn put_at(
    at: usize,
    resource: &mut Resource,
    path: &str,
    value: &mut Spread,
    options: &TargetOptions,
) -> Result<(), String> {
    let create = options.create.then(|| path::Made::like(&value.node));
    let keys = path::split(path);
    if keys.len() > MAX_DEPTH {
        return Err(format!("a path of more than {MAX_DEPTH} parts"));
    }
    let what = if options.create {
        "find or create"
    } else {
        "find"
    };
    let missing = format!("unable to {what} field \"{path}\" in replacement target");
    if keys.iter().all(String::is_empty) {
        return Err(missing);
    }
    if structured::set(&mut resource.node, &keys, &value.node, create)? {
        resource.sync_shared();
        value.refresh(at, resource);
        return Ok(());
    }
    let refuse = |stop| match stop {
        path::Stop::Set(error) => error,
        path::Stop::Path(error) => format!("{missing}: {error}"),
    };
    let is_own = value.held.as_ref().is_some_and(|(held, _)| *held == at);
    if is_own && options.create {
        // What is made within the value is a part of it before that is copied.
        path::visit(&mut resource.node, &keys, create, &mut |_| Ok(())).map_err(refuse)?;
        value.refresh(at, resource);
    }
    let before = is_own.then(|| (resource.node.clone(), value.node.clone()));
    let mut set =
        |field: &mut Node| set_field(field, &value.node, options).map_err(path::Stop::Set);
    let found = path::visit(&mut resource.node, &keys, create, &mut set).map_err(refuse)?;
    if found == 0 {
        return Err(missing);
    }
    resource.sync_shared();
    value.refresh(at, resource);
    // A value that changes with the fields that it goes to is another for each of them.
    if let Some((node, old)) = before.filter(|(_, old)| found > 1 && *old != value.node) {
        (resource.node, value.node) = (node, old);
        for number in 0..found {
            let mut seen = 0..;
            let mut set = |field: &mut Node| match seen.next() {
                Some(at) if at == number => {
                    set_field(field, &value.node, options).map_err(path::Stop::Set)
                }
                _ => Ok(()),
            };
            path::visit(&mut resource.node, &keys, create, &mut set).map_err(refuse)?;
            resource.sync_shared();
            value.refresh(at, resource);
        }
    }
    if keys == ["metadata", "annotations"] {
        resource.forget();
    }
    Ok(())
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
    // A copy changes with nothing else.
    field.forget_shared();
    Ok(())
}

/// Gives a scalar another text. Its type stays, whether the text fits it or not: something else may come in its place
/// before the object is written.
fn set_text(field: &mut Node, text: &str) -> Result<(), String> {
    let Data::Scalar(_, old) = &field.data else {
        return Ok(());
    };
    let new = Dialect::Resource.resolve(text);
    let scalar = match (old, new) {
        _ if field.quoted => match field
            .tag
            .map(|tag| (tag.example(), typed(tag.example(), new)))
        {
            // A whole number where another one was loses the quotes.
            Some((_, Some(float))) if Tag::of(&new) != field.tag => {
                field.quoted = false;
                float
            }
            Some((old, None)) => old,
            _ => Scalar::Text,
        },
        (_, new) if field.untagged => new,
        (Scalar::Text, _) => Scalar::Text,
        (old, new) => typed(*old, new).unwrap_or(*old),
    };
    field.data = Data::Scalar(text.to_owned(), scalar);
    Ok(())
}

/// What a text means that looks like `new`, in the place of a value that is no text; `None` where it can't stand there.
fn typed(old: Scalar, new: Scalar) -> Option<Scalar> {
    #[expect(clippy::cast_precision_loss, reason = "the field holds a float")]
    match (old, new) {
        (Scalar::Int(_), Scalar::Int(_))
        | (Scalar::Bool(_), Scalar::Bool(_))
        | (Scalar::Null | Scalar::Blank, Scalar::Null | Scalar::Blank)
        | (Scalar::Timestamp, Scalar::Timestamp)
        | (Scalar::Float(_), Scalar::Float(_)) => Some(new),
        (Scalar::Float(_), Scalar::Int(whole)) => Some(Scalar::Float(i128::from(whole) as f64)),
        _ => None,
    }
}

/// Refuses an object in which a text stands in the place of a value of another type.
///
/// # Errors
///
/// Names the text.
pub(crate) fn fits(node: &Node) -> Result<(), String> {
    match &node.data {
        Data::Scalar(text, scalar) => {
            let is_typed = !matches!(scalar, Scalar::Text | Scalar::Blank);
            if is_typed && typed(*scalar, Dialect::Resource.resolve(text)).is_none() {
                return Err(format!(
                    "cannot put `{text}` in the place of a value of another type"
                ));
            }
            Ok(())
        }
        Data::Sequence(items) => items.iter().try_for_each(fits),
        Data::Mapping(entries) => entries.values().try_for_each(|entry| fits(&entry.value)),
    }
}
