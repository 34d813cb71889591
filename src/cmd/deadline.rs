//! What a wait says when its time is over, and why nothing came of it.

use std::future::Future;

use kube::api::DynamicObject;

use crate::cluster::diagnosis::{Object, Subject};
use crate::cluster::{self, Cluster};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Kind, status};

/// The deadline of a wait for one object.
pub struct Deadline<'a> {
    context: &'a Context,
    kind: &'a Kind,
    namespace: &'a str,
    name: &'a str,
}

/// The deadline that `--timeout` sets for waiting for this object.
pub fn within<'a>(
    context: &'a Context,
    kind: &'a Kind,
    namespace: &'a str,
    name: &'a str,
) -> Deadline<'a> {
    Deadline {
        context,
        kind,
        namespace,
        name,
    }
}

impl Deadline<'_> {
    /// Waits for `outcome`; where the time runs out, says where the object stands. Whatever comes
    /// of the object other than what was wanted is explained.
    ///
    /// # Errors
    /// Those of the wait, and [`ErrorKind::TimedOut`].
    pub async fn of<T>(
        &self,
        cluster: &Cluster,
        outcome: impl Future<Output = Result<Result<T>, cluster::Error>>,
    ) -> Result<T> {
        // The command's own deadline is the same: leave it a moment to look at the object.
        let limit = self.context.remaining();
        let Ok(outcome) = tokio::time::timeout(limit, outcome).await else {
            let last = cluster.get(self.kind, self.namespace, self.name).await.ok();
            let error = self.timed_out(last.as_ref());
            return Err(self.explain(cluster, error).await);
        };
        match outcome? {
            Err(error) if error.kind() == ErrorKind::NotReady => {
                Err(self.explain(cluster, error).await)
            }
            outcome => outcome,
        }
    }

    async fn explain(&self, cluster: &Cluster, error: Error) -> Error {
        let object = Object {
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
        };
        let subject = Subject {
            objects: vec![object],
            ..Subject::default()
        };
        explain(self.context, cluster, &subject, error).await
    }

    fn timed_out(&self, last: Option<&DynamicObject>) -> Error {
        let why = match last.map(|object| self.kind.state(object)) {
            None => "it could not be read any more".to_owned(),
            // Ready for its spec, then: what is missing is the answer to what was asked.
            Some(status::State::Ready) => {
                "it is ready, but the controller has not answered the request".to_owned()
            }
            Some(status::State::Terminating) => "it is being deleted".to_owned(),
            Some(
                status::State::InProgress(text)
                | status::State::Failing(text)
                | status::State::Stalled(text),
            ) => text,
        };
        Error::new(
            ErrorKind::TimedOut,
            format!(
                "timed out waiting for {} {}/{}: {why}",
                self.kind.kind, self.namespace, self.name
            ),
        )
        .hint("allow more time with --timeout")
    }
}

/// Says what the cluster knows about the subject of a failed wait, and returns the failure with its
/// probable cause and what to run next.
pub async fn explain(
    context: &Context,
    cluster: &Cluster,
    subject: &Subject<'_>,
    error: Error,
) -> Error {
    let diagnosis = {
        let _progress = context.ui.progress("looking for the cause");
        cluster.diagnose(subject).await
    };
    let mut told = std::collections::BTreeSet::new();
    // Objects that share a source share what is the matter with it.
    for line in diagnosis
        .lines
        .iter()
        .filter(|line| told.insert(line.as_str()))
    {
        context.ui.note(format!("  {line}"));
    }
    diagnosis.explain(error)
}
