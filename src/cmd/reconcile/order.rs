//! What is reconciled, and in which order: sources before the objects made from them, each once.

use std::cell::RefCell;
use std::collections::HashSet;

use kube::api::DynamicObject;

use super::{Job, suspended};
use crate::cmd::round::{Round, told};
use crate::cmd::select::Found;
use crate::error::{Error, Result};
use crate::kinds::{self, Action, Kind, SourceReference, Target};

/// Everything that is to be reconciled.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    failed: RefCell<HashSet<String>>,
}

/// One object that is to be reconciled.
pub(super) struct Step {
    pub(super) target: Target,
    /// Whether the user named or picked it, rather than something made from it.
    pub(super) asked_for: bool,
    /// Whether it is suspended and runs one time.
    pub(super) once: bool,
    /// What it is made from, where that is to be reconciled before it.
    source: Option<Target>,
}

impl Plan {
    fn place(&self, target: &Target) -> Option<usize> {
        self.steps.iter().position(|step| step.target == *target)
    }

    fn depth(&self, step: &Step) -> usize {
        // A chain of sources is short: release, chart, repository.
        step.source
            .as_ref()
            .and_then(|source| self.place(source))
            .map_or(0, |place| self.depth(&self.steps[place]) + 1)
    }

    /// The places of the steps, in the levels that are run one after the other.
    pub(super) fn levels(&self) -> Vec<Vec<usize>> {
        let mut levels: Vec<Vec<usize>> = Vec::new();
        for (place, step) in self.steps.iter().enumerate() {
            let depth = self.depth(step);
            while levels.len() <= depth {
                levels.push(Vec::new());
            }
            levels[depth].push(place);
        }
        levels
    }

    /// Remembers that an object could not be reconciled.
    pub(super) fn fail(&self, target: &Target) {
        self.failed.borrow_mut().insert(target.to_string());
    }

    /// The step's source, where it failed.
    pub(super) fn failed_source<'p>(&self, step: &'p Step) -> Option<&'p Target> {
        let source = step.source.as_ref()?;
        self.failed
            .borrow()
            .contains(&source.to_string())
            .then_some(source)
    }
}

impl Job<'_> {
    /// Decides what is to be done for the objects that were found. What cannot be reconciled is
    /// told of and counted.
    ///
    /// # Errors
    /// Where a single object was asked for and cannot be reconciled.
    pub(super) async fn plan(&self, round: &mut Round<'_>, found: Vec<Found>) -> Result<Plan> {
        let mut plan = Plan::default();
        let picked = self.request.names.is_empty();
        for Found { kind, object } in found {
            let target = Target::of(kind, &object);
            let about = self.context.ui.about(&target);
            if kind.is_fixed(&object) {
                about.success("reconciliation not supported by the object");
                round.skipped();
                continue;
            }
            let is_suspended = (kind.suspended)(&object);
            if is_suspended && !self.once && picked {
                // Picking everything does not mean to run what somebody has stopped.
                about.waiting(format!("{target} is suspended, skipped"));
                round.skipped();
                continue;
            }
            let step = if is_suspended && !self.once {
                Err(suspended(&target, &object))
            } else {
                self.source(round, &mut plan, kind, &object).await
            };
            match step {
                Ok(source) => plan.steps.push(Step {
                    target,
                    asked_for: true,
                    once: is_suspended,
                    source,
                }),
                Err(error) if self.request.is_single() => return Err(error),
                Err(error) => {
                    about.failure(&error, told(&target, &error));
                    round.failed(&error);
                }
            }
        }
        plan.merge();
        Ok(plan)
    }

    /// What the object is made from. Where sources were asked for, it joins the plan, and so do its
    /// own.
    async fn source(
        &self,
        round: &Round<'_>,
        plan: &mut Plan,
        kind: &'static Kind,
        object: &DynamicObject,
    ) -> Result<Option<Target>> {
        let Some(reference) = kind.reconciled_first.and_then(|first| first(object)) else {
            return if self.with_source {
                Err(Error::failed(format!("the {} names no source", kind.kind)))
            } else {
                Ok(None)
            };
        };
        let Some(target) = target(&reference) else {
            return if self.with_source {
                Err(Error::failed(format!(
                    "cannot reconcile source of kind {}",
                    reference.kind
                )))
            } else {
                Ok(None)
            };
        };
        if !self.with_source || plan.place(&target).is_some() {
            return Ok(Some(target));
        }
        let source = round
            .cluster
            .get(target.kind, &target.namespace, &target.name)
            .await?;
        if (target.kind.suspended)(&source) {
            return Err(suspended(&target, &source).context(&target));
        }
        if target.kind.is_fixed(&source) {
            self.context
                .ui
                .about(&target)
                .success("reconciliation not supported by the object");
            return Ok(None);
        }
        let above = if target.kind.reconciled_first.is_some() {
            Box::pin(self.source(round, plan, target.kind, &source)).await?
        } else {
            None
        };
        plan.steps.push(Step {
            target: target.clone(),
            asked_for: false,
            once: false,
            source: above,
        });
        Ok(Some(target))
    }
}

