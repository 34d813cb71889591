//! `configMapGenerator` and `secretGenerator`.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::build_metadata::{self, Origin, Place};
use crate::error::Error;
use crate::kustomization::{ExternalGenerator, Generator, Kustomization, Located};
use crate::load::Directory;
use crate::resource::{Behavior, Resource, set_identity, set_metadata_texts, texts};
use crate::yaml::{Data, Dialect, Entry, Node, Scalar};

/// The longest line of base64.
const BASE64_LINE: usize = 70;

/// Adds what a kustomization generates to its objects, or merges it into them.
pub(crate) fn run(
    directory: Directory<'_>,
    kustomization: &Kustomization,
    place: Option<&Place>,
    resources: &mut Vec<Resource>,
) -> Result<(), Error> {
    let config_maps = kustomization
        .config_maps
        .iter()
        .map(|generator| ("ConfigMap", generator));
    let secrets = kustomization
        .secrets
        .iter()
        .map(|generator| ("Secret", generator));
    for (kind, generator) in config_maps.chain(secrets) {
        let generated =
            generate(directory, &kustomization.file, kind, generator).and_then(|mut resource| {
                if let Some(place) = place {
                    place
                        .of_builtin(&format!("{kind}Generator"))
                        .add(&mut resource);
                }
                absorb(resource, resources)
            });
        generated.map_err(|error| error.at(&kustomization.file, generator.position))?;
    }
    Ok(())
}

/// Adds what a generator with a configuration of its own, `object`, generates.
pub(crate) fn external(
    directory: Directory<'_>,
    generator: &ExternalGenerator,
    object: &Resource,
    resources: &mut Vec<Resource>,
) -> Result<(), Error> {
    let resource = match generator {
        ExternalGenerator::ConfigMap(generator) => {
            generate(directory, &object.file, "ConfigMap", generator)?
        }
        ExternalGenerator::Secret(generator) => {
            generate(directory, &object.file, "Secret", generator)?
        }
        ExternalGenerator::ServiceAccount {
            name,
            namespace,
            account,
        } => {
            let mut node = skeleton("ServiceAccount", name, namespace);
            let annotation = ("iam.gke.io/gcp-service-account".into(), account.clone());
            set_metadata_texts(&mut node, "annotations", BTreeMap::from([annotation]));
            node.position = object.node.position;
            Resource::new(node, Rc::clone(&object.file))
        }
    };
    let mut resource = resource;
    if let Some(origin) = Origin::of_configured(object) {
        origin.add(&mut resource);
    }
    absorb(resource, resources)
}

/// An object of the core group without content.
fn skeleton(kind: &str, name: &str, namespace: &str) -> Node {
    let mut metadata = Node::mapping();
    put(&mut metadata, "name", Node::text(name));
    if !namespace.is_empty() {
        put(&mut metadata, "namespace", Node::text(namespace));
    }
    let mut node = Node::mapping();
    put(&mut node, "apiVersion", Node::text("v1"));
    put(&mut node, "kind", Node::text(kind));
    put(&mut node, "metadata", metadata);
    node
}

fn generate(
    directory: Directory<'_>,
    file: &str,
    kind: &str,
    generator: &Generator,
) -> Result<Resource, Error> {
    if generator.name.is_empty() {
        return Err(Error::new("a configmap must have a name"));
    }
    let mut node = skeleton(kind, &generator.name, &generator.namespace);
    if kind == "Secret" {
        let secret_kind = if generator.kind.is_empty() {
            "Opaque"
        } else {
            &generator.kind
        };
        put(&mut node, "type", Node::text(secret_kind));
        put(&mut node, "data", Node::mapping());
    }
    for (key, content) in contents(directory, generator)? {
        check_key(&key)?;
        let (field, text) = match (kind, String::from_utf8(content)) {
            ("ConfigMap", Ok(text)) => ("data", text),
            ("ConfigMap", Err(binary)) => ("binaryData", base64(binary.as_bytes())),
            (_, Ok(text)) => ("data", base64(text.as_bytes())),
            (_, Err(binary)) => ("data", base64(binary.as_bytes())),
        };
        set_data(&mut node, field, key, text);
    }
    let options = &generator.options;
    options
        .labels
        .keys()
        .chain(options.annotations.keys())
        .try_for_each(|key| check_key(key))?;
    set_metadata_texts(&mut node, "labels", options.labels.clone());
    set_metadata_texts(&mut node, "annotations", options.annotations.clone());
    if options.immutable {
        put(
            &mut node,
            "immutable",
            Data::Scalar("true".into(), Scalar::Bool(true)).into(),
        );
    }
    node.position = generator.position;
    let mut resource = Resource::new(node, Rc::from(file));
    resource.needs_hash = !options.disable_name_suffix_hash;
    resource.behavior = generator.behavior;
    resource.is_generated = true;
    resource.keep_annotations();
    Ok(resource)
}

