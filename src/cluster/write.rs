//! Changing single objects.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::Value;

use super::{Cluster, Error, FIELD_MANAGER, Scope, again, types, with_types};
use crate::kinds::Kind;

impl Cluster {
    /// Creates the object, or puts its labels and spec in place of an existing one's.
    ///
    /// # Errors
    /// Whatever the server says; a conflict with a concurrent change is retried.
    pub async fn upsert(&self, kind: &Kind, object: &DynamicObject) -> Result<Upserted, Error> {
        let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
        let name = object.metadata.name.as_deref().unwrap_or_default();
        let api = self.objects(kind, Scope::Namespace(namespace));
        for attempt in 0.. {
            let outcome = match again::repeat(|| api.get_opt(name)).await {
                Ok(None) => api
                    .create(&post_params(), object)
                    .await
                    .map(|o| Upserted::Created(with_types(o, kind))),
                Ok(Some(mut existing)) => {
                    existing.metadata.labels.clone_from(&object.metadata.labels);
                    if let (Some(to), Some(from)) =
                        (existing.data.as_object_mut(), object.data.as_object())
                    {
                        for (key, value) in from {
                            to.insert(key.clone(), value.clone());
                        }
                    }
                    existing.metadata.managed_fields = None;
                    existing.types = Some(types(kind));
                    api.replace(name, &post_params(), &existing)
                        .await
                        .map(|o| Upserted::Updated(with_types(o, kind)))
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(done) => return Ok(done),
                Err(kube::Error::Api(status)) if status.code == 409 && attempt < 5 => {}
                // Whether it was created all the same shows when it is looked for again.
                Err(error) if again::passes(&error) && attempt < 5 => {}
                Err(error) => return Err(self.explain(error, kind).await),
            }
        }
        Err(Error::Conflict(format!(
            "{} {name} kept changing while it was written",
            kind.kind
        )))
    }

    /// Applies a JSON merge patch.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn merge_patch(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
        patch: &Value,
    ) -> Result<DynamicObject, Error> {
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let api = self.objects(kind, Scope::Namespace(namespace));
        let patch = Patch::Merge(patch);
        // The same fields get the same values, however often.
        match again::repeat(|| api.patch(name, &params, &patch)).await {
            Ok(object) => Ok(with_types(object, kind)),
            Err(error) => Err(self.explain(error, kind).await),
        }
    }

    /// Asks for the deletion of an object.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn delete(&self, kind: &Kind, namespace: &str, name: &str) -> Result<(), Error> {
        let api = self.objects(kind, Scope::Namespace(namespace));
        let params = DeleteParams::default();
        let mut calls = 0;
        let outcome = again::repeat(|| {
            calls += 1;
            api.delete(name, &params)
        })
        .await;
        match outcome {
            Ok(_) => Ok(()),
            // An earlier call, whose answer was lost, has deleted it.
            Err(kube::Error::Api(status)) if status.code == 404 && calls > 1 => Ok(()),
            Err(error) => Err(self.explain(error, kind).await),
        }
    }

    /// Creates the Secret or puts its content in place of an existing one's; one that holds just
    /// that is not written.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn upsert_secret(&self, secret: &Value) -> Result<(), Error> {
        let secret: Secret = serde_json::from_value(secret.clone())
            .map_err(|error| Error::Other(format!("cannot make the secret: {error}")))?;
        let namespace = secret.metadata.namespace.clone().unwrap_or_default();
        let name = secret.metadata.name.clone().unwrap_or_default();
        let api: Api<Secret> = self.namespaced(&namespace);
        let existing = api.get_opt(&name).await.map_err(|e| self.error(e))?;
        let result = match existing {
            None => api.create(&post_params(), &secret).await,
            Some(existing) if holds(&existing, &secret) => return Ok(()),
            Some(mut existing) => {
                existing.string_data = secret.string_data;
                existing.data = secret.data;
                existing.metadata.labels = secret.metadata.labels.or(existing.metadata.labels);
                existing.metadata.managed_fields = None;
                api.replace(&name, &post_params(), &existing).await
            }
        };
        result.map(|_| ()).map_err(|e| self.error(e))
    }
}

/// What [`Cluster::upsert`] did.
#[derive(Debug, Clone)]
pub enum Upserted {
    /// The object was not there.
    Created(DynamicObject),
    /// The object was there.
    Updated(DynamicObject),
}

impl Upserted {
    /// The object as the server now has it.
    pub fn object(&self) -> &DynamicObject {
        match self {
            Upserted::Created(object) | Upserted::Updated(object) => object,
        }
    }
}

/// Whether the Secret has the content and the labels that are wanted, and no other content.
fn holds(existing: &Secret, wanted: &Secret) -> bool {
    let mut data = wanted.data.clone().unwrap_or_default();
    let texts = wanted.string_data.iter().flatten();
    data.extend(texts.map(|(key, text)| (key.clone(), ByteString(text.clone().into_bytes()))));
    let labels = wanted.metadata.labels.as_ref();
    existing.data.clone().unwrap_or_default() == data
        && labels.is_none_or(|labels| existing.metadata.labels.as_ref() == Some(labels))
}

fn post_params() -> PostParams {
    PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_as_wanted_when_its_content_is() {
        let secret = |value: Value| -> Secret { serde_json::from_value(value).unwrap() };
        let labels = json!({"labels": {"a": "b"}});
        let existing = secret(json!({"metadata": labels, "data": {"k": "dg=="}}));
        for (wanted, want) in [
            (json!({"stringData": {"k": "v"}}), true),
            (json!({"data": {"k": "dg=="}}), true),
            (json!({"stringData": {"k": "v"}, "metadata": labels}), true),
            (json!({"stringData": {"k": "w"}}), false),
            (json!({"stringData": {"k": "v", "l": ""}}), false),
            (json!({"stringData": {}}), false),
            (
                json!({"stringData": {"k": "v"}, "metadata": {"labels": {}}}),
                false,
            ),
        ] {
            assert_eq!(holds(&existing, &secret(wanted.clone())), want, "{wanted}");
        }
    }
}
