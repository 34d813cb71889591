//! Objects that a person made or edited with kubectl.

use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::Stage;
use crate::support::cluster::block_on;

impl Stage {
    /// Makes an object as `kubectl create` does.
    fn made_by_kubectl(&self, object: &Value) -> Value {
        let object = self.labelled("app", object);
        let manager = PostParams {
            field_manager: Some("kubectl-create".to_owned()),
            ..PostParams::default()
        };
        let typed: DynamicObject = serde_json::from_value(object.clone()).unwrap();
        block_on(self.api(&object).create(&manager, &typed)).unwrap();
        object
    }

    /// What there is of an object, but for what the server keeps.
    fn content(&self, object: &Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap();
        let found = block_on(self.api(object).get(name)).unwrap();
        let mut found = serde_json::to_value(found).unwrap();
        let labels = found["metadata"]["labels"].take();
        found["metadata"] = json!({"labels": labels});
        found["status"].take();
        found
    }

    /// Applies an object as kustomize-controller does: what kubectl set becomes its own first.
    fn taken_over(&self, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let api = self.api(object);
        let found = serde_json::to_value(block_on(api.get(name)).unwrap()).unwrap();
        let mut managers = found["metadata"]["managedFields"].clone();
        for manager in managers.as_array_mut().unwrap() {
            manager["manager"] = "kustomize-controller".into();
            manager["operation"] = "Apply".into();
        }
        let patch = Patch::Merge(json!({"metadata": {"managedFields": managers}}));
        block_on(api.patch(name, &PatchParams::default(), &patch)).unwrap();
        self.applied("app", object);
    }

    fn deployment(&self, more: &Value) -> Value {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": self.ns.name},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "web", "image": "web:1",
                        "env": [{"name": "A", "value": "1"}]}]},
                },
            },
        });
        for (key, value) in more.as_object().unwrap() {
            object["spec"][key] = value.clone();
        }
        object
    }

    fn secret(&self, more: &Value) -> Value {
        let mut object = json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s", "namespace": self.ns.name}, "data": {"a": "MQ=="}});
        for (key, value) in more.as_object().unwrap() {
            object[key] = value.clone();
        }
        object
    }
}

#[test]
fn defaults_of_objects_that_kubectl_made_are_no_difference() {
    let stage = Stage::new();
    let made = format!("{}-made", stage.ns.name);
    let objects = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": made}}),
        stage.deployment(&json!({})),
        stage.secret(&json!({})),
        stage.kustomization_of("other", json!({})),
        json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": stage.ns.name},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    ];
    for object in &objects {
        stage.made_by_kubectl(object);
    }
    stage.write("app", &objects);
    let output = stage.diff(&[]);
    assert_eq!(output.stderr, "5 unchanged\n", "{}", output.stdout);
    assert_eq!(output.success(), "");
    assert_eq!(stage.diff(&["--server-side=false"]).success(), "");

    // So it comes out.
    for object in &objects {
        let before = stage.content(object);
        stage.taken_over(object);
        assert_eq!(stage.content(object), before);
    }
    assert_eq!(stage.diff(&[]).success(), "");
}

#[test]
fn what_does_not_come_back_is_shown() {
    let stage = Stage::new();
    let mut made = stage.deployment(&json!({"replicas": 3, "paused": true}));
    let container = &mut made["spec"]["template"]["spec"]["containers"][0];
    container["env"] = json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]);
    stage.made_by_kubectl(&made);
    let wanted = stage.deployment(&json!({}));
    stage.write("app", std::slice::from_ref(&wanted));
    let output = stage.diff(&["-o", "json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    let mut found: Vec<String> = document["changes"][0]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| format!("{} {} {}", edit["path"], edit["action"], edit["after"]))
        .map(|line| line.replace('"', ""))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "spec.paused removed null",
            "spec.replicas changed 1",
            "spec.template.spec.containers.web.env removed null",
        ]
    );
    output.failure(1);
    // Nobody can tell without the server.
    assert_eq!(stage.diff(&["--server-side=false"]).success(), "");

    stage.taken_over(&wanted);
    let spec = &stage.content(&wanted)["spec"];
    let env = &spec["template"]["spec"]["containers"][0]["env"];
    assert_eq!(
        (&spec["replicas"], &spec["paused"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(env, &json!([{"name": "A", "value": "1"}]));
    assert_eq!(stage.diff(&[]).success(), "");
}

#[test]
fn what_may_not_go_is_an_error_or_made_anew() {
    let stage = Stage::new();
    stage.made_by_kubectl(&stage.secret(&json!({"type": "example.com/other"})));
    stage.write("app", &[stage.secret(&json!({}))]);
    let stderr = stage.plain(&stage.diff(&[]).failure(2));
    assert!(
        stderr.contains("Secret/NS/s dry-run failed (Invalid): ")
            && stderr.contains("field is immutable")
            && stderr.contains("has taken over the fields that were set with kubectl"),
        "{stderr}"
    );
    stage.kustomization("app", json!({"force": true}), &[]);
    let output = stage.diff(&[]);
    assert_eq!(stage.plain(&output.stdout), "► Secret/NS/s recreated\n");
}
