//! Reading: places, limits, and what is refused.

use serde_json::json;

use super::*;

fn error(text: &str) -> String {
    parse(text, Dialect::Resource)
        .unwrap_err()
        .in_file("app.yaml")
        .to_string()
}

#[test]
fn nodes_know_their_places() {
    let documents = parse(
        "a: 1\n---\r\nb:\r\n  - c: \"é\" \n    d: x\n",
        Dialect::Resource,
    )
    .unwrap();
    let list = documents[1].get("b").unwrap();
    assert_eq!(list.position.to_string(), "4:3");
    let item = &list.as_sequence().unwrap()[0];
    assert_eq!(item.get("d").unwrap().position.to_string(), "5:8");
    assert_eq!(
        item.as_mapping().unwrap().get("d").unwrap().key.to_string(),
        "5:5"
    );
}

#[test]
fn errors_name_file_line_and_column() {
    assert_eq!(
        error("a: 1\n---\nb: 1\nb: 2\n"),
        "app.yaml:4:1: mapping key \"b\" already defined at line 3"
    );
    assert_eq!(
        error("a: \u{1}"),
        "app.yaml:1:4: control characters are not allowed"
    );
    assert_eq!(
        error("1: a"),
        "app.yaml:1:1: map key 1 is not a text: put it in quotes \
         (kustomize says: json: unsupported type: map[interface {}]interface {})"
    );
    assert_eq!(
        error("a: 1\n--- b\n"),
        "app.yaml:2:1: invalid document separator: --- b"
    );
    assert!(error("a: [1\n").starts_with("app.yaml:"));
}

#[test]
fn dialects_differ_in_words_and_keys() {
    let text = "yes: on\nlist: [y, 0o17, 0777, 1_000, 2001-01-01]\n";
    let read = |dialect| parse(text, dialect).unwrap()[0].to_json();
    assert_eq!(
        read(Dialect::Kubernetes),
        json!({ "true": true, "list": [true, 15, 511, 1000, "2001-01-01"] })
    );
    assert_eq!(
        read(Dialect::Resource),
        json!({ "yes": "on", "list": ["y", 15, 511, 1000, "2001-01-01T00:00:00Z"] })
    );
}

#[test]
fn alias_bombs_are_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(
        error(&text).contains("excessive aliasing"),
        "{}",
        error(&text)
    );
    assert!(error("a: &a [*a]").contains("the anchor contains itself"));
}

#[test]
fn depth_is_limited_however_it_is_reached() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(&nested(MAX_DEPTH), Dialect::Resource).is_ok());
    assert!(error(&nested(MAX_DEPTH + 1)).contains("nested deeper than 250 levels"));
    assert!(error(&nested(100_000)).contains("nested deeper"));
    assert!(error(&"- ".repeat(100_000)).contains("nested deeper"));
    assert!(error(&format!("a:\n{}", "  - ".repeat(300))).contains("nested deeper"));
    let aliased = format!(
        "a: &a {0}\nb: &b [[*a]]\nc: {1}*b{2}\n",
        nested(200),
        "[".repeat(60),
        "]".repeat(60)
    );
    assert!(error(&aliased).contains("nested deeper"));
}

#[test]
fn big_documents_take_linear_time() {
    let text: String = (0..40_000).map(|n| format!("key{n}: value\n")).collect();
    let documents = parse(&text, Dialect::Kubernetes).unwrap();
    assert_eq!(documents[0].as_mapping().unwrap().len(), 40_000);
    let separate = "a: 1\n---\n".repeat(20_000);
    assert_eq!(parse(&separate, Dialect::Resource).unwrap().len(), 20_000);
}

#[test]
fn the_first_document_is_all_that_is_read() {
    let first = |text| parse_first(text).unwrap().map(|node| node.to_json());
    assert_eq!(first("a: 1\na: 2\n"), Some(json!({"a": 2})));
    assert_eq!(first("a: 1\n---\nb: [\n"), Some(json!({"a": 1})));
    assert_eq!(first("# x\n---\na: yes\n"), Some(json!({"a": true})));
    for empty in ["", "---\n", "---\n---\na: 1\n", "null\n"] {
        assert_eq!(first(empty), None, "{empty:?}");
    }
    assert!(parse_first("a: [\n").is_err());
}
