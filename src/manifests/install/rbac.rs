//! What the controllers may do, what users may do with Flux's objects, and the quota for
//! critical pods. All names end in the namespace, so that two installations do not collide.

use serde_json::{Map, Value, json};

use super::Options;
use super::labels::labels;

const RBAC: &str = "rbac.authorization.k8s.io";
const RBAC_V1: &str = "rbac.authorization.k8s.io/v1";

/// The API groups of Flux, in the order in which the roles of users list them.
const FLUX_GROUPS: &[&str] = &[
    "notification.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
    "source.extensions.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "image.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io",
];

/// The API groups of Flux, in the order in which the controllers' role lists them.
const CONTROLLED_GROUPS: &[&str] = &[
    "source.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "notification.toolkit.fluxcd.io",
    "image.toolkit.fluxcd.io",
    "source.extensions.fluxcd.io",
];

const READ: &[&str] = &["get", "list", "watch"];
const OWN: &[&str] = &[
    "get", "list", "watch", "create", "update", "patch", "delete",
];

/// What the controllers may do beyond their own groups: group, resources, verbs.
const CONTROLLER_RULES: &[(&str, &[&str], &[&str])] = &[
    (
        "",
        &["namespaces", "secrets", "configmaps", "serviceaccounts"],
        READ,
    ),
    ("", &["events"], &["create", "patch"]),
    // Leader election, by ConfigMap in old versions and by Lease today.
    ("", &["configmaps"], OWN),
    ("", &["configmaps/status"], &["get", "update", "patch"]),
    ("coordination.k8s.io", &["leases"], OWN),
    // Objects that act under a ServiceAccount of their own.
    ("", &["serviceaccounts/token"], &["create"]),
];

/// The controllers that act on whatever they are given: they are bound to `cluster-admin`.
const RECONCILERS: &[&str] = &["kustomize-controller", "helm-controller"];

/// The controllers that get the controllers' role, installed or not.
const CONTROLLERS: &[&str] = &[
    "kustomize-controller",
    "helm-controller",
    "source-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
    "source-watcher",
];

/// The quota, the roles and the bindings, in order.
pub(super) fn objects(options: &Options) -> [Value; 6] {
    [
        quota(options),
        role(options, "crd-controller", &[], controller_rules()),
        role(
            options,
            "flux-edit",
            &["admin", "edit"],
            user_rules(&["create", "delete", "deletecollection", "patch", "update"]),
        ),
        role(
            options,
            "flux-view",
            &["admin", "edit", "view"],
            user_rules(READ),
        ),
        binding(options, "cluster-reconciler", "cluster-admin", RECONCILERS),
        binding(
            options,
            "crd-controller",
            &suffixed(options, "crd-controller"),
            CONTROLLERS,
        ),
    ]
}

fn suffixed(options: &Options, name: &str) -> String {
    format!("{name}-{}", options.namespace)
}

/// Clusters may admit critical pods only where a quota allows them.
fn quota(options: &Options) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {
            "name": suffixed(options, "critical-pods"),
            "namespace": options.namespace,
            "labels": labels(options, None, &[]),
        },
        "spec": {
            "hard": { "pods": "1000" },
            "scopeSelector": {
                "matchExpressions": [{
                    "operator": "In",
                    "scopeName": "PriorityClass",
                    "values": ["system-node-critical", "system-cluster-critical"],
                }],
            },
        },
    })
}

/// A cluster role that is part of those Kubernetes roles named in `aggregate_to`.
fn role(options: &Options, name: &str, aggregate_to: &[&str], rules: Vec<Value>) -> Value {
    let mut labels: Map<String, Value> = labels(options, None, &[]);
    for role in aggregate_to {
        labels.insert(format!("{RBAC}/aggregate-to-{role}"), "true".into());
    }
    json!({
        "apiVersion": RBAC_V1,
        "kind": "ClusterRole",
        "metadata": { "name": suffixed(options, name), "labels": labels },
        "rules": rules,
    })
}

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Value {
    json!({ "apiGroups": groups, "resources": resources, "verbs": verbs })
}

fn controller_rules() -> Vec<Value> {
    let own = CONTROLLED_GROUPS
        .iter()
        .map(|group| rule(&[group], &["*"], &["*"]));
    let more = CONTROLLER_RULES.iter();
    let more = more.map(|(group, resources, verbs)| rule(&[group], resources, verbs));
    // Flow control asks whether the API server is alive.
    let ping = json!({ "nonResourceURLs": ["/livez/ping"], "verbs": ["head"] });
    own.chain(more).chain([ping]).collect()
}

fn user_rules(verbs: &[&str]) -> Vec<Value> {
    vec![rule(FLUX_GROUPS, &["*"], verbs)]
}

fn binding(options: &Options, name: &str, role: &str, accounts: &[&str]) -> Value {
    let subject = |account: &&str| {
        json!({
            "kind": "ServiceAccount",
            "name": account,
            "namespace": options.namespace,
        })
    };
    json!({
        "apiVersion": RBAC_V1,
        "kind": "ClusterRoleBinding",
        "metadata": {
            "name": suffixed(options, name),
            "labels": labels(options, None, &[]),
        },
        "roleRef": { "apiGroup": RBAC, "kind": "ClusterRole", "name": role },
        "subjects": accounts.iter().map(subject).collect::<Vec<_>>(),
    })
}
