//! Whole builds against kustomize's own, with the options of Flux's kustomize-controller.

use std::path::Path;

use kustomize::MemoryFiles;
use serde_json::{Map, Value, json};

use crate::oracle;

/// The objects that most cases change.
pub(crate) const OBJECTS: &str = r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web, tier: front}
  annotations: {note: "1"}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: runner
      initContainers:
      - {name: init, image: "busybox:1.36"}
      containers:
      - name: web
        image: registry.example.com:5000/shop/web:1.0
        args: [--a, --b]
        ports:
        - {containerPort: 80, name: http}
        - {containerPort: 443, name: https, protocol: TCP}
        env:
        - {name: MODE, value: "on"}
        - {name: KEY, valueFrom: {secretKeyRef: {name: keys, key: k}}}
        envFrom: [{configMapRef: {name: settings}}]
      - {name: proxy, image: "envoy@sha256:0123"}
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
      volumes:
      - {name: settings, configMap: {name: settings}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {mode: "yes", number: "1.10"}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {k: v}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: runner, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: runner, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: runner}
subjects:
- {kind: ServiceAccount, name: runner, namespace: shop}
- {kind: ServiceAccount, name: default, namespace: other}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: runner}
rules: [{apiGroups: [""], resources: [secrets], resourceNames: [keys], verbs: [get]}]
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: thing}
spec: {list: [{name: a, x: 1}, {name: b}], date: 2001-01-01, float: 1.0}
"#;

/// The files that cases may use besides their kustomization.
pub(crate) fn tree(kustomization: &str) -> Map<String, Value> {
    let files = json!({
        "app/objects.yaml": OBJECTS,
        "app/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {1.5: x}\n",
        "app/list.yaml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: first}\n- apiVersion: v1\n  kind: ConfigMapList\n  items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: second}}]\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: third}\n",
        "app/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 3, paused: null, template: {spec: {containers: [{name: web, image: patched}]}}}\n",
        "app/ops.yaml": "- {op: replace, path: /spec/replicas, value: 7}\n- {op: add, path: /metadata/labels/a~1b, value: c}\n",
        "app/settings.env": "# comment\nA=1\nB = two\nC\n",
        "app/replacement.yaml": "source: {kind: Service, name: web}\ntargets: [{select: {kind: Thing}, fieldPaths: [spec.list.0.name]}]\n",
        "app/text.txt": "some\ntext\n",
        "app/kustomization.yaml": kustomization,
        "base/kustomization.yaml": "namePrefix: base-\nnamespace: basens\nresources: [cm.yaml]\nconfigMapGenerator: [{name: generated, literals: [a=b]}]\n",
        "base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec:\n  containers: [{name: c, image: x, envFrom: [{configMapRef: {name: generated}}, {configMapRef: {name: cm}}]}]\n",
        "component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\npatches: [{target: {kind: Deployment}, patch: \"- {op: replace, path: /spec/replicas, value: 9}\"}]\n",
    });
    match files {
        Value::Object(files) => files,
        _ => Map::new(),
    }
}

fn ours(files: &Map<String, Value>) -> Result<String, String> {
    let tree: MemoryFiles = files
        .iter()
        .map(|(path, text)| (path, text.as_str().unwrap()))
        .collect();
    let objects = kustomize::build(&tree, Path::new("app")).map_err(|error| error.to_string())?;
    Ok(kustomize::to_yaml(&objects))
}

/// The difference between the two builds of a tree, if there is one.
pub(crate) fn difference(files: &Map<String, Value>) -> Option<String> {
    let theirs = oracle::build(&Value::Object(files.clone()), "app");
    match (ours(files), theirs) {
        (Err(_), Err(_)) => None,
        (Ok(ours), Ok(theirs)) if ours == theirs => None,
        (Ok(ours), Ok(theirs)) => Some(
            similar_lines(&ours, &theirs)
                .unwrap_or_else(|| format!("--- ours\n{ours}\n--- theirs\n{theirs}")),
        ),
        (ours, theirs) => Some(format!("ours {ours:?}\ntheirs {theirs:?}")),
    }
}

/// The first line that differs, with both versions of it.
fn similar_lines(ours: &str, theirs: &str) -> Option<String> {
    let at = ours
        .lines()
        .zip(theirs.lines())
        .position(|(ours, theirs)| ours != theirs)?;
    let around = |text: &str| {
        text.lines()
            .skip(at.saturating_sub(4))
            .take(9)
            .collect::<Vec<_>>()
            .join("\n")
    };
    Some(format!(
        "at line {}\n--- ours\n{}\n--- theirs\n{}",
        at + 1,
        around(ours),
        around(theirs)
    ))
}

