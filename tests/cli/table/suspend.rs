//! `suspend` and `resume` of every kind that they apply to.

use reflux::kinds::Action;

use super::Pairs;

#[test]
fn suspending() {
    Pairs::of("suspend", Some(Action::Suspend)).each(13, |case| {
        let human = case.facts.human;
        case.sample("one");
        case.fresh("two");
        case.says(
            &["one"],
            &format!("► suspending {human} one in NS namespace\n✔ {human} suspended\n"),
        );
        assert!(case.is_suspended("one") && !case.is_suspended("two"));
        // Doing it again changes nothing.
        case.reflux(&["one"]).success();
        case.says(
            &["--all"],
            &format!(
                "► suspending {human} one in NS namespace\n✔ {human} suspended\n\
                 ► suspending {human} two in NS namespace\n✔ {human} suspended\n"
            ),
        );
        assert!(case.is_suspended("one") && case.is_suspended("two"));
    });
}

#[test]
fn what_cannot_be_suspended() {
    Pairs::of("suspend", Some(Action::Suspend)).each(13, |case| {
        let missing = format!("✗ {} nobody not found in NS namespace", case.facts.kind);
        case.refused(&["nobody"], 3, &missing);
        case.refused(&["--all"], 3, "no objects found");
        case.refused(&[], 2, &format!("{} name is required", case.facts.human));
        // The others are suspended all the same.
        case.sample("one");
        case.refused(&["nobody", "one"], 3, &missing);
        assert!(case.is_suspended("one"));
    });
}

#[test]
fn resuming() {
    Pairs::of("resume", Some(Action::Suspend)).each(13, |case| {
        let (kind, human, done) = (case.facts.kind, case.facts.human, case.facts.done);
        let suspend = || {
            let words = ["suspend"].into_iter().chain(case.facts.one.split(' '));
            let words: Vec<&str> = words.chain(["--all"]).collect();
            case.ns.reflux(&words).success();
        };
        case.sample("one");
        case.fresh("two");
        let resumed =
            |name: &str| format!("► resuming {human} {name} in NS namespace\n✔ {human} resumed\n");
        suspend();
        case.says(&["one", "--wait=false"], &resumed("one"));
        assert!(!case.is_suspended("one") && case.is_suspended("two"));
        suspend();
        case.says(&["--all"], &format!("{}{}", resumed("one"), resumed("two")));
        assert!(!case.is_suspended("one") && !case.is_suspended("two"));
        suspend();
        let _controller = case.controller();
        case.says(
            &["one"],
            &format!(
                "{}◎ waiting for {kind} reconciliation\n\
                 ✔ {kind} one reconciliation completed\n✔ {done}\n",
                resumed("one")
            ),
        );
        assert!(!case.is_suspended("one") && case.is_suspended("two"));
    });
}

#[test]
fn what_cannot_be_resumed() {
    Pairs::of("resume", Some(Action::Suspend)).each(13, |case| {
        let kind = case.facts.kind;
        let missing = format!("✗ {kind} object 'nobody' not found in NS namespace");
        case.refused(&["nobody"], 3, &missing);
        case.refused(
            &["--all"],
            3,
            &format!("no {kind} objects found in NS namespace"),
        );
        case.refused(&[], 2, &format!("{} name is required", case.facts.human));
        if !case.facts.is_fixed() {
            // No controller ever comes by.
            case.fresh("one");
            case.refused(
                &["one", "--timeout=1s"],
                6,
                &format!("timed out waiting for {kind} NS/one"),
            );
        }
    });
}
