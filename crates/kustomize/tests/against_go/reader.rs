//! The YAML reader against `sigs.k8s.io/yaml` and kustomize's own.

use kustomize::yaml::{Dialect, parse, to_string};
use proptest::prelude::*;
use serde_json::json;

use crate::nasty::NASTY;
use crate::oracle;

/// Texts that Go's two readers accept or refuse, each for itself.
const DOCUMENTS: &[&str] = &[
    "",
    "\n",
    "# only a comment\n",
    "---\n",
    "---\n---\n",
    "---\na: 1\n",
    "a: 1\n---\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n---",
    "a: 1\n--- # comment\nb: 2\n",
    "a: 1\n--- b\n",
    "a: 1\n---b\n",
    "--- {a: 1}\n",
    "a: 1\n---\n---\nb: 2\n",
    "a: 1\n...\n",
    "a: 1\n...\nb: 2\n",
    "a: 1\n...\n---\nb: 2\n",
    "a: 1\n---\n\n\n---\nb: 2\n",
    "a: 1\n---\n# c\n---\nnull\n---\nb: 2\n",
    "\u{feff}a: 1\n",
    "a: 1\r\nb: 2\r\n---\r\nc: |\r\n  x\r\n  y\r\n",
    "a: 'x\r\n  y'\r\n",
    "{\"a\": 1, \"b\": [true, null, 1.5, \"x\"]}",
    "{a: 1, b: [x, y], c: {d: e}}",
    "{a, b: , c}",
    "{a:b}",
    "{a: b:c}",
    "[1, 2]\n",
    "a: [1, 2\n",
    "a: {b: 1\n",
    "a: [1 2]\n",
    "a: 'x\n",
    "a: \"x\n",
    "a: b: c\n",
    "a:\n\tb: 1\n",
    "a:\tb\n",
    "a: b\t\n",
    "a: b\t# c\n",
    "a: @b\n",
    "a: `b\n",
    "a: %b\n",
    "a: !b\n",
    "a: *b\n",
    "a: &b\n",
    "a: - b\n",
    "a: ? b\n",
    "%YAML 1.1\n---\na: 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "%FOO bar\n---\na: 1\n",
    "%TAG !e! tag:e.com,2000:\n---\na: 1\n",
    "a: 1\na: 2\n",
    "a: 1\n\"a\": 2\n",
    "a: {b: 1, b: 2}\n",
    "a: &x {b: 1}\nc: *x\n",
    "a: &x 1\nb: *x\nc: *x\n",
    "a: *y\n",
    "a: *x\n",
    "&k a: 1\nb: *k\n",
    "x: &k a\n*k : 1\n",
    "x: &m {a: 1, b: 2}\ny:\n  <<: *m\n  b: 3\n",
    "y:\n  <<: {a: 1}\n  b: 3\n",
    "x: &m {a: 1}\nz: &n {a: 2, c: 3}\ny:\n  <<: [*m, *n]\n  b: 3\n",
    "x: &m {a: 1}\ny: {<<: *m, a: 2}\n",
    "x: &m {a: 1}\ny: {a: 2, <<: *m}\n",
    "y:\n  <<: 1\n",
    "y:\n  <<: [1]\n",
    "y: {\"<<\": 1}\n",
    "y: {'<<': {a: 1}}\n",
    "y: [<<]\n",
    "y: <<\n",
    "x: &m {<<: {a: 1}, b: 2}\ny: {<<: *m}\n",
    "1: a\n",
    "true: a\n",
    "null: a\n",
    "~: a\n",
    "1.5: a\n",
    "1.0: a\n",
    "1e3: a\n",
    "yes: a\n",
    "y: a\n",
    "on: {n: 1}\n",
    "2001-01-01: a\n",
    "0x1F: a\n",
    "? a\n: b\n",
    "? [a]\n: b\n",
    "? {a: 1}\n: b\n",
    "{[a]: b}\n",
    "[a]: b\n",
    "? |\n  x\n  y\n: b\n",
    "a: |\n  x\n  y\n",
    "a: |-\n  x\n",
    "a: |+\n  x\n\n\n",
    "a: >\n  x\n  y\n\n  z\n",
    "a: >-\n  x\n   y\n  z\n",
    "a: |2\n   x\n  y\n",
    "a: |1\n x\n",
    "a: |0\n x\n",
    "a: | # c\n  x\n",
    "a: |\n\n  x\n",
    "a: |\n  x\n b: 1\n",
    "a: |\nb: 1\n",
    "a: |\n",
    "a: >\n\n\n  x\n",
    "a: |\n \n  x\n",
    "a: |\n    \n  x\n",
    "a: x\n  y\n  z\n",
    "a: x\n\n  y\n",
    "a: 'x\n\n  y'\n",
    "a: \"x\\\n  y\"\n",
    "a: \"\\q\"\n",
    "a: \"\\ud800\"\n",
    "a: 'it''s'\n",
    "a: x # c\nb: x#c\n",
    "a: x ' y\n",
    "a: \"x\" y\n",
    "a:\n- b\n- c\n",
    "a:\n  - b\n  -  c: 1\n     d: 2\n",
    "- a\n- - b\n  - c\n",
    "-\n- a\n",
    "a:\n- b\n c: 1\n",
    "a: 1\n b: 2\n",
    "  a: 1\n  b: 2\n",
    "  a: 1\n b: 2\n",
    "a:\n    b: 1\n  c: 2\n",
    "a: !!str 1\n",
    "a: !!int \"5\"\n",
    "a: !!int x\n",
    "a: !!float 1\n",
    "a: !!bool yes\n",
    "a: !!null x\n",
    "a: !!null\n",
    "a: !!str\n",
    "a: !foo 1\n",
    "a: !foo {b: 1}\n",
    "a: !!binary aGVsbG8=\n",
    "a: !!binary x\n",
    "a: !!set {b: null}\n",
    "a: ! 1\n",
    "a: !!timestamp 2001-01-01\n",
    "a: !!map {b: 1}\n",
    "a: !<tag:yaml.org,2002:str> 1\n",
    "a: !e!x 1\n",
    "a: .nan\n",
    "a: .inf\n",
    "a: \".inf\"\n",
    "a: \u{7f}\n",
    "a: \u{1}\n",
    "a: \u{fffe}\n",
    "a: 😀\n",
    "a: -\n",
    "a: --\n",
    "a: -1\n",
    "a: :\n",
    "a: b:\n",
    "a: ::\n",
    "a:b\n",
    "a :b\n",
    "a : b\n",
    "'a': b\n",
    "\"a\" : b\n",
    "a: ,b\n",
    "a: [,b]\n",
    "a: [b,]\n",
    "a: {b: c,}\n",
    "a: }\n",
    "a: ]\n",
    "a: [b]]\n",
    "a: {{ x }}\n",
    "a: {{ .Values.x }}\n",
    "a: ${X}\n",
    "a: $(X)\n",
    "a: #c\n",
    "a: [\n  b,\n  c\n]\n",
    "a: [\nb\n]\n",
    "a: {\n  b: 1,\n  c: 2 }\n",
    "just text\n",
    "just: text\nmore\n",
    "- a\nb: 1\n",
    "a: 1\n- b\n",
    "a: '\n---\n'\n",
    "a: |\n  ---\n  x\n",
    "a: \"x\n---\ny\"\n",
    "a: b\n---\na: [\n",
    "? a\n? b\n",
    "a: ''\nb: \"\"\n",
];