fn check(cases: &[&str]) {
    let differences: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("=== {case}\n{}", difference(&tree(case))?)))
        .collect();
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Cases on top of all the objects.
fn check_with_objects(cases: &[&str]) {
    let cases: Vec<String> = cases
        .iter()
        .map(|case| format!("resources: [objects.yaml]\n{case}"))
        .collect();
    check(&cases.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn resources_are_collected_alike() {
    check(&[
        "resources: [objects.yaml]",
        "resources: [list.yaml, objects.yaml]",
        "resources: [../base, objects.yaml]",
        "bases: [../base]",
        "resources: [objects.yaml, objects.yaml]",
        "resources: [other.yaml]",
        "resources: [missing.yaml]",
        "resources: [..]",
        "resources: [.]",
        "resources: [../component]",
        "resources: [objects.yaml]\ncomponents: [../component]",
        "resources: [objects.yaml]\nnamePrefix: p-\ncomponents: [../component, ../component]",
        "components: [../base]",
        "resources: []",
        "resources:",
        "",
        "kind: Component\nresources: [objects.yaml]",
        "apiVersion: v1\nkind: Other\nresources: [objects.yaml]",
        "RESOURCES: [objects.yaml]\nnamePrefix: a\nnamePrefix: b",
        "resources: objects.yaml",
        "resources: [objects.yaml]\nunknown: 1",
        "resources: [objects.yaml]\nsortOptions: {order: legacy}",
        "resources: [objects.yaml]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [Thing], orderLast: [Namespace]}}",
        "resources: [objects.yaml]\nsortOptions: {order: fifo}",
    ]);
}

#[test]
fn patches_apply_alike() {
    check_with_objects(&[
        "patches: [{path: patch.yaml}]",
        "patches: [{path: ops.yaml, target: {kind: Deployment}}]",
        "patches: [{path: ops.yaml}]",
        "patches: [{path: ops.yaml, target: {kind: Nothing}}]",
        "patches: [{path: patch.yaml, target: {name: w.*}}]",
        "patches: [{path: patch.yaml, target: {labelSelector: \"tier in (front),app\"}}]",
        "patches: [{path: patch.yaml, target: {annotationSelector: note=1}}]",
        "patches: [{patch: '{apiVersion: v1, kind: X, metadata: {name: x, labels: {n: 1, m: }}}', target: {}}]",
        "patches: [{patch: '{kind: Renamed, metadata: {name: x}}', target: {kind: Thing}, options: {allowNameChange: true, allowKindChange: true}}]",
        "patches: [{patch: '[{op: add, path: /a, value: 1}]', target: {kind: Thing}}]",
        "patches: [{patch: '[{\"op\": \"add\", \"path\": \"/a\", \"value\": 12345678901234567890}]', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: remove, path: /spec/list/0}', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: remove, path: /spec/nothing}', target: {kind: Thing}}]",
        "patches: [{patch: '- {op: test, path: /kind, value: Thing}', target: {name: thing}}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, $patch: delete}'}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}}'}]",
        "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, $patch: delete}', target: {kind: Service|Secret}}]",
        "patches: [{patch: ''}]",
        "patches: [{path: patch.yaml, patch: x}]",
        "patches: [{patch: 'a: [', target: {kind: Thing}}]",
        "patches: [{path: patch.yaml, target: {name: '('}}]",
        "patchesStrategicMerge: [patch.yaml]",
        "patchesStrategicMerge: ['{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {mode: null}}']",
        "patchesStrategicMerge: ['{apiVersion: v1, kind: ConfigMap, metadata: {name: nothing}}']",
        "patchesJson6902: [{path: ops.yaml, target: {version: v1, kind: Deployment, name: web}}]",
        "patchesJson6902: [{path: ops.yaml, target: {kind: Deployment}}]",
        "namePrefix: p-\npatchesJson6902: [{path: ops.yaml, target: {kind: Deployment, name: web}}]\nnamespace: ns",
    ]);
}

#[test]
fn names_and_namespaces_change_alike() {
    check_with_objects(&[
        "namespace: other",
        "namespace: '1234'",
        "namespace: yes",
        "namePrefix: p-",
        "nameSuffix: -s",
        "namePrefix: p-\nnameSuffix: -s\nnamespace: other",
        "namePrefix: p-\npatches: [{path: patch.yaml}]",
    ]);
    check(&[
        "resources: [../base]\nnamePrefix: o-\nnamespace: over",
        "resources: [../base]\nnameSuffix: -s",
    ]);
}

#[test]
fn labels_and_annotations_are_added_alike() {
    check_with_objects(&[
        "commonLabels: {team: a, app: b}",
        "commonAnnotations: {note: x, other: 'yes'}",
        "commonAnnotations: {n: '1'}",
        "labels: [{pairs: {team: a}}]",
        "labels: [{pairs: {team: a}, includeSelectors: true}, {pairs: {b: c}}]",
        "labels: [{pairs: {team: a}, includeTemplates: true}]",
        "labels: [{pairs: {team: a}, fields: [{path: spec/labels, kind: Thing, create: true}]}]",
        "labels: [{pairs: {team: a}, fields: [{path: spec/list, kind: Thing}]}]",
        "commonLabels: {a: 1}",
    ]);
}

#[test]
fn images_and_replicas_change_alike() {
    check_with_objects(&[
        "images: [{name: registry.example.com:5000/shop/web, newTag: '2'}]",
        "images: [{name: envoy, newTag: v2}, {name: busybox, digest: 'sha256:1'}]",
        "images: [{name: envoy, newName: other}, {name: other, newTag: x, digest: 'sha256:2'}]",
        "images: [{name: busyb.., tagSuffix: -s}]",
        "images: [{name: busybox, newTag: 1.2}]",
        "imageTags: [{name: busybox, newTag: '9'}]",
        "replicas: [{name: web, count: 5}]",
        "replicas: [{name: nothing, count: 5}]",
        "replicas: [{name: web, count: '5'}]",
    ]);
}

#[test]
fn objects_are_generated_alike() {
    check_with_objects(&[
        "configMapGenerator: [{name: g, literals: [a=1, 'b=\"x\"', 'c=<&>'], files: [text.txt, k=text.txt], envs: [settings.env]}]",
        "secretGenerator: [{name: g, literals: [a=1], type: kubernetes.io/tls, namespace: ns}]",
        "configMapGenerator: [{name: g, literals: [a=1]}]\nsecretGenerator: [{name: g}]\ngeneratorOptions: {labels: {l: m}, annotations: {n: o}, immutable: true}",
        "configMapGenerator: [{name: g, literals: [a=1], options: {disableNameSuffixHash: true, labels: {x: y}}}]",
        "configMapGenerator: [{name: settings, namespace: shop, behavior: merge, literals: [mode=no, new=1]}]",
        "configMapGenerator: [{name: settings, namespace: shop, behavior: replace, literals: [new=1]}]",
        "configMapGenerator: [{name: settings, namespace: shop, literals: [new=1]}]",
        "configMapGenerator: [{name: nothing, behavior: merge}]",
        "configMapGenerator: [{name: g, literals: [novalue]}]",
        "configMapGenerator: [{name: g, literals: [a=1, a=2]}]",
        "configMapGenerator: [{name: g, literals: [true=1]}]",
        "configMapGenerator: [{name: g, literals: [yes=1]}]",
        "configMapGenerator: [{name: g, files: [missing.txt]}]",
        "configMapGenerator: [{literals: [a=1]}]",
        "configMapGenerator: [{name: settings, literals: [a=1]}]\nnamespace: shop2\nnamePrefix: p-",
    ]);
    check(&[
        "resources: [../base]\nconfigMapGenerator: [{name: generated, namespace: basens, behavior: merge, literals: [c=d]}]",
        "resources: [../base]\nconfigMapGenerator: [{name: generated, behavior: merge, literals: [c=d]}]",
        "resources: [../base]\nnamePrefix: x-\nconfigMapGenerator: [{name: base-generated, namespace: basens, behavior: replace, literals: [c=d]}]",
    ]);
}

#[test]
fn transformers_of_their_own_apply_alike() {
    let builtin = |kind: &str, rest: &str| {
        let metadata = if rest.contains("metadata:") {
            ""
        } else {
            "metadata: {name: x}, "
        };
        format!("transformers: ['{{apiVersion: builtin, kind: {kind}, {metadata}{rest}}}']")
    };
    let cases = [
        builtin(
            "PrefixTransformer",
            "prefix: p-, fieldSpecs: [{path: metadata/name}, {path: spec/x, kind: Thing, create: true}]",
        ),
        builtin(
            "PrefixTransformer",
            "prefix: p-, fieldSpecs: [{path: metadata/name, kind: Service}]",
        ),
        builtin("PrefixTransformer", "prefix: p-"),
        builtin(
            "SuffixTransformer",
            "suffix: -s, fieldSpecs: [{path: metadata/name}]",
        ),
        builtin(
            "PrefixSuffixTransformer",
            "prefix: p, suffix: -s, fieldSpecs: [{path: metadata/name}]",
        ),
        builtin(
            "LabelTransformer",
            "labels: {a: b, n: 1}, fieldSpecs: [{path: spec/labels, create: true}, {path: metadata/labels}]",
        ),
        builtin(
            "AnnotationsTransformer",
            "annotations: {a: b, t: true}, fieldSpecs: [{path: metadata/annotations, create: true}]",
        ),
        builtin(
            "ImageTagTransformer",
            "imageTag: {name: a, newTag: 2}, fieldSpecs: [{path: \"spec/list[]/name\"}]",
        ),
        builtin(
            "ReplicaCountTransformer",
            "replica: {name: thing, count: 3}, fieldSpecs: [{path: spec/size, create: true, kind: Thing}]",
        ),
        builtin(
            "NamespaceTransformer",
            "metadata: {name: x, namespace: other}, setRoleBindingSubjects: allServiceAccounts, fieldSpecs: [{path: spec/space, create: true}]",
        ),
        builtin(
            "NamespaceTransformer",
            "metadata: {name: x, namespace: other}, unsetOnly: true, setRoleBindingSubjects: none",
        ),
        builtin(
            "NamespaceTransformer",
            "metadata: {name: x, namespace: other}, setRoleBindingSubjects: zzz",
        ),
        builtin(
            "PatchTransformer",
            "path: patch.yaml, target: {kind: Deployment}",
        ),
        builtin(
            "PatchJson6902Transformer",
            "path: ops.yaml, target: {name: web, kind: Deployment}",
        ),
        builtin("PatchStrategicMergeTransformer", "paths: [patch.yaml]"),
        builtin(
            "ReplacementTransformer",
            "replacements: [{path: replacement.yaml}]",
        ),
        builtin("FooTransformer", "a: b"),
        "transformers: [missing.yaml]".into(),
        "transformers: ['{apiVersion: v1, kind: Foo, metadata: {name: x}}']".into(),
    ];
    check_with_objects(&cases.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn values_are_replaced_alike() {
    let from_settings = |rest: &str| {
        format!(
            "replacements: [{{source: {{kind: ConfigMap, name: settings, fieldPath: data.number}}, {rest}}}]"
        )
    };
    let cases = [
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.list.1.name, 'spec.list.[name=a].x']}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.list.*.name]}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.float, spec.list.0.name]}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.new.deep], options: {create: true}}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.new.deep]}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.list.2.name, 'spec.list.[name=z].y'], options: {create: true}}]"),
        from_settings("targets: [{select: {kind: Thing}, fieldPaths: [spec.list.9]}]"),
        from_settings("targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.[name=web].image'], options: {delimiter: ':', index: 2}}]"),
        from_settings("targets: [{select: {kind: Deployment}, fieldPaths: ['metadata.annotations.[a.b/c]', 'metadata.labels.x\\.y'], options: {create: true}}]"),
        from_settings("targets: [{select: {namespace: shop}, reject: [{kind: Deployment}, {labelSelector: app}], fieldPaths: [metadata.labels.v], options: {create: true}}]"),
        from_settings("targets: [{select: {kind: Nothing}}]"),
        from_settings("targets: []"),
        "replacements: [{source: {kind: Deployment, fieldPath: spec.template.spec.containers.0.ports}, targets: [{select: {kind: Thing}, fieldPaths: [spec.list]}]}]".into(),
        "replacements: [{source: {kind: Deployment, name: web, fieldPath: spec.template.spec.containers.0.image, options: {delimiter: '/', index: 1}}, targets: [{select: {kind: Thing}, fieldPaths: [spec.list.0.name]}]}]".into(),
        "replacements: [{source: {kind: Deployment, fieldPath: spec.replicas}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.mode]}]}]".into(),
        "replacements: [{source: {namespace: shop}, targets: [{select: {kind: Thing}}]}]".into(),
        "replacements: [{source: {kind: Nothing}, targets: [{select: {kind: Thing}}]}]".into(),
        "replacements: [{source: {kind: Thing, fieldPath: spec.nothing}, targets: [{select: {kind: Thing}}]}]".into(),
        "replacements: [{sourceValue: '9', targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]}]".into(),
        "replacements: [{sourceValue: nine, targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]}]".into(),
        "replacements: [{path: replacement.yaml}]\nnamePrefix: p-".into(),
        "replacements: [{path: missing.yaml}]".into(),
    ];
    check_with_objects(&cases.iter().map(String::as_str).collect::<Vec<_>>());
}
