//! The trees that are built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

/// Makes a tree in a folder, and returns the directory to build.
type Make = fn(&Path) -> Result<PathBuf>;

/// The trees that both programs build.
pub(super) const ALL: [(&str, Make); 6] = [
    ("one Deployment", one),
    ("one Deployment and a strategic merge patch", patched),
    ("1000 Deployments with prefix, labels, images", many),
    ("an overlay of 5 layers of 200 objects", layers),
    ("100 replacements", replacements),
    ("3 MB of CRDs", definitions),
];

/// How many objects of each kind there are where there are many.
const MANY: usize = 1_000;
const LAYERS: usize = 5;
/// How many objects of each of two kinds a layer adds.
const LAYER: usize = 100;
/// How large the definitions are together, in bytes.
const DEFINITIONS: usize = 3_000_000;

const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    Ok(fs_err::write(path, text)?)
}

/// A directory with a kustomization and one file of objects.
fn directory_of(dir: &Path, kustomization: &str, objects: &str) -> Result<()> {
    write(&dir.join("objects.yaml"), objects)?;
    let text = format!("{HEAD}{kustomization}");
    write(&dir.join("kustomization.yaml"), &text)
}

fn deployment(number: usize) -> String {
    let name = format!("app-{number:05}");
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
      - name: main
        image: nginx:1.{tag}
        ports:
        - containerPort: 8080
          name: http
        env:
        - name: MODE
          value: \"prod\"
        - name: CONF
          valueFrom:
            configMapKeyRef:
              name: settings-{number:05}
              key: k
        resources:
          limits: {{cpu: 500m, memory: 256Mi}}
          requests: {{cpu: 10m, memory: 64Mi}}
",
        tag = number % 30
    )
}

fn settings(number: usize) -> String {
    format!(
        "---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{number:05}
data:
  k: value-{number}
  host: h{number}.example.com
  conf.yaml: |
    a: {number}
    list: [1, 2, 3]
"
    )
}

fn one(tree: &Path) -> Result<PathBuf> {
    directory_of(tree, "resources: [objects.yaml]\n", &deployment(0))?;
    Ok(tree.to_owned())
}

fn patched(tree: &Path) -> Result<PathBuf> {
    let patch = "apiVersion: apps/v1
kind: Deployment
metadata: {name: app-00000}
spec:
  replicas: 5
  template:
    spec:
      containers:
      - name: main
        env:
        - name: X
          value: \"1\"
      - {name: side, image: busybox}
";
    write(&tree.join("patch.yaml"), patch)?;
    let kustomization = "resources: [objects.yaml]\npatches:\n- path: patch.yaml\n";
    directory_of(tree, kustomization, &deployment(0))?;
    Ok(tree.to_owned())
}

const TRANSFORMED: &str = "resources: [objects.yaml]
namePrefix: pre-
labels:
- pairs: {team: core}
  includeSelectors: true
