//! Objects of Kubernetes and of others, with names from short lists, so that they meet.

use serde_json::{Value, json};

use super::dice::Dice;
use super::pods::{self, ACCOUNTS, CLAIMS, CONFIG_MAPS, SECRETS, maybe};

const APPS: &[&str] = &["web", "api"];
const NAMESPACES: &[&str] = &["shop", "shop", "other", "default"];
const KINDS: &[&str] = &[
    "Deployment",
    "Deployment",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Pod",
    "Service",
    "Service",
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "Ingress",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "Namespace",
    "CustomResourceDefinition",
    "APIService",
    "ValidatingWebhookConfiguration",
    "Thing",
    "Thing",
    "ClusterThing",
];

/// A kind's version and whether its objects are in namespaces.
fn version(dice: &mut Dice, kind: &str) -> (&'static str, bool) {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => ("apps/v1", true),
        "Job" => ("batch/v1", true),
        "CronJob" => (dice.pick(&["batch/v1", "batch/v1beta1"]), true),
        "Role" | "RoleBinding" => ("rbac.authorization.k8s.io/v1", true),
        "ClusterRole" | "ClusterRoleBinding" => ("rbac.authorization.k8s.io/v1", false),
        "Ingress" => (
            dice.pick(&[
                "networking.k8s.io/v1",
                "networking.k8s.io/v1",
                "extensions/v1beta1",
            ]),
            true,
        ),
        "HorizontalPodAutoscaler" => (
            dice.pick(&["autoscaling/v1", "autoscaling/v2", "autoscaling/v2beta2"]),
            true,
        ),
        "PodDisruptionBudget" => (dice.pick(&["policy/v1", "policy/v1beta1"]), true),
        "NetworkPolicy" => ("networking.k8s.io/v1", true),
        "PersistentVolume" | "Namespace" => ("v1", false),
        "StorageClass" => ("storage.k8s.io/v1", false),
        "CustomResourceDefinition" => ("apiextensions.k8s.io/v1", false),
        "APIService" => ("apiregistration.k8s.io/v1", false),
        "ValidatingWebhookConfiguration" => ("admissionregistration.k8s.io/v1", false),
        "Thing" => ("example.com/v1", true),
        "ClusterThing" => ("example.com/v1alpha1", true),
        _ => ("v1", true),
    }
}

fn name(dice: &mut Dice, kind: &str) -> &'static str {
    match kind {
        "ConfigMap" => dice.pick(CONFIG_MAPS),
        "Secret" => dice.pick(SECRETS),
        "ServiceAccount" => dice.pick(ACCOUNTS),
        "PersistentVolumeClaim" | "PersistentVolume" => dice.pick(CLAIMS),
        "Namespace" => dice.pick(&["shop", "other"]),
        "CustomResourceDefinition" => "things.example.com",
        "APIService" => "v1.example.com",
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => "runner",
        _ => dice.pick(APPS),
    }
}

/// An object of any kind.
pub(crate) fn object(dice: &mut Dice) -> Value {
    let kind = dice.pick(KINDS);
    of_kind(dice, kind)
}

/// An object of this kind.
pub(crate) fn of_kind(dice: &mut Dice, kind: &str) -> Value {
    let (api_version, in_namespace) = version(dice, kind);
    let name = name(dice, kind);
    let mut metadata = json!({ "name": name });
    if in_namespace {
        maybe(dice, 40, &mut metadata, "namespace", |dice| {
            dice.pick(NAMESPACES).into()
        });
    }
    maybe(dice, 50, &mut metadata, "labels", |dice| {
        match dice.below(8) {
            0 => json!({}),
            1 => json!({ "app": name, "version": "1.0" }),
            _ => json!({ "app": name, "tier": dice.pick(&["front", "back"]) }),
        }
    });
    maybe(dice, 30, &mut metadata, "annotations", |dice| {
        match dice.below(8) {
            0 => Value::Null,
            1 => json!({ "note": "", "number": 1, "flag": true }),
            2 => json!({ "config.kubernetes.io/local-config": dice.pick(&["true", "false"]) }),
            _ => json!({ "note": "a b", "owner": name }),
        }
    });
    maybe(dice, 6, &mut metadata, "finalizers", |_| {
        json!(["f/a", "f/b", "f/c"])
    });
    let mut object = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata });
    content(dice, api_version, kind, name, &mut object);
    object
}

/// The fields that a kind has besides its metadata.
fn content(dice: &mut Dice, api_version: &str, kind: &str, name: &str, object: &mut Value) {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
            object["spec"] = pods::workload(dice, kind, name);
        }
        "CronJob" => object["spec"] = pods::cron(dice, name),
        "Pod" => object["spec"] = pods::pod(dice, name),
        "ConfigMap" => data(dice, object),
        "Secret" => {
            object["type"] = "Opaque".into();
            maybe(dice, 60, object, "data", |_| json!({ "k": "dg==" }));
            maybe(
                dice,
                40,
                object,
                "stringData",
                |dice| json!({ "k": pods::text(dice) }),
            );
        }
        "ServiceAccount" => {
            maybe(
                dice,
                30,
                object,
                "secrets",
                |dice| json!([{ "name": dice.pick(SECRETS) }]),
            );
            maybe(
                dice,
                30,
                object,
                "imagePullSecrets",
                |dice| json!([{ "name": dice.pick(SECRETS) }]),
            );
        }
        "Role" | "ClusterRole" => {
            object["rules"] = json!([
                { "apiGroups": [""], "resources": ["configmaps"], "resourceNames": [dice.pick(CONFIG_MAPS)], "verbs": ["get"] },
                { "apiGroups": [""], "resources": ["secrets"], "resourceNames": SECRETS, "verbs": ["get"] },
            ]);
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let role = dice.pick(&["Role", "ClusterRole", "ClusterRole"]);
            let mut account = json!({ "kind": "ServiceAccount", "name": dice.pick(ACCOUNTS) });
            maybe(dice, 70, &mut account, "namespace", |dice| {
                dice.pick(NAMESPACES).into()
            });
            object["roleRef"] =
                json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": "runner" });
            object["subjects"] = json!([account, { "kind": "User", "name": "runner" }]);
        }
        "PersistentVolumeClaim" => {
            object["spec"] = json!({ "accessModes": ["ReadWriteOnce"], "storageClassName": "web" });
            maybe(dice, 30, &mut object["spec"], "volumeName", |_| {
                "store".into()
            });
        }
        "PersistentVolume" => {
            object["spec"] = json!({ "capacity": { "storage": "1Gi" }, "claimRef": { "name": "store", "namespace": "shop" } });
        }
        "StorageClass" => object["provisioner"] = "example.com/disk".into(),
        "Namespace" => {}
        _ => network(dice, api_version, kind, name, object),
    }
}

