//! Changing single objects.

use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
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

pub(super) fn post_params() -> PostParams {
    PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    }
}
