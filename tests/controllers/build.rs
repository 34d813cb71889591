//! What `build` prints is what kustomize-controller applies: for Kustomizations that use every
//! field that has a say in it, the fields that the controller owns of each live object are those
//! that were printed.

use std::path::Path;

use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use reflux::kinds::KUSTOMIZATION;
use reflux::kinds::status::State;
use serde_json::{Map, Value, json};

use crate::place::{Place, becomes};
use crate::stage::{block_on, stage};

/// What the controller fills in of ports before it applies them, as the server would.
const PORTS: [&str; 2] = ["protocol", "targetPort"];

/// Who applies.
const CONTROLLER: &str = "kustomize-controller";

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  \
    replicas: 0\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      \
    labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        \
    image: nginx:1.0\n        env:\n        - {name: REGION, value: \"${region:=nowhere}\"}\n        \
    - {name: COLOR, value: blue}\n      - name: sidecar\n        image: busybox\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  \
    selector: {app: web}\n  ports:\n  - {name: http, port: 80}\n";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  \
    region: \"${region:=nowhere}\"\n  password: \"${password:-none}\"\n  port: \"${port:-none}\"\n  \
    keep: \"1\"\n";
const RAW: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: raw\n  annotations:\n    \
    kustomize.toolkit.fluxcd.io/substitute: disabled\ndata:\n  text: \"${region}\"\n";
const GENERATED: &str = "resources: [deployment.yaml, service.yaml]\nnamePrefix: own-\n\
    labels:\n- pairs: {part: web}\n  includeSelectors: true\n\
    configMapGenerator:\n- name: files\n  files: [notes.txt]\n\
    secretGenerator:\n- name: keys\n  literals: [password=abc]\n  type: Opaque\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
    commonAnnotations: {team: web}\n";

/// The repository; `NS` is the test's namespace.
const FILES: &[(&str, &str)] = &[
    ("plain/a.yaml", CONFIG),
    ("plain/sub/raw.yml", RAW),
    ("plain/left-out.yaml", "no object"),
    ("plain/picture.png", "no text"),
    ("plain/.sourceignore", "left-out.yaml\n"),
    ("web/kustomization.yaml", GENERATED),
    ("web/deployment.yaml", DEPLOYMENT),
    ("web/service.yaml", SERVICE),
    ("web/notes.txt", "one\ntwo\n"),
    ("component/kustomization.yaml", COMPONENT),
];

/// The Kustomizations: their names, and their specs without what all have.
fn kustomizations(ns: &str) -> Vec<(&'static str, Value)> {
    let from = |optional: bool| {
        json!([
            {"kind": "ConfigMap", "name": "vars"},
            {"kind": "Secret", "name": "vars"},
            {"kind": "ConfigMap", "name": "nowhere", "optional": optional},
        ])
    };
    vec![
        ("plain", json!({"path": "./plain"})),
        ("web", json!({"path": "./web"})),
        (
            "named",
            json!({
                "path": "./web", "namePrefix": "n-", "nameSuffix": "-s", "targetNamespace": ns,
                "commonMetadata": {
                    "labels": {"part": "common", "more": "1"}, "annotations": {"note": "common"},
                },
                "timeout": "1m", "retryInterval": "1m", "force": true, "deletionPolicy": "Delete",
            }),
        ),
        (
            "patched",
            json!({
                "path": "./web", "namePrefix": "p-",
                "patches": [
                    {
                        "patch": "- {op: add, path: /spec/template/spec/containers/0/env/-, \
                                  value: {name: MORE, value: \"2\"}}",
                        "target": {"kind": "Deployment", "name": "w.*"},
                    },
                    {
                        "patch": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                                  spec:\n  template:\n    spec:\n      containers:\n      \
                                  - {name: sidecar, $patch: delete}\n",
                    },
                    {
                        "patch": "$patch: delete\napiVersion: v1\nkind: Service\n\
                                  metadata: {name: web}\n",
                    },
                ],
                "images": [
                    {"name": "nginx", "newName": "example.com/nginx", "newTag": "2.0"},
                ],
            }),
        ),
        (
            "composed",
            json!({
                "path": "./web", "namePrefix": "c-", "components": ["../component", "../none"],
                "ignoreMissingComponents": true,
                "images": [{"name": "busybox", "digest": format!("sha256:{}", "0".repeat(64))}],
            }),
        ),
        (
            "filled",
            json!({
                "path": "./plain", "namePrefix": "f-", "dependsOn": [{"name": "plain"}],
                "postBuild": {"substitute": {"region": "inline"}, "substituteFrom": from(true)},
            }),
        ),
        (
            "always",
            json!({
                "path": "./plain", "namePrefix": "a-",
                "postBuild": {"substituteStrategy": "Always"},
            }),
        ),
        (
            "traced",
            json!({"path": "./plain", "namePrefix": "t-", "buildMetadata": ["originAnnotations"]}),
        ),
        (
            "ignoring",
            json!({
                "path": "./plain", "namePrefix": "i-", "wait": true,
                "ignore": [{"paths": ["/data/none"], "target": {"kind": "ConfigMap"}}],
            }),
        ),
    ]
}

#[test]
fn what_is_built_is_what_is_applied() {
    let place = Place::new("build");
    let ns = place.name.as_str();
    let checkout = tempfile::tempdir().unwrap();
    fs_err::create_dir(checkout.path().join(".git")).unwrap();
    for (path, text) in FILES {
        let path = checkout.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    variables(&place);
    place.follow("repo", FILES);
    for (name, spec) in kustomizations(ns) {
        let mut spec = spec;
        let base = json!({
            "interval": "1h", "prune": true, "targetNamespace": ns,
            "sourceRef": {"kind": "GitRepository", "name": "repo"},
        });
        for (field, value) in base.as_object().unwrap() {
            spec[field] = value.clone();
        }
        place.apply(&KUSTOMIZATION, name, json!({"spec": spec}));
    }
    let mut objects = 0;
    for (name, spec) in kustomizations(ns) {
        let trouble = || {
            let object = place.find(&KUSTOMIZATION, name).unwrap();
            let is_ready = KUSTOMIZATION.state(&object) == State::Ready;
            (!is_ready).then(|| format!("{name}: {}", object.data["status"]["conditions"]))
        };
        becomes(trouble, None);
        let path = checkout.path().join(spec["path"].as_str().unwrap());
        objects += compare(&place, name, &path);
    }
    assert!(objects >= 25, "{objects}");
}

/// The ConfigMap and the Secret with variables.
fn variables(place: &Place) {
    for (kind, field) in [("ConfigMap", "data"), ("Secret", "stringData")] {
        let object = json!({
            "apiVersion": "v1", "kind": kind, "metadata": {"name": "vars"},
            field: {"region": "from", "port": "p80\nx", "password": format!("of-{kind}")},
        });
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind));
        let object: DynamicObject = serde_json::from_value(object).unwrap();
        block_on(
            place
                .api(&resource)
                .create(&kube::api::PostParams::default(), &object),
        )
        .unwrap();
    }
}

