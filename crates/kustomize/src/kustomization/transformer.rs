//! The entries of `transformers`: kustomize's built-in transformations, each with its own configuration.
//!
//! Most are read into a kustomization that asks for no more than it, with the fields that it is to change.

use super::fields::{Fields, Located};
use super::parts::{Image, Patch, Replica, all, loose_field_spec, patterns_in};
use super::plugin::{self, Plugin, ValueAdd};
use super::{Kustomization, ReplacementEntry};
use crate::error::Error;
use crate::load::{self, Directory};
use crate::resource::text_at;
use crate::yaml::Node;

/// Which subjects of role bindings move to another namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// Those called `default`.
    #[default]
    Default,
    /// All service accounts.
    ServiceAccounts,
    None,
}

/// The transformations that fields can stand for.
const TRANSFORMERS: &[&str] = &[
    "AnnotationsTransformer",
    "ImageTagTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchStrategicMergeTransformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "PrefixTransformer",
    "ReplacementTransformer",
    "ReplicaCountTransformer",
    "SuffixTransformer",
];

const ALL_FIELDS: &[&str] = &[
    "annotations",
    "fieldSpecs",
    "imageTag",
    "jsonOp",
    "labels",
    "metadata",
    "options",
    "patch",
    "patches",
    "path",
    "paths",
    "prefix",
    "replacements",
    "replica",
    "setRoleBindingSubjects",
    "suffix",
    "target",
    "unsetOnly",
];

/// Whether there is a built-in transformation of this kind.
pub(super) fn is_known(kind: &str) -> bool {
    TRANSFORMERS.contains(&kind) || matches!(kind, "HashTransformer" | "ValueAddTransformer")
}

/// What an entry of `transformers` or `validators` does.
pub(crate) enum Transformation {
    /// What a kustomization's own fields could do.
    Fields(Box<Kustomization>),
    /// Appends hashes to the names of generated objects.
    Hash,
    ValueAdd(ValueAdd),
}

impl Kustomization {
    /// Reads the configuration of a transformation.
    pub(crate) fn transformer(
        directory: Directory<'_>,
        file: &str,
        node: &Node,
    ) -> Result<Transformation, Error> {
        let plugin = Plugin::of(file, node)?;
        let read = match plugin.kind {
            "HashTransformer" => Ok(Transformation::Hash),
            "ValueAddTransformer" => {
                ValueAdd::read(directory, file, node).map(Transformation::ValueAdd)
            }
            kind if plugin::GENERATORS.contains(&kind) => {
                let message = format!("plugin {} not a transformer", plugin.id);
                return Err(Error::new(message).at(file, node.position));
            }
            kind => Self::fields_of(file, node, kind)?.map(|fields| {
                Transformation::Fields(Box::new(Self {
                    plugin: Some(plugin.id.to_string()),
                    ..fields
                }))
            }),
        };
        read.map_err(|error| error.context(plugin.fails()))
    }

    /// Reads a transformation that fields can stand for. The outer error is that there is none of this kind.
    fn fields_of(file: &str, node: &Node, kind: &str) -> Result<Result<Self, Error>, Error> {
        if !TRANSFORMERS.contains(&kind) {
            return Err(plugin::unknown(file, node, kind));
        }
        Ok(Self::known_fields_of(file, node, kind))
    }

