//! The kustomization file: what it may say, and which of it this engine builds.

mod check;
mod configuration;
mod fields;
mod parts;
mod plugin;
mod replacements;
mod transformer;
mod types;
mod vars;

use std::collections::BTreeMap;

use crate::build_metadata::BuildMetadata;
use crate::error::Error;
use crate::fieldspec::FieldSpec;
use crate::vars::Var;
use crate::yaml::{self, Dialect, Duplicates, Node, Position};
use fields::Fields;
pub(crate) use fields::Located;
pub(crate) use parts::{Generator, GeneratorOptions, Image, Label, Order, Patch, Replica};
pub(crate) use plugin::{ExternalGenerator, ValueAdd};
pub(crate) use replacements::{
    Options as TargetOptions, Replacement, ReplacementEntry, Source, Target,
};
pub(crate) use transformer::{Subjects, Transformation};

/// The fields that kustomize has and this engine refuses, as kustomize-controller does.
const UNSUPPORTED: &[&str] = &["helmChartInflationGenerator", "helmCharts"];

/// The fields that are built.
const SUPPORTED: &[&str] = &[
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmGlobals",
    "imageTags",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "secretGenerator",
    "sortOptions",
    "transformers",
    "validators",
    "vars",
];

/// A field of a kustomization file that is not built yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsupportedField {
    /// The kustomization file.
    pub file: String,
    /// The field's name; for a single entry, with its text.
    pub field: String,
    /// Where it stands.
    pub position: Position,
}

/// What a kustomization file asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kustomization {
    /// The path of the file, for errors.
    pub(crate) file: String,
    pub(crate) is_component: bool,
    pub(crate) resources: Vec<Located>,
    pub(crate) components: Vec<Located>,
    pub(crate) strategic_patches: Vec<Located>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) json_patches: Vec<Patch>,
    pub(crate) namespace: String,
    pub(crate) name_prefix: String,
    pub(crate) name_suffix: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) common_labels: BTreeMap<String, String>,
    pub(crate) common_annotations: BTreeMap<String, String>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) images: Vec<Image>,
    pub(crate) replacements: Vec<ReplacementEntry>,
    pub(crate) config_maps: Vec<Generator>,
    pub(crate) secrets: Vec<Generator>,
    pub(crate) generators: Vec<Located>,
    pub(crate) transformers: Vec<Located>,
    pub(crate) validators: Vec<Located>,
    pub(crate) configurations: Vec<Located>,
    pub(crate) crds: Vec<Located>,
    pub(crate) vars: Vec<Var>,
    /// `openapi`: where the types of objects are described, or of which release they are.
    pub(crate) schema: BTreeMap<String, String>,
    pub(crate) schema_position: Position,
    pub(crate) build_metadata: BuildMetadata,
    /// The fields that a transformer of its own changes, in the place of the usual ones.
    pub(crate) specs: Option<Vec<FieldSpec>>,
    /// The plugin that this is the configuration of, as errors call it.
    pub(crate) plugin: Option<String>,
    /// Whether `namespace` is for objects without one.
    pub(crate) unset_only: bool,
    pub(crate) subjects: Subjects,
    /// What is wrong with it matters only in the kustomization that is built.
    pub(crate) order: Option<Result<Order, Error>>,
    /// Fields that hold something this engine does not build.
    pub(crate) unsupported: Vec<UnsupportedField>,
}

impl Kustomization {
    /// Reads the file at `file` with this content.
    pub(crate) fn parse(file: &str, content: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(content)
            .map_err(|_| Error::new("invalid Kustomization: not UTF-8").in_file(file))?;
        let documents = yaml::documents(text, Dialect::Kubernetes, Duplicates::Replace);
        let documents = documents.map_err(|error| {
            Error::new(format!("invalid Kustomization: yaml: {}", error.message()))
                .at(file, error.position())
        })?;
        let empty = || Error::new("kustomization.yaml is empty").in_file(file);
        let node = documents.first().ok_or_else(empty)?;
        check::check(file, node)?;
        let allowed: Vec<&str> = SUPPORTED.iter().chain(UNSUPPORTED).copied().collect();
        let fields = Fields::of(file, node, &allowed)?;
        let means_nothing = |name: &&str| {
            fields
                .get(name)
                .is_none_or(|node| node.as_text() == Some(""))
        };
        if allowed
            .iter()
            .filter(|name| !matches!(**name, "apiVersion" | "kind"))
            .all(means_nothing)
        {
            return Err(empty());
        }
        Self::from_fields(file, &fields)
    }

