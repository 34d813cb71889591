//! Pods and what runs them, with names that other objects of a tree have.

use serde_json::{Map, Value, json};

use super::dice::Dice;

pub(crate) const CONFIG_MAPS: &[&str] = &["settings", "env", "web"];
pub(crate) const SECRETS: &[&str] = &["keys", "tls"];
pub(crate) const ACCOUNTS: &[&str] = &["runner", "default"];
pub(crate) const CLAIMS: &[&str] = &["store"];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.25",
    "registry.example.com:5000/shop/web:1.0",
    "envoy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "docker.io/library/nginx:1.25@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "busybox:1.36",
    "localhost:80/busybox",
];

/// Puts a field in, at a chance.
pub(crate) fn maybe(
    dice: &mut Dice,
    percent: usize,
    node: &mut Value,
    key: &str,
    value: impl FnOnce(&mut Dice) -> Value,
) {
    if dice.chance(percent) {
        node[key] = value(dice);
    }
}

/// A text for a place where variables count.
pub(crate) fn text(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => json!("$(HOST)"),
        1 => json!("http://$(HOST):$(PORT)/$(NOWHERE)"),
        2 => json!("$$(HOST) $HOST"),
        3 => json!("yes"),
        4 => json!("1"),
        5 => json!("1e3"),
        6 => json!("a: b # c"),
        7 => json!("one\ntwo\n"),
        8 => json!("--flag=x y"),
        9 => json!(""),
        _ => json!("plain"),
    }
}

pub(crate) fn image(dice: &mut Dice) -> Value {
    dice.pick(IMAGES).into()
}

pub(crate) fn env(dice: &mut Dice) -> Value {
    let name = dice.pick(&["MODE", "KEY", "HOST", "LEVEL"]);
    match dice.below(5) {
        0 => {
            json!({ "name": name, "valueFrom": { "configMapKeyRef": { "name": dice.pick(CONFIG_MAPS), "key": "mode" } } })
        }
        1 => {
            json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": dice.pick(SECRETS), "key": "k" } } })
        }
        2 => {
            json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } })
        }
        _ => json!({ "name": name, "value": text(dice) }),
    }
}

pub(crate) fn port(dice: &mut Dice) -> Value {
    let number = [80, 443, 8080][dice.below(3)];
    let mut port = json!({ "containerPort": number });
    maybe(dice, 50, &mut port, "name", |dice| {
        dice.pick(&["http", "https"]).into()
    });
    maybe(dice, 40, &mut port, "protocol", |dice| {
        dice.pick(&["TCP", "UDP"]).into()
    });
    port
}

/// Items that differ in the field that tells them apart.
pub(crate) fn distinct(
    dice: &mut Dice,
    most: usize,
    key: &str,
    item: impl Fn(&mut Dice) -> Value,
) -> Value {
    let mut items: Vec<Value> = Vec::new();
    for _ in 0..=dice.below(most) {
        let item = item(dice);
        if items.iter().all(|known| known[key] != item[key]) {
            items.push(item);
        }
    }
    items.into()
}

pub(crate) fn container(dice: &mut Dice, name: &str) -> Value {
    let mut container = json!({ "name": name, "image": image(dice) });
    let node = &mut container;
    maybe(dice, 40, node, "env", |dice| distinct(dice, 3, "name", env));
    maybe(dice, 30, node, "ports", |dice| {
        distinct(dice, 2, "containerPort", port)
    });
    maybe(dice, 20, node, "args", |dice| {
        json!(["--a", text(dice), "--c"])
    });
    maybe(dice, 10, node, "command", |dice| json!(["run", text(dice)]));
    maybe(
        dice,
        20,
        node,
        "envFrom",
        |dice| json!([{ "configMapRef": { "name": dice.pick(CONFIG_MAPS) } }, { "secretRef": { "name": dice.pick(SECRETS) } }]),
    );
    maybe(
        dice,
        20,
        node,
        "volumeMounts",
        |dice| json!([{ "name": dice.pick(&["settings", "data"]), "mountPath": "/data" }]),
    );
    maybe(
        dice,
        20,
        node,
        "resources",
        |_| json!({ "limits": { "cpu": "1", "memory": "64Mi" }, "requests": { "cpu": 0.5 } }),
    );
    maybe(
        dice,
        10,
        node,
        "readinessProbe",
        |_| json!({ "httpGet": { "path": "/", "port": "http" } }),
    );
    container
}

