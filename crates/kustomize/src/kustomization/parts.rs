//! The entries of a kustomization file's lists.

use std::collections::BTreeMap;

use super::fields::{Fields, Located};
use crate::error::Error;
use crate::fieldspec::{FieldSpec, split_path};
use crate::id::Gvk;
use crate::resource::{Behavior, text_at};
use crate::selector::Patterns;
use crate::yaml::{Node, Position};

/// Reads each item of a list.
pub(super) fn all<T>(
    file: &str,
    nodes: &[Node],
    parse: fn(&str, &Node) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    nodes.iter().map(|node| parse(file, node)).collect()
}

pub(super) fn check_metadata(file: &str, node: Option<&Node>) -> Result<(), Error> {
    let Some(node) = node else { return Ok(()) };
    let fields = Fields::of(file, node, &["name", "namespace", "labels", "annotations"])?;
    fields.text("name")?;
    fields.text("namespace")?;
    fields.pairs("labels")?;
    fields.pairs("annotations")?;
    Ok(())
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    pub(crate) position: Position,
    pub(crate) path: Located,
    pub(crate) inline: Located,
    pub(crate) target: Option<Patterns>,
    pub(crate) allow_name_change: bool,
    pub(crate) allow_kind_change: bool,
}

impl Patch {
    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::of(file, node, &["path", "patch", "target", "options"])?;
        Self::from_fields(node.position, &fields)
    }

    pub(super) fn from_fields(position: Position, fields: &Fields<'_>) -> Result<Self, Error> {
        let (mut allow_name_change, mut allow_kind_change) = (false, false);
        if let Some(options) = fields.get("options") {
            let options = fields.nested(options, &["allowNameChange", "allowKindChange"])?;
            allow_name_change = options.flag("allowNameChange")?;
            allow_kind_change = options.flag("allowKindChange")?;
        }
        Ok(Self {
            position,
            path: fields.located("path")?,
            inline: fields.located("patch")?,
            target: patterns_in(fields, "target")?,
            allow_name_change,
            allow_kind_change,
        })
    }
}

const PATTERNS: &[&str] = &[
    "group",
    "version",
    "kind",
    "name",
    "namespace",
    "labelSelector",
    "annotationSelector",
];

/// The patterns in a field.
pub(super) fn patterns_in(fields: &Fields<'_>, name: &str) -> Result<Option<Patterns>, Error> {
    let target = fields.get(name);
    target.map(|node| patterns(fields, node)).transpose()
}

/// The patterns in an element of a field, read as strictly.
pub(super) fn patterns<'a>(fields: &Fields<'a>, node: &'a Node) -> Result<Patterns, Error> {
    let fields = fields.nested(node, PATTERNS)?;
    Ok(Patterns {
        group: fields.text("group")?,
        version: fields.text("version")?,
        kind: fields.text("kind")?,
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        labels: fields.text("labelSelector")?,
        annotations: fields.text("annotationSelector")?,
    })
}

/// An entry of `images`.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) new_name: String,
    pub(crate) new_tag: String,
    pub(crate) tag_suffix: String,
    pub(crate) digest: String,
}

impl Image {
    pub(super) const FIELDS: &[&str] = &["name", "newName", "tagSuffix", "newTag", "digest"];

    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        Self::from_fields(node.position, &Fields::of(file, node, Self::FIELDS)?)
    }

    pub(super) fn from_fields(position: Position, fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            position,
            name: fields.text("name")?,
            new_name: fields.text("newName")?,
            new_tag: fields.text("newTag")?,
            tag_suffix: fields.text("tagSuffix")?,
            digest: fields.text("digest")?,
        })
    }
}

/// An entry of `replicas`.
#[derive(Debug, Clone)]
pub(crate) struct Replica {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) count: i64,
}

impl Replica {
    pub(super) const FIELDS: &[&str] = &["name", "count"];

    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        Self::from_fields(node.position, &Fields::of(file, node, Self::FIELDS)?)
    }

    pub(super) fn from_fields(position: Position, fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            position,
            name: fields.text("name")?,
            count: fields.count("count")?,
        })
    }
}

/// An entry of `labels`.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) position: Position,
    pub(crate) pairs: BTreeMap<String, String>,
    pub(crate) include_selectors: bool,
    pub(crate) include_templates: bool,
    pub(crate) fields: Vec<FieldSpec>,
}

impl Label {
    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::of(
            file,
            node,
            &["pairs", "includeSelectors", "includeTemplates", "fields"],
        )?;
        Ok(Self {
            position: node.position,
            pairs: fields.pairs("pairs")?.unwrap_or_default(),
            include_selectors: fields.flag("includeSelectors")?,
            include_templates: fields.flag("includeTemplates")?,
            fields: all(file, fields.list("fields")?, field_spec)?,
        })
    }
}

const FIELD_SPEC: &[&str] = &["group", "version", "kind", "path", "create"];

pub(super) fn field_spec(file: &str, node: &Node) -> Result<FieldSpec, Error> {
    field_spec_of(&Fields::of(file, node, FIELD_SPEC)?)
}

/// A field as a plugin's configuration names it, which may say more.
pub(super) fn loose_field_spec(file: &str, node: &Node) -> Result<FieldSpec, Error> {
    field_spec_of(&Fields::among(file, node, FIELD_SPEC)?)
}

