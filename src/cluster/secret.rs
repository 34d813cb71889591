//! Storing a Secret whose content is decided.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use serde_json::Value;

use super::stored::{self, Change};
use super::{Cluster, Error};
use crate::manifests::secret::{DOCKER_CONFIG_TYPE, OPAQUE_TYPE};

impl Cluster {
    /// Creates the Secret, or puts its content in place of that of the one that is there. One that
    /// is as wanted is not written.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn put_secret(&self, secret: &Value) -> Result<(), Error> {
        let wanted: Secret = serde_json::from_value(secret.clone())
            // The cause could quote what is secret.
            .map_err(|_| Error::Other("cannot make the secret".to_owned()))?;
        let namespace = wanted.metadata.namespace.as_deref().unwrap_or_default();
        let api: Api<Secret> = self.namespaced(namespace);
        stored::put(self, &api, &wanted, |existing| change(existing, &wanted)).await
    }
}

/// What becomes of the Secret that is there. Content that was there before goes: a password must
/// not outlive the change to a key. Labels and annotations of others stay. A Secret that is to be
/// empty takes nothing away.
fn change(mut existing: Secret, wanted: &Secret) -> Change<Secret> {
    let metadata = stored::add_metadata(&mut existing.metadata, &wanted.metadata);
    if !fits(kind(&existing), kind(wanted)) {
        let mut fresh = wanted.clone();
        fresh.metadata.labels = existing.metadata.labels;
        fresh.metadata.annotations = existing.metadata.annotations;
        return Change::Recreate(fresh);
    }
    let content = content(wanted);
    let same = content.is_empty() || existing.data.clone().unwrap_or_default() == content;
    if same && !metadata {
        return Change::None;
    }
    if !same {
        existing.data = Some(content);
    }
    Change::Update(existing)
}

fn kind(secret: &Secret) -> &str {
    secret.type_.as_deref().unwrap_or(OPAQUE_TYPE)
}

/// Whether a Secret of the one type can hold what is of the other: the server changes no types.
/// Flux reads all but image registries' credentials from Secrets of any type, and those of older
/// versions of flux have none.
fn fits(existing: &str, wanted: &str) -> bool {
    existing == wanted || (existing == OPAQUE_TYPE && wanted != DOCKER_CONFIG_TYPE)
}

fn content(secret: &Secret) -> BTreeMap<String, ByteString> {
    let texts = secret.string_data.iter().flatten();
    texts
        .map(|(key, text)| (key.clone(), ByteString(text.clone().into_bytes())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn secret(value: Value) -> Secret {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_as_wanted_is_not_written() {
        let existing = secret(
            json!({"metadata": {"labels": {"a": "b"}}, "type": "Opaque", "data": {"k": "dg=="}}),
        );
        for wanted in [json!({"stringData": {"k": "v"}}), json!({})] {
            let change = change(existing.clone(), &secret(wanted));
            assert!(matches!(change, Change::None));
        }
    }

    #[test]
    fn content_is_replaced_and_metadata_added_to() {
        let existing = secret(json!({
            "metadata": {"labels": {"a": "b"}, "annotations": {"x": "y"}, "resourceVersion": "1"},
            "type": "Opaque",
            "data": {"old": "dg=="},
        }));
        let wanted = secret(json!({
            "metadata": {"labels": {"c": "d"}, "annotations": {"x": "z"}},
            "type": "kubernetes.io/basic-auth",
            "stringData": {"k": "v"},
        }));
        let Change::Update(updated) = change(existing, &wanted) else {
            panic!("not updated");
        };
        assert_eq!(
            serde_json::to_value(updated).unwrap(),
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "labels": {"a": "b", "c": "d"},
                    "annotations": {"x": "z"},
                    "resourceVersion": "1",
                },
                "type": "Opaque",
                "data": {"k": "dg=="},
            })
        );
    }

    #[test]
    fn another_type_takes_another_secret() {
        let existing = secret(json!({
            "metadata": {"labels": {"a": "b"}, "resourceVersion": "1"},
            "type": "kubernetes.io/tls",
        }));
        let wanted = secret(json!({"type": "Opaque", "stringData": {"k": "v"}}));
        let Change::Recreate(fresh) = change(existing, &wanted) else {
            panic!("not recreated");
        };
        assert_eq!(fresh.metadata.labels.unwrap()["a"], "b");
        assert_eq!(fresh.metadata.resource_version, None);
        let registry = secret(json!({"type": "kubernetes.io/dockerconfigjson"}));
        let opaque = secret(json!({"type": "Opaque"}));
        assert!(matches!(change(opaque, &registry), Change::Recreate(_)));
    }
}
