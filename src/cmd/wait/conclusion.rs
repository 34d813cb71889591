//! How `wait --revision` ended: who is there, and who keeps the revision from being everywhere.

use super::revision::Follow;
use crate::cmd::round::Round;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Target;
use crate::rollout::{Assessment, Id, Progress, Revision, Role, Standing, Verdict};

/// How many of the objects that are not there are named, at most.
const NAMED: usize = 20;

pub(super) const MORE_TIME: &str = "allow more time with --timeout";

/// Tells how it ended.
pub(super) async fn conclude(
    round: &mut Round<'_>,
    follow: &Follow<'_>,
    assessment: &Assessment,
    in_time: bool,
) -> Result<()> {
    let ui = &follow.context.ui;
    let newer = assessment.newer();
    let mut targets: Vec<Target> = Vec::new();
    let mut outcomes: Vec<Result<String>> = Vec::new();
    let mut built = 0;
    for (id, standing) in &assessment.standings {
        if !standing.is_blocker() {
            built += usize::from(id.role() != Some(Role::Source));
            targets.extend(id.target());
            outcomes.push(Ok(standing.text.clone()));
        }
    }
    let mut failures: Vec<(Target, Error)> = assessment
        .blockers()
        .into_iter()
        .filter_map(|(id, standing)| {
            let error = failure(follow.revision, id, standing, newer, in_time)?;
            let target = id.target()?;
            let error = if follow.is_suspended(id) {
                error.hint(format!(
                    "resume it with `{{bin}} resume {} {} -n {}`",
                    target.kind.singular.path.join(" "),
                    target.name,
                    target.namespace
                ))
            } else {
                error
            };
            Some((target, error))
        })
        .collect();
    // The first one fixes the exit code: what failed for itself goes before what was overtaken.
    failures.sort_by_key(|(_, error)| in_time && error.kind() == ErrorKind::Conflict);
    if let Some(headline) = &assessment.headline {
        if failures.is_empty() {
            let text = format!("timed out: {headline}");
            return Err(Error::new(ErrorKind::TimedOut, text).hint(MORE_TIME));
        }
        ui.failure(headline);
    }
    tell(follow, &failures);
    for (target, error) in failures {
        targets.push(target);
        outcomes.push(Err(error));
    }
    if assessment.verdict == Verdict::Done && follow.focus.is_none() && built == 0 {
        ui.warning(format!("nothing is built from {}", follow.revision));
    }
    round.settle(&targets, outcomes).await;
    round.end(&format!("at {}", follow.revision), true)
}

/// Names those that are not there.
fn tell(follow: &Follow<'_>, failures: &[(Target, Error)]) {
    let ui = &follow.context.ui;
    let named = if ui.keeps_journal() {
        failures.len()
    } else {
        NAMED
    };
    for (target, error) in failures.iter().take(named) {
        ui.about(target).failure(error, error.chain());
    }
    if failures.len() > named {
        ui.note(format!("  and {} more", failures.len() - named));
    }
}

/// What is wrong with an object that keeps the revision from being there; nothing where it might
/// still have come, had not another one failed.
fn failure(
    revision: &Revision,
    id: &Id,
    standing: &Standing,
    newer: Option<&str>,
    in_time: bool,
) -> Option<Error> {
    let text = &standing.text;
    let superseded = |newer: &str| {
        let text = format!("{id}: {text}; {revision} is superseded by {newer}");
        Error::new(ErrorKind::Conflict, text)
    };
    Some(match (&standing.progress, &standing.newer) {
        (Progress::Missing, _) => Error::new(
            ErrorKind::NotFound,
            format!("{id} {text}, and nothing that is built from {revision} makes it"),
        ),
        (Progress::Failed, Some(newer)) => superseded(newer),
        (Progress::Failed, None) => Error::failed(format!("{id}: {text}")),
        (Progress::Pending, own) if !in_time => match own.as_deref().or(newer) {
            Some(newer) => superseded(newer),
            None => timed_out(&format!("{id}: {text}")),
        },
        (Progress::Pending | Progress::Done, _) => return None,
    })
}

fn timed_out(what: &str) -> Error {
    let text = format!("timed out waiting for {what}");
    Error::new(ErrorKind::TimedOut, text).hint(MORE_TIME)
}
