//! What kustomize-controller does to every object before it asks the server about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Makes an object ready to be applied as kustomize-controller does: without a status, with the
/// texts of Secrets as data, and with the protocol of each port.
pub fn prepare(object: &mut Value) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let group = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    if kind != "CustomResourceDefinition"
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("status");
    }
    let containers = match (group.as_str(), kind.as_str()) {
        ("v1", "Secret") => return data_only(object),
        ("v1", "Service") => return name_protocols(object.pointer_mut("/spec/ports")),
        ("v1", "Pod") => "/spec/containers",
        ("apps/v1", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch/v1", "Job") => "/spec/template/spec/containers",
        ("batch/v1", "CronJob") => "/spec/jobTemplate/spec/template/spec/containers",
        _ => return,
    };
    let containers = object.pointer_mut(containers).and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        name_protocols(container.get_mut("ports"));
    }
}

fn data_only(secret: &mut Value) {
    let Some(fields) = secret.as_object_mut() else {
        return;
    };
    let Some(Value::Object(texts)) = fields.remove("stringData") else {
        return;
    };
    if texts.is_empty() {
        return;
    }
    let data = fields
        .entry("data")
        .or_insert_with(|| Value::Object(Map::new()));
    if data.is_null() {
        *data = Value::Object(Map::new());
    }
    let Some(data) = data.as_object_mut() else {
        return;
    };
    for (key, text) in texts {
        let text = text.as_str().unwrap_or_default();
        data.insert(key, STANDARD.encode(text).into());
    }
}

fn name_protocols(ports: Option<&mut Value>) {
    let ports = ports.and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            let named = port.get("protocol").and_then(Value::as_str);
            if named.is_none_or(str::is_empty) {
                port.insert("protocol".to_owned(), "TCP".into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_made_ready() {
        let cases = [
            (
                json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "eA=="},
                    "stringData": {"b": "y"}, "status": {}}),
                json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "eA==", "b": "eQ=="}}),
            ),
            (
                json!({"apiVersion": "v1", "kind": "Service",
                    "spec": {"ports": [{"port": 1}, {"port": 2, "protocol": "UDP"}]}}),
                json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports":
                    [{"port": 1, "protocol": "TCP"}, {"port": 2, "protocol": "UDP"}]}}),
            ),
            (
                json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec":
                    {"containers": [{"ports": [{"containerPort": 1}]}, {}]}}}}),
                json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec":
                    {"containers": [{"ports": [{"containerPort": 1, "protocol": "TCP"}]}, {}]}}}}),
            ),
        ];
        for (mut object, want) in cases {
            prepare(&mut object);
            assert_eq!(object, want);
        }
    }
}
