//! Merges of kinds that are known and unknown.

use crate::schema::Schema;
use crate::yaml::{Dialect, parse, to_string};

fn merged(target: &str, patch: &str) -> Result<String, String> {
    let read = |text: &str| parse(text, Dialect::Resource).unwrap().remove(0);
    match super::apply(&Schema::default(), read(target), &read(patch)) {
        Ok(Some(node)) => Ok(to_string(&node.to_json())),
        Ok(None) => Ok(String::new()),
        Err(refusal) => Err(format!("{}: {}", refusal.position, refusal.message)),
    }
}

const POD: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a, image: a:1, args: [x]}\n  - {name: b}\n";

#[test]
fn joined_lists_put_the_patch_first() {
    let patch = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: c}\n  - {name: b, image: b:2}\n  - {name: a, args: [y]}\n";
    let names = merged(POD, patch).unwrap();
    assert_eq!(
        names,
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n  - image: b:2\n    name: b\n  - args:\n    - \"y\"\n    image: a:1\n    name: a\n"
    );
}

#[test]
fn null_and_directives_delete() {
    let delete = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a, $patch: delete}\n";
    assert_eq!(
        merged(POD, delete).unwrap(),
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: b\n"
    );
    assert_eq!(
        merged(POD, "spec: null").unwrap(),
        "apiVersion: v1\nkind: Pod\n"
    );
    assert_eq!(merged(POD, "$patch: delete").unwrap(), "");
    assert_eq!(
        merged("a: {b: 1}", "a: {c: {d: null}}").unwrap(),
        "a:\n  b: 1\n  c: {}\n"
    );
}

#[test]
fn lists_of_unknown_kinds_are_replaced() {
    assert_eq!(
        merged("kind: X\nl: [{name: a}]", "l: [{name: b}]").unwrap(),
        "kind: X\nl:\n- name: b\n"
    );
}

#[test]
fn structures_must_agree() {
    assert_eq!(
        merged("a: {b: 1}", "a: x").unwrap_err(),
        "1:4: wrong node kind: expected MappingNode but got ScalarNode"
    );
    assert_eq!(
        merged("a: {b: 1}", "a: {$patch: frob}").unwrap_err(),
        "1:13: unknown patch strategy 'frob'"
    );
}