    fn known_fields_of(file: &str, node: &Node, kind: &str) -> Result<Self, Error> {
        let refuse = |message: String| Err(Error::new(message).at(file, node.position));
        let fields = Fields::among(file, node, ALL_FIELDS)?;
        let base = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        let with_specs = |base: Self| {
            Ok::<_, Error>(Self {
                specs: Some(all(file, fields.list("fieldSpecs")?, loose_field_spec)?),
                ..base
            })
        };
        match kind {
            "AnnotationsTransformer" => {
                let common_annotations = fields.pairs("annotations")?.unwrap_or_default();
                with_specs(Self {
                    common_annotations,
                    ..base
                })
            }
            "LabelTransformer" => {
                let common_labels = fields.pairs("labels")?.unwrap_or_default();
                with_specs(Self {
                    common_labels,
                    ..base
                })
            }
            "ImageTagTransformer" => {
                let image = |node: &Node| {
                    Image::from_fields(node.position, &Fields::among(file, node, Image::FIELDS)?)
                };
                let images = fields.get("imageTag").map(image).transpose()?;
                with_specs(Self {
                    images: images.into_iter().collect(),
                    ..base
                })
            }
            "ReplicaCountTransformer" => {
                let replica = |node: &Node| {
                    Replica::from_fields(
                        node.position,
                        &Fields::among(file, node, Replica::FIELDS)?,
                    )
                };
                let replicas = fields.get("replica").map(replica).transpose()?;
                with_specs(Self {
                    replicas: replicas.into_iter().collect(),
                    ..base
                })
            }
            "NamespaceTransformer" => namespace(file, node, &fields, with_specs(base)?),
            "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer"
                if fields.get("fieldSpecs").is_none() =>
            {
                refuse("fieldSpecs is not expected to be nil".into())
            }
            "PrefixTransformer" => with_specs(Self {
                name_prefix: fields.text("prefix")?,
                ..base
            }),
            "SuffixTransformer" => with_specs(Self {
                name_suffix: fields.text("suffix")?,
                ..base
            }),
            "PrefixSuffixTransformer" => {
                let (name_prefix, name_suffix) = (fields.text("prefix")?, fields.text("suffix")?);
                with_specs(Self {
                    name_prefix,
                    name_suffix,
                    ..base
                })
            }
            "ReplacementTransformer" => {
                let replacements = all(
                    file,
                    fields.list("replacements")?,
                    ReplacementEntry::parse_loosely,
                )?;
                Ok(Self {
                    replacements,
                    ..base
                })
            }
            "PatchTransformer" => Ok(Self {
                patches: vec![Patch::from_fields(node.position, &fields)?],
                ..base
            }),
            "PatchJson6902Transformer" => {
                let target = patterns_in(&fields, "target")?;
                let (path, inline) = (fields.located("path")?, fields.located("jsonOp")?);
                let patch = Patch {
                    position: node.position,
                    path,
                    inline,
                    target,
                    allow_name_change: false,
                    allow_kind_change: false,
                };
                Ok(Self {
                    json_patches: vec![patch],
                    ..base
                })
            }
            "PatchStrategicMergeTransformer" => strategic(file, node, &fields, base),
            _ => Err(plugin::unknown(file, node, kind)),
        }
    }
}

fn namespace(
    file: &str,
    node: &Node,
    fields: &Fields<'_>,
    base: Kustomization,
) -> Result<Kustomization, Error> {
    let mode = fields.located("setRoleBindingSubjects")?;
    let subjects = match mode.text.as_str() {
        "" | "defaultOnly" => Subjects::Default,
        "allServiceAccounts" => Subjects::ServiceAccounts,
        "none" => Subjects::None,
        other => {
            let message = format!(
                "invalid value \"{other}\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\""
            );
            return Err(Error::new(message).at(file, mode.position));
        }
    };
    Ok(Kustomization {
        namespace: text_at(node, &["metadata", "namespace"]).to_owned(),
        unset_only: fields.flag("unsetOnly")?,
        subjects,
        ..base
    })
}

fn strategic(
    file: &str,
    node: &Node,
    fields: &Fields<'_>,
    base: Kustomization,
) -> Result<Kustomization, Error> {
    let mut strategic_patches = fields.texts("paths")?;
    let inline = fields.located("patches")?;
    if !inline.text.is_empty() {
        load::resources(&inline.text, file)
            .map_err(|error| Error::new(error.message()).at(file, inline.position))?;
        strategic_patches.push(Located {
            text: inline.text,
            position: inline.position,
        });
    }
    if strategic_patches.is_empty() {
        return Err(Error::new("empty file path and empty patch content").at(file, node.position));
    }
    Ok(Kustomization {
        strategic_patches,
        ..base
    })
}
