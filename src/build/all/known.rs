//! What has been found in the tree so far: sources, and ConfigMaps and Secrets for variables.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::secrets::MASK;
use super::super::spec::{Kustomization, VariablesReference};
use super::super::variables::KINDS;
use super::super::{Error, Variables};
use super::given::Given;
use super::source::Source;

/// What stands for a value that SOPS encrypted, wherever YAML allows a text.
const ENCRYPTED: &str = "__SOPS__";

/// Kind, namespace and name.
type Key = (String, String, String);

#[derive(Default)]
pub(super) struct Known {
    sources: BTreeMap<String, Source>,
    data: BTreeMap<Key, Value>,
    /// Secrets some of whose values are encrypted.
    pub(super) encrypted: BTreeSet<String>,
}

/// What of the variables of a Kustomization is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    /// Everything.
    All,
    /// Everything that has to be.
    Required,
    /// Not everything that has to be.
    Missing,
}

impl Known {
    /// What the user gave counts more than what is in the tree.
    pub(super) fn new(given: &Given) -> Self {
        let mut known = Known::default();
        given.objects.iter().for_each(|object| known.learn(object));
        known
    }

    /// Remembers an object if it is of use. Of two with one name, the first counts.
    pub(super) fn learn(&mut self, object: &Value) {
        if let Some(source) = Source::of(object) {
            self.sources.entry(source.id.clone()).or_insert(source);
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&object["kind"]);
        if object["apiVersion"] == "v1" && KINDS.contains(&kind.as_str()) {
            let metadata = &object["metadata"];
            let key = (kind, text(&metadata["namespace"]), text(&metadata["name"]));
            self.data.entry(key).or_insert_with(|| object.clone());
        }
    }

    pub(super) fn source(&self, id: &str) -> Option<&Source> {
        self.sources.get(id)
    }

    fn data(&self, reference: &VariablesReference, namespace: &str) -> Option<&Value> {
        let mut namespaces = [namespace, ""].into_iter();
        namespaces.find_map(|namespace| {
            let VariablesReference { kind, name, .. } = reference;
            let key = (kind.clone(), namespace.to_owned(), name.clone());
            self.data.get(&key)
        })
    }

    /// How much of what a Kustomization refers to is there.
    pub(super) fn found(&self, kustomization: &Kustomization, given: &Given) -> Found {
        let namespace = &kustomization.metadata.namespace;
        let references = references(kustomization).map(|reference| {
            if self.data(reference, namespace).is_some() {
                Found::All
            } else if reference.optional || !given.variables.is_empty() {
                Found::Required
            } else {
                Found::Missing
            }
        });
        references.max().unwrap_or(Found::All)
    }

    /// The variables of a Kustomization, as far as they are there.
    pub(super) fn variables(&mut self, kustomization: &Kustomization, given: &Given) -> Variables {
        let namespace = &kustomization.metadata.namespace;
        let mut variables = Variables::default();
        let mut encrypted = Vec::new();
        for reference in references(kustomization) {
            let VariablesReference { kind, name, .. } = reference;
            let added = match self.data(reference, namespace) {
                Some(object) => {
                    let (object, is_encrypted) = readable(object);
                    if is_encrypted {
                        encrypted.push(format!("Secret/{namespace}/{name}"));
                    }
                    variables.add(&object)
                }
                None if reference.optional || !given.variables.is_empty() => Ok(()),
                None => Err(Error::new(format!(
                    "{} \"{name}\" is not in the tree (--vars-file can give it)",
                    kind.to_lowercase()
                ))),
            };
            if let Err(error) = added {
                variables.fail(format!("substitute from '{kind}/{name}' error: {error}"));
            }
        }
        if references(kustomization).next().is_some() {
            for (name, value) in &given.variables {
                if self.may_be_secret(kustomization, name) {
                    variables.set_secret(name.as_str(), value.as_str());
                } else {
                    variables.set_plain(name.as_str(), value.as_str());
                }
            }
        }
        self.encrypted.extend(encrypted);
        variables
    }

    /// Whether a variable that the user gives may stand for a value of a Secret: of one that has it, or of one that is
    /// not in the tree.
    fn may_be_secret(&self, kustomization: &Kustomization, name: &str) -> bool {
        let namespace = &kustomization.metadata.namespace;
        let mut secrets = references(kustomization).filter(|reference| reference.kind == "Secret");
        secrets.any(|reference| match self.data(reference, namespace) {
            Some(secret) => {
                let mut fields = ["data", "stringData"].into_iter();
                fields.any(|field| secret[field].get(name).is_some())
            }
            None => true,
        })
    }
}

fn references(kustomization: &Kustomization) -> impl Iterator<Item = &VariablesReference> {
    let post_build = kustomization.spec.post_build.iter();
    post_build
        .flat_map(|post_build| &post_build.substitute_from)
        .filter(|reference| KINDS.contains(&reference.kind.as_str()))
}

/// A Secret whose encrypted values are a text that can stand anywhere, and whether it has some.
fn readable(object: &Value) -> (Value, bool) {
    let mut object = object.clone();
    let mut is_encrypted = false;
    let in_base64 = STANDARD.encode(MASK);
    for (field, placeholder) in [
        ("data", STANDARD.encode(ENCRYPTED)),
        ("stringData", ENCRYPTED.to_owned()),
    ] {
        let fields = object.get_mut(field).and_then(Value::as_object_mut);
        for value in fields.into_iter().flat_map(|fields| fields.values_mut()) {
            if *value == MASK || *value == in_base64 {
                *value = placeholder.as_str().into();
                is_encrypted = true;
            }
        }
    }
    (object, is_encrypted)
}
