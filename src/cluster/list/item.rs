//! An object of a list, read without what is not looked at.
//!
//! The client library reads objects of kinds that it does not know by way of a buffer of each
//! field, and reads who owns which field of them, which is half of what the server sends. The
//! objects of a list are read here instead, straight into place and without that; and where only
//! an outline is wanted, without what is most of the rest.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use kube::api::DynamicObject;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Detail;

/// Fields of a spec or a status that hold most of an object and that no column or state is made
/// of.
const BULK: [&str; 4] = ["inventory", "values", "patches", "postBuild"];

/// Holds a copy of the object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Reads the JSON of an object, as much of it as is wanted. But for a whole object it has neither
/// its kind nor who owns its fields.
pub(super) fn read(json: &[u8], detail: Detail) -> serde_json::Result<DynamicObject> {
    match detail {
        Detail::Outline => serde_json::from_slice::<Item<true>>(json).map(|item| item.0),
        Detail::Content => serde_json::from_slice::<Item<false>>(json).map(|item| item.0),
        Detail::Whole => serde_json::from_slice(json),
    }
}

struct Item<const OUTLINE: bool>(DynamicObject);

impl<'de, const OUTLINE: bool> Deserialize<'de> for Item<OUTLINE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ItemVisitor::<OUTLINE>)
    }
}

struct ItemVisitor<const OUTLINE: bool>;

impl<'de, const OUTLINE: bool> Visitor<'de> for ItemVisitor<OUTLINE> {
    type Value = Item<OUTLINE>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of Kubernetes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut metadata = ObjectMeta::default();
        let mut data = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "apiVersion" | "kind" => drop(fields.next_value::<IgnoredAny>()?),
                "metadata" => metadata = fields.next_value::<Metadata>()?.into(),
                "spec" | "status" if OUTLINE => {
                    data.insert(name, fields.next_value::<Outline>()?.0);
                }
                _ => drop(data.insert(name, fields.next_value()?)),
            }
        }
        if OUTLINE && let Some(annotations) = &mut metadata.annotations {
            annotations.remove(LAST_APPLIED);
        }
        Ok(Item(DynamicObject {
            types: None,
            metadata,
            data: Value::Object(data),
        }))
    }
}

/// A spec or a status without [`BULK`].
struct Outline(Value);

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutlineVisitor)
    }
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a spec or a status")
    }

    fn visit_unit<E>(self) -> Result<Outline, E> {
        Ok(Outline(Value::Null))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Outline, A::Error> {
        let mut kept = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if BULK.contains(&name.as_str()) {
                fields.next_value::<IgnoredAny>()?;
            } else {
                kept.insert(name, fields.next_value()?);
            }
        }
        Ok(Outline(Value::Object(kept)))
    }
}

/// An object's metadata but for its managed fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Metadata {
    annotations: Option<BTreeMap<String, String>>,
    creation_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
    deletion_timestamp: Option<Time>,
    finalizers: Option<Vec<String>>,
    generate_name: Option<String>,
    generation: Option<i64>,
    labels: Option<BTreeMap<String, String>>,
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
    use crate::kinds::KINDS;

    #[test]
    fn objects_are_as_the_client_library_reads_them() {
        let object = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "Bucket",
            "metadata": {
                "annotations": {"a": "b", LAST_APPLIED: "{}"}, "creationTimestamp": "2026-01-01T00:00:00Z",
                "deletionGracePeriodSeconds": 0, "deletionTimestamp": "2026-01-02T00:00:00Z",
                "finalizers": ["f"], "generateName": "g-", "generation": 3, "labels": {"l": "m"},
                "managedFields": [{"manager": "flux", "fieldsV1": {"f:spec": {}}}],
                "name": "n", "namespace": "ns", "resourceVersion": "7", "selfLink": "/x", "uid": "u",
                "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "v"}],
            },
            "spec": {"interval": "1m", "deep": [{"values": null}, 1.5], "values": {}},
            "status": {"conditions": []},
        });
        let json = serde_json::to_vec(&object).unwrap();
        let mut want: DynamicObject = serde_json::from_value(object).unwrap();
        assert_eq!(read(&json, Detail::Whole).unwrap(), want);
        want.types = None;
        want.metadata.managed_fields = None;
        assert_eq!(read(&json, Detail::Content).unwrap(), want);
        let spec = want.data["spec"].as_object_mut().unwrap();
        assert!(spec.remove("values").is_some());
        let annotations = want.metadata.annotations.as_mut().unwrap();
        annotations.remove(LAST_APPLIED);
        assert_eq!(read(&json, Detail::Outline).unwrap(), want);
    }

    /// Holds an object of each kind, whatever is in its status, against its outline.
    #[test]
    fn columns_and_states_are_those_of_the_whole_object() {
        for kind in KINDS {
            let path = format!(
                "{}/src/kinds/fixtures/{}.yaml",
                env!("CARGO_MANIFEST_DIR"),
                kind.kind.to_lowercase()
            );
            let text = fs_err::read_to_string(path).unwrap();
            let mut object: Value = serde_yaml::from_str(&text).unwrap();
            for bulk in BULK {
                object["spec"][bulk] = json!({"sourceRef": {"kind": "Bucket", "name": "b"}});
                object["status"][bulk] = json!([{"type": "Ready", "status": "True"}]);
            }
            object["spec"]["suspend"] = json!(true);
            for (field, value) in [
                ("lastAppliedRevision", json!("main@sha1:1")),
                ("artifact", json!({"revision": "main@sha1:2"})),
                (
                    "history",
                    json!([{"chartVersion": "1", "lastDeployed": "2026-01-01T00:00:00Z"}]),
                ),
                (
                    "conditions",
                    json!([{"type": "Ready", "status": "False", "message": "m"}]),
                ),
            ] {
                object["status"][field] = value;
            }
            let json = serde_json::to_vec(&object).unwrap();
            let outline = read(&json, Detail::Outline).unwrap();
            let content = read(&json, Detail::Content).unwrap();
            let columns = kind.columns.iter().chain(&kind.source_column);
            for column in columns {
                let cell = column.cell;
                assert_eq!(
                    cell(&outline),
                    cell(&content),
                    "{}: {}",
                    kind.kind,
                    column.header
                );
            }
            assert_eq!(kind.state(&outline), kind.state(&content), "{}", kind.kind);
            assert_eq!(
                (kind.suspended)(&outline),
                (kind.suspended)(&content),
                "{}",
                kind.kind
            );
        }
    }
}
