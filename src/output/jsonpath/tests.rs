use serde_json::json;

use super::*;

/// A document, and templates with what kubectl 1.36 prints of it; `null` where kubectl refuses.
/// Objects of which all values are taken have one, because kubectl takes them in any order.
const CASES: &str = include_str!("cases.json");

#[test]
fn templates_print_what_kubectl_prints() {
    let table: Value = serde_json::from_str(CASES).unwrap();
    let mut wrong = Vec::new();
    for case in table["cases"].as_array().unwrap() {
        let template = case[0].as_str().unwrap();
        let ours = Template::parse(template).and_then(|t| t.render(&table["document"]));
        if ours.as_deref().ok() != case[1].as_str() {
            wrong.push(format!(
                "{template}\n  kubectl: {}\n  ours: {ours:?}",
                case[1]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn refusals_say_what_is_wrong() {
    let document = json!({"kind": "List", "items": [{"n": 1, "f": 1.5}]});
    let refusal = |template: &str| {
        let outcome = Template::parse(template).and_then(|t| t.render(&document));
        outcome.unwrap_err().to_string()
    };
    for (template, said) in [
        ("{.a", "unclosed action"),
        ("{kind}", "unknown word \"kind\": a field is written .kind"),
        (
            "{.items[?(@.n=1)]}",
            "unknown operator \"=\": there are ==, !=, <, <=, > and >=",
        ),
        (
            "{.items[?(@.n==1.5)]}",
            "a whole number and one with a fraction cannot be compared",
        ),
        (
            "{.items[?(@.n==\"1\")]}",
            "a number cannot be compared with a string",
        ),
        (
            "{.items[?(@.n==true)]}",
            "a number cannot be compared with a boolean",
        ),
        ("{.items[1]}", "there is no item 1 in a list of 1"),
        ("{.kind[0]}", "a string has no items"),
        (
            "{$[?(@.n)]}",
            "an object cannot be filtered: only lists can",
        ),
        ("{end}", "there is no range to end"),
        ("{\"\\q\"}", "\"\\q\" has an escape that is not valid"),
        ("{.items[a]}", "\"a\" is not an index, a slice or a 'key'"),
        ("{.a&}", "unexpected character '&'"),
    ] {
        // A field's name may hold an ampersand; behind a blank it is a sign of its own.
        let template = template.replace(".a&", ".a &");
        assert_eq!(refusal(&template), said, "{template}");
    }
}

#[test]
fn fields_come_in_the_order_of_their_names() {
    let document = json!({"b": {"y": 2, "x": 1}, "a": "t"});
    let render = |template: &str| {
        Template::parse(template)
            .unwrap()
            .render(&document)
            .unwrap()
    };
    assert_eq!(render("{.*}"), r#"t {"x":1,"y":2}"#);
    assert_eq!(
        render("{..}"),
        r#"{"a":"t","b":{"x":1,"y":2}} t {"x":1,"y":2}"#
    );
}

#[test]
fn nesting_has_an_end() {
    let ranges = "{range .a[*]}".repeat(1000);
    let error = Template::parse(&ranges).unwrap_err();
    assert_eq!(error.to_string(), "nested more than 16 times");
    let one_after_the_other = "{range .a[*]}{end}".repeat(1000);
    let template = Template::parse(&one_after_the_other).unwrap();
    assert_eq!(template.render(&json!({"a": [1]})).unwrap(), "");
    // Each text of a filter is read again; none of these may take forever or overflow.
    for text in ["[?(", "['", "[?('[?(", "..", "{range "] {
        let _ = Template::parse(&format!("{{{}", text.repeat(20_000)));
    }
}

#[test]
fn whatever_is_written_is_answered() {
    const SIGNS: &[&str] = &[
        "{", "}", "[", "]", "[?(", ")]", ".", "..", "*", "'", "\"", "\\", "@", "$", "a", "b", "0",
        "1", "-", ":", ",", " ", "\n", "==", "<", "é", "{range ", "{end}", "[*]", "true",
    ];
    let document = json!({"a": [{"b": 1, "a": "é"}, {"b": "x"}, null, [1, 2]], "b": {"a": 1.5}});
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut read, mut fitted) = (0, 0);
    for _ in 0..50_000 {
        let length = next(14);
        let text: String = (0..length).map(|_| SIGNS[next(SIGNS.len())]).collect();
        for template in [text.clone(), format!("{{.a{text}}}")] {
            if let Ok(template) = Template::parse(&template) {
                read += 1;
                fitted += usize::from(template.render(&document).is_ok());
            }
        }
        let _ = Template::parse_path(&text);
    }
    assert!(fitted > 1000 && read > fitted, "{read} {fitted}");
}

#[test]
fn deep_documents_are_walked() {
    let deep = (0..120).fold(json!({"x": 1}), |inner, _| json!({"a": [inner]}));
    let template = Template::parse("{..x}").unwrap();
    assert_eq!(template.render(&deep).unwrap(), "1");
}

#[test]
fn paths_may_leave_out_dot_and_braces() {
    let parse = |text: &str| Template::parse_path(text);
    let whole = Template::parse("{.metadata.name}").unwrap();
    for text in [
        "metadata.name",
        ".metadata.name",
        "{metadata.name}",
        "{.metadata.name}",
    ] {
        assert_eq!(parse(text).unwrap(), whole, "{text}");
    }
    for text in ["{.a}{.b}", "{}", "a}", "{.a"] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert_eq!(parse("").unwrap().evaluate(&json!({})).unwrap().len(), 0);
}

#[test]
fn results_can_be_json() {
    let document = json!({"items": [{"a": "<x>"}, {"a": 2.0}]});
    let render = |template: &str| {
        let template = Template::parse(template).unwrap();
        template.render_json(&document).unwrap()
    };
    assert_eq!(
        render("{.items[*].a}"),
        "[\n    \"\\u003cx\\u003e\",\n    2\n]\n"
    );
    assert_eq!(render("{.b}"), "[]\n");
    assert_eq!(
        render("x{.items[1]}"),
        "[\n    \"x\"\n]\n[\n    {\n        \"a\": 2\n    }\n]\n"
    );
}
