//! The YAML writer against `sigs.k8s.io/yaml`.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::nasty::NASTY;
use crate::oracle;

fn check(value: &Value) {
    let wanted =
        oracle::marshal(value).unwrap_or_else(|error| panic!("Go refuses {value}: {error}"));
    assert_eq!(kustomize::yaml::to_string(value), wanted, "for {value}");
}

#[test]
fn texts_are_quoted_alike_as_values_items_and_roots() {
    for text in NASTY {
        check(&json!(text));
    }
    check(&json!({ "values": NASTY, "nested": [[NASTY], { "deeper": [{ "list": NASTY }] }] }));
    let entries: Map<String, Value> = NASTY
        .iter()
        .enumerate()
        .map(|(n, text)| (format!("k{n}"), json!(text)))
        .collect();
    check(&Value::Object(entries));
}

#[test]
fn texts_are_quoted_alike_as_keys() {
    for text in NASTY {
        check(&json!({ *text: 1, "list": [{ *text: [1], "map": { *text: {"a": "b"} } }] }));
        check(&json!([{ *text: "a\nb" }, [[{ *text: { *text: null } }]]]));
    }
}

#[test]
fn long_texts_fold_alike() {
    let words =
        "lorem ipsum dolor sit amet, it's  consectetur adipiscing elit 'sed' do eiusmod tempor "
            .repeat(6);
    for end in 60..200 {
        let plain = words[..end].trim_end();
        for text in [
            plain.to_owned(),
            format!("- {plain}"),
            format!("{plain} \t{plain}"),
            format!("{plain}: é {plain}"),
        ] {
            check(
                &json!({ "a": text, "b": [text, [{ "c": text }]], "d": { "eeeeeeeeeeeeeeeeeeee": text } }),
            );
        }
    }
    check(
        &json!({ "é".repeat(63): "é ".repeat(90), "é".repeat(65): ["x"], "k".repeat(128): 1, "k".repeat(129): { "a": 1 } }),
    );
    check(&json!({ "a b ".repeat(40): { "c d ".repeat(40): [ "e f ".repeat(40) ] } }));
}

#[test]
fn structures_are_laid_out_alike() {
    check(&json!(null));
    check(&json!([]));
    check(&json!({}));
    check(&json!([[], {}, [[]], [{}], { "a": [], "b": {}, "c": [[], [[]]] }]));
    check(&json!([[1, [2, [3]]], { "a": [[1], [{ "b": [[2]] }]] }]));
    check(
        &json!({ "multi\nline": [1], "multi\nline2": { "a": ["x\ny"] }, "multi\n": "x", "multi\n2": [[1]] }),
    );
}

#[test]
fn numbers_are_written_alike() {
    let numbers = json!([
        0,
        -0.0,
        1.0,
        -1.0,
        1.5,
        0.1,
        1e5,
        1e6,
        123456.5,
        1234567.5,
        1e20,
        1e21,
        1e22,
        1e-4,
        1e-5,
        1.5e-7,
        1e300,
        5e-324,
        1.7976931348623157e308,
        9007199254740993_u64,
        u64::MAX,
        i64::MIN,
        i64::MAX,
        1.8446744073709552e19,
        9.3e18,
        1e18,
        -9.3e18,
        -1e21,
        0.30000000000000004,
        -2138176426247563.2,
        4503599627370497.5,
        100.0,
        3.25,
        1e-300
    ]);
    check(&numbers);
}

#[test]
fn keys_are_ordered_alike() {
    check(&json!({
        "b10": 1, "b9": 1, "b1": 1, "b01": 1, "b001": 1, "b": 1, "B": 1, "a-b": 1, "a.b": 1, "a_b": 1, "ab": 1, "a/b": 1,
        "é": 1, "日": 1, "v1.10": 1, "v1.9": 1, "v1.9.1": 1, "100": 1, "20": 1, "3": 1, "-1": 1, "٣": 1, "٢x": 1
    }));
    check(
        &json!({ "app.kubernetes.io/name": 1, "app": 1, "app.kubernetes.io/part-of": 1, "apps": 1, "App": 1 }),
    );
    check(
        &json!({ "10": 1, "1": 1, "0": 1, "00": 1, "a0": 1, "a00": 1, "a10": 1, "a100": 1, "a20": 1 }),
    );
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(NASTY).prop_map(str::to_owned),
        "[ -~\n\t]{0,40}",
        "[-+.:_0-9eExXobTZ ]{0,12}",
        "([a-z'#:,é-]{1,12} {1,2}){0,30}",
        "[ -~\n\u{2028}é日😀\r\u{a0}]{0,20}",
    ]
}

/// Keys for which Go's order has no circles, so that its output does not depend on chance.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z./_ -]{0,12}",
        "[a-z]{1,3}[0-9]{1,3}",
        "[a-z: #'\n]{100,150}"
    ]
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("JSON has no such number", |n| serde_json::Number::from_f64(
            n
        )
        .map(Value::from)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_written_alike(value in value()) {
        let wanted = oracle::marshal(&value);
        prop_assert_eq!(Ok(kustomize::yaml::to_string(&value)), wanted);
    }
}
