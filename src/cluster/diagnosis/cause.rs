//! From facts to the one probable cause, without any connection.
//!
//! The order is the order of certainty. What the cluster itself says about missing kinds and
//! controllers comes first, then what the controllers say about the objects, each message matched
//! against the table of [`rules`] from the source of the chain to its end, and last what silence means.

mod rules;

use super::super::health::{Health, Rollout};
use super::facts::{Facts, ObjectFact, ObjectState};

/// Why something probably failed, and what to run next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The cause, in one line.
    pub text: String,
    /// Commands and steps, in order. `{bin}` stands for the program's name.
    pub next: Vec<String>,
}

/// The probable cause, if the facts show one.
pub fn probable(facts: &Facts<'_>) -> Option<Cause> {
    missing_kind(facts)
        .or_else(|| {
            facts
                .controllers
                .iter()
                .find_map(|c| stuck_controller(facts, c))
        })
        .or_else(|| facts.objects.iter().find_map(suspended))
        .or_else(|| told(facts))
        .or_else(|| {
            facts
                .controllers
                .iter()
                .find_map(|c| slow_controller(facts, c))
        })
        .or_else(|| {
            facts
                .objects
                .iter()
                .find_map(|object| unseen(facts, object))
        })
}

fn cause(text: impl Into<String>, next: &[&str]) -> Cause {
    Cause {
        text: text.into(),
        next: next.iter().map(|step| (*step).to_owned()).collect(),
    }
}

fn missing_kind(facts: &Facts<'_>) -> Option<Cause> {
    let is_missing = |o: &&ObjectFact<'_>| matches!(o.state, ObjectState::KindMissing);
    let object = facts.objects.iter().find(is_missing)?;
    Some(cause(
        format!("Flux's definition of {} is not installed", object.kind.kind),
        &["run `{bin} check`", "run `{bin} install`, or bootstrap"],
    ))
}

/// A controller that cannot run until somebody does something about it.
fn stuck_controller(facts: &Facts<'_>, controller: &Health) -> Option<Cause> {
    let (name, namespace) = (&controller.name, &facts.namespace);
    if controller.rollout == Rollout::Missing {
        return Some(cause(
            format!("{name} does not run in the {namespace} namespace"),
            &["run `{bin} check`", "run `{bin} install`, or bootstrap"],
        ));
    }
    if controller.is_ready() {
        let scale = format!("run `kubectl -n {namespace} scale deployment {name} --replicas=1`");
        return controller
            .is_scaled_to_zero()
            .then(|| cause(format!("{name} is scaled to zero"), &[&scale]));
    }
    let (pod, trouble) = controller.pod.as_ref().filter(|(_, t)| t.is_stuck())?;
    let describe = format!("run `kubectl -n {namespace} describe pod {pod}`");
    let logs = format!("run `kubectl -n {namespace} logs {pod} --previous`");
    Some(match trouble.reason.as_str() {
        "Unschedulable" => cause(
            format!("no node takes the pod of {name}"),
            &[
                "run `kubectl get nodes`; for tainted nodes see --toleration-keys of `{bin} install`",
                &describe,
            ],
        ),
        reason if reason.contains("Image") => cause(
            format!("the image of {name} cannot be pulled"),
            &[
                "check --registry, --image-pull-secret and --registry-creds of `{bin} install`, and that nodes reach the registry",
                &describe,
            ],
        ),
        "CrashLoopBackOff" | "OOMKilled" => cause(format!("{name} keeps ending"), &[&logs]),
        _ => cause(format!("the pod of {name} does not start"), &[&describe]),
    })
}

/// A controller that is on its way, or failed without a pod that says why.
fn slow_controller(facts: &Facts<'_>, controller: &Health) -> Option<Cause> {
    let why = controller.why()?;
    let namespace = &facts.namespace;
    let describe = format!(
        "run `kubectl -n {namespace} describe deployment {}`",
        controller.name
    );
    Some(cause(
        format!("{} is not ready: {why}", controller.name),
        &[&describe],
    ))
}

fn suspended(object: &ObjectFact<'_>) -> Option<Cause> {
    let is_suspended = matches!(
        object.state,
        ObjectState::Present {
            suspended: true,
            ..
        }
    );
    is_suspended.then(|| Cause {
        text: fill("{object} is suspended", object, ""),
        next: vec![fill(
            "run `{bin} resume {noun} {name} -n {namespace}`",
            object,
            "",
        )],
    })
}

/// What the messages say: those on the objects, then those in logs and events.
fn told(facts: &Facts<'_>) -> Option<Cause> {
    let flux = &facts.namespace;
    let complaints = facts.objects.iter().flat_map(|object| {
        let messages = object.complaints().map(|c| c.message.as_str());
        messages.map(move |message| (message, object))
    });
    // Logs and events were chosen because they are about these objects; the last is the one asked for.
    let object = facts.objects.last()?;
    let logs = facts
        .logs
        .iter()
        .rev()
        .map(|log| (log.text.as_str(), object));
    let events = facts
        .events
        .iter()
        .rev()
        .map(|event| (event.as_str(), object));
    complaints
        .chain(logs)
        .chain(events)
        .find_map(|(message, object)| {
            let rule = rules::of(message)?;
            Some(Cause {
                text: fill(rule.cause, object, flux),
                next: rule
                    .next
                    .iter()
                    .map(|step| fill(step, object, flux))
                    .collect(),
            })
        })
}

/// The controllers run and say nothing about an object.
fn unseen(facts: &Facts<'_>, object: &ObjectFact<'_>) -> Option<Cause> {
    if !object.is_unseen() || facts.controllers.is_empty() {
        return None;
    }
    Some(cause(
        format!(
            "the controllers in {} do not look at {}: they may serve their own namespace only, or other labels",
            facts.namespace,
            object.title()
        ),
        &["see --watch-all-namespaces of `{bin} install`, and the labels of sharded controllers"],
    ))
}

/// Fills in `{object}`, `{noun}`, `{name}`, `{namespace}` and, for the controllers' namespace,
/// `{flux}`.
fn fill(text: &str, object: &ObjectFact<'_>, flux: &str) -> String {
    text.replace("{object}", &object.title())
        .replace("{noun}", &object.kind.singular.path.join(" "))
        .replace("{namespace}", &object.namespace)
        .replace("{name}", &object.name)
        .replace("{flux}", flux)
}

#[cfg(test)]
mod tests;
