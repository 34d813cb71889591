//! Every verb on every kind of the table, on a real API server: it does its work, and it says so
//! when there is nothing to work on.

use kube::ResourceExt;
use reflux::kinds::{KINDS, Kind, is_suspended};

use crate::support::cluster::{namespace, ready};
use crate::support::controller::Controller;

fn words<'a>(verb: &'a str, path: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    [&[verb], path, rest].concat()
}

fn singular<'a>(verb: &'a str, kind: &Kind, rest: &[&'a str]) -> Vec<&'a str> {
    words(verb, kind.singular.path, rest)
}

/// The verbs that take any kind, with what else they need to run unattended.
const GENERIC: &[(&str, &[&str])] = &[
    ("export", &[]),
    ("suspend", &[]),
    ("resume", &["--timeout=5s"]),
    ("reconcile", &["--timeout=5s"]),
    ("delete", &["--silent"]),
];

#[test]
fn every_verb_works_on_every_kind() {
    let mut pairs = 0;
    for kind in KINDS {
        let ns = namespace();
        let _controller = Controller::content(&ns);
        ns.sample(kind, "one", ready());
        for (verb, rest) in GENERIC {
            let args = singular(verb, kind, &[&["one"], *rest].concat());
            let output = ns.reflux(&args);
            assert_eq!(output.code, 0, "{args:?}: {}", output.stderr);
            if *verb == "suspend" {
                assert!(is_suspended(&ns.get(kind, "one").unwrap()), "{args:?}");
            }
            pairs += 1;
        }
        assert!(
            ns.get(kind, "one").is_none(),
            "{} was not deleted",
            kind.kind
        );
        assert_eq!(ns.reflux(&words("get", kind.list.path, &[])).code, 3);
        pairs += 1;
    }
    assert_eq!(pairs, KINDS.len() * (GENERIC.len() + 1));
}

#[test]
fn every_verb_says_what_is_missing_of_every_kind() {
    let ns = namespace();
    for kind in KINDS {
        for (verb, rest) in GENERIC {
            let args = singular(verb, kind, &[&["nobody"], *rest].concat());
            let error = ns.reflux(&args).failure(3);
            assert!(error.contains("nobody"), "{args:?}: {error}");
            // flux says less in its exit code, and nothing but failure.
            assert_eq!(ns.flux(&args).code, 1, "{args:?}");
        }
        let args = words("get", kind.list.path, &["nobody"]);
        let error = ns.reflux(&args).failure(3);
        assert!(error.contains("object 'nobody' not found in"), "{error}");
    }
}

#[test]
fn every_verb_wants_a_name_of_every_kind() {
    for kind in KINDS {
        for (verb, _) in GENERIC {
            let error = crate::support::reflux()
                .args(singular(verb, kind, &[]))
                .run()
                .failure(2);
            assert!(
                error.contains("name is required"),
                "{verb} {}: {error}",
                kind.kind
            );
        }
    }
}

#[test]
fn several_names_are_all_tried() {
    let ns = namespace();
    let kind = KINDS[0];
    ns.sample(kind, "one", ready());
    ns.sample(kind, "two", ready());
    let args = singular("suspend", kind, &["one", "nobody", "two"]);
    let error = ns.reflux(&args).failure(3);
    assert!(error.contains("nobody not found"), "{error}");
    for name in ["one", "two"] {
        assert!(is_suspended(&ns.get(kind, name).unwrap()), "{name}");
    }
    ns.reflux(&singular("resume", kind, &["--all"])).success();
    let objects =
        crate::support::cluster::block_on(ns.api(kind).list(&Default::default())).unwrap();
    assert!(objects.iter().all(|o| !is_suspended(o)));
    assert_eq!(
        objects
            .iter()
            .map(ResourceExt::name_any)
            .collect::<Vec<_>>(),
        ["one", "two"]
    );
}
