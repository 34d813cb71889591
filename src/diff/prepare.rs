//! What kustomize-controller does to every object before it asks the server about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Map, Value};

/// Makes an object ready to be applied as kustomize-controller does: without a status, with the
/// texts of Secrets as data, with the protocol of each port, and without a placeholder for the
/// certificate of a conversion webhook.
pub fn prepare(object: &mut Value) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let group = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    if kind != "CustomResourceDefinition"
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("status");
    }
    if kind == "CustomResourceDefinition" {
        return drop_placeholder(object);
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

/// Takes out the certificates of a conversion webhook where there is none among them: the server
/// would refuse the definition, and somebody else fills them in.
fn drop_placeholder(definition: &mut Value) {
    let config = definition.pointer_mut("/spec/conversion/webhook/clientConfig");
    let Some(config) = config.and_then(Value::as_object_mut) else {
        return;
    };
    let bundle = config.get("caBundle").and_then(Value::as_str);
    if bundle.is_some_and(|bundle| !bundle.is_empty() && !has_certificate(bundle)) {
        config.remove("caBundle");
    }
}

/// Whether there is a certificate in PEM behind base64.
fn has_certificate(bundle: &str) -> bool {
    let Ok(pem) = STANDARD.decode(bundle) else {
        return false;
    };
    let mut certificates = CertificateDer::pem_slice_iter(&pem).flatten();
    certificates.any(|certificate| RootCertStore::empty().add(certificate).is_ok())
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

    #[test]
    fn placeholders_for_certificates_go() {
        let key = rcgen::generate_simple_self_signed(vec!["ca.example.com".to_owned()]).unwrap();
        let real = STANDARD.encode(key.cert.pem());
        let broken =
            STANDARD.encode("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
        for (bundle, stays) in [
            (real.as_str(), true),
            ("", true),
            ("Cg==", false),
            ("no base64", false),
            (broken.as_str(), false),
        ] {
            let definition = |config: Value| {
                json!({"kind": "CustomResourceDefinition",
                    "spec": {"conversion": {"webhook": {"clientConfig": config}}}})
            };
            let whole = definition(json!({"url": "x", "caBundle": bundle}));
            let mut object = whole.clone();
            prepare(&mut object);
            let without = definition(json!({"url": "x"}));
            assert_eq!(object, if stays { whole } else { without }, "{bundle}");
        }
    }
}
