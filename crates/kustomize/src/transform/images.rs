//! `images`: other names, tags and digests for images.

use regex::Regex;

use super::{Fields, failure};
use crate::configuration::Field;
use crate::error::Error;
use crate::fieldspec::{Blank, FieldSpec};
use crate::kustomization::{Image, Kustomization};
use crate::resource::{Resource, set_untyped};
use crate::shown::wrong_kind;
use crate::yaml::{Data, Node};

/// The fields that hold images, apart from the lists of containers that are found anywhere.
const FIELDS: [&str; 6] = [
    "spec/containers[]/image",
    "spec/initContainers[]/image",
    "spec/volumes[]/image/reference",
    "spec/template/spec/containers[]/image",
    "spec/template/spec/initContainers[]/image",
    "spec/template/spec/volumes[]/image/reference",
];

pub(super) fn builtin_fields() -> Vec<FieldSpec> {
    FIELDS
        .iter()
        .map(|path| FieldSpec::anywhere(path, true))
        .collect()
}

pub(super) fn apply(
    kustomization: &Kustomization,
    fields: &Fields<'_>,
    resources: &mut [Resource],
) -> Result<(), Error> {
    let specs = fields(Field::Images);
    for image in &kustomization.images {
        let update = Update::new(image);
        for resource in resources
            .iter_mut()
            .filter(|resource| resource.kind() != "CustomResourceDefinition")
        {
            let mut outcome = update.containers(&mut resource.node);
            let gvk = resource.gvk();
            for spec in specs.iter().filter(|spec| gvk.is_selected(&spec.gvk)) {
                outcome = outcome.and_then(|()| {
                    spec.apply(&mut resource.node, None::<Blank>, &mut |field| {
                        update.image(field)
                    })
                });
            }
            outcome.map_err(|error| match &update.pattern {
                Ok(_) => failure(kustomization, resource, &error),
                Err(_) => Error::new(error).at(&kustomization.file, image.position),
            })?;
        }
    }
    Ok(())
}

struct Update<'a> {
    image: &'a Image,
    /// What is wrong with it matters only where there is an image.
    pattern: Result<Regex, String>,
}

impl<'a> Update<'a> {
    fn new(image: &'a Image) -> Self {
        // The name is a pattern, not escaped.
        let pattern = format!(
            "^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$",
            image.name
        );
        let pattern =
            Regex::new(&pattern).map_err(|error| format!("image name '{}': {error}", image.name));
        Self { image, pattern }
    }

    /// Changes the images of containers, wherever they are listed.
    fn containers(&self, node: &mut Node) -> Result<(), String> {
        match &mut node.data {
            Data::Sequence(items) => items.iter_mut().try_for_each(|item| self.containers(item)),
            Data::Mapping(entries) => entries.iter_mut().try_for_each(|(key, entry)| {
                self.containers(&mut entry.value)?;
                if !matches!(key.as_str(), "containers" | "initContainers") {
                    return Ok(());
                }
                let items = entry.value.as_sequence_mut().into_iter().flatten();
                items
                    .filter(|item| !item.is_null())
                    .try_for_each(|item| self.container(item))
            }),
            Data::Scalar(..) => Ok(()),
        }
    }

    fn container(&self, node: &mut Node) -> Result<(), String> {
        let refusal = wrong_kind(node, "MappingNode");
        let container = node.as_mapping_mut().ok_or(refusal)?;
        match container.get_mut("image") {
            Some(image) => self.image(&mut image.value),
            None => Ok(()),
        }
    }

    fn image(&self, node: &mut Node) -> Result<(), String> {
        let Some(current) = node.as_scalar() else {
            return Err("an image is a text".into());
        };
        if node.is_null()
            || !self
                .pattern
                .as_ref()
                .map_err(Clone::clone)?
                .is_match(current)
        {
            return Ok(());
        }
        let changed = self.changed(current);
        set_untyped(node, &changed);
        Ok(())
    }

    fn changed(&self, current: &str) -> String {
        let (name, mut tag, mut digest) = split(current);
        let image = self.image;
        let name = if image.new_name.is_empty() {
            name
        } else {
            &image.new_name
        };
        let suffixed = format!("{tag}{}", image.tag_suffix);
        match (image.new_tag.is_empty(), image.digest.is_empty()) {
            (false, _) => (tag, digest) = (&image.new_tag, &image.digest),
            (true, false) => (tag, digest) = ("", &image.digest),
            (true, true) if !image.tag_suffix.is_empty() => (tag, digest) = (&suffixed, ""),
            (true, true) => {}
        }
        let tag = if tag.is_empty() {
            String::new()
        } else {
            format!(":{tag}")
        };
        let digest = if digest.is_empty() {
            String::new()
        } else {
            format!("@{digest}")
        };
        format!("{name}{tag}{digest}")
    }
}

/// The name, tag and digest of an image; a port in the name is none of its tag.
fn split(image: &str) -> (&str, &str, &str) {
    let after_host = image.find('/').unwrap_or_default();
    let find = |sign| image[after_host..].find(sign).map(|at| at + after_host);
    match (find(':'), find('@')) {
        (None, None) => (image, "", ""),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
        (Some(colon), Some(at)) if colon < at => {
            (&image[..colon], &image[colon + 1..at], &image[at + 1..])
        }
        (_, Some(at)) => (&image[..at], "", &image[at + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn images_are_split_at_tag_and_digest() {
        assert_eq!(split("host:5000/app"), ("host:5000/app", "", ""));
        assert_eq!(split("host:5000/app:1"), ("host:5000/app", "1", ""));
        assert_eq!(split("app:1@sha256:2"), ("app", "1", "sha256:2"));
        assert_eq!(split("app@sha256:2"), ("app", "", "sha256:2"));
    }
}
