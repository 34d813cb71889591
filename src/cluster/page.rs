//! A page of a list, read without what is not looked at.
//!
//! The client library reads objects of kinds that it does not know by way of a buffer of each
//! field, and reads who owns which field of them, which is half of what the server sends. Lists of
//! thousands of objects are read here instead, straight into place and without that.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta, OwnerReference, Time};
use kube::api::DynamicObject;
use kube::core::{Request, params::ListParams};
use kube::{Api, Client};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// A page of objects.
#[derive(Deserialize)]
pub(super) struct Page {
    /// The list's own metadata: where the next page begins.
    #[serde(default)]
    pub(super) metadata: ListMeta,
    items: Vec<Item>,
}

impl Page {
    /// Asks for a page.
    pub(super) async fn read(
        client: &Client,
        api: &Api<DynamicObject>,
        params: &ListParams,
    ) -> kube::Result<Self> {
        let mut request = Request::new(api.resource_url())
            .list(params)
            .map_err(kube::Error::BuildRequest)?;
        request.extensions_mut().insert("list");
        client.request(request).await
    }

    /// The objects, without their kind and without managed fields.
    pub(super) fn into_objects(self) -> impl Iterator<Item = DynamicObject> {
        self.items.into_iter().map(|item| item.0)
    }
}

struct Item(DynamicObject);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of Kubernetes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Item, A::Error> {
        let mut metadata = ObjectMeta::default();
        let mut data = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "apiVersion" | "kind" => drop(fields.next_value::<IgnoredAny>()?),
                "metadata" => metadata = fields.next_value::<Metadata>()?.into(),
                _ => drop(data.insert(name, fields.next_value()?)),
            }
        }
        Ok(Item(DynamicObject {
            types: None,
            metadata,
            data: Value::Object(data),
        }))
    }
}

/// An object's metadata but for its managed fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Metadata {
    annotations: Option<std::collections::BTreeMap<String, String>>,
    creation_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
    deletion_timestamp: Option<Time>,
    finalizers: Option<Vec<String>>,
    generate_name: Option<String>,
    generation: Option<i64>,
    labels: Option<std::collections::BTreeMap<String, String>>,
    name: Option<String>,
    namespace: Option<String>,
    owner_references: Option<Vec<OwnerReference>>,
    resource_version: Option<String>,
    self_link: Option<String>,
    uid: Option<String>,
}

impl From<Metadata> for ObjectMeta {
    fn from(metadata: Metadata) -> Self {
        ObjectMeta {
            annotations: metadata.annotations,
            creation_timestamp: metadata.creation_timestamp,
            deletion_grace_period_seconds: metadata.deletion_grace_period_seconds,
            deletion_timestamp: metadata.deletion_timestamp,
            finalizers: metadata.finalizers,
            generate_name: metadata.generate_name,
            generation: metadata.generation,
            labels: metadata.labels,
            managed_fields: None,
            name: metadata.name,
            namespace: metadata.namespace,
            owner_references: metadata.owner_references,
            resource_version: metadata.resource_version,
            self_link: metadata.self_link,
            uid: metadata.uid,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_as_the_client_library_reads_them() {
        let object = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "Bucket",
            "metadata": {
                "annotations": {"a": "b"}, "creationTimestamp": "2026-01-01T00:00:00Z",
                "deletionGracePeriodSeconds": 0, "deletionTimestamp": "2026-01-02T00:00:00Z",
                "finalizers": ["f"], "generateName": "g-", "generation": 3, "labels": {"l": "m"},
                "managedFields": [{"manager": "flux", "fieldsV1": {"f:spec": {}}}],
                "name": "n", "namespace": "ns", "resourceVersion": "7", "selfLink": "/x", "uid": "u",
                "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "v"}],
            },
            "spec": {"interval": "1m", "deep": [{"a": null}, 1.5]},
            "status": {"conditions": []},
        });
        let page: Page = serde_json::from_value(json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "BucketList",
            "metadata": {"continue": "token", "resourceVersion": "9"}, "items": [object],
        }))
        .unwrap();
        assert_eq!(page.metadata.continue_.as_deref(), Some("token"));
        let read = page.into_objects().next().unwrap();
        let mut want: DynamicObject = serde_json::from_value(object).unwrap();
        want.types = None;
        want.metadata.managed_fields = None;
        assert_eq!(read, want);
    }
}
