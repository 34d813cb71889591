//! `generators`, `transformers` and `validators`.

use super::check_with_objects;

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
