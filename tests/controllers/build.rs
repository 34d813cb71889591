//! What `build` prints is what kustomize-controller applies: for Kustomizations that use every
//! field that has a say in it, the fields that the controller owns of each live object are those
//! that were printed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use reflux::kinds::status::State;
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION, Kind};
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

const SEALED: &str = "resources: [secret.yaml]\nsecretGenerator:\n- name: token\n  \
    files: [token.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\n";
/// The key that opens the files in `sealed`, which sops' own Go packages encrypted. It was made for
/// them and opens nothing else.
const AGE_KEY: &str = include_str!("sealed/key.agekey");
/// What stands for a value that is encrypted.
const MASK: &str = "**SOPS**";

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
    ("sealed/kustomization.yaml", SEALED),
    ("sealed/secret.yaml", include_str!("sealed/secret.yaml")),
    ("sealed/token.yaml", include_str!("sealed/token.yaml")),
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
            "sealed",
            json!({
                "path": "./sealed", "namePrefix": "s-",
                "decryption": {"provider": "sops", "secretRef": {"name": "age"}},
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
    let key = json!({"metadata": {"name": "age"}, "stringData": {"test.agekey": AGE_KEY}});
    create(&place, "Secret", key);
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
        wait_for(&place, name);
        let path = checkout.path().join(spec["path"].as_str().unwrap());
        let path = path.display().to_string();
        let args = ["build", "kustomization", name, "--path", &path];
        objects += compare(&place, name, &place.reflux(&args).success());
    }
    assert!(objects >= 27, "{objects}");
    let plain = |name: &str, key: &str| {
        let named = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": ns},
        });
        let value = live(&named)["data"][key].as_str().unwrap().to_owned();
        String::from_utf8(STANDARD.decode(value).unwrap()).unwrap()
    };
    assert_eq!(plain("s-sealed", "password"), "from-sops");
    assert_eq!(plain("s-token", "token.yaml"), "token: of-the-file\n");
}

/// A source with some folders of a repository, and a part of another source.
#[test]
fn sources_are_put_together_as_they_are_here() {
    let place = Place::new("sources");
    let ns = place.name.as_str();
    let folder = tempfile::tempdir().unwrap();
    let checkout = folder.path().join("checkout");
    for (path, text) in FILES {
        let path = checkout.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    place.follow("repo", FILES);
    let mut mixed = serde_json::to_value(place.find(&GIT_REPOSITORY, "repo").unwrap()).unwrap();
    let mut spec = mixed["spec"].take();
    spec["sparseCheckout"] = json!(["./plain", "component"]);
    spec["include"] = json!([
        {"repository": {"name": "repo"}, "fromPath": "web", "toPath": "plain/vendor/web"},
        {"repository": {"name": "repo"}, "fromPath": "plain/a.yaml", "toPath": "settings/a.yaml"},
    ]);
    place.apply(&GIT_REPOSITORY, "mixed", json!({"spec": spec}));
    let kustomization = json!({
        "interval": "1h", "prune": true, "targetNamespace": ns, "path": "./plain",
        "sourceRef": {"kind": "GitRepository", "name": "mixed"},
        "components": ["../component"],
    });
    place.apply(&KUSTOMIZATION, "mixed", json!({"spec": kustomization}));
    wait_for(&place, "mixed");

    let manifest = |kind: &Kind, name: &str, spec: &Value| {
        let metadata = json!({"name": name, "namespace": ns});
        let (api_version, kind) = (kind.api_version(), kind.kind);
        let object =
            json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec});
        let path = folder.path().join(format!("cluster/{kind}-{name}.yaml"));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, object.to_string()).unwrap();
    };
    let path = |name: &str| folder.path().join(name).display().to_string();
    manifest(&GIT_REPOSITORY, "mixed", &spec);
    manifest(&KUSTOMIZATION, "mixed", &kustomization);
    let sources = ["repo", "mixed"].map(|name| {
        let checkout = path("checkout");
        format!("--local-sources=GitRepository/{ns}/{name}={checkout}")
    });
    let (cluster, out) = (path("cluster"), path("out"));
    let args = ["build", "all", &cluster, "--output-dir", &out];
    place
        .reflux(&[&args[..], &[&sources[0], &sources[1]]].concat())
        .success();
    let built = fs_err::read_to_string(format!("{out}/{ns}/mixed.yaml")).unwrap();
    assert_eq!(compare(&place, "mixed", &built), 6, "{built}");
}

fn wait_for(place: &Place, name: &str) {
    let trouble = || {
        let object = place.find(&KUSTOMIZATION, name).unwrap();
        let is_ready = KUSTOMIZATION.state(&object) == State::Ready;
        (!is_ready).then(|| format!("{name}: {}", object.data["status"]["conditions"]))
    };
    becomes(trouble, None);
}

/// The ConfigMap and the Secret with variables.
fn variables(place: &Place) {
    for (kind, field) in [("ConfigMap", "data"), ("Secret", "stringData")] {
        let object = json!({
            "metadata": {"name": "vars"},
            field: {"region": "from", "port": "p80\nx", "password": format!("of-{kind}")},
        });
        create(place, kind, object);
    }
}

fn create(place: &Place, kind: &str, mut object: Value) {
    object["apiVersion"] = "v1".into();
    object["kind"] = kind.into();
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind));
    let object: DynamicObject = serde_json::from_value(object).unwrap();
    let api = place.api(&resource);
    block_on(api.create(&kube::api::PostParams::default(), &object)).unwrap();
}

/// Holds what was printed for a Kustomization against what is live, and against the inventory.
/// Returns how many objects there were.
fn compare(place: &Place, name: &str, stdout: &str) -> usize {
    let printed = kustomize::yaml::parse(stdout, kustomize::yaml::Dialect::Kubernetes).unwrap();
    for object in &printed {
        let object = object.to_json();
        let live = live(&object);
        let managers = live["metadata"]["managedFields"].as_array().unwrap();
        let applied = managers
            .iter()
            .find(|m| m["manager"] == CONTROLLER && m["operation"] == "Apply")
            .unwrap();
        let printed = unmasked(without_identity(object), &live);
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

/// An object whose masked values are those that are live, which are no masks themselves. What is
/// plain text is where the server keeps it.
fn unmasked(mut printed: Value, live: &Value) -> Value {
    if live["kind"] != "Secret" {
        return printed;
    }
    let fields = printed.as_object_mut().unwrap();
    let texts = fields.remove("stringData").unwrap_or_else(|| json!({}));
    let data = fields.entry("data").or_insert_with(|| json!({}));
    for (key, text) in texts.as_object().unwrap() {
        data[key] = STANDARD.encode(text.as_str().unwrap()).into();
    }
    let mask = STANDARD.encode(MASK);
    for (key, value) in data.as_object_mut().unwrap() {
        if *value == mask {
            *value = live["data"][key].clone();
            assert!(value.is_string() && *value != mask, "{key}");
        }
    }
    printed
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