impl Plan {
    /// Each object once, however it came into the plan.
    fn merge(&mut self) {
        let mut merged: Vec<Step> = Vec::new();
        for step in self.steps.drain(..) {
            match merged.iter_mut().find(|known| known.target == step.target) {
                Some(known) => {
                    known.asked_for |= step.asked_for;
                    known.once |= step.once;
                    known.source = known.source.take().or(step.source);
                }
                None => merged.push(step),
            }
        }
        self.steps = merged;
    }
}

/// The object that is meant, where it is of a kind that can be reconciled.
fn target(reference: &SourceReference) -> Option<Target> {
    let kind = kinds::by_name(&reference.kind)?;
    kind.allows(Action::Reconcile).then(|| Target {
        kind,
        namespace: reference.namespace.clone(),
        name: reference.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{GIT_REPOSITORY, HELM_CHART, HELM_RELEASE, HELM_REPOSITORY, KUSTOMIZATION};

    fn named(kind: &'static Kind, name: &str) -> Target {
        Target {
            kind,
            namespace: "ns".to_owned(),
            name: name.to_owned(),
        }
    }

    fn step(target: Target, source: Option<Target>) -> Step {
        Step {
            target,
            asked_for: true,
            once: false,
            source,
        }
    }

    #[test]
    fn sources_come_first_and_once() {
        let repository = named(&HELM_REPOSITORY, "charts");
        let chart = named(&HELM_CHART, "ns-web");
        let git = named(&GIT_REPOSITORY, "fleet");
        let mut plan = Plan {
            steps: vec![
                step(named(&KUSTOMIZATION, "a"), Some(git.clone())),
                step(named(&HELM_RELEASE, "web"), Some(chart.clone())),
                step(git.clone(), None),
                step(chart, Some(repository.clone())),
                step(named(&KUSTOMIZATION, "b"), Some(git.clone())),
                step(repository, None),
                step(git.clone(), None),
                // Its source is not in the plan: nothing to wait for.
                step(
                    named(&KUSTOMIZATION, "c"),
                    Some(named(&GIT_REPOSITORY, "x")),
                ),
            ],
            ..Plan::default()
        };
        plan.merge();
        let levels: Vec<Vec<String>> = plan
            .levels()
            .into_iter()
            .map(|level| {
                level
                    .into_iter()
                    .map(|place| plan.steps[place].target.name.clone())
                    .collect()
            })
            .collect();
        assert_eq!(
            levels,
            [
                vec!["fleet", "charts", "c"],
                vec!["a", "ns-web", "b"],
                vec!["web"]
            ]
        );
        plan.fail(&git);
        assert!(plan.failed_source(&plan.steps[0]).is_some());
        assert!(plan.failed_source(&plan.steps[1]).is_none());
    }
}
