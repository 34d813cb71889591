//! The namespace and who may reach into it.

use serde_json::{Value, json};

use super::Options;
use super::labels::labels;
use crate::manifests::components::NOTIFICATION;

/// The namespace of the controllers. It warns of pods beyond the restricted standard.
pub(super) fn namespace(options: &Options) -> Value {
    let pod_security = [
        ("pod-security.kubernetes.io/warn", "restricted"),
        ("pod-security.kubernetes.io/warn-version", "latest"),
    ];
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": options.namespace,
            "labels": labels(options, None, &pod_security),
        },
    })
}

/// The policies that deny ingress from other namespaces, but for metrics and webhooks.
pub(super) fn network_policies(options: &Options) -> [Value; 3] {
    [
        policy(
            options,
            "allow-egress",
            json!({
                "podSelector": {},
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{ "from": [{ "podSelector": {} }] }],
                "egress": [{}],
            }),
        ),
        policy(options, "allow-scraping", from_everywhere(8080, json!({}))),
        policy(
            options,
            "allow-webhooks",
            from_everywhere(9292, json!({ "matchLabels": { "app": NOTIFICATION } })),
        ),
    ]
}

/// Lets every namespace reach `port` of the pods that `pods` selects.
fn from_everywhere(port: u16, pods: Value) -> Value {
    json!({
        "podSelector": pods,
        "policyTypes": ["Ingress"],
        "ingress": [{
            "from": [{ "namespaceSelector": {} }],
            "ports": [{ "port": port, "protocol": "TCP" }],
        }],
    })
}

fn policy(options: &Options, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": name,
            "namespace": options.namespace,
            "labels": labels(options, None, &[]),
        },
        "spec": spec,
    })
}