/// Where the parser, which reads YAML 1.2, and both of Go's, which read 1.1, part: characters that no longer break
/// lines, escapes that only JSON had, tabs before a first key, marks inside a document.
const YAML_1_2: &[&str] = &[
    "a: 1\n\u{feff}b: 2\n",
    "{\"a\": \"\\u0041\\n\\/\"}",
    "\ta: b\n",
    "a: \"x\\ty\\x41\\u00e9\\U0001F600\\0\\a\\b\\e\\f\\n\\r\\v\\N\\_\\L\\P\\ \\/\\\"\"\n",
    "a: \"\\ud83d\\ude00\"\n",
    "a: \"\u{85}\"\n",
    "a: \u{2028}b\n",
    "a: x\u{2028}y\n",
];

/// What `sigs.k8s.io/yaml` takes otherwise: it refuses directives, and does not look beyond the first document.
const OTHER_IN_SIGS_YAML: &[&str] = &[
    "%YAML 1.2\n---\na: 1\n",
    "%FOO bar\n---\na: 1\n",
    "  a: 1\n b: 2\n",
    "a: b\n---\na: [\n",
];

/// What kustomize takes otherwise: it writes and reads again what it has read, which loses a quoted `<<`, doubles breaks in folded texts, and makes texts of keys of the topmost mapping. Documents that
/// are no mappings it refuses later.
const OTHER_IN_KUSTOMIZE: &[&str] = &[
    "y: {\"<<\": 1}\n",
    "y: {'<<': {a: 1}}\n",
    "1: a\n",
    "true: a\n",
    "1.5: a\n",
    "1.0: a\n",
    "1e3: a\n",
    "2001-01-01: a\n",
    "0x1F: a\n",
    "a: >-\n  x\n   y\n  z\n",
    "a:b\n",
    "a :b\n",
    "just text\n",
];

