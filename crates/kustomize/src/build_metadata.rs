//! `buildMetadata`: annotations that tell where objects came from and what changed them, and a label.
//!
//! Only the kustomization that is built asks for it; those below are followed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::files::clean;
use crate::resource::{Resource, set_metadata_texts};
use crate::yaml;

/// The annotation that tells where an object came from.
const ORIGIN: &str = "config.kubernetes.io/origin";
/// The annotation that tells what changed it.
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The release of kustomize that this engine stands for.
pub const RELEASE: &str = "v5.8.1";

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BuildMetadata {
    origins: bool,
    transformations: bool,
    managed_by: bool,
    any: bool,
}

impl BuildMetadata {
    /// Reads the options; unknown ones mean nothing.
    pub(crate) fn new<'a>(options: impl Iterator<Item = &'a str>) -> Self {
        let mut metadata = Self::default();
        for option in options {
            metadata.any = true;
            match option {
                "originAnnotations" => metadata.origins = true,
                "transformerAnnotations" => metadata.transformations = true,
                "managedByLabel" => metadata.managed_by = true,
                _ => {}
            }
        }
        metadata
    }

    /// Whether the way of objects is to be followed, which is so with any option. What changed them is told of those with
    /// an origin alone.
    pub(crate) fn is_tracked(self) -> bool {
        self.any
    }

    /// Removes what is not asked for, and adds the label, which names a release.
    ///
    /// # Errors
    ///
    /// Where the object's labels are no mapping.
    pub(crate) fn finish(self, resource: &mut Resource, release: &str) -> Result<(), String> {
        let mut annotations = resource.annotations();
        if !self.origins {
            annotations.remove(ORIGIN);
        }
        if !self.transformations {
            annotations.remove(TRANSFORMATIONS);
        }
        set_metadata_texts(&mut resource.node, "annotations", annotations);
        if self.managed_by {
            let label = format!("kustomize-{release}");
            resource.set_label(MANAGED_BY, &label).map_err(|error| {
                let id = resource.id();
                format!("considering field 'metadata/labels' of object {id}: {error}")
            })?;
        }
        Ok(())
    }
}

/// Where the kustomization at hand stands, seen from the one that is built.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    directory: PathBuf,
    /// The name of its kustomization file.
    file: String,
}

impl Place {
    /// The place of the kustomization that is built, or of one in a directory that this one names.
    pub(crate) fn below(outer: Option<&Self>, path: &str) -> Self {
        Self {
            directory: outer.map_or_else(PathBuf::new, |outer| outer.join(path)),
            file: String::new(),
        }
    }

    /// Sets the name of the kustomization file.
    pub(crate) fn set_file(&mut self, path: &str) {
        let file = Path::new(path).file_name().unwrap_or_default();
        self.file = file.to_string_lossy().into_owned();
    }

    /// A path that the kustomization names.
    fn join(&self, path: &str) -> PathBuf {
        clean(&self.directory.join(path))
    }

    /// The origin of objects in a file that the kustomization names.
    pub(crate) fn of_file(&self, path: &str) -> Origin {
        Origin(vec![("path", text(&self.join(path)))])
    }

    /// The origin of objects that the kustomization itself holds.
    pub(crate) fn of_inline(&self) -> Origin {
        self.of_file(&self.file)
    }