/// Builds a Kustomization and holds what is printed against what is live, and against the
/// inventory. Returns how many objects there were.
fn compare(place: &Place, name: &str, path: &Path) -> usize {
    let path = path.display().to_string();
    let stdout = place
        .reflux(&["build", "kustomization", name, "--path", &path])
        .success();
    let printed = kustomize::yaml::parse(&stdout, kustomize::yaml::Dialect::Kubernetes).unwrap();
    for object in &printed {
        let object = object.to_json();
        let live = live(&object);
        let managers = live["metadata"]["managedFields"].as_array().unwrap();
        let applied = managers
            .iter()
            .find(|m| m["manager"] == CONTROLLER && m["operation"] == "Apply")
            .unwrap();
        let printed = without_identity(object);
        assert_eq!(
            owned(&live, &applied["fieldsV1"], &printed),
            printed,
            "{name}"
        );
    }
    let kustomization = place.find(&KUSTOMIZATION, name).unwrap();
    let inventory = kustomization.data["status"]["inventory"]["entries"].as_array();
    assert_eq!(inventory.unwrap().len(), printed.len(), "{name}:\n{stdout}");
    printed.len()
}

/// The object as the cluster has it.
fn live(object: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let api_version = text(&object["apiVersion"]);
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let gvk = GroupVersionKind::gvk(group, version, &text(&object["kind"]));
    let metadata = &object["metadata"];
    let client = block_on(stage().plane.client()).unwrap();
    let api: Api<DynamicObject> = Api::namespaced_with(
        client,
        &text(&metadata["namespace"]),
        &ApiResource::from_gvk(&gvk),
    );
    let live = block_on(api.get(&text(&metadata["name"]))).unwrap();
    serde_json::to_value(live).unwrap()
}

/// What no manager owns: what the object is called.
fn without_identity(mut object: Value) -> Value {
    let fields = object.as_object_mut().unwrap();
    fields.remove("apiVersion");
    fields.remove("kind");
    let metadata = fields["metadata"].as_object_mut().unwrap();
    metadata.remove("name");
    metadata.remove("namespace");
    object
}

/// The part of a value that a set of fields names. The controller's Go types add structures that
/// are empty, such as `resources` of containers, which the server then fills: where they are not
/// printed, they are left out, and so are what it fills in of ports.
fn owned(value: &Value, fields: &Value, printed: &Value) -> Value {
    let fields = fields.as_object().unwrap();
    let named: Vec<(&String, &Value)> = fields.iter().filter(|(key, _)| *key != ".").collect();
    match value {
        Value::Object(entries) if !named.is_empty() => {
            let entry = |(key, below): (&String, &Value)| {
                let key = key.strip_prefix("f:").unwrap();
                let is_empty = below.as_object().unwrap().is_empty() && entries[key].is_object();
                let keep = !(is_empty || PORTS.contains(&key)) || printed.get(key).is_some();
                keep.then(|| (key.to_owned(), owned(&entries[key], below, &printed[key])))
            };
            Value::Object(named.into_iter().filter_map(entry).collect())
        }
        Value::Array(items) if !named.is_empty() => {
            let item = |item: &Value| {
                let of_item = |(key, below): &(&String, &Value)| match key.split_at(2) {
                    ("k:", keys) => {
                        let keys: Map<String, Value> = serde_json::from_str(keys).unwrap();
                        is_called(item, &keys).then(|| owned(item, below, same(printed, item)))
                    }
                    ("v:", text) => {
                        let shown = item.to_string();
                        (shown == text).then(|| item.clone())
                    }
                    _ => None,
                };
                named.iter().find_map(of_item)
            };
            Value::Array(items.iter().filter_map(item).collect())
        }
        whole => whole.clone(),
    }
}

fn is_called(item: &Value, keys: &Map<String, Value>) -> bool {
    keys.iter().all(|(key, value)| item[key] == *value)
}

/// The item of that name in what was printed.
fn same<'p>(printed: &'p Value, item: &Value) -> &'p Value {
    let items = printed.as_array().into_iter().flatten();
    let mut named = items.filter(|other| other["name"] == item["name"]);
    named.next().unwrap_or(&Value::Null)
}
