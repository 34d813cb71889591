//! What runs one controller: its ServiceAccount, its Services and its Deployment.

use serde_json::{Map, Value, json};

use super::Options;
use super::labels::labels;
use crate::manifests::components::{Component, SOURCE_WATCHER, Service};

const CONTROL_PLANE: &str = "control-plane";

/// The account that the controller acts under.
pub(super) fn service_account(options: &Options, component: &Component) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(options, component, component.name, &[]),
    })
}

/// A Service in front of the controller.
pub(super) fn service(options: &Options, component: &Component, service: &Service) -> Value {
    let more = [(CONTROL_PLANE, service.control_plane)];
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(options, component, service.name, &more),
        "spec": {
            "type": "ClusterIP",
            "selector": { "app": component.name },
            "ports": [{
                "name": "http",
                "port": 80,
                "protocol": "TCP",
                "targetPort": service.target_port,
            }],
        },
    })
}

/// The Deployment of the controller.
pub(super) fn deployment(options: &Options, component: &Component) -> Value {
    let mut spec = json!({
        "replicas": 1,
        "selector": { "matchLabels": { "app": component.name } },
        "template": {
            "metadata": {
                "annotations": {
                    "prometheus.io/port": "8080",
                    "prometheus.io/scrape": "true",
                },
                "labels": labels(options, Some(component.name), &[("app", component.name)]),
            },
            "spec": pod(options, component),
        },
    });
    if component.stores_artifacts {
        // Two pods would not agree on what is stored.
        spec["strategy"] = json!({ "type": "Recreate" });
    }
    let more = [(CONTROL_PLANE, "controller")];
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(options, component, component.name, &more),
        "spec": spec,
    })
}

fn metadata(options: &Options, component: &Component, name: &str, more: &[(&str, &str)]) -> Value {
    json!({
        "name": name,
        "namespace": options.namespace,
        "labels": labels(options, Some(component.name), more),
    })
}

fn pod(options: &Options, component: &Component) -> Value {
    let volumes = component.volumes.iter();
    let volumes: Vec<Value> = volumes
        .map(|(name, _)| json!({ "name": name, "emptyDir": {} }))
        .collect();
    let mut pod = json!({
        "serviceAccountName": component.name,
        "terminationGracePeriodSeconds": component.grace_seconds,
        "securityContext": { "fsGroup": 1337 },
        "nodeSelector": { "kubernetes.io/os": "linux" },
        "containers": [container(options, component)],
        "volumes": volumes,
    });
    if component.critical {
        pod["priorityClassName"] = "system-cluster-critical".into();
    }
    let pull_secret = options.image_pull_secret.as_deref();
    if let Some(secret) = pull_secret.filter(|name| !name.is_empty()) {
        pod["imagePullSecrets"] = json!([{ "name": secret }]);
    }
    if !options.toleration_keys.is_empty() {
        let keys = options.toleration_keys.iter();
        pod["tolerations"] = keys
            .map(|key| json!({ "key": key, "operator": "Exists" }))
            .collect();
    }
    pod
}

fn container(options: &Options, component: &Component) -> Value {
    let mounts = component.volumes.iter();
    let mounts: Vec<Value> = mounts
        .map(|(name, path)| json!({ "name": name, "mountPath": path }))
        .collect();
    json!({
        "name": "manager",
        "image": options.image(component),
        "imagePullPolicy": "IfNotPresent",
        "args": arguments(options, component),
        "env": environment(component),
        "ports": ports(component),
        "livenessProbe": probe("/healthz", "healthz"),
        "readinessProbe": readiness(component),
        "resources": {
            "limits": { "cpu": "1000m", "memory": "1Gi" },
            "requests": { "cpu": component.cpu_request, "memory": "64Mi" },
        },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "seccompProfile": { "type": "RuntimeDefault" },
        },
        "volumeMounts": mounts,
    })
}

/// The arguments, in an order that patches in users' repositories count on.
fn arguments(options: &Options, component: &Component) -> Vec<String> {
    let mut arguments = Vec::new();
    if component.sends_events {
        arguments.push(format!("--events-addr={}", options.events_address()));
    }
    arguments.push(format!(
        "--watch-all-namespaces={}",
        options.watch_all_namespaces
    ));
    arguments.push(format!("--log-level={}", options.log_level));
    arguments.push("--log-encoding=json".to_owned());
    arguments.push("--enable-leader-election".to_owned());
    if component.stores_artifacts {
        arguments.push("--storage-path=/data".to_owned());
        let host = options.service_host(component.name);
        arguments.push(format!("--storage-adv-addr={host}"));
    }
    if component.consumes_external_artifacts && options.installs(SOURCE_WATCHER) {
        arguments.push("--feature-gates=ExternalArtifact=true".to_owned());
    }
    arguments
}

fn environment(component: &Component) -> Vec<Value> {
    let namespace = json!({
        "name": "RUNTIME_NAMESPACE",
        "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } },
    });
    let own = component.env.iter();
    let own = own.map(|(name, value)| json!({ "name": name, "value": value }));
    // Lets Go's garbage collector know how far memory may grow.
    let memory = json!({
        "name": "GOMEMLIMIT",
        "valueFrom": {
            "resourceFieldRef": { "containerName": "manager", "resource": "limits.memory" },
        },
    });
    [namespace].into_iter().chain(own).chain([memory]).collect()
}

fn ports(component: &Component) -> Vec<Value> {
    let common = [(8080, "http-prom"), (9440, "healthz")];
    let ports = component.ports.iter().copied().chain(common);
    ports
        .map(|(port, name)| json!({ "containerPort": port, "name": name, "protocol": "TCP" }))
        .collect()
}

/// A controller that serves artifacts is ready once it serves them.
fn readiness(component: &Component) -> Value {
    if component.stores_artifacts {
        probe("/", "http")
    } else {
        probe("/readyz", "healthz")
    }
}

fn probe(path: &str, port: &str) -> Value {
    let mut get = Map::new();
    get.insert("path".to_owned(), path.into());
    get.insert("port".to_owned(), port.into());
    json!({ "httpGet": get })
}