fn put(node: &mut Node, key: &str, value: Node) {
    if let Some(entries) = node.as_mapping_mut() {
        entries.insert(key.to_owned(), Entry::from(value));
    }
}

fn set_data(node: &mut Node, field: &str, key: String, text: String) {
    if let Some(entries) = node.as_mapping_mut() {
        let data = entries
            .entry(field.to_owned())
            .or_insert_with(|| Node::mapping().into());
        if let Some(data) = data.value.as_mapping_mut() {
            // An empty text has no quotes here, unlike one that is read from JSON.
            let quoted = !text.is_empty() && Node::text(text.as_str()).quoted;
            let node = Node {
                quoted,
                ..Node::text(text)
            };
            data.insert(key, node.into());
        }
    }
}

/// Refuses keys that kustomize would write without quotes and read back as something else than texts.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    if Dialect::Resource.resolve(key) == Scalar::Text {
        return Ok(());
    }
    Err(Error::new(format!(
        "key '{key}' is not a text to YAML: unsupported type of map key"
    )))
}

/// Base64 as Go's YAML breaks it into lines.
fn base64(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < BASE64_LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / BASE64_LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(BASE64_LINE.min(rest.len()));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}

/// The keys and contents that a generator's sources give: environment files, literals and files.
fn contents(
    directory: Directory<'_>,
    generator: &Generator,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut found = BTreeMap::new();
    let mut add = |key: String, content: Vec<u8>| {
        if found.contains_key(&key) {
            let message = format!(
                "configmap {} illegally repeats the key `{key}`",
                generator.name
            );
            return Err(Error::new(message));
        }
        found.insert(key, content);
        Ok(())
    };
    let wrap = |kind: &str, sources: &[Located], error: &Error| {
        let sources: Vec<&str> = sources.iter().map(|source| source.text.as_str()).collect();
        Error::new(format!(
            "loading KV pairs: {kind} [{}]: {}",
            sources.join(" "),
            error.message()
        ))
    };
    for source in &generator.envs {
        let failed = |error: Error| wrap("env source files:", &generator.envs, &error);
        let content = directory.read(&source.text).map_err(failed)?;
        for (key, value) in env_lines(&content).map_err(failed)? {
            add(key, value.into_bytes())?;
        }
    }
    for source in &generator.literals {
        let (key, value) = literal(&source.text)
            .map_err(|error| wrap("literal sources", &generator.literals, &error))?;
        add(key.to_owned(), value.as_bytes().to_vec())?;
    }
    for source in &generator.files {
        let failed = |error: Error| wrap("file sources:", &generator.files, &error);
        let (key, path) = file_source(&source.text).map_err(failed)?;
        add(key, directory.read(path).map_err(failed)?)?;
    }
    Ok(found)
}

/// `key=value`; one pair of quotes around the value is not part of it.
fn literal(source: &str) -> Result<(&str, &str), Error> {
    let invalid = || {
        Error::new(format!(
            "invalid literal source {source}, expected key=value"
        ))
    };
    let (key, value) = source
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(invalid)?;
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    Ok((key, unquoted.unwrap_or(value)))
}

/// `path` or `key=path`.
fn file_source(source: &str) -> Result<(String, &str), Error> {
    let refuse = |message: String| Err(Error::new(message));
    match source.split('=').collect::<Vec<_>>().as_slice() {
        [path] => {
            let name = Path::new(path)
                .file_name()
                .map_or(*path, |name| name.to_str().unwrap_or(path));
            Ok((name.to_owned(), source))
        }
        ["", path] => refuse(format!(
            "missing key name for file path \"{path}\" in source \"{source}\""
        )),
        [key, ""] => refuse(format!(
            "missing file path for key name \"{key}\" in source \"{source}\""
        )),
        [key, path] => Ok(((*key).to_owned(), *path)),
        _ => refuse(format!(
            "source \"{source}\" key name or file path contains '='"
        )),
    }
}

