//! How `create` ends for the kinds whose last lines name the object.

use kube::api::DynamicObject;
use serde::Serialize;

use super::Request;
use crate::error::Result;
use crate::kinds::Kind;

/// Prints the object, or applies it, waits until it is ready and returns it as it then is.
///
/// # Errors
/// What the server says, and what keeps the object from being ready.
pub(super) fn finish(
    request: &Request<'_>,
    kind: &'static Kind,
    spec: &impl Serialize,
) -> Result<Option<DynamicObject>> {
    let object = request.object(kind, spec)?;
    if request.export {
        request.print(&object)?;
        return Ok(None);
    }
    let context = request.context;
    let ready = context.block_on(async {
        let cluster = context.cluster().await?;
        request.apply(&cluster, kind, &object).await
    })?;
    let done = format!("{} {} is ready", kind.title, request.name);
    context.ui.success(done);
    Ok(Some(ready))
}

/// Says that the object is being made, unless it is only printed.
pub(super) fn announce(request: &Request<'_>, kind: &'static Kind) {
    if !request.export {
        let line = format!("generating {}", kind.title);
        request.context.ui.generate(line);
    }
}
