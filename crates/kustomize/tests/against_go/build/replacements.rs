//! `replacements`.

use super::check_with_objects;

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