    /// The origin of what a field of the kustomization makes or changes.
    pub(crate) fn of_builtin(&self, kind: &str) -> Origin {
        let configured_in = text(&self.join(&self.file));
        Origin::configured(
            Some(configured_in),
            &[("apiVersion", "builtin"), ("kind", kind)],
        )
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Where something came from, as the entries that the annotation holds.
#[derive(Debug, Clone)]
pub(crate) struct Origin(Vec<(&'static str, String)>);

impl Origin {
    fn configured(configured_in: Option<String>, by: &[(&'static str, &str)]) -> Self {
        let mut entries: Vec<_> = configured_in
            .map(|path| ("configuredIn", path))
            .into_iter()
            .collect();
        entries.push(("configuredBy", String::new()));
        let by = by.iter().filter(|(_, value)| !value.is_empty());
        entries.extend(by.map(|(key, value)| (*key, (*value).to_owned())));
        Self(entries)
    }

    /// The origin of what a configured transformation changes; `None` where the configuration has none itself.
    pub(crate) fn of_configured(configuration: &Resource) -> Option<Self> {
        let annotations = configuration.annotations();
        let own = yaml::parse_first(annotations.get(ORIGIN)?).ok()??;
        let path = own
            .get("path")
            .and_then(|path| path.as_scalar())
            .map(str::to_owned);
        let id = configuration.id();
        let by = [
            ("apiVersion", &*id.gvk.api_version()),
            ("kind", &*id.gvk.kind),
            ("name", &*id.name),
            ("namespace", &*id.namespace),
        ];
        Some(Self::configured(path, &by))
    }

    /// The lines of the annotation.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut indent = "";
        for (key, value) in &self.0 {
            if *key == "configuredBy" {
                lines.push("configuredBy:".to_owned());
                indent = "  ";
            } else {
                let value = yaml::to_string(&Value::from(value.as_str()));
                lines.push(format!("{indent}{key}: {}", value.trim_end()));
            }
        }
        lines
    }

    fn annotate(&self, resource: &mut Resource) {
        let mut annotations = resource.annotations();
        annotations.insert(ORIGIN.to_owned(), self.lines().join("\n") + "\n");
        set_metadata_texts(&mut resource.node, "annotations", annotations);
    }

    /// Tells that objects were read from here.
    pub(crate) fn set(&self, resources: &mut [Resource]) {
        resources
            .iter_mut()
            .for_each(|resource| self.annotate(resource));
    }

    /// Tells that an object was generated here, unless it has another origin.
    pub(crate) fn add(&self, resource: &mut Resource) {
        if !resource.annotations().contains_key(ORIGIN) {
            self.annotate(resource);
        }
    }

    /// Tells that objects were changed here. Those without an origin are taken for made here.
    pub(crate) fn record(&self, resources: &mut [Resource]) {
        let lines = self.lines();
        let item: String = lines
            .iter()
            .enumerate()
            .map(|(at, line)| format!("{}{line}\n", if at == 0 { "- " } else { "  " }))
            .collect();
        for resource in resources {
            let mut annotations = resource.annotations();
            if annotations.contains_key(ORIGIN) {
                annotations
                    .entry(TRANSFORMATIONS.to_owned())
                    .or_default()
                    .push_str(&item);
                set_metadata_texts(&mut resource.node, "annotations", annotations);
            } else {
                self.annotate(resource);
            }
        }
    }
}

/// Keeps the origin of an object that another one is merged into.
pub(crate) fn keep_origin(resource: &mut Resource, old: &Resource) {
    if let Some(origin) = old.annotations().remove(ORIGIN) {
        let mut annotations = resource.annotations();
        annotations.insert(ORIGIN.to_owned(), origin);
        set_metadata_texts(&mut resource.node, "annotations", annotations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_yaml() {
        let mut place = Place::below(Some(&Place::below(None, "")), "../base");
        place.set_file("base/kustomization.yaml");
        assert_eq!(
            place.of_file("./a b.yaml").lines(),
            ["path: ../base/a b.yaml"]
        );
        assert_eq!(place.of_file("../yes").lines(), ["path: ../yes"]);
        assert_eq!(place.of_file("../../on").lines(), ["path: ../../on"]);
        assert_eq!(
            place.of_builtin("PrefixTransformer").lines(),
            [
                "configuredIn: ../base/kustomization.yaml",
                "configuredBy:",
                "  apiVersion: builtin",
                "  kind: PrefixTransformer"
            ]
        );
    }
}