    fn from_fields(file: &str, fields: &Fields<'_>) -> Result<Self, Error> {
        let both = |new: &str, old: &str| {
            Ok::<_, Error>([fields.texts(new)?, fields.texts(old)?].concat())
        };
        let options = match fields.get("generatorOptions") {
            Some(node) => Some(GeneratorOptions::parse(file, node)?),
            None => None,
        };
        let generators = |name: &str| {
            fields
                .list(name)?
                .iter()
                .map(|node| Generator::parse(file, node, options.as_ref()))
                .collect::<Result<_, _>>()
        };
        parts::check_metadata(file, fields.get("metadata"))?;
        let options_of_build = fields.texts("buildMetadata")?;
        let mut replacements =
            parts::all(file, fields.list("replacements")?, ReplacementEntry::parse)?;
        for entry in &mut replacements {
            if let ReplacementEntry::Inline(replacement) = entry {
                replacement.has_targets = !replacement.targets.is_empty();
            }
        }
        let mut images = parts::all(file, fields.list("images")?, Image::parse)?;
        images.extend(parts::all(file, fields.list("imageTags")?, Image::parse)?);
        Ok(Self {
            file: file.to_owned(),
            is_component: is_component(file, fields)?,
            resources: both("resources", "bases")?,
            components: fields.texts("components")?,
            strategic_patches: fields.texts("patchesStrategicMerge")?,
            patches: parts::all(file, fields.list("patches")?, Patch::parse)?,
            json_patches: parts::all(file, fields.list("patchesJson6902")?, Patch::parse)?,
            namespace: fields.text("namespace")?,
            name_prefix: fields.text("namePrefix")?,
            name_suffix: fields.text("nameSuffix")?,
            labels: parts::all(file, fields.list("labels")?, Label::parse)?,
            common_labels: fields.pairs("commonLabels")?.unwrap_or_default(),
            common_annotations: fields.pairs("commonAnnotations")?.unwrap_or_default(),
            replicas: parts::all(file, fields.list("replicas")?, Replica::parse)?,
            images,
            replacements,
            config_maps: generators("configMapGenerator")?,
            secrets: generators("secretGenerator")?,
            order: fields
                .get("sortOptions")
                .map(|node| Order::parse(file, node)),
            generators: fields.texts("generators")?,
            transformers: fields.texts("transformers")?,
            validators: fields.texts("validators")?,
            configurations: fields.texts("configurations")?,
            crds: fields.texts("crds")?,
            build_metadata: BuildMetadata::new(
                options_of_build.iter().map(|option| option.text.as_str()),
            ),
            schema: fields.pairs("openapi")?.unwrap_or_default(),
            schema_position: fields.position("openapi"),
            vars: parts::all(file, fields.list("vars")?, Var::parse)?,
            unsupported: unsupported(file, fields),
            ..Self::default()
        })
    }

    /// Refuses what is not built.
    pub(crate) fn check_supported(&self) -> Result<(), Error> {
        let Some(first) = self.unsupported.first() else {
            return Ok(());
        };
        let message = format!(
            "trouble configuring builtin HelmChartInflationGenerator with config '{}': charts are not rendered, as in \
             kustomize-controller; a HelmRelease installs them (must specify --enable-helm, as kustomize says)",
            first.field
        );
        Err(Error::new(message).at(&first.file, first.position))
    }
}

fn is_component(file: &str, fields: &Fields<'_>) -> Result<bool, Error> {
    let (kind, api_version) = (fields.located("kind")?, fields.located("apiVersion")?);
    let (is_component, wanted) = match kind.text.as_str() {
        "" | "Kustomization" => (false, "kustomize.config.k8s.io/v1beta1"),
        "Component" => (true, "kustomize.config.k8s.io/v1alpha1"),
        _ => {
            return Err(
                Error::new("kind should be Kustomization or Component").at(file, kind.position)
            );
        }
    };
    if !api_version.text.is_empty() && api_version.text != wanted {
        let name = if is_component {
            "Component"
        } else {
            "Kustomization"
        };
        return Err(
            Error::new(format!("apiVersion for {name} should be {wanted}"))
                .at(file, api_version.position),
        );
    }
    Ok(is_component)
}

/// The unsupported fields that hold anything.
fn unsupported(file: &str, fields: &Fields<'_>) -> Vec<UnsupportedField> {
    let holds_something = |node: &&Node| match (node.as_sequence(), node.as_mapping()) {
        (Some(items), _) => !items.is_empty(),
        (_, Some(entries)) => !entries.is_empty(),
        _ => true,
    };
    let used = UNSUPPORTED
        .iter()
        .filter(|name| fields.get(name).as_ref().is_some_and(holds_something));
    used.map(|name| UnsupportedField {
        file: file.into(),
        field: (*name).into(),
        position: fields.position(name),
    })
    .collect()
}
