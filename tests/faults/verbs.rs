//! The verbs, what they work on, and how one sees that they did it.

use futures::{StreamExt, TryStreamExt, stream};
use kube::api::{Patch, PatchParams, PostParams};
use reflux::kinds::status::State;
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use serde_json::{Value, json};

use crate::support::Output;
use crate::support::cluster::{Namespace, block_on, fixture, ready};
use crate::support::controller::Controller;

/// A verb's call.
pub(crate) struct Case {
    pub(crate) args: &'static [&'static str],
    /// Whether it watches.
    pub(crate) watches: bool,
    /// Lets what it waits for come, for as long as the value lives.
    pub(crate) release: fn(&Namespace) -> Option<Controller>,
    /// Makes what it works on.
    pub(crate) prepare: fn(&Namespace),
    /// Says what is wrong after a run that succeeded.
    pub(crate) check: fn(&Namespace, &Output) -> Result<(), String>,
}

fn three(ns: &Namespace) {
    for name in ["a", "b", "c"] {
        ns.sample(&KUSTOMIZATION, name, ready());
    }
}

fn patch(ns: &Namespace, name: &str, patch: &Value) {
    let (api, params) = (ns.api(&KUSTOMIZATION), PatchParams::default());
    block_on(api.patch(name, &params, &Patch::Merge(patch))).unwrap();
}

fn three_suspended(ns: &Namespace) {
    three(ns);
    for name in ["a", "b", "c"] {
        patch(ns, name, &json!({"spec": {"suspend": true}}));
    }
}

/// Three, of which one is not gone when it is deleted.
fn three_with_one_held(ns: &Namespace) {
    three(ns);
    let held = json!({"metadata": {"finalizers": ["example.com/held"]}});
    patch(ns, "a", &held);
}

/// So many, without a status.
pub(crate) fn many(ns: &Namespace, count: usize) {
    let api = ns.api(&KUSTOMIZATION);
    let objects = (0..count).map(|number| {
        let mut object = fixture(&KUSTOMIZATION);
        object.metadata.name = Some(format!("app-{number:04}"));
        object
    });
    block_on(
        stream::iter(objects)
            .map(|object| {
                let api = api.clone();
                async move { api.create(&PostParams::default(), &object).await.map(drop) }
            })
            .buffer_unordered(32)
            .try_collect::<()>(),
    )
    .unwrap();
}

fn rows(output: &Output, count: usize, mark: &str) -> Result<(), String> {
    let found = output.stdout.matches(mark).count();
    if found == count {
        Ok(())
    } else {
        Err(format!("{found} rows instead of {count}"))
    }
}

fn all(ns: &Namespace, suspended: bool) -> Result<(), String> {
    for name in ["a", "b", "c"] {
        let object = ns.get(&KUSTOMIZATION, name).ok_or("it is gone")?;
        if (KUSTOMIZATION.suspended)(&object) != suspended {
            return Err(format!("{name} is not as it should be"));
        }
    }
    Ok(())
}

pub(crate) const VERBS: &[Case] = &[
    Case {
        args: &["get", "kustomizations"],
        watches: false,
        release: |_| None,
        prepare: three,
        check: |_, output| rows(output, 3, "all is well"),
    },
    Case {
        args: &["get", "all"],
        watches: false,
        release: |_| None,
        prepare: three,
        check: |_, output| rows(output, 3, "kustomization/"),
    },
    Case {
        args: &["get", "ks", "a", "-o", "json"],
        watches: false,
        release: |_| None,
        prepare: three,
        check: |_, output| rows(output, 1, "\"observedGeneration\": 1,\n"),
    },
    Case {
        args: &["export", "kustomization", "--all"],
        watches: false,
        release: |_| None,
        prepare: three,
        check: |_, output| rows(output, 3, "---\n"),
    },
    Case {
        args: &["suspend", "kustomization", "--all"],
        watches: false,
        release: |_| None,
        prepare: three,
        check: |ns, _| all(ns, true),
    },
    Case {
        args: &["resume", "kustomization", "--all", "--wait"],
        watches: true,
        release: |ns| Some(Controller::content(ns)),
        prepare: three_suspended,
        check: |ns, _| all(ns, false),
    },
    Case {
        args: &["reconcile", "ks/a", "ks/b", "ks/c"],
        watches: true,
        release: |ns| Some(Controller::content(ns)),
        prepare: three,
        check: |ns, output| {
            all(ns, false)?;
            let done = output.stderr.matches("applied revision").count();
            if done == 3 {
                Ok(())
            } else {
                Err(format!("{done} told of"))
            }
        },
    },
    Case {
        args: &["delete", "kustomization", "a", "b", "--silent"],
        watches: true,
        release: |ns| {
            if ns.get(&KUSTOMIZATION, "a").is_some() {
                patch(ns, "a", &json!({"metadata": {"finalizers": null}}));
            }
            None
        },
        prepare: three_with_one_held,
        check: |ns, _| match (ns.get(&KUSTOMIZATION, "a"), ns.get(&KUSTOMIZATION, "c")) {
            (None, Some(_)) => Ok(()),
            _ => Err("not exactly what was named is gone".to_owned()),
        },
    },
    Case {
        args: &["wait", "ks/a", "ks/b", "ks/c"],
        watches: true,
        release: |ns| Some(Controller::content(ns)),
        prepare: |ns| {
            for name in ["a", "b", "c"] {
                ns.sample(&KUSTOMIZATION, name, Value::Null);
            }
        },
        check: |ns, _| {
            let ready = |name| {
                let object = ns.get(&KUSTOMIZATION, name);
                object.is_some_and(|o| KUSTOMIZATION.state(&o) == State::Ready)
            };
            if ["a", "b", "c"].into_iter().all(ready) {
                Ok(())
            } else {
                Err("not all are ready".to_owned())
            }
        },
    },
    Case {
        args: &[
            "create",
            "source",
            "git",
            "fleet",
            "--url=https://git.example.com/fleet",
            "--branch=main",
        ],
        watches: true,
        release: |ns| Some(Controller::content(ns)),
        prepare: |_| {},
        check: |ns, _| match ns.get(&GIT_REPOSITORY, "fleet") {
            Some(_) => Ok(()),
            None => Err("it was not created".to_owned()),
        },
    },
];