/// The assignments in an environment file; a key alone has no value.
fn env_lines(content: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let text = std::str::from_utf8(content).map_err(|_| Error::new("invalid utf8 bytes"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines
        .map(|line| {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            (key.to_owned(), value.to_owned())
        })
        .filter(|(key, _)| !key.is_empty())
        .collect())
}

/// Adds a generated object, or merges it with the one that it is meant for.
fn absorb(mut resource: Resource, resources: &mut Vec<Resource>) -> Result<(), Error> {
    let id = resource.id();
    let mut matching = (0..resources.len()).filter(|at| resources[*at].has_id(&id));
    let at = match (matching.next(), matching.next()) {
        (None, _) if matches!(resource.behavior, Behavior::Merge | Behavior::Replace) => {
            return Err(Error::new(format!(
                "merging from generator: id {} does not exist; cannot merge or replace",
                id.go_syntax()
            )));
        }
        (None, _) => {
            resources.push(resource);
            return Ok(());
        }
        (Some(at), None) => at,
        (Some(_), Some(_)) => {
            return Err(Error::new(format!(
                "found multiple objects that could accept merge of {id}"
            )));
        }
    };
    let old = &resources[at];
    match resource.behavior {
        Behavior::Replace => take_metadata(&mut resource, old),
        Behavior::Merge => {
            take_metadata(&mut resource, old);
            build_metadata::keep_origin(&mut resource, old);
            merge_data(&mut resource.node, &old.node, "data");
            merge_data(&mut resource.node, &old.node, "binaryData");
        }
        behavior => {
            return Err(Error::new(format!(
                "merging from generator: id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                id.go_syntax(),
                behavior.name()
            )));
        }
    }
    resource.keep_annotations();
    resources[at] = resource;
    Ok(())
}

/// Takes over name, namespace, labels, annotations and history of the object that is replaced.
fn take_metadata(resource: &mut Resource, old: &Resource) {
    let mut labels = old.labels();
    labels.extend(resource.labels());
    let mut annotations = old.annotations();
    annotations.extend(resource.annotations());
    set_metadata_texts(&mut resource.node, "labels", labels);
    set_metadata_texts(&mut resource.node, "annotations", annotations);
    let metadata = resource
        .node
        .get_mut("metadata")
        .and_then(Node::as_mapping_mut);
    if let Some(metadata) = metadata {
        set_identity(metadata, "name", old.name());
        set_identity(metadata, "namespace", old.namespace());
    }
    resource.take_history(old);
    resource.needs_hash &= old.needs_hash;
    resource.behavior = old.behavior;
}

fn merge_data(node: &mut Node, old: &Node, field: &str) {
    let mut data = texts(old.get(field));
    data.extend(texts(node.get(field)));
    if let Some(entries) = node.as_mapping_mut() {
        entries.remove(field);
    }
    for (key, text) in data {
        set_data(node, field, key, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_lose_one_pair_of_quotes() {
        for (source, value) in [
            ("a=b", "b"),
            ("a=\"b\"", "b"),
            ("a='\"b\"'", "\"b\""),
            ("a=\"b", "\"b"),
            ("a=b=c", "b=c"),
            ("a=\"", "\""),
        ] {
            assert_eq!(literal(source).unwrap(), ("a", value), "{source}");
        }
        assert!(literal("=b").is_err() && literal("b").is_err());
    }

    #[test]
    fn environment_files_are_read_line_by_line() {
        let lines = env_lines("\u{feff}A=1\r\n  # no\n\n  B = 2=3 \nC\n".as_bytes()).unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(lines, [pair("A", "1"), pair("B ", " 2=3 "), pair("C", "")]);
    }

    #[test]
    fn base64_breaks_into_lines() {
        assert_eq!(base64(&[0; 51]).len(), 68);
        assert_eq!(base64(&[0; 52]), format!("{}\n{}\n", "A".repeat(70), "=="));
    }
}