fn data(dice: &mut Dice, object: &mut Value) {
    let mut data = json!({ "mode": pods::text(dice), "host": "example.com", "port": "8080" });
    maybe(dice, 20, &mut data, "config.json", |dice| {
        let compact = "{\"server\":{\"host\":\"a\",\"ports\":[80,443],\"on\":true},\"list\":[{\"name\":\"x\",\"value\":1}]}";
        let pretty = "{\n  \"server\": {\n    \"host\": \"a\",\n    \"port\": 80\n  }\n}\n";
        dice.pick(&[compact, pretty]).into()
    });
    maybe(dice, 20, &mut data, "config.yaml", |dice| {
        let plain =
            "server:\n  host: a\n  ports:\n  - 80\n  - 443\nlist:\n- name: x\n  value: '1'\n";
        let styled = "# the server\nserver: {host: \"a\", ports: [80]}\nlist:\n  - name: x # first\n    value: 1\n\ntext: |\n  one\n  two\n";
        dice.pick(&[plain, styled]).into()
    });
    object["data"] = data;
    maybe(dice, 8, object, "binaryData", |_| json!({ "bin": "/+8=" }));
    maybe(dice, 5, object, "immutable", |_| true.into());
}

/// What is about connections, and what nobody but its owner knows.
fn network(dice: &mut Dice, api_version: &str, kind: &str, name: &str, object: &mut Value) {
    let selector = json!({ "app": name });
    match kind {
        "Service" => {
            let mut port = json!({ "port": 80, "targetPort": dice.pick(&["http", "https"]) });
            maybe(dice, 30, &mut port, "protocol", |_| "TCP".into());
            maybe(dice, 40, &mut port, "name", |_| "http".into());
            object["spec"] = json!({ "ports": [port, { "port": 443 }] });
            maybe(dice, 70, &mut object["spec"], "selector", |_| selector);
        }
        "Ingress" => {
            let backend = if api_version.starts_with("networking") {
                json!({ "service": { "name": name, "port": { "number": 80 } } })
            } else {
                json!({ "serviceName": name, "servicePort": 80 })
            };
            object["spec"] = json!({
                "rules": [{ "host": pods::text(dice), "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }],
                "tls": [{ "hosts": ["example.com"], "secretName": dice.pick(SECRETS) }],
            });
        }
        "HorizontalPodAutoscaler" => {
            object["spec"] = json!({ "maxReplicas": 3, "scaleTargetRef": {
                "apiVersion": "apps/v1", "kind": dice.pick(&["Deployment", "StatefulSet"]), "name": name,
            } });
            maybe(
                dice,
                30,
                &mut object["spec"],
                "metrics",
                |_| json!([{ "type": "Resource", "resource": { "name": "cpu" } }]),
            );
        }
        "PodDisruptionBudget" => {
            object["spec"] = json!({ "minAvailable": 1, "selector": { "matchLabels": selector } });
        }
        "NetworkPolicy" => {
            object["spec"] = json!({ "podSelector": { "matchLabels": selector }, "ingress": [{ "from": [
                { "podSelector": { "matchLabels": selector } }, { "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "shop" } } },
            ] }] });
        }
        "CustomResourceDefinition" => {
            object["spec"] = json!({ "group": "example.com", "scope": "Namespaced", "names": { "kind": "Thing", "plural": "things" },
                "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object" } } }],
                "conversion": { "strategy": "Webhook", "webhook": { "clientConfig": { "service": { "name": "web", "namespace": "shop", "path": "/" } } } } });
        }
        "APIService" => {
            object["spec"] = json!({ "group": "example.com", "version": "v1", "service": { "name": "web", "namespace": "shop" } });
        }
        "ValidatingWebhookConfiguration" => {
            object["webhooks"] = json!([{ "name": "a.example.com", "clientConfig": { "service": { "name": "web", "namespace": dice.pick(NAMESPACES) } } }]);
        }
        _ => {
            object["spec"] = json!({ "configRef": { "name": dice.pick(CONFIG_MAPS) }, "size": 3, "image": pods::image(dice),
                "selector": selector, "list": [{ "name": "a", "x": 1 }, { "name": "b", "x": null }], "when": pods::text(dice) });
            maybe(
                dice,
                40,
                &mut object["spec"],
                "template",
                |dice| json!({ "metadata": { "labels": { "app": name } }, "spec": pods::pod(dice, name) }),
            );
            maybe(
                dice,
                20,
                &mut object["spec"],
                "odd",
                |_| json!({ "float": 1.5, "big": 1e21, "whole": 3.0, "neg": -1, "empty": {}, "none": [], "nil": null, "on": "on", "a.b/c": "d" }),
            );
        }
    }
}
