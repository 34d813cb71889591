//! Lists of objects, page by page.
//!
//! The server writes a list for longer than reflux takes to read it. So each object is read as soon
//! as its text has arrived ([`split`], [`item`]): little is left to do when the last one is there,
//! and a page is never held as a whole. So pages may be so large that nearly every list is one: the
//! server has the first page of a list in its memory, but may have to fetch the next ones from
//! etcd, which takes it several times as long.

mod item;
mod split;

use std::pin::pin;

use futures::io::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::Request;
use serde::Deserialize;

use super::again::Attempts;
use super::{Cluster, Error, Scope, with_types};
use crate::kinds::Kind;
use split::Splitter;

/// How many objects one page of a list holds.
const PAGE: u32 = 10_000;

/// Which objects a list holds.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A label selector in Kubernetes syntax.
    pub labels: Option<String>,
    /// One name.
    pub name: Option<String>,
    /// How much of each object is read.
    pub detail: Detail,
}

/// How much of an object is read from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// What columns and states are made of: nothing that grows with what an object applies or is
    /// configured with.
    Outline,
    /// All but who owns which of its fields.
    #[default]
    Content,
    /// Everything that the server has.
    Whole,
}

impl Selection {
    fn params(&self) -> ListParams {
        let mut params = ListParams::default().limit(PAGE);
        if let Some(labels) = &self.labels {
            params = params.labels(labels);
        }
        if let Some(name) = &self.name {
            params = params.fields(&format!("metadata.name={name}"));
        }
        params
    }
}

impl Cluster {
    /// Reads all objects that `selection` covers, page by page, in the server's order.
    ///
    /// # Errors
    /// Whatever the connection brings; none of them being there is not an error.
    pub async fn list(
        &self,
        kind: &Kind,
        scope: Scope<'_>,
        selection: &Selection,
    ) -> Result<Vec<DynamicObject>, Error> {
        self.list_as(kind, scope, selection, Some).await
    }

    /// [`Cluster::list`] that keeps of each object what `keep` makes of it, and nothing else.
    /// What breaks off is read again, so `keep` may see an object more than once.
    ///
    /// # Errors
    /// As those of [`Cluster::list`].
    pub async fn list_as<T>(
        &self,
        kind: &Kind,
        scope: Scope<'_>,
        selection: &Selection,
        mut keep: impl FnMut(DynamicObject) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let api = self.objects(kind, scope);
        let mut params = selection.params();
        let (mut kept, mut attempts) = (Vec::new(), Attempts::default());
        loop {
            let complete = kept.len();
            let each = |object| kept.extend(keep(with_types(object, kind)));
            let page = read(&self.client, &api, &params, selection.detail, each).await;
            let error = match page {
                Ok(page) => {
                    params.continue_token = page.continue_.filter(|token| !token.is_empty());
                    if params.continue_token.is_none() {
                        return Ok(kept);
                    }
                    attempts = Attempts::default();
                    continue;
                }
                Err(error) => error,
            };
            kept.truncate(complete);
            match error {
                // The list grew old between two pages: begin again.
                kube::Error::Api(status)
                    if status.code == 410 && params.continue_token.is_some() =>
                {
                    params.continue_token = None;
                    kept.clear();
                }
                error => {
                    if let Err(error) = attempts.pause_after(error).await {
                        return Err(self.explain(error, kind).await);
                    }
                }
            }
        }
    }
}

/// A list without its items.
#[derive(Deserialize)]
struct Rest {
    #[serde(default)]
    metadata: ListMeta,
    /// They must have been there, as objects.
    #[serde(rename = "items")]
    _items: Option<[(); 0]>,
}

/// Reads a page, and says where the next one begins.
async fn read(
    client: &Client,
    api: &Api<DynamicObject>,
    params: &ListParams,
    detail: Detail,
    mut each: impl FnMut(DynamicObject),
) -> kube::Result<ListMeta> {
    let mut request = Request::new(api.resource_url())
        .list(params)
        .map_err(kube::Error::BuildRequest)?;
    request.extensions_mut().insert("list");
    let mut answer = pin!(client.request_stream(request).await?);
    let mut splitter = Splitter::default();
    loop {
        let piece = answer.fill_buf().await.map_err(broken)?;
        let length = piece.len();
        if length == 0 {
            break;
        }
        splitter
            .push(piece, |json| item::read(json, detail).map(&mut each))
            .map_err(kube::Error::SerdeError)?;
        answer.as_mut().consume(length);
    }
    let rest: Rest = serde_json::from_slice(splitter.rest()).map_err(kube::Error::SerdeError)?;
    Ok(rest.metadata)
}

/// An answer that breaks off, as the client library tells of it elsewhere.
fn broken(error: std::io::Error) -> kube::Error {
    match error.downcast::<kube::Error>() {
        Ok(error) => error,
        Err(error) => kube::Error::Service(Box::new(error)),
    }
}
