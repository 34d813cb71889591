//! `vars`.

use crate::{built, refused};

const VARS: &str = "\
resources: [objects.yaml]
namePrefix: a-
vars:
- name: NAME
  objref: {apiVersion: v1, kind: Service, name: web}
- name: PORT
  objref: {apiVersion: v1, kind: Service, name: web}
  fieldref: {fieldPath: 'spec.ports[1].port'}
";

#[test]
fn vars_are_replaced_by_final_names_and_values() {
    let objects = built([("kustomization.yaml", VARS)]);
    assert_eq!(objects[1]["metadata"]["annotations"]["at"], "a-web:9090");
    assert_eq!(objects[1]["metadata"]["labels"]["port"], 9090);
    assert_eq!(objects[2]["spec"]["host"], "$(NAME)");
}

#[test]
fn configurations_say_where_else_vars_are() {
    let kustomization = format!("{VARS}configurations: [more.yaml]\n");
    let objects = built([
        ("kustomization.yaml", kustomization.as_str()),
        (
            "more.yaml",
            "varReference:\n- {kind: Site, path: spec/host}\n",
        ),
    ]);
    assert_eq!(objects[2]["spec"]["host"], "a-web");
}

#[test]
fn vars_of_a_base_keep_their_object() {
    let objects = built([
        ("kustomization.yaml", "resources: [base]\nnamePrefix: b-\n"),
        (
            "base/kustomization.yaml",
            &VARS.replace("objects.yaml", "../objects.yaml"),
        ),
    ]);
    assert_eq!(objects[1]["metadata"]["annotations"]["at"], "b-a-web:9090");
}

#[test]
fn vars_that_mean_nothing_are_refused() {
    for (change, wanted) in [
        (
            ("name: web}", "name: other}"),
            "cannot be mapped to a field in the set of known resources",
        ),
        (
            ("ports[1]", "ports[2]"),
            "not found in corresponding resource",
        ),
        (
            ("name: PORT", "name: NAME"),
            "kustomization.yaml:6:3: merging vars [{NAME Service.[noVer].[noGrp] {}} {NAME Service.[noVer].[noGrp] {spec.ports[1].port}}]: var 'NAME' already encountered",
        ),
    ] {
        let text = VARS.replace(change.0, change.1);
        let error = refused([("kustomization.yaml", text.as_str())]);
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_var_of_two_objects_is_refused() {
    let others = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: x}\n";
    let text = VARS.replace("[objects.yaml]", "[objects.yaml, others.yaml]");
    let error = refused([
        ("kustomization.yaml", text.as_str()),
        ("others.yaml", others),
    ]);
    assert!(error.contains("found 2 resId matches for var {NAME Service.v1.[noGrp] {metadata.name}} (unable to disambiguate)"), "{error}");
}
