//! The application: a page to vote on, a worker that counts, and redis in between.

/// Its manifests, with that many replicas of the page.
pub(crate) fn files(replicas: u32) -> Vec<(String, String)> {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: voting\n".to_owned();
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n\
                         resources:\n- namespace.yaml\n- redis.yaml\n- vote.yaml\n- result.yaml\n"
        .to_owned();
    [
        ("kustomization.yaml", kustomization),
        ("namespace.yaml", namespace),
        ("redis.yaml", workload("redis", "redis:8", 6379, 1)),
        (
            "vote.yaml",
            workload("vote", "example.com/vote:1.0.0", 80, replicas),
        ),
        (
            "result.yaml",
            workload("result", "example.com/result:1.0.0", 80, 1),
        ),
    ]
    .map(|(name, text)| (format!("deploy/{name}"), text))
    .to_vec()
}

fn workload(name: &str, image: &str, port: u16, replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: voting
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
      - name: {name}
        image: {image}
        ports:
        - containerPort: {port}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: voting
spec:
  selector:
    app: {name}
  ports:
  - port: {port}
"
    )
}
