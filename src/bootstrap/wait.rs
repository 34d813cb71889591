//! Waiting for what the cluster makes of the repository, by watch.
//!
//! A source or Kustomization is where it should be when it is ready at our commit or at one that
//! has ours in its history. A failure that will be tried again is waited out, because it may be
//! left from before; one the controller has given up on ends the wait.

use std::ops::ControlFlow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kube::api::DynamicObject;
use serde_json::json;

use super::names;
use super::provider::github::Repo;
use super::request::Request;
use crate::cluster::{self, Cluster};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Kind, status};
use crate::ui::Ui;

/// Where a controller finds that it is asked to look again.
const REQUESTED: &str = "reconcile.fluxcd.io/requestedAt";

/// A wait for one object.
pub struct Wait<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The request.
    pub request: &'a Request,
    /// The repository, to ask which commit comes after which.
    pub repo: Repo<'a>,
    /// The commit to wait for.
    pub commit: &'a str,
    /// Whether the source has new credentials, which being ready from before proves nothing of.
    pub renewed: bool,
    /// The terminal.
    pub ui: &'a Ui,
}

/// What a watch came to.
enum Sight {
    /// Ready, at this revision.
    Ready(Option<String>),
    Over(Error),
}

impl Wait<'_> {
    /// Waits until the object is ready at our commit or after it.
    ///
    /// # Errors
    /// When it is suspended, stalled or deleted; when the time is over, with the last it said.
    pub async fn until_ready(&self, kind: &Kind, within: Duration) -> Result<()> {
        let mut last = String::new();
        let mut passed_over: Option<String> = None;
        let asked = self.nudge(kind).await?;
        let work = async {
            loop {
                let revision = match self.sight(kind, &asked, &passed_over, &mut last).await? {
                    Sight::Ready(revision) => revision,
                    Sight::Over(error) => return Err(error),
                };
                let commit = revision.as_deref().and_then(names::revision);
                let Some((_, commit)) = commit else {
                    passed_over = revision;
                    continue;
                };
                if self.repo.includes(self.commit, commit).await? {
                    return Ok(());
                }
                passed_over = revision;
            }
        };
        match tokio::time::timeout(within, work).await {
            Ok(result) => result,
            Err(_) => Err(self.timed_out(kind, &last)),
        }
    }

    /// Follows the object until it is ready at a revision that was not passed over.
    async fn sight(
        &self,
        kind: &Kind,
        asked: &Option<String>,
        passed_over: &Option<String>,
        last: &mut String,
    ) -> Result<Sight, cluster::Error> {
        let (namespace, name) = (&self.request.sync.namespace, &self.request.sync.name);
        let label = format!("{} {namespace}/{name}", kind.kind);
        let progress = self.ui.progress(label.clone());
        let over = |kind, text: String| ControlFlow::Break(Sight::Over(Error::new(kind, text)));
        self.cluster
            .follow(kind, namespace, name, |object| {
                let Some(object) = object else {
                    return over(
                        ErrorKind::Conflict,
                        format!("{label} was deleted meanwhile"),
                    );
                };
                if (kind.suspended)(object) {
                    let error = Error::new(ErrorKind::NotReady, format!("{label} is suspended"));
                    let resume = format!("{{bin}} resume {} {name}", kind.human);
                    return ControlFlow::Break(Sight::Over(error.hint(resume)));
                }
                match kind.state(object) {
                    status::State::Ready if self.renewed && !answers(object, asked) => {
                        "it has not been read with the new credentials yet".clone_into(last);
                        ControlFlow::Continue(())
                    }
                    status::State::Ready => {
                        let revision = (kind.revision)(object);
                        if revision.is_some() && revision == *passed_over {
                            *last = format!("it is at revision {}", revision.unwrap_or_default());
                            return ControlFlow::Continue(());
                        }
                        ControlFlow::Break(Sight::Ready(revision))
                    }
                    status::State::Stalled(text) if answers(object, asked) => {
                        over(ErrorKind::NotReady, format!("{label} is stalled: {text}"))
                    }
                    status::State::Terminating => {
                        over(ErrorKind::Conflict, format!("{label} is being deleted"))
                    }
                    status::State::InProgress(text)
                    | status::State::Failing(text)
                    | status::State::Stalled(text) => {
                        progress.set(format!("{label}: {text}"));
                        *last = text;
                        ControlFlow::Continue(())
                    }
                }
            })
            .await
    }

    /// Asks the controller to look now where it stands before our commit, has failed or has new
    /// credentials: its next look of its own may be many minutes away. Returns what the request is
    /// known by.
    async fn nudge(&self, kind: &Kind) -> Result<Option<String>> {
        let (namespace, name) = (&self.request.sync.namespace, &self.request.sync.name);
        let object = match self.cluster.get(kind, namespace, name).await {
            Ok(object) => object,
            // The watch will tell.
            Err(_) => return Ok(None),
        };
        let at = (kind.revision)(&object);
        let commit = at.as_deref().and_then(names::revision).map(|(_, c)| c);
        let behind = commit.is_some_and(|commit| commit != self.commit);
        let failed = matches!(
            kind.state(&object),
            status::State::Failing(_) | status::State::Stalled(_)
        );
        if !(behind || failed || self.renewed) {
            return Ok(None);
        }
        if let (Some(commit), false) = (commit, failed || self.renewed)
            && self.repo.includes(self.commit, commit).await?
        {
            return Ok(None);
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let asked = format!("{}.{:09}", now.as_secs(), now.subsec_nanos());
        let patch = json!({"metadata": {"annotations": {REQUESTED: asked}}});
        self.cluster
            .merge_patch(kind, namespace, name, &patch)
            .await?;
        Ok(Some(asked))
    }

    fn timed_out(&self, kind: &Kind, last: &str) -> Error {
        let object = self.request.object(&self.request.sync.name);
        let why = if last.is_empty() {
            "the controller has not looked at it yet"
        } else {
            last
        };
        Error::new(
            ErrorKind::TimedOut,
            format!("timed out waiting for {} {object:?}: {why}", kind.kind),
        )
        .hint("allow more time with --timeout")
    }
}

/// Whether the object's status comes from after the request.
fn answers(object: &DynamicObject, asked: &Option<String>) -> bool {
    let Some(asked) = asked else {
        return true;
    };
    object.data["status"]["lastHandledReconcileAt"].as_str() == Some(asked)
}
