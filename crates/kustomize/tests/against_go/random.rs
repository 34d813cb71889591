//! Random patches and random layers against kustomize's own builds.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::build::{OBJECTS, difference, tree};

/// Parts of a container, chosen so that patches meet what they change.
fn container() -> impl Strategy<Value = Value> {
    let name = prop_oneof![4 => Just(json!("a")), 2 => Just(json!("b")), 1 => Just(json!("c")), 1 => Just(Value::Null)];
    let port = (
        prop_oneof![Just(80), Just(81)],
        prop::option::of(prop_oneof![Just("TCP"), Just("UDP")]),
        any::<bool>(),
    );
    let port = port.prop_map(|(port, protocol, named)| {
        let mut fields = json!({ "containerPort": port });
        if let Some(protocol) = protocol {
            fields["protocol"] = json!(protocol);
        }
        if named {
            fields["name"] = json!(format!("p{port}"));
        }
        fields
    });
    let env = prop_oneof![Just("X"), Just("Y")].prop_flat_map(|name| {
        prop_oneof![
            Just(json!({ "name": name, "value": "1" })),
            Just(json!({ "name": name, "value": null })),
            Just(json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": "a" } } })),
            Just(json!({ "name": name, "$patch": "delete" })),
        ]
    });
    let args = prop_oneof![
        Just(json!(["x"])),
        Just(json!(["y", null])),
        Just(json!([])),
        Just(Value::Null)
    ];
    let parts = (
        prop::option::weighted(0.9, name),
        prop::option::of(prop_oneof![
            Just(json!("i:1")),
            Just(json!("i:2")),
            Just(Value::Null)
        ]),
        prop::option::of(prop::collection::vec(port, 0..3)),
        prop::option::of(prop::collection::vec(env, 0..3)),
        prop::option::of(args),
        prop::option::weighted(
            0.1,
            prop_oneof![Just("delete"), Just("replace"), Just("merge")],
        ),
    );
    parts.prop_map(|(name, image, ports, env, args, directive)| {
        let fields = [
            ("name", name),
            ("image", image),
            ("ports", ports.map(Value::Array)),
            ("env", env.map(Value::Array)),
            ("args", args),
            ("$patch", directive.map(Value::from)),
        ];
        fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    })
}

/// The part of a Deployment that targets and patches are made of.
fn deployment() -> impl Strategy<Value = Value> {
    let containers = prop::collection::vec(
        prop_oneof![12 => container(), 1 => Just(Value::Null), 1 => Just(json!({ "$patch": "replace" }))],
        0..4,
    );
    let pod = (
        prop::option::weighted(0.9, containers),
        prop::option::of(prop::sample::select(vec![
            json!([{ "name": "v", "emptyDir": {} }]),
            json!([{ "name": "v", "configMap": { "name": "c" }, "emptyDir": null }]),
            json!([{ "name": "v", "$patch": "delete" }, { "name": "w" }]),
            Value::Null,
        ])),
    );
    let pod = pod.prop_map(|(containers, volumes)| {
        let fields = [
            ("containers", containers.map(Value::Array)),
            ("volumes", volumes),
        ];
        fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect::<Value>()
    });
    let finalizers = prop::option::of(prop::collection::vec(
        prop_oneof![Just("f/a"), Just("f/b"), Just("f/c")],
        0..3,
    ));
    let replicas = prop::option::of(prop_oneof![
        Just(json!(1)),
        Just(json!(null)),
        Just(json!("2"))
    ]);
    let labels = prop::option::of(prop_oneof![
        Just(json!({ "a": "b" })),
        Just(json!({ "a": null, "n": 1 })),
        Just(json!({})),
        Just(Value::Null)
    ]);
    (pod, finalizers, replicas, labels).prop_map(|(pod, finalizers, replicas, labels)| {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
            "spec": { "template": { "spec": pod } }
        });
        if let Some(finalizers) = finalizers {
            object["metadata"]["finalizers"] = json!(finalizers);
        }
        if let Some(labels) = labels {
            object["metadata"]["labels"] = labels;
        }
        if let Some(replicas) = replicas {
            object["spec"]["replicas"] = replicas;
        }
        object
    })
}

