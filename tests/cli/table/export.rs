//! `export` of every kind that it applies to.

use reflux::kinds::Action;

use super::{Case, Pairs};

/// The sample as flux writes it, under another name and in the namespace of the test.
fn document(case: &Case, name: &str) -> String {
    let file = format!(
        "{}/src/kinds/fixtures/{}.yaml",
        env!("CARGO_MANIFEST_DIR"),
        case.facts.kind.to_lowercase()
    );
    let sample = fs_err::read_to_string(file).unwrap();
    let (head, spec) = sample.split_once("\nspec:\n").unwrap();
    let (types, _) = head.split_once("\nmetadata:\n").unwrap();
    format!(
        "---\n{types}\nmetadata:\n  labels:\n    team: one\n  name: {name}\n  namespace: {}\nspec:\n{spec}",
        case.ns.name
    )
}

#[test]
fn objects_come_out_as_they_were_written() {
    Pairs::of("export", Some(Action::Export)).each(15, |case| {
        case.sample("one");
        case.fresh("two");
        let (one, two) = (document(case, "one"), document(case, "two"));
        assert_eq!(case.flux(&["one"]).success(), one);
        assert_eq!(case.flux(&["--all"]).success(), format!("{one}{two}"));
    });
}

#[test]
fn what_is_not_there() {
    Pairs::of("export", Some(Action::Export)).each(15, |case| {
        let missing = format!("{} \"nobody\" not found", case.facts.resource);
        case.refused(&["nobody"], 3, &missing);
        case.refused(&["--all"], 3, "no objects found in NS namespace");
        case.refused(&[], 2, "name is required");
    });
}
