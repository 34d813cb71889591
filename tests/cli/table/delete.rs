//! `delete` of every kind that it applies to.

use reflux::kinds::Action;

use super::Pairs;

#[test]
fn deleting() {
    Pairs::of("delete", Some(Action::Delete)).each(13, |case| {
        let human = case.facts.human;
        case.sample("one");
        case.fresh("two");
        case.says(
            &["-s", "one"],
            &format!("► deleting {human} one in NS namespace\n✔ {human} deleted\n"),
        );
        assert!(case.ns.get(case.kind, "one").is_none());
        assert!(case.ns.get(case.kind, "two").is_some());
    });
}

#[test]
fn what_cannot_be_deleted() {
    Pairs::of("delete", Some(Action::Delete)).each(13, |case| {
        let missing = format!("{} \"nobody\" not found", case.facts.resource);
        case.refused(&["nobody", "-s"], 3, &missing);
        case.refused(
            &["-s"],
            2,
            &format!("{} name is required", case.facts.human),
        );
        case.fresh("one");
        // There is nobody to ask.
        case.refused(&["one"], 2, "--silent");
        assert!(case.ns.get(case.kind, "one").is_some());
    });
}