/// Lines of a kustomization, each of which may be there or not.
fn lines() -> impl Strategy<Value = String> {
    let choices = [
        vec!["namespace: shop", "namespace: other"],
        vec!["namePrefix: p-", "namePrefix: q"],
        vec!["nameSuffix: -s"],
        vec![
            "commonLabels: {team: a, app: b}",
            "labels: [{pairs: {team: c}, includeSelectors: true}]",
            "labels: [{pairs: {x: 'y'}, includeTemplates: true}, {pairs: {app: z}}]",
        ],
        vec!["commonAnnotations: {note: 'yes', number: '5'}"],
        vec![
            "images: [{name: envoy, newName: proxy, newTag: '1'}, {name: 'busybox', newTag: '2'}]",
            "images: [{name: .*web, digest: 'sha256:1'}]",
        ],
        vec![
            "configMapGenerator: [{name: extra, literals: [a=b]}]",
            "configMapGenerator: [{name: settings, namespace: shop, behavior: merge, literals: [new=1]}]",
        ],
        vec![
            "secretGenerator: [{name: more, literals: [a=b], options: {disableNameSuffixHash: true}}]",
            "secretGenerator: [{name: more, literals: [c=d]}]",
        ],
        vec![
            "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/template/spec/volumes/-\", \"value\": {\"name\": \"extra\", \"configMap\": {\"name\": \"extra\"}}}]'}]",
            "patches: [{target: {name: w.*, kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {template: {spec: {containers: [{name: proxy, envFrom: [{secretRef: {name: more}}]}]}}}}'}]",
            "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIP: None}}'}]",
            "patches: [{target: {kind: Thing}, patch: '{apiVersion: v1, kind: Thing, metadata: {name: renamed}}', options: {allowNameChange: true}}]",
        ],
        vec![
            "replacements: [{source: {kind: ServiceAccount}, targets: [{select: {kind: Thing}, fieldPaths: [spec.list.1.name]}]}]",
        ],
        vec!["replicas: [{name: web, count: 4}]"],
        vec!["components: [../component]"],
    ];
    let optional = choices.map(|lines| prop::option::weighted(0.35, prop::sample::select(lines)));
    Vec::from(optional).prop_map(|lines| {
        lines
            .into_iter()
            .flatten()
            .map(|line| format!("{line}\n"))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_patch_of_a_deployment_applies_alike(target in deployment(), patch in deployment(), targeted in any::<bool>()) {
        let selector = if targeted { "target: {kind: Deployment}, " } else { "" };
        let kustomization = format!("resources: [target.yaml]\npatches: [{{{selector}path: change.yaml}}]\n");
        let files = json!({
            "app/kustomization.yaml": kustomization,
            "app/target.yaml": kustomize::yaml::to_string(&target),
            "app/change.yaml": kustomize::yaml::to_string(&patch),
        });
        let difference = difference(files.as_object().unwrap());
        prop_assert!(difference.is_none(), "{}\ntarget\n{}\npatch\n{}", difference.unwrap_or_default(), files["app/target.yaml"].as_str().unwrap(), files["app/change.yaml"].as_str().unwrap());
    }

    #[test]
    fn any_two_layers_build_alike(base in lines(), top in lines(), twice in prop::bool::weighted(0.2)) {
        let mut files = tree(&format!("resources: [../layer{}]\n{top}", if twice { ", ../second" } else { "" }));
        for (file, text) in [
            ("layer/kustomization.yaml", format!("resources: [objects.yaml]\n{base}")),
            ("layer/objects.yaml", OBJECTS.to_owned()),
            ("second/kustomization.yaml", "namespace: second\nnamePrefix: second-\nresources: [../layer]\n".to_owned()),
        ] {
            files.insert(file.to_owned(), text.into());
        }
        let difference = difference(&files);
        prop_assert!(difference.is_none(), "{}\nbase\n{base}\ntop\n{top}", difference.unwrap_or_default());
    }
}
