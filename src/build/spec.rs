//! What a build needs to know of a Flux Kustomization, read as leniently as Go reads it.

use std::collections::BTreeMap;

use kustomize::yaml::{self, Dialect};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::Error;

/// The API group of Flux Kustomizations.
pub const GROUP: &str = "kustomize.toolkit.fluxcd.io";

/// A Flux Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Kustomization {
    /// Its name and namespace.
    pub metadata: Metadata,
    /// What it asks for.
    pub spec: Spec,
}

/// Which Kustomization it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its namespace; empty where the manifest names none.
    pub namespace: String,
}

/// The fields of a Kustomization that a build heeds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Spec {
    /// The folder in the source.
    pub path: String,
    /// The source.
    pub source_ref: SourceReference,
    /// The namespace of all objects.
    pub target_namespace: String,
    /// What all names begin with.
    pub name_prefix: String,
    /// What all names end with.
    pub name_suffix: String,
    /// Changes to objects.
    pub patches: Vec<Patch>,
    /// Changes to images.
    pub images: Vec<BTreeMap<String, String>>,
    /// Folders of components, relative to the path.
    pub components: Vec<String>,
    /// Whether components that do not exist are left out.
    pub ignore_missing_components: bool,
    /// What kustomize is to write into objects about the build.
    pub build_metadata: Vec<String>,
    /// Labels and annotations for all objects.
    pub common_metadata: CommonMetadata,
    /// Variables.
    pub post_build: Option<PostBuild>,
    /// The Kustomizations that have to be ready before it.
    pub depends_on: Vec<Dependency>,
    /// Another cluster that it is applied to.
    pub kube_config: Option<Value>,
    /// Whether what it does not have any more is deleted.
    #[serde(deserialize_with = "truth")]
    pub prune: bool,
    /// What becomes of its objects when it is deleted.
    pub deletion_policy: String,
    /// Whether nothing is done for it.
    #[serde(deserialize_with = "truth")]
    pub suspend: bool,
}

/// Another Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its namespace, where it is another one.
    pub namespace: String,
}

/// The source of a Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SourceReference {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace, where it is another one.
    pub namespace: String,
}

/// A patch, and what it is for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Patch {
    /// The patch.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub patch: String,
    /// The objects it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// Which objects a patch changes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of an object")]
pub struct Target {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label_selector: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub annotation_selector: String,
}

/// Labels and annotations for all objects.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CommonMetadata {
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Variables and how they are put in.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PostBuild {
    /// `Always` puts defaults in even where there is no variable.
    pub substitute_strategy: String,
    /// The variables.
    pub substitute: BTreeMap<String, String>,
    /// ConfigMaps and Secrets with more, the weakest first.
    pub substitute_from: Vec<VariablesReference>,
}

/// A ConfigMap or Secret in the namespace of the Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VariablesReference {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it need not be there.
    #[serde(deserialize_with = "truth")]
    pub optional: bool,
}

/// A truth value, which [`as_go_reads`] has made a text.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(String::deserialize(deserializer)? == "true")
}

/// Whether an object is a Flux Kustomization.
pub fn is_kustomization(object: &Value) -> bool {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let group = api_version.split_once('/').map(|(group, _)| group);
    group == Some(GROUP) && object["kind"] == "Kustomization"
}

/// The Kustomization that the Flux operator makes of its instance, where that syncs with a source.
pub fn of_instance(object: &Value) -> Option<Value> {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let sync = &object["spec"]["sync"];
    if !api_version.starts_with("fluxcd.controlplane.io/")
        || object["kind"] != "FluxInstance"
        || !sync.is_object()
    {
        return None;
    }
    let namespace = &object["metadata"]["namespace"];
    let name = if sync["name"].is_string() {
        &sync["name"]
    } else {
        namespace
    };
    Some(json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "path": sync["path"],
            "prune": true,
            "sourceRef": {"kind": sync["kind"], "name": name},
        },
    }))
}

impl Kustomization {
    /// Reads an object.
    ///
    /// # Errors
    /// When a field has a value of another type.
    pub fn of(object: &Value) -> Result<Self, Error> {
        let mut object = object.clone();
        as_go_reads(&mut object);
        serde_json::from_value(object)
            .map_err(|error| Error::new(format!("failed to convert to kustomization: {error}")))
    }

    /// The manifests of the Kustomizations in a file's text.
    ///
    /// # Errors
    /// When the text is no YAML.
    pub fn manifests(text: &str, file: &str) -> Result<Vec<Value>, Error> {
        let documents = yaml::parse(text, Dialect::Kubernetes).map_err(|error| {
            Error::new(format!(
                "failed to unmarshall kustomization file {file}: {error}"
            ))
        })?;
        let objects = documents.iter().map(yaml::Node::to_json);
        Ok(objects.filter(is_kustomization).collect())
    }

    /// Namespace and name of the Kustomizations that have to be ready before it.
    pub fn depends_on(&self) -> Vec<(String, String)> {
        let own = &self.metadata.namespace;
        let id = |dependency: &Dependency| {
            let Dependency { name, namespace } = dependency;
            let namespace = if namespace.is_empty() { own } else { namespace };
            (namespace.clone(), name.clone())
        };
        self.spec.depends_on.iter().map(id).collect()
    }

    /// The source as `Kind/namespace/name`.
    pub fn source(&self) -> String {
        let SourceReference {
            kind,
            name,
            namespace,
        } = &self.spec.source_ref;
        let namespace = if namespace.is_empty() {
            &self.metadata.namespace
        } else {
            namespace
        };
        if namespace.is_empty() {
            format!("{kind}/{name}")
        } else {
            format!("{kind}/{namespace}/{name}")
        }
    }
}

/// For Go, null is as if the field were not there, and a number or a truth value where a text
/// belongs is its text.
fn as_go_reads(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            for (field, value) in fields {
                // The one field of a build that is no text.
                if field != "ignoreMissingComponents" {
                    as_go_reads(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_go_reads),
        Value::Number(number) => *value = number.to_string().into(),
        Value::Bool(truth) => *value = truth.to_string().into(),
        Value::String(_) | Value::Null => {}
    }
}