fn field_spec_of(fields: &Fields<'_>) -> Result<FieldSpec, Error> {
    Ok(FieldSpec {
        gvk: Gvk {
            group: fields.text("group")?,
            version: fields.text("version")?,
            kind: fields.text("kind")?,
        },
        path: split_path(&fields.text("path")?),
        create: fields.flag("create")?,
    })
}

/// How a ConfigMap or Secret is generated.
#[derive(Debug, Clone, Default)]
pub(crate) struct GeneratorOptions {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) disable_name_suffix_hash: bool,
    pub(crate) immutable: bool,
}

impl GeneratorOptions {
    const FIELDS: &[&str] = &[
        "labels",
        "annotations",
        "disableNameSuffixHash",
        "immutable",
    ];

    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        Self::from_fields(&Fields::of(file, node, Self::FIELDS)?)
    }

    fn from_fields(fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            labels: fields.pairs("labels")?.unwrap_or_default(),
            annotations: fields.pairs("annotations")?.unwrap_or_default(),
            disable_name_suffix_hash: fields.flag("disableNameSuffixHash")?,
            immutable: fields.flag("immutable")?,
        })
    }

    /// These options on top of those for all generators.
    fn over(mut self, common: &Self) -> Self {
        for (key, value) in &common.labels {
            self.labels
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        for (key, value) in &common.annotations {
            self.annotations
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        self.disable_name_suffix_hash |= common.disable_name_suffix_hash;
        self.immutable |= common.immutable;
        self
    }
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) behavior: Behavior,
    pub(crate) kind: String,
    pub(crate) literals: Vec<Located>,
    pub(crate) files: Vec<Located>,
    pub(crate) envs: Vec<Located>,
    pub(crate) options: GeneratorOptions,
}

impl Generator {
    const FIELDS: &[&str] = &[
        "name",
        "namespace",
        "behavior",
        "type",
        "literals",
        "files",
        "envs",
        "env",
        "options",
    ];

    pub(super) fn parse(
        file: &str,
        node: &Node,
        common: Option<&GeneratorOptions>,
    ) -> Result<Self, Error> {
        let fields = Fields::of(file, node, Self::FIELDS)?;
        let options = match fields.get("options") {
            Some(node) => GeneratorOptions::parse(file, node)?,
            None => GeneratorOptions::default(),
        };
        let options = common.map_or(options.clone(), |common| options.over(common));
        let mut generator = Self::from_fields(node.position, &fields, options)?;
        // The old name of a list with one file, which is known in a kustomization alone.
        let env = Some(fields.located("env")?).filter(|env| !env.text.is_empty());
        generator.envs.extend(env);
        Ok(generator)
    }

    /// Reads a generator's own configuration, whose metadata names what it generates unless it says otherwise.
    pub(super) fn external(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::among(file, node, Self::FIELDS)?;
        let options = match fields.get("options") {
            Some(node) => GeneratorOptions::from_fields(&Fields::among(
                file,
                node,
                GeneratorOptions::FIELDS,
            )?)?,
            None => GeneratorOptions::default(),
        };
        let mut generator = Self::from_fields(node.position, &fields, options)?;
        for (own, key) in [
            (&mut generator.name, "name"),
            (&mut generator.namespace, "namespace"),
        ] {
            if own.is_empty() {
                text_at(node, &["metadata", key]).clone_into(own);
            }
        }
        Ok(generator)
    }

    fn from_fields(
        position: Position,
        fields: &Fields<'_>,
        options: GeneratorOptions,
    ) -> Result<Self, Error> {
        Ok(Self {
            position,
            name: fields.text("name")?,
            namespace: fields.text("namespace")?,
            behavior: Behavior::parse(&fields.text("behavior")?),
            kind: fields.text("type")?,
            literals: fields.texts("literals")?,
            files: fields.texts("files")?,
            envs: fields.texts("envs")?,
            options,
        })
    }
}

/// `sortOptions`: the order of the output.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// As read.
    Fifo,
    /// By kind: these first, these last; `None` for kustomize's own lists.
    Legacy(Option<(Vec<String>, Vec<String>)>),
}

impl Order {
    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::of(file, node, &["order", "legacySortOptions"])?;
        let order = fields.located("order")?;
        let lists = match fields.get("legacySortOptions") {
            Some(node) => {
                let fields = Fields::of(file, node, &["orderFirst", "orderLast"])?;
                let texts = |name| {
                    Ok::<_, Error>(
                        fields
                            .texts(name)?
                            .into_iter()
                            .map(|item| item.text)
                            .collect(),
                    )
                };
                Some((texts("orderFirst")?, texts("orderLast")?))
            }
            None => None,
        };
        match order.text.as_str() {
            "fifo" if lists.is_some() => {
                let message = "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', \
                               not 'legacy'";
                let position = fields.position("legacySortOptions");
                Err(Error::new(message).at(file, position))
            }
            "fifo" => Ok(Self::Fifo),
            "legacy" => Ok(Self::Legacy(lists)),
            other => {
                let message = format!(
                    "the field 'sortOptions.order' must be one of [fifo, legacy], not '{other}'"
                );
                Err(Error::new(message).at(file, node.position))
            }
        }
    }
}
