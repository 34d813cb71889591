//! The objects and the other files that the cases share.

use serde_json::{Map, Value, json};

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
