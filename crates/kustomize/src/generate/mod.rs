//! `configMapGenerator` and `secretGenerator`.

mod absorb;
mod sources;

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::build_metadata::{Origin, Place};
use crate::error::Error;
use crate::kustomization::{ExternalGenerator, Generator, Kustomization};
use crate::load::Directory;
use crate::resource::{Resource, set_metadata_texts};
use crate::yaml::{Data, Dialect, Entry, Node, Scalar};
use absorb::absorb;
use sources::contents;

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
            // An empty text and a date have no quotes here, unlike those that are read from JSON.
            let quoted = match Dialect::Kubernetes.resolve(&text) {
                Scalar::Text | Scalar::Timestamp => text.contains('\n'),
                _ => !text.is_empty(),
            };
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

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_breaks_into_lines() {
        assert_eq!(base64(&[0; 51]).len(), 68);
        assert_eq!(base64(&[0; 52]), format!("{}\n{}\n", "A".repeat(70), "=="));
    }
}