images:
- {name: nginx, newName: registry.example.com/nginx, newTag: \"2.0\"}
";

fn many(tree: &Path) -> Result<PathBuf> {
    let objects: String = (0..MANY).map(deployment).collect();
    directory_of(tree, TRANSFORMED, &objects)?;
    Ok(tree.to_owned())
}

/// Half Deployments, half the ConfigMaps they refer to.
pub(super) fn growth(tree: &Path, count: usize) -> Result<PathBuf> {
    let objects: String = (0..count / 2)
        .map(|number| deployment(number) + &settings(number))
        .collect();
    directory_of(tree, TRANSFORMED, &objects)?;
    Ok(tree.to_owned())
}

fn layers(tree: &Path) -> Result<PathBuf> {
    for layer in 0..LAYERS {
        let below = match layer {
            0 => String::new(),
            _ => format!(", ../layer-{}", layer - 1),
        };
        let kustomization = format!(
            "resources: [objects.yaml{below}]
namePrefix: l{layer}-
commonAnnotations: {{layer{layer}: \"true\"}}
labels:
- pairs: {{layer{layer}: \"on-{layer}\"}}
patches:
- target: {{kind: Deployment, name: \"app-0{layer}00.\"}}
  patch: |-
    - {{op: replace, path: /spec/replicas, value: {replicas}}}
configMapGenerator:
- {{name: generated{layer}, literals: [a=b, l={layer}]}}
",
            replicas = layer + 3
        );
        let numbers = || (layer * 1_000)..(layer * 1_000 + LAYER);
        let objects: String = numbers()
            .map(deployment)
            .chain(numbers().map(settings))
            .collect();
        let dir = tree.join(format!("layer-{layer}"));
        directory_of(&dir, &kustomization, &objects)?;
    }
    Ok(tree.join(format!("layer-{}", LAYERS - 1)))
}

fn replacements(tree: &Path) -> Result<PathBuf> {
    let mut kustomization = "resources: [objects.yaml]\nreplacements:\n".to_owned();
    for number in 0..100 {
        write!(
            kustomization,
            "- source: {{kind: ConfigMap, name: settings-{number:05}, fieldPath: data.host}}
  targets:
  - select: {{kind: Deployment, name: app-{number:05}}}
    fieldPaths: [\"spec.template.spec.containers.[name=main].env.[name=MODE].value\"]
"
        )?;
    }
    let objects: String = (0..100)
        .map(deployment)
        .chain((0..100).map(settings))
        .collect();
    directory_of(tree, &kustomization, &objects)?;
    Ok(tree.to_owned())
}

/// Flux's own definitions, again and again under other names.
fn definitions(tree: &Path) -> Result<PathBuf> {
    let mut objects = String::new();
    let originals = flux_api::crd::all_json();
    for (copy, original) in (0..).flat_map(|copy| originals.iter().map(move |crd| (copy, crd))) {
        if objects.len() >= DEFINITIONS {
            break;
        }
        objects.push_str("---\n");
        objects.push_str(&serde_yaml::to_string(&renamed(original, copy))?);
    }
    let kustomization = "resources: [objects.yaml]\nlabels:\n- pairs: {team: core}\n";
    directory_of(tree, kustomization, &objects)?;
    Ok(tree.to_owned())
}

fn renamed(definition: &Value, copy: usize) -> Value {
    let mut definition = definition.clone();
    let group = definition["spec"]["group"].as_str().unwrap_or_default();
    let plural = definition["spec"]["names"]["plural"].as_str();
    let group = format!("copy{copy}.{group}");
    let name = format!("{}.{group}", plural.unwrap_or_default());
    definition["metadata"]["name"] = json!(name);
    definition["spec"]["group"] = json!(group);
    definition
}

/// A directory of the repository, seen from its root.
pub(super) fn directory(number: usize) -> String {
    format!("apps/app-{number:03}/production")
}

/// The folder that the cluster follows, seen from the root of the repository.
pub(super) const CLUSTER: &str = "clusters/bench";

/// Applications, each with a base and an overlay that is to be built, and a Kustomization for each.
pub(super) fn repository(tree: &Path, directories: usize) -> Result<()> {
    let remote = "[remote \"origin\"]\n\turl = https://example.com/fleet\n";
    write(&tree.join(".git/config"), remote)?;
    let mut kustomizations = "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: https://example.com/fleet, ref: {branch: main}}
"
    .to_owned();
    for number in 0..directories {
        write!(
            kustomizations,
            "---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: app-{number:03}, namespace: flux-system}}
spec:
  interval: 10m
  path: ./{path}
  prune: true
  sourceRef: {{kind: GitRepository, name: flux-system}}
",
            path = directory(number)
        )?;
        let production = tree.join(directory(number));
        let base = tree.join(format!("apps/app-{number:03}/base"));
        directory_of(
            &base,
            "resources: [objects.yaml, service.yaml]\nconfigMapGenerator:\n- name: extra\n  literals: [a=b]\n",
            &(deployment(number) + &settings(number)),
        )?;
        let service = format!(
            "apiVersion: v1
kind: Service
metadata: {{name: app-{number:05}}}
spec:
  selector: {{app: app-{number:05}}}
  ports:
  - {{name: http, port: 80, targetPort: http}}
"
        );
        write(&base.join("service.yaml"), &service)?;
        let kustomization = format!(
            "{HEAD}resources: [../base]
namespace: apps
images:
- {{name: nginx, newTag: \"2.0\"}}
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: app-{number:05}}}
    spec: {{replicas: 3}}
"
        );
        write(&production.join("kustomization.yaml"), &kustomization)?;
    }
    write(&tree.join(CLUSTER).join("apps.yaml"), &kustomizations)
}

/// Gives a directory of the repository another image.
pub(super) fn change_directory(tree: &Path, number: usize) -> Result<()> {
    let path = tree.join(directory(number)).join("kustomization.yaml");
    let text = fs_err::read_to_string(&path)?;
    write(&path, &text.replace("2.0", "3.0"))
}