fn ours(text: &str, dialect: Dialect) -> Result<String, String> {
    let documents = parse(text, dialect).map_err(|error| error.to_string())?;
    let mut documents = documents.iter().map(kustomize::yaml::Node::to_json);
    Ok(to_string(&match dialect {
        Dialect::Kubernetes => documents.next().unwrap_or_default(),
        Dialect::Resource => documents.collect(),
    }))
}

/// The difference between the two readers' opinions of `text`, if there is one.
fn difference(text: &str, dialect: Dialect) -> Option<String> {
    let theirs = match dialect {
        Dialect::Kubernetes => oracle::read_kubernetes(text),
        Dialect::Resource => oracle::read_resources(text),
    };
    match (ours(text, dialect), theirs) {
        (Err(_), Err(_)) => None,
        (Ok(ours), Ok(theirs)) if ours == theirs => None,
        (ours, theirs) => Some(format!(
            "{dialect:?} {text:?}\n  ours   {ours:?}\n  theirs {theirs:?}"
        )),
    }
}

fn check_all(texts: impl IntoIterator<Item = String>, dialect: Dialect) {
    let differences: Vec<String> = texts
        .into_iter()
        .filter_map(|text| difference(&text, dialect))
        .collect();
    crate::none_of(&differences);
}

/// Texts in places where YAML 1.1 and 1.2 agree on them.
fn scalars() -> impl Iterator<Item = String> {
    let agreed = NASTY
        .iter()
        .filter(|text| !text.contains(['\u{2028}', '\u{2029}', '\u{85}']));
    let plain = agreed.clone().map(|text| format!("a: {text}\n"));
    let single =
        |text: &&&str| !text.contains(['\n', '\r']) && !text.starts_with("---") && **text != "&a";
    let wide = |text: &&&str| {
        text.parse::<i64>().is_ok() || text.parse::<u64>().is_err() && !text.starts_with("0xFFF")
    };
    let infinite =
        |text: &&&str| text.to_lowercase().ends_with(".inf") || text.to_lowercase() == ".nan";
    let keys = agreed
        .clone()
        .filter(single)
        .filter(wide)
        .filter(move |text| !infinite(text));
    let keys = keys.map(|text| format!("m:\n  k: {{x: 1}}\n  {text}: a\n"));
    let flow = agreed.filter(|text| !text.contains([':', '?', '#', '!', '&']) && **text != "-");
    let flow = flow.map(|text| format!("a: [{text}]\n"));
    plain.chain(keys).chain(flow)
}

/// [`DOCUMENTS`] without those that are known to be read otherwise.
fn documents(known: &[&str]) -> Vec<String> {
    let agreed = DOCUMENTS.iter().filter(|text| !known.contains(text));
    agreed.map(|&text| text.to_owned()).collect()
}

#[test]
fn scalars_are_read_as_sigs_yaml_reads_them() {
    check_all(scalars(), Dialect::Kubernetes);
}

#[test]
fn scalars_are_read_as_kustomize_reads_them() {
    check_all(scalars(), Dialect::Resource);
}

#[test]
fn documents_are_read_as_sigs_yaml_reads_them() {
    check_all(documents(OTHER_IN_SIGS_YAML), Dialect::Kubernetes);
}

#[test]
fn documents_are_read_as_kustomize_reads_them() {
    check_all(documents(OTHER_IN_KUSTOMIZE), Dialect::Resource);
}

#[test]
fn known_differences_are_still_there() {
    let agreed = |texts: &[&str], dialect| -> Vec<String> {
        let agreed = texts
            .iter()
            .filter(|text| difference(text, dialect).is_none());
        agreed.map(|&text| text.to_owned()).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(agreed(YAML_1_2, Dialect::Kubernetes), none);
    assert_eq!(agreed(YAML_1_2, Dialect::Resource), none);
    assert_eq!(agreed(OTHER_IN_SIGS_YAML, Dialect::Kubernetes), none);
    assert_eq!(agreed(OTHER_IN_KUSTOMIZE, Dialect::Resource), none);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(value in crate::writer::value()) {
        let text = to_string(&value);
        // YAML 1.1 breaks lines at this character, 1.2 does not.
        prop_assume!(!text.contains('\u{2028}'));
        prop_assert_eq!(ours(&text, Dialect::Kubernetes), Ok(text));
        let wrapped = to_string(&json!({ "a": value }));
        if let Ok(theirs) = oracle::read_resources(&wrapped) {
            prop_assert_eq!(ours(&wrapped, Dialect::Resource), Ok(theirs));
        }
    }
}
