//! `create image`: what scans images and puts newer ones into Git, by kind.

pub(super) mod policy;
pub(super) mod repository;
pub(super) mod update;

use clap::Command;
use kube::api::DynamicObject;
use serde::Serialize;

use super::Request;
use crate::cluster::{Cluster, Error as ClusterError};
use crate::error::Result;
use crate::kinds::Kind;

pub(super) fn command() -> Command {
    Command::new("image")
        .about("Create or update what scans images and updates them in Git")
        .subcommand(policy::command())
        .subcommand(repository::command())
        .subcommand(update::command())
}

/// Prints the object, or writes it and waits until it is ready.
fn finish(request: &Request<'_>, kind: &'static Kind, spec: &impl Serialize) -> Result<()> {
    let object = request.object(kind, spec)?;
    if request.export {
        return request.print(&object);
    }
    let context = request.context;
    context.block_on(async {
        let cluster = context.cluster().await?;
        context.ui.generate(format!("generating {}", kind.title));
        write(request, &cluster, kind, &object).await
    })?;
    let done = format!("{} reconciliation completed", kind.title);
    context.ui.success(done);
    Ok(())
}

/// Writes the object, unless it is there just so, and waits until it is ready.
async fn write(
    request: &Request<'_>,
    cluster: &Cluster,
    kind: &'static Kind,
    object: &DynamicObject,
) -> Result<()> {
    let existing = cluster.get(kind, &request.namespace, &request.name).await;
    match existing {
        Ok(existing) if holds(kind, &existing, object) => {
            let ui = &request.context.ui;
            ui.action(format!("applying {}", kind.title));
            request.until_ready(cluster, kind, &existing).await?;
        }
        Ok(_) | Err(ClusterError::NotFound(_)) => {
            request.apply(cluster, kind, object).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Whether the object has the labels and the spec that are wanted. A field that the server has
/// filled in counts as a difference, as it does for flux.
fn holds(kind: &'static Kind, existing: &DynamicObject, wanted: &DynamicObject) -> bool {
    let labels = |object: &DynamicObject| object.metadata.labels.clone().unwrap_or_default();
    labels(existing) == labels(wanted)
        && (kind.normalize)(&existing.data["spec"]).is_ok_and(|spec| spec == wanted.data["spec"])
}
