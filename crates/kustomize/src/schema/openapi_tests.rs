use super::*;

fn at(error: Error) -> Error {
    error
}

const TYPES: &str = r##"
definitions:
  Site:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Site}]
    properties: {spec: {$ref: "#/definitions/Spec"}, loop: {$ref: "#/definitions/Loop"}}
  Spec:
    additionalProperties:
      type: array
      items: {$ref: "#/definitions/Spec"}
      x-kubernetes-patch-strategy: merge
      x-kubernetes-patch-merge-key: name
  Loop: {$ref: "#/definitions/Loop"}
paths:
  /sites: {get: {x-kubernetes-group-version-kind: {group: example.com, version: v1, kind: Site}}}
  /apis/namespaces/{namespace}/a: {get: {x-kubernetes-group-version-kind: {version: v1, kind: A}}}
"##;

#[test]
fn types_of_a_file_take_the_place_of_the_others() {
    let schema = Schema::default();
    schema.settle(None, Some(TYPES), at).unwrap();
    let site = schema.of_kind("example.com/v1", "Site").unwrap();
    let (keys, element) = site
        .field("spec")
        .unwrap()
        .field("x")
        .unwrap()
        .joined()
        .unwrap();
    assert_eq!(keys, ["name"]);
    assert!(element.unwrap().field("y").unwrap().joined().is_some());
    assert!(site.field("loop").is_none());
    assert!(schema.of_kind("apps/v1", "Deployment").is_none());
    assert!(schema.is_cluster_scoped("example.com/v1", "Site"));
    assert!(!schema.is_cluster_scoped("v1", "A"));
    assert!(schema.is_cluster_scoped("v1", "Namespace"));
}

#[test]
fn types_that_were_used_stay() {
    let schema = Schema::default();
    assert!(schema.of_kind("apps/v1", "Deployment").is_some());
    schema.settle(None, Some(TYPES), at).unwrap();
    assert!(schema.of_kind("apps/v1", "Deployment").is_some());
    assert!(schema.of_kind("example.com/v1", "Site").is_some());
}

const BORROWED: &str = r##"
definitions:
  Farm:
    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Farm}]
    properties: {pod: {$ref: "#/definitions/io.k8s.api.core.v1.PodSpec"}}
  io.k8s.api.core.v1.Container: {properties: {args: {x-kubernetes-patch-strategy: merge}}}
"##;

#[test]
fn types_of_a_file_refer_to_those_that_stay() {
    // What was needed first; whether pods are known then, and whether their containers are those of the file.
    for (used, known, described) in [
        (Used::Nothing, false, false),
        (Used::Scopes, true, false),
        (Used::Types, true, true),
    ] {
        let schema = Schema::default();
        match used {
            Used::Nothing => {}
            Used::Scopes => assert!(!schema.is_cluster_scoped("example.com/v1", "Farm")),
            Used::Types => assert!(schema.of_kind("v1", "Pod").is_some()),
        }
        schema.settle(None, Some(BORROWED), at).unwrap();
        let farm = schema.of_kind("example.com/v1", "Farm").unwrap();
        let containers = farm.field("pod").and_then(|pod| pod.field("containers"));
        assert_eq!(containers.is_some(), known, "{used:?}");
        let container = containers.and_then(|list| list.joined()?.1);
        let joined = |name| container.and_then(|shape| shape.field(name)?.joined());
        assert_eq!(joined("args").is_some(), described, "{used:?}");
        assert_eq!(joined("env").is_some(), known && !described, "{used:?}");
    }
}

#[test]
fn releases_are_those_built_in() {
    let schema = Schema::default();
    assert!(schema.settle(Some("v1.30.0"), None, at).is_err());
    assert!(schema.settle(Some(""), Some(TYPES), at).is_err());
    schema.settle(Some(""), None, at).unwrap();
    assert!(!schema.is_settled());
    schema.settle(Some(BUILTIN), None, at).unwrap();
    assert!(schema.is_settled());
    assert!(schema.of_kind("apps/v1", "Deployment").is_some());
}

#[test]
fn types_that_cannot_be_read_are_refused_when_needed() {
    let schema = Schema::default();
    schema.settle(None, Some("just a text"), at).unwrap();
    assert!(!schema.is_cluster_scoped("v1", "Service"));
    schema.check().unwrap();
    assert!(schema.of_kind("v1", "Service").is_none());
    assert!(schema.check().is_err());
}
