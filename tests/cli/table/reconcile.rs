//! `reconcile` of every kind that it applies to.

use kube::ResourceExt;
use reflux::kinds::Action;

use super::Pairs;

#[test]
fn requests_are_answered() {
    Pairs::of("reconcile", Some(Action::Reconcile)).each(11, |case| {
        let (kind, done) = (case.facts.kind, case.facts.done);
        case.sample("one");
        let _controller = case.controller();
        case.says(
            &["one"],
            &format!(
                "► annotating {kind} one in NS namespace\n✔ {kind} annotated\n\
                 ◎ waiting for {kind} reconciliation\n✔ {done}\n"
            ),
        );
        let object = case.ns.get(case.kind, "one").unwrap();
        assert!(
            object
                .annotations()
                .contains_key("reconcile.fluxcd.io/requestedAt")
        );
    });
}

#[test]
fn what_cannot_be_reconciled() {
    Pairs::of("reconcile", Some(Action::Reconcile)).each(11, |case| {
        let missing = format!("{} \"nobody\" not found", case.facts.resource);
        case.refused(&["nobody"], 3, &missing);
        case.refused(&[], 2, "name is required");
        case.sample("one");
        // A status from before is no answer.
        case.refused(&["one", "--timeout=1s"], 6, "timed out waiting for");
        let words: Vec<&str> = ["suspend"]
            .into_iter()
            .chain(case.facts.one.split(' '))
            .chain(["one"])
            .collect();
        case.ns.reflux(&words).success();
        case.refused(&["one"], 7, "resource is suspended");
    });
}
