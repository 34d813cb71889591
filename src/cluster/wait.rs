//! Waiting for an object by watch.
//!
//! A wait is a predicate over the states of one object, as the server reports them. The watch
//! comes back by itself when it breaks (server restart, 410 Gone, throttling); what cannot get
//! better by waiting (no rights, no such kind) ends it. Nothing is polled. The caller owns the
//! deadline and learns the last state that was seen when it passes.

use std::fmt::Debug;
use std::ops::ControlFlow;

use futures::{Stream, StreamExt};
use kube::Resource;
use kube::api::{Api, DynamicObject};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch};
use serde::de::DeserializeOwned;

use super::{Cluster, Error, Scope, Selection};
use crate::kinds::Kind;

impl Cluster {
    /// Follows one object until `decide` breaks, and returns what it broke with. `decide` sees
    /// every state, or nothing where the object does not exist (any more).
    ///
    /// # Errors
    /// What the server says where waiting cannot help.
    pub async fn follow<T>(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
        mut decide: impl FnMut(Option<&DynamicObject>) -> ControlFlow<T>,
    ) -> Result<T, Error> {
        let selection = Selection {
            name: Some(name.to_owned()),
            ..Selection::default()
        };
        self.follow_all(
            kind,
            Scope::Namespace(namespace),
            &selection,
            |event| match event {
                Event::InitApply(object) | Event::Apply(object) => decide(Some(object)),
                Event::Delete(_) => decide(None),
                Event::Init | Event::InitDone => ControlFlow::Continue(()),
            },
        )
        .await
    }

    /// Follows every object of a selection until `decide` breaks.
    ///
    /// # Errors
    /// What the server says where waiting cannot help.
    pub async fn follow_all<T>(
        &self,
        kind: &Kind,
        scope: Scope<'_>,
        selection: &Selection,
        mut decide: impl FnMut(&Event<DynamicObject>) -> ControlFlow<T>,
    ) -> Result<T, Error> {
        let mut config = watcher::Config::default().page_size(500);
        if let Some(labels) = &selection.labels {
            config = config.labels(labels);
        }
        if let Some(name) = &selection.name {
            config = config.fields(&format!("metadata.name={name}"));
        }
        let events = self.events(self.objects(kind, scope), config);
        futures::pin_mut!(events);
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    if let ControlFlow::Break(outcome) = decide(&event) {
                        return Ok(outcome);
                    }
                }
                Err(error) => return Err(self.name_versions(error, kind).await),
            }
        }
        // The watcher's stream never ends of itself.
        Err(Error::Other("the watch ended".to_owned()))
    }

    /// What happens to the objects of any API, as long as anybody listens. What passes by itself
    /// is left out; an error among the events means that listening longer cannot help.
    pub(super) fn events<K>(
        &self,
        api: Api<K>,
        config: watcher::Config,
    ) -> impl Stream<Item = Result<Event<K>, Error>> + use<K>
    where
        K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
    {
        let server = self.server.clone();
        let events = watch(api, config).default_backoff();
        events.filter_map(move |event| {
            futures::future::ready(match event {
                Ok(event) => Some(Ok(event)),
                Err(error) => fatal(error, &server).map(Err),
            })
        })
    }
}

/// The error, if waiting longer cannot help.
fn fatal(error: watcher::Error, server: &http::Uri) -> Option<Error> {
    let error = match error {
        watcher::Error::InitialListFailed(e) | watcher::Error::WatchStartFailed(e) => e,
        watcher::Error::NoResourceVersion
        | watcher::Error::WatchError(_)
        | watcher::Error::WatchFailed(_) => return None,
    };
    match Error::of(error, server) {
        error @ (Error::KindMissing { .. }
        | Error::Forbidden(_)
        | Error::Unauthorized(_)
        | Error::Credentials(_)
        | Error::Invalid(_)) => Some(error),
        _ => None,
    }
}