pub(crate) fn volume(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => json!({ "name": "settings", "configMap": { "name": dice.pick(CONFIG_MAPS) } }),
        1 => json!({ "name": "keys", "secret": { "secretName": dice.pick(SECRETS) } }),
        2 => {
            json!({ "name": "data", "persistentVolumeClaim": { "claimName": dice.pick(CLAIMS) } })
        }
        3 => json!({ "name": "data", "emptyDir": {} }),
        _ => json!({ "name": "mixed", "projected": { "sources": [
            { "configMap": { "name": dice.pick(CONFIG_MAPS) } },
            { "secret": { "name": dice.pick(SECRETS) } },
        ] } }),
    }
}

pub(crate) fn affinity(app: &str) -> Value {
    let labels = json!({ "matchLabels": { "app": app } });
    json!({ "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [{ "topologyKey": "zone", "labelSelector": labels }],
        "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 1, "podAffinityTerm": { "topologyKey": "host", "labelSelector": labels } }],
    } })
}

/// The specification of a pod.
pub(crate) fn pod(dice: &mut Dice, app: &str) -> Value {
    let names = dice.some(&["proxy", "sidecar"], 2);
    let mut containers = vec![container(dice, app)];
    containers.extend(names.iter().map(|name| container(dice, name)));
    let mut pod = json!({ "containers": containers });
    let node = &mut pod;
    maybe(dice, 20, node, "initContainers", |dice| {
        json!([container(dice, "init")])
    });
    maybe(dice, 40, node, "volumes", |dice| {
        distinct(dice, 3, "name", volume)
    });
    maybe(dice, 30, node, "serviceAccountName", |dice| {
        dice.pick(ACCOUNTS).into()
    });
    maybe(
        dice,
        15,
        node,
        "imagePullSecrets",
        |dice| json!([{ "name": dice.pick(SECRETS) }]),
    );
    maybe(dice, 10, node, "affinity", |_| affinity(app));
    maybe(
        dice,
        8,
        node,
        "topologySpreadConstraints",
        |_| json!([{ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": { "matchLabels": { "app": app } } }]),
    );
    maybe(
        dice,
        8,
        node,
        "tolerations",
        |_| json!([{ "key": "a", "operator": "Exists" }]),
    );
    maybe(dice, 8, node, "nodeSelector", |_| json!({ "disk": "ssd" }));
    maybe(
        dice,
        8,
        node,
        "hostAliases",
        |_| json!([{ "ip": "10.0.0.1", "hostnames": ["a", "b"] }]),
    );
    maybe(
        dice,
        8,
        node,
        "securityContext",
        |_| json!({ "runAsUser": 1000, "sysctls": [{ "name": "a", "value": "1" }] }),
    );
    pod
}

fn template(dice: &mut Dice, app: &str) -> Value {
    let mut metadata = json!({ "labels": { "app": app } });
    maybe(
        dice,
        20,
        &mut metadata,
        "annotations",
        |_| json!({ "note": "x", "number": "1" }),
    );
    maybe(dice, 5, &mut metadata, "creationTimestamp", |_| Value::Null);
    json!({ "metadata": metadata, "spec": pod(dice, app) })
}

/// The specification of what runs pods: of a Deployment, a StatefulSet and so on.
pub(crate) fn workload(dice: &mut Dice, kind: &str, app: &str) -> Value {
    let mut spec = Map::new();
    if matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet") && dice.chance(70) {
        spec.insert("replicas".into(), json!(dice.below(4)));
    }
    if kind != "Job" && dice.chance(90) {
        let selector = json!({ "matchLabels": { "app": app } });
        spec.insert("selector".into(), selector);
    }
    spec.insert("template".into(), template(dice, app));
    let mut spec = Value::Object(spec);
    match kind {
        "Deployment" => maybe(
            dice,
            30,
            &mut spec,
            "strategy",
            |_| json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": "25%" } }),
        ),
        "StatefulSet" => {
            spec["serviceName"] = app.into();
            maybe(
                dice,
                60,
                &mut spec,
                "volumeClaimTemplates",
                |_| json!([{ "metadata": { "name": "data", "labels": { "app": app } }, "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } }]),
            );
        }
        "DaemonSet" => maybe(
            dice,
            30,
            &mut spec,
            "updateStrategy",
            |_| json!({ "type": "OnDelete" }),
        ),
        _ => {}
    }
    spec
}

/// The specification of a CronJob.
pub(crate) fn cron(dice: &mut Dice, app: &str) -> Value {
    json!({ "schedule": "*/5 * * * *", "jobTemplate": { "spec": workload(dice, "Job", app) } })
}
