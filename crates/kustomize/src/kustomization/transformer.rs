//! The entries of `transformers`: kustomize's built-in transformations, each with its own configuration.
//!
//! An entry is read into a kustomization that asks for no more than it, with the fields that it is to change.

use super::fields::{Fields, Located};
use super::parts::{Image, Patch, Replica, all, field_spec, patterns};
use super::{Kustomization, ReplacementEntry};
use crate::error::Error;
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

impl Kustomization {
    /// Reads the configuration of a transformation.
    pub(crate) fn transformer(file: &str, node: &Node) -> Result<Self, Error> {
        let (api_version, kind) = (text_at(node, &["apiVersion"]), text_at(node, &["kind"]));
        let refuse = |message: String| Err(Error::new(message).at(file, node.position));
        if api_version != "builtin" {
            return refuse(format!(
                "external plugins disabled; unable to load external plugin '{kind}'"
            ));
        }
        let fields = Fields::among(file, node, ALL_FIELDS)?;
        let base = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        let with_specs = |base: Self| {
            Ok::<_, Error>(Self {
                specs: Some(all(file, fields.list("fieldSpecs")?, field_spec)?),
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
                let replacements =
                    all(file, fields.list("replacements")?, ReplacementEntry::parse)?;
                Ok(Self {
                    replacements,
                    ..base
                })
            }
            "PatchTransformer" => Ok(Self {
                patches: vec![Patch::from_fields(file, node.position, &fields)?],
                ..base
            }),
            "PatchJson6902Transformer" => {
                let target = fields
                    .get("target")
                    .map(|node| patterns(file, node))
                    .transpose()?;
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
            "HashTransformer" | "ValueAddTransformer" => {
                refuse(format!("{kind} is not supported yet"))
            }
            _ => refuse(format!("unable to load builtin {kind}.builtin.[noGrp]")),
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
