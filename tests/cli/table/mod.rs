//! Every verb on every kind that it applies to, on a real API server.
//!
//! What should come out is stated here, kind by kind, and taken from the kinds' samples; the table
//! in `reflux::kinds` only says which pairs there are, and each of them has to be run.

mod delete;
mod export;
mod facts;
mod get;
mod reconcile;
mod registries;
mod sources;
mod suspend;

use std::collections::BTreeSet;

use reflux::kinds::{Action, KINDS, Kind};
use serde_json::Value;

use self::facts::{FACTS, Facts};
use crate::support::Output;
use crate::support::cluster::{Namespace, namespace};
use crate::support::controller::Controller;

/// The pairs that a test has run.
struct Pairs {
    verb: &'static str,
    expected: BTreeSet<&'static str>,
    run: BTreeSet<&'static str>,
}

impl Pairs {
    /// The pairs of a verb with the kinds that it applies to; none stands for all.
    fn of(verb: &'static str, action: Option<Action>) -> Self {
        let applies = |kind: &&&Kind| action.is_none_or(|action| kind.allows(action));
        Pairs {
            verb,
            expected: KINDS.iter().filter(applies).map(|k| k.kind).collect(),
            run: BTreeSet::new(),
        }
    }

    /// Runs the test for each of them, side by side, each in a namespace of its own.
    fn each(mut self, least: usize, test: impl Fn(&Case) + Sync) {
        assert!(self.expected.len() >= least, "{:?}", self.expected);
        std::thread::scope(|threads| {
            for facts in FACTS {
                if !self.expected.contains(facts.kind) {
                    continue;
                }
                let (verb, test) = (self.verb, &test);
                threads.spawn(move || test(&Case::new(verb, facts.kind)));
                self.run.insert(facts.kind);
            }
        });
        assert_eq!(self.run, self.expected, "{}", self.verb);
    }
}

/// A verb and a kind.
struct Case {
    facts: &'static Facts,
    kind: &'static Kind,
    verb: &'static str,
    ns: Namespace,
}

impl Case {
    /// The verb on the kind, in a namespace of its own.
    fn new(verb: &'static str, kind: &str) -> Self {
        Case {
            facts: Facts::of(kind),
            kind: KINDS.iter().find(|k| k.kind == kind).unwrap(),
            verb,
            ns: namespace(),
        }
    }

    fn words<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let noun = if self.verb == "get" {
            self.facts.list
        } else {
            self.facts.one
        };
        let noun = noun.split(' ');
        [self.verb]
            .into_iter()
            .chain(noun)
            .chain(rest.iter().copied())
            .collect()
    }

    /// Runs the verb under its own name.
    fn reflux(&self, rest: &[&str]) -> Output {
        self.ns.reflux(&self.words(rest))
    }

    /// Runs the verb under flux's name.
    fn flux(&self, rest: &[&str]) -> Output {
        self.ns.flux(&self.words(rest))
    }

    /// Creates the sample under that name, with the status that a controller would have given it.
    fn sample(&self, name: &str) {
        self.ns.sample(self.kind, name, self.facts.status(1));
    }

    /// Creates the sample under that name; no controller has seen it.
    fn fresh(&self, name: &str) {
        self.ns.sample(self.kind, name, Value::Null);
    }

    fn is_suspended(&self, name: &str) -> bool {
        self.ns.get(self.kind, name).unwrap().data["spec"]["suspend"] == true
    }

    /// A controller that is content with every object.
    fn controller(&self) -> Controller {
        Controller::with(&self.ns, |object| {
            let kind = object.types.as_ref().map_or("", |types| &types.kind);
            Facts::of(kind).status(object.metadata.generation.unwrap_or(0))
        })
    }

    /// The text with this namespace's name for each `NS`.
    fn text(&self, text: &str) -> String {
        text.replace("NS", &self.ns.name)
    }

    /// What a run under each name does where there is nothing of that name.
    #[track_caller]
    fn refused(&self, rest: &[&str], code: i32, says: &str) {
        let says = self.text(says);
        for (output, code) in [(self.reflux(rest), code), (self.flux(rest), 1)] {
            assert_eq!(output.stdout, "", "{:?}", self.words(rest));
            let error = output.failure(code);
            assert!(error.contains(&says), "{:?}: {error}", self.words(rest));
        }
    }

    /// What a verb says of a run that succeeds.
    #[track_caller]
    fn says(&self, rest: &[&str], lines: &str) {
        let output = self.flux(rest);
        assert_eq!(output.code, 0, "{:?}: {}", self.words(rest), output.stderr);
        let lines = self.text(lines);
        assert_eq!(output.stderr, lines, "{:?}", self.words(rest));
        assert_eq!(output.stdout, "", "{:?}", self.words(rest));
    }
}

#[test]
fn the_facts_cover_the_table() {
    let stated: BTreeSet<_> = FACTS.iter().map(|facts| facts.kind).collect();
    assert_eq!(stated.len(), FACTS.len());
    assert_eq!(stated, KINDS.iter().map(|kind| kind.kind).collect());
    let pairs = KINDS.len() + KINDS.iter().map(|kind| kind.actions.len()).sum::<usize>();
    assert!(pairs >= 67, "{pairs}");
}
