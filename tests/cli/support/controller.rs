//! A controller that plays the part of Flux's for one namespace: it answers every change and every
//! request with the status that the test chose.

use kube::ResourceExt;
use kube::api::DynamicObject;
use reflux::kinds::KINDS;
use sandbox::Player;
use serde_json::{Value, json};

use super::cluster::{Namespace, REVISION, artifact, condition, runtime};

/// Runs until dropped.
pub(crate) struct Controller {
    _player: Player,
}

/// Status, reason and message of the Ready condition.
type Ready = (&'static str, &'static str, &'static str);

impl Controller {
    /// Answers every object of every kind with that Ready condition. The reason `Stalled` makes it
    /// stalled, too.
    pub(crate) fn start(
        namespace: &Namespace,
        answer: impl Fn(&DynamicObject) -> Ready + Send + Sync + 'static,
    ) -> Self {
        Controller::play(namespace, move |object| status(object, answer(object)))
    }

    /// Answers every object of every kind with the status that the test has for it.
    pub(crate) fn with(
        namespace: &Namespace,
        status: impl Fn(&DynamicObject) -> Value + Send + Sync + 'static,
    ) -> Self {
        Controller::play(namespace, move |object| {
            let mut status = status(object);
            if status.is_object() {
                status["lastHandledReconcileAt"] = json!(requested(object));
            }
            status
        })
    }

    fn play(
        namespace: &Namespace,
        status: impl Fn(&DynamicObject) -> Value + Send + Sync + 'static,
    ) -> Self {
        let kinds: Vec<_> = KINDS.iter().map(|kind| kind.api_resource()).collect();
        let player = Player::start(
            runtime().handle(),
            &namespace.client(),
            Some(&namespace.name),
            &kinds,
            move |object| is_due(object).then(|| status(object)),
        );
        Controller { _player: player }
    }

    /// Answers that all is well.
    pub(crate) fn content(namespace: &Namespace) -> Self {
        Controller::start(namespace, |_| ("True", "Succeeded", "all is well"))
    }
}

fn requested(object: &DynamicObject) -> Option<&str> {
    let annotation = object.annotations().get("reconcile.fluxcd.io/requestedAt");
    annotation.map(String::as_str)
}

fn is_due(object: &DynamicObject) -> bool {
    let status = &object.data["status"];
    let seen = status["observedGeneration"].as_i64() == object.metadata.generation;
    let handled = status["lastHandledReconcileAt"].as_str();
    object.data["spec"]["suspend"] != true && (!seen || requested(object) != handled)
}

fn status(object: &DynamicObject, (status, reason, message): Ready) -> Value {
    let generation = object.metadata.generation.unwrap_or(0);
    let mut conditions = vec![condition("Ready", status, reason, message, generation)];
    if reason == "Stalled" {
        conditions.push(condition("Stalled", "True", reason, message, generation));
    }
    json!({
        "observedGeneration": generation,
        "conditions": conditions,
        "lastAppliedRevision": REVISION,
        "lastHandledReconcileAt": requested(object),
        "artifact": artifact(),
    })
}
