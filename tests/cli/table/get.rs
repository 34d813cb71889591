//! `get` of every kind.

use serde_json::{Value, json};

use super::{Case, Pairs};
use crate::support::cluster::fixture;

/// flux's table: cells as wide as the widest, a tab behind each; the header's last is one wider
/// instead.
fn table(rows: &[Vec<String>], header: bool) -> String {
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap())
        .collect();
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            text.push_str(&format!("{cell:width$}\t"));
        }
        if header && place == 0 {
            text.pop();
            text.push(' ');
        }
        text.push('\n');
    }
    text
}

fn header(case: &Case) -> Vec<String> {
    let columns = case.facts.columns.iter().map(|(header, _)| *header);
    ["NAME"]
        .into_iter()
        .chain(columns)
        .map(str::to_owned)
        .collect()
}

fn ready(case: &Case, name: &str) -> Vec<String> {
    let cells = case.facts.columns.iter().map(|(_, cell)| *cell);
    [name].into_iter().chain(cells).map(str::to_owned).collect()
}

fn unseen(case: &Case, name: &str) -> Vec<String> {
    let columns = case.facts.columns.iter();
    let cells = columns.map(|(header, cell)| case.facts.unseen(header, cell));
    [name.to_owned()].into_iter().chain(cells).collect()
}

#[test]
fn tables() {
    Pairs::of("get", None).each(15, |case| {
        case.sample("one");
        case.fresh("two");
        let (header, one, two) = (header(case), ready(case, "one"), unseen(case, "two"));
        let both = table(&[header.clone(), one.clone(), two.clone()], true);
        assert_eq!(case.flux(&[]).success(), both, "{}", case.facts.kind);
        assert_eq!(case.flux(&["-l", "team=one"]).success(), both);
        assert_eq!(
            case.flux(&["--no-header"]).success(),
            table(&[one.clone(), two.clone()], false)
        );
        assert_eq!(
            case.flux(&["one"]).success(),
            table(&[header.clone(), one.clone()], true)
        );
        let all = case.flux(&["-A", "--no-header"]).success();
        let ours = all.lines().filter(|line| line.starts_with(&case.ns.name));
        assert_eq!(ours.count(), 2, "{all}");
        let chosen = case.flux(&["--status-selector=ready=true"]).success();
        let mut rows = vec![header, one];
        if case.facts.is_fixed() {
            rows.push(two);
        }
        assert_eq!(chosen, table(&rows, true), "{}", case.facts.kind);
    });
}

#[test]
fn whole_objects() {
    Pairs::of("get", None).each(15, |case| {
        case.sample("one");
        case.fresh("two");
        let sample = serde_json::to_value(fixture(case.kind)).unwrap();
        let is_sample = |object: &Value, name: &str| {
            assert_eq!(object["apiVersion"], sample["apiVersion"]);
            assert_eq!(object["kind"], case.facts.kind);
            assert_eq!(object["metadata"]["name"], name);
            assert_eq!(object["metadata"]["namespace"], case.ns.name);
            assert_eq!(object["metadata"]["labels"], json!({"team": "one"}));
            for (field, value) in sample["spec"].as_object().unwrap() {
                assert_eq!(object["spec"][field], *value, "{} {field}", case.facts.kind);
            }
        };
        let list: Value = serde_json::from_str(&case.reflux(&["-o", "json"]).success()).unwrap();
        assert_eq!(
            (&list["kind"], &list["apiVersion"]),
            (&json!("List"), &json!("v1"))
        );
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        is_sample(&list["items"][0], "one");
        is_sample(&list["items"][1], "two");
        if !case.facts.is_fixed() {
            let message = &list["items"][0]["status"]["conditions"][0]["message"];
            assert_eq!(*message, "all is well");
        }
        let text = case.reflux(&["one", "-o", "yaml"]).success();
        is_sample(&serde_yaml::from_str(&text).unwrap(), "one");
        let (plural, group) = case.facts.resource.split_once('.').unwrap();
        let singular = case.facts.kind.to_lowercase();
        assert!(plural.starts_with(&singular[..singular.len() - 1]));
        assert_eq!(
            case.reflux(&["-o", "name"]).success(),
            format!("{singular}.{group}/one\n{singular}.{group}/two\n")
        );
    });
}

#[test]
fn wide_tables_have_more_columns() {
    Pairs::of("get", None).each(15, |case| {
        case.sample("one");
        let text = case.reflux(&["-o", "wide"]).success();
        let (top, row) = text.split_once('\n').unwrap();
        let headers: Vec<&str> = top.split('\t').map(str::trim_end).collect();
        let cells: Vec<&str> = row.split('\t').map(str::trim_end).collect();
        for (header, cell) in header(case).iter().zip(ready(case, "one")) {
            let place = headers.iter().position(|h| h == header).unwrap();
            assert_eq!(cells[place], cell, "{text}");
        }
        let interval = headers.iter().position(|h| *h == "INTERVAL").unwrap();
        let sample = fixture(case.kind);
        let want = sample.data["spec"]["interval"].as_str().unwrap_or_default();
        assert_eq!(cells[interval], want, "{text}");
        assert!(headers.len() > header(case).len() + 1, "{text}");
    });
}

#[test]
fn what_is_not_there() {
    Pairs::of("get", None).each(15, |case| {
        let kind = case.facts.kind;
        let none = format!("no {kind} objects found in \"NS\" namespace");
        case.refused(&[], 3, &none);
        case.refused(
            &["nobody"],
            3,
            &format!("{kind} object 'nobody' not found in \"NS\" namespace"),
        );
        case.sample("one");
        case.refused(&["-l", "team=two"], 3, &none);
        case.refused(
            &["--status-selector=x"],
            2,
            "expected status selector in type=status",
        );
        case.refused(&["-o", "nonsense"], 2, "nonsense");
        // What is there is shown before the rest is told.
        let output = case.reflux(&["one", "nobody", "--no-header"]);
        assert!(output.stdout.starts_with("one"), "{}", output.stdout);
        output.failure(3);
    });
}
