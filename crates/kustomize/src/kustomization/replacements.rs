//! The entries of `replacements`, in the kustomization or in files of their own.

use super::fields::{Fields, Located};
use super::parts::{all, patterns, patterns_in};
use crate::error::Error;
use crate::id::Gvk;
use crate::selector::Patterns;
use crate::yaml::{Node, Position};

/// An entry: a replacement, or the path of a file of them.
#[derive(Debug, Clone)]
pub(crate) enum ReplacementEntry {
    Inline(Box<Replacement>),
    File(Located),
}

/// One value that goes to many places.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    /// The file it stands in.
    pub(crate) file: String,
    pub(crate) position: Position,
    pub(crate) source: Option<Source>,
    /// The value itself, in the place of a source.
    pub(crate) value: Option<String>,
    pub(crate) targets: Vec<Target>,
    /// Whether targets are given at all. An empty list counts everywhere but in a kustomization.
    pub(crate) has_targets: bool,
}

/// The field that a value is taken from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) gvk: Gvk,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) path: String,
    pub(crate) options: Options,
}

/// The fields that a value goes to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) position: Position,
    pub(crate) select: Option<Patterns>,
    pub(crate) reject: Vec<Patterns>,
    pub(crate) paths: Vec<String>,
    pub(crate) options: Options,
}

/// How a value is taken or put.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// What separates the parts of the text, of which one is meant.
    pub(crate) delimiter: String,
    pub(crate) index: i64,
    pub(crate) create: bool,
}

const DEFAULT_PATH: &str = "metadata.name";

impl ReplacementEntry {
    const FIELDS: &[&'static str] = &["source", "targets", "sourceValue", "path"];

    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        Self::from_fields(file, node, &Fields::of(file, node, Self::FIELDS)?)
    }

    /// An entry of a transformer's own list, which may have fields that are none.
    pub(super) fn parse_loosely(file: &str, node: &Node) -> Result<Self, Error> {
        Self::from_fields(file, node, &Fields::among(file, node, Self::FIELDS)?)
    }

    fn from_fields(file: &str, node: &Node, fields: &Fields<'_>) -> Result<Self, Error> {
        let path = fields.located("path")?;
        if path.text.is_empty() {
            return Replacement::from_fields(file, node.position, fields)
                .map(|replacement| Self::Inline(Box::new(replacement)));
        }
        if fields.get("source").is_some() || !fields.list("targets")?.is_empty() {
            return Err(
                Error::new("cannot specify both path and inline replacement")
                    .at(file, node.position),
            );
        }
        Ok(Self::File(path))
    }
}

impl Replacement {
    /// The replacements in a file: one, or a list. They may have fields that are none.
    pub(crate) fn parse_file(file: &str, node: &Node) -> Result<Vec<Self>, Error> {
        match node.as_sequence() {
            Some(items) => all(file, items, Self::parse),
            None => Self::parse(file, node).map(|replacement| vec![replacement]),
        }
    }

    fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::among(file, node, &["source", "targets", "sourceValue"])?;
        Self::from_fields(file, node.position, &fields)
    }

    fn from_fields(file: &str, position: Position, fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            file: file.to_owned(),
            position,
            source: fields
                .get("source")
                .map(|node| source(fields, node))
                .transpose()?,
            value: fields
                .get("sourceValue")
                .map(|_| fields.text("sourceValue"))
                .transpose()?,
            targets: fields
                .list("targets")?
                .iter()
                .map(|node| target(fields, node))
                .collect::<Result<_, _>>()?,
            has_targets: fields.get("targets").is_some(),
        })
    }
}

fn source<'a>(fields: &Fields<'a>, node: &'a Node) -> Result<Source, Error> {
    let allowed = [
        "group",
        "version",
        "kind",
        "name",
        "namespace",
        "fieldPath",
        "options",
    ];
    let fields = fields.nested(node, &allowed)?;
    let path = fields.text("fieldPath")?;
    Ok(Source {
        gvk: Gvk {
            group: fields.text("group")?,
            version: fields.text("version")?,
            kind: fields.text("kind")?,
        },
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        path: if path.is_empty() {
            DEFAULT_PATH.into()
        } else {
            path
        },
        options: options(&fields)?,
    })
}

fn target<'a>(fields: &Fields<'a>, node: &'a Node) -> Result<Target, Error> {
    let fields = fields.nested(node, &["select", "reject", "fieldPaths", "options"])?;
    let paths: Vec<String> = fields
        .texts("fieldPaths")?
        .into_iter()
        .map(|path| path.text)
        .collect();
    Ok(Target {
        position: node.position,
        select: patterns_in(&fields, "select")?,
        reject: fields
            .list("reject")?
            .iter()
            .map(|node| patterns(&fields, node))
            .collect::<Result<_, _>>()?,
        paths: if paths.is_empty() {
            vec![DEFAULT_PATH.into()]
        } else {
            paths
        },
        options: options(&fields)?,
    })
}

fn options(fields: &Fields<'_>) -> Result<Options, Error> {
    let Some(node) = fields.get("options") else {
        return Ok(Options::default());
    };
    let fields = fields.nested(node, &["delimiter", "index", "encoding", "create"])?;
    // Accepted, and without effect.
    fields.text("encoding")?;
    Ok(Options {
        delimiter: fields.text("delimiter")?,
        index: fields.count("index")?,
        create: fields.flag("create")?,
    })
}
