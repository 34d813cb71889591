//! The entries of `generators`, and what all plugins' configurations have in common.

use super::Kustomization;
use super::fields::Fields;
use super::parts::{Generator, patterns_in};
use crate::error::Error;
use crate::id::{Gvk, Id};
use crate::load::Directory;
use crate::resource::text_at;
use crate::selector::Patterns;
use crate::yaml::{self, Dialect, Duplicates, Node, Position};

/// The kinds of built-in generators.
pub(super) const GENERATORS: &[&str] = &[
    "ConfigMapGenerator",
    "HelmChartInflationGenerator",
    "IAMPolicyGenerator",
    "SecretGenerator",
];

/// What a plugin is called.
pub(super) struct Plugin<'a> {
    pub(super) kind: &'a str,
    pub(super) id: Id,
}

impl<'a> Plugin<'a> {
    /// The plugin that an object configures; only built-in ones are.
    pub(super) fn of(file: &str, node: &'a Node) -> Result<Self, Error> {
        let (api_version, kind) = (text_at(node, &["apiVersion"]), text_at(node, &["kind"]));
        if api_version != "builtin" {
            let message =
                format!("external plugins disabled; unable to load external plugin '{kind}'");
            return Err(Error::new(message).at(file, node.position));
        }
        let text = |key| text_at(node, &["metadata", key]).to_owned();
        let id = Id::new(Gvk::new(api_version, kind), text("name"), text("namespace"));
        Ok(Self { kind, id })
    }

    /// What errors in its configuration begin with.
    pub(super) fn fails(&self) -> String {
        format!("plugin {} fails configuration", self.id)
    }
}

/// That there is no built-in plugin of a kind.
pub(super) fn unknown(file: &str, node: &Node, kind: &str) -> Error {
    let gvk = Gvk::new("builtin", kind);
    Error::new(format!("unable to load builtin {gvk}")).at(file, node.position)
}

/// What an entry of `generators` makes.
#[derive(Debug)]
pub(crate) enum ExternalGenerator {
    ConfigMap(Generator),
    Secret(Generator),
    /// A service account of GKE.
    ServiceAccount {
        name: String,
        namespace: String,
        /// The account of Google Cloud that it stands for.
        account: String,
    },
}

impl Kustomization {
    /// Reads the configuration of a generator.
    pub(crate) fn generator(file: &str, node: &Node) -> Result<ExternalGenerator, Error> {
        let plugin = Plugin::of(file, node)?;
        let read = match plugin.kind {
            "ConfigMapGenerator" => {
                Generator::external(file, node).map(ExternalGenerator::ConfigMap)
            }
            "SecretGenerator" => Generator::external(file, node).map(ExternalGenerator::Secret),
            "IAMPolicyGenerator" => service_account(file, node),
            "HelmChartInflationGenerator" => {
                Err(Error::new("must specify --enable-helm").at(file, node.position))
            }
            kind if super::transformer::is_known(kind) => {
                let message = format!("plugin {} not a generator", plugin.id);
                return Err(Error::new(message).at(file, node.position));
            }
            kind => return Err(unknown(file, node, kind)),
        };
        read.map_err(|error| error.context(plugin.fails()))
    }
}

fn service_account(file: &str, node: &Node) -> Result<ExternalGenerator, Error> {
    let cloud = text_at(node, &["cloud"]);
    if cloud != "gke" {
        let message = format!("cloud provider {cloud} not supported yet");
        return Err(Error::new(message).at(file, node.position));
    }
    let text = |part, key| text_at(node, &[part, key]).to_owned();
    Ok(ExternalGenerator::ServiceAccount {
        name: text("kubernetesService", "name"),
        namespace: text("kubernetesService", "namespace"),
        account: format!(
            "{}@{}.iam.gserviceaccount.com",
            text("serviceAccount", "name"),
            text("serviceAccount", "projectId")
        ),
    })
}

/// The configuration of a `ValueAddTransformer`.
pub(crate) struct ValueAdd {
    pub(crate) file: String,
    pub(crate) value: String,
    pub(crate) targets: Vec<ValueTarget>,
}

/// A place for the value.
pub(crate) struct ValueTarget {
    pub(crate) position: Position,
    pub(crate) patterns: Patterns,
    pub(crate) path: String,
    /// The part of the path in the field that the value becomes, from 1; 0 replaces all of it.
    pub(crate) position_in_path: usize,
}

impl ValueAdd {
    pub(super) fn read(directory: Directory<'_>, file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::among(file, node, &["value", "targets", "targetFilePath"])?;
        let mut value = fields.text("value")?.trim().to_owned();
        if value.is_empty() {
            let name = directory.path.file_name().unwrap_or_default();
            value = name.to_string_lossy().into_owned();
        }
        let mut targets = targets(file, &fields)?;
        let shared = fields.located("targetFilePath")?;
        if !shared.text.is_empty() {
            let at = |error: Error| error.at(file, shared.position);
            let (text, shared) = directory.read_text(&shared.text).map_err(at)?;
            let documents = yaml::documents(&text, Dialect::Kubernetes, Duplicates::Replace)
                .map_err(|error| Error::from_yaml(&error, &shared))?;
            if let Some(document) = documents.first() {
                let fields = Fields::among(&shared, document, &["targets"])?;
                targets.extend(self::targets(&shared, &fields)?);
            }
        }
        if targets.is_empty() {
            return Err(Error::new("must specify at least one target").at(file, node.position));
        }
        Ok(Self {
            file: file.to_owned(),
            value,
            targets,
        })
    }
}

fn targets(file: &str, fields: &Fields<'_>) -> Result<Vec<ValueTarget>, Error> {
    let target = |node: &Node| {
        let fields = Fields::among(file, node, &["selector", "fieldPath", "filePathPosition"])?;
        let refuse = |message: String| Error::new(message).at(file, node.position);
        let path = fields.located("fieldPath")?;
        if path.text.contains('[') {
            return Err(refuse(format!(
                "elements of lists in fieldPath '{}' are not supported",
                path.text
            )));
        }
        let position = fields.count("filePathPosition")?;
        let position_in_path = usize::try_from(position).map_err(|_| {
            refuse(format!(
                "value of FilePathPosition ({position}) cannot be negative"
            ))
        })?;
        Ok(ValueTarget {
            position: node.position,
            patterns: patterns_in(&fields, "selector")?.unwrap_or_default(),
            path: path.text,
            position_in_path,
        })
    };
    fields.list("targets")?.iter().map(target).collect()
}
