//! Asking the server what would become of objects, as kustomize-controller would apply them.

use serde_json::Value;

use super::judge::keeps_others;
use crate::cluster::Cluster;
use crate::cluster::dry_run::Refusal;
use crate::diff::{KUSTOMIZE_CONTROLLER, leave_out_unknown, without_kubectl};
use crate::kinds::ObjectName;

/// How often an object is asked about again without the fields that the server did not know. It
/// names a few at a time.
const ROUNDS: usize = 16;

/// What the server says about an object.
pub(super) struct Answer {
    /// What would become of it.
    pub(super) outcome: Result<Value, Refusal>,
    /// The object, where it is not the one that was asked about.
    pub(super) object: Option<Value>,
    /// The fields that were left out, because the server does not know them.
    pub(super) left_out: Vec<String>,
    /// Whether fields that kubectl set were taken away first.
    pub(super) took_over: bool,
}

/// An object to ask about.
pub(super) struct Question<'a> {
    pub(super) subject: &'a ObjectName,
    /// As it is wanted.
    pub(super) object: &'a Value,
    /// As it is; none where it is new.
    pub(super) live: Option<&'a Value>,
}

/// What would become of the objects. The answers are in their order.
pub(super) async fn ask(cluster: &Cluster, questions: &[Question<'_>]) -> Vec<Answer> {
    let objects = questions.iter();
    let objects: Vec<(ObjectName, &Value)> = objects
        .map(|question| (question.subject.clone(), question.object))
        .collect();
    let mut answers = apply(cluster, &objects).await;
    take_over(cluster, questions, &mut answers).await;
    answers
}

/// What applying the objects would make of them.
async fn apply(cluster: &Cluster, objects: &[(ObjectName, &Value)]) -> Vec<Answer> {
    let outcomes = cluster.would_become(objects, KUSTOMIZE_CONTROLLER).await;
    let answer = |outcome| Answer {
        outcome,
        object: None,
        left_out: Vec::new(),
        took_over: false,
    };
    let mut answers: Vec<Answer> = outcomes.into_iter().map(answer).collect();
    for _ in 0..ROUNDS {
        let mut again = Vec::new();
        for (place, (answer, (_, object))) in answers.iter_mut().zip(objects).enumerate() {
            if answer.without_unknown(object) {
                again.push(place);
            }
        }
        if again.is_empty() {
            break;
        }
        let questions: Vec<(ObjectName, &Value)> = again
            .iter()
            .filter_map(|place| Some((objects[*place].0.clone(), answers[*place].object.as_ref()?)))
            .collect();
        let outcomes = cluster.would_become(&questions, KUSTOMIZE_CONTROLLER).await;
        for (place, outcome) in again.into_iter().zip(outcomes) {
            answers[place].outcome = outcome;
        }
    }
    for answer in &mut answers {
        // The server names them in any order.
        answer.left_out.sort_unstable();
    }
    answers
}

/// Asks again about objects some of whose fields only kubectl set. The controller takes these over
/// before it applies, so they go; which of them come back as defaults, the server knows.
async fn take_over(cluster: &Cluster, questions: &[Question<'_>], answers: &mut [Answer]) {
    let (mut places, mut patches) = (Vec::new(), Vec::new());
    for (place, (question, answer)) in questions.iter().zip(answers.iter()).enumerate() {
        let (Some(live), Ok(merged)) = (question.live, &answer.outcome) else {
            continue;
        };
        if keeps_others(question.object, live) {
            continue;
        }
        if let Some(patch) = without_kubectl(live, merged) {
            places.push(place);
            patches.push((question.subject.clone(), patch));
        }
    }
    if patches.is_empty() {
        return;
    }
    let outcomes = cluster
        .would_become_patched(&patches, KUSTOMIZE_CONTROLLER)
        .await;
    for (place, outcome) in places.into_iter().zip(outcomes) {
        answers[place].outcome = outcome;
        answers[place].took_over = true;
    }
}

impl Answer {
    /// Leaves out what the server said it does not know; whether there was something.
    fn without_unknown(&mut self, asked: &Value) -> bool {
        let Err(refusal) = &self.outcome else {
            return false;
        };
        let mut object = self.object.clone().unwrap_or_else(|| asked.clone());
        let left_out = leave_out_unknown(&mut object, &refusal.error.to_string());
        let is_other = !left_out.is_empty();
        if is_other {
            self.left_out.extend(left_out);
            self.object = Some(object);
        }
        is_other
    }
}
