//! The fields in which kustomize itself replaces vars.
//!
//! The facts are those of `api/internal/konfig/builtinpluginconsts/varreference.go` in kustomize api v0.21.1.

use crate::fieldspec::FieldSpec;
use crate::id::Gvk;

/// The kinds with pods, and the way to a pod in them.
const PODS: [(&str, &str); 7] = [
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("Pod", "spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
];
const CONTAINERS: [&str; 2] = ["containers", "initContainers"];
const IN_CONTAINER: [&str; 4] = ["args", "command", "env/value", "volumeMounts/mountPath"];

/// The other fields. That of `CronJob` is where no field is, as in kustomize.
const OTHERS: [(&str, &str); 16] = [
    (
        "CronJob",
        "spec/jobTemplate/spec/template/volumes/nfs/server",
    ),
    ("DaemonSet", "spec/template/spec/volumes/nfs/server"),
    ("Deployment", "spec/template/spec/volumes/nfs/server"),
    ("Deployment", "spec/template/metadata/annotations"),
    ("Ingress", "spec/rules/host"),
    ("Ingress", "spec/tls/hosts"),
    ("Ingress", "spec/tls/secretName"),
    ("Job", "spec/template/spec/volumes/nfs/server"),
    ("PersistentVolume", "spec/nfs/server"),
    ("Pod", "spec/volumes/nfs/server"),
    ("ReplicaSet", "spec/template/spec/volumes/nfs/server"),
    ("Service", "spec/ports/port"),
    ("Service", "spec/ports/targetPort"),
    ("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
    ("", "metadata/labels"),
    ("", "metadata/annotations"),
];

/// The fields in which vars are replaced without any configuration.
pub(crate) fn builtin_fields() -> Vec<FieldSpec> {
    let in_pods = PODS.iter().flat_map(|(kind, pod)| {
        CONTAINERS.iter().flat_map(move |list| {
            IN_CONTAINER
                .iter()
                .map(move |field| (*kind, format!("{pod}/{list}/{field}")))
        })
    });
    let others = OTHERS
        .iter()
        .map(|(kind, path)| (*kind, (*path).to_owned()));
    let spec = |(kind, path): (&str, String)| FieldSpec {
        gvk: Gvk {
            kind: kind.to_owned(),
            ..Gvk::default()
        },
        ..FieldSpec::anywhere(&path, false)
    };
    in_pods.chain(others).map(spec).collect()
}
