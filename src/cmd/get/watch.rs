//! The objects as they are now, and every change from then on, until Ctrl-C.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use kube::ResourceExt;
use kube::api::DynamicObject;
use kube::runtime::watcher::Event;

use super::Request;
use crate::cluster::{self, Cluster};
use crate::error::{Error, Result};
use crate::kinds::{Kind, Target};
use crate::output::{Format, objects};
use crate::ui::table;

/// Watches all kinds side by side.
pub(super) async fn watch(request: &Request<'_>) -> Result<()> {
    let cluster = request.context.cluster().await?;
    let mut watches: Vec<_> = request
        .kinds
        .iter()
        .map(|kind| Box::pin(watch_kind(request, &cluster, kind)))
        .collect();
    // A watch ends only where waiting longer cannot help. Others go on without it.
    let mut first = None;
    while !watches.is_empty() {
        let (end, _, rest) = futures::future::select_all(watches).await;
        watches = rest;
        match end {
            Ended::Missing(_) if request.across && !watches.is_empty() => {}
            Ended::Missing(error) | Ended::Failed(error) => {
                if !watches.is_empty() {
                    request.context.ui.failure(error.chain());
                }
                first.get_or_insert(error);
            }
            Ended::Unread(why) => return why.map_or(Ok(()), Err),
        }
    }
    first.map_or(Ok(()), Err)
}

/// Why a watch ended.
enum Ended {
    /// The kind is not installed.
    Missing(Error),
    /// The server will not have it.
    Failed(Error),
    /// Nobody reads what is shown: whoever did has gone, or it cannot be written.
    Unread(Option<Error>),
}

/// Prints the list, then every change. After the watch was broken, only what has changed meanwhile
/// is printed.
async fn watch_kind(request: &Request<'_>, cluster: &Cluster, kind: &'static Kind) -> Ended {
    let mut shown: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    let mut first: Option<Vec<DynamicObject>> = Some(Vec::new());
    let print = |objects: &[DynamicObject], first| print_changes(request, kind, objects, first);
    let ended = cluster
        .follow_all(kind, request.scope(), &request.selection(kind), |event| {
            let printed = match event {
                Event::Init => Ok(()),
                Event::InitApply(object) if first.is_some() => {
                    if request.wants(kind, object) {
                        note(&mut shown, object);
                        first.get_or_insert_default().push(object.clone());
                    }
                    Ok(())
                }
                Event::InitDone => match first.take() {
                    Some(objects) if objects.is_empty() && request.across => Ok(()),
                    Some(objects) => print(&objects, true),
                    None => Ok(()),
                },
                Event::InitApply(object) | Event::Apply(object) => {
                    if request.wants(kind, object) && note(&mut shown, object) {
                        print(std::slice::from_ref(object), false)
                    } else {
                        Ok(())
                    }
                }
                Event::Delete(object) => {
                    let target = Target::of(kind, object);
                    request.context.ui.action(format!("{target} deleted"));
                    Ok(())
                }
            };
            match printed {
                Ok(()) if request.context.ui.is_read() => ControlFlow::Continue(()),
                Ok(()) => ControlFlow::Break(None),
                Err(error) => ControlFlow::Break(Some(error)),
            }
        })
        .await;
    match ended {
        Ok(why) => Ended::Unread(why),
        Err(error @ cluster::Error::KindMissing { .. }) => Ended::Missing(error.into()),
        Err(error) => Ended::Failed(error.into()),
    }
}

/// Remembers the object; false where this version of it has been seen.
fn note(shown: &mut BTreeMap<(String, String), Option<String>>, object: &DynamicObject) -> bool {
    let key = (object.namespace().unwrap_or_default(), object.name_any());
    let version = object.resource_version();
    shown.insert(key, version.clone()) != Some(version)
}

fn print_changes(
    request: &Request<'_>,
    kind: &'static Kind,
    objects: &[DynamicObject],
    first: bool,
) -> Result<()> {
    let ui = &request.context.ui;
    let text = match request.format.as_ref().filter(|_| !request.is_table()) {
        Some(format) => {
            let mut text = String::new();
            for object in objects {
                let one = objects::write(
                    format,
                    std::slice::from_ref(object),
                    true,
                    first && !request.args.no_header,
                )?;
                if *format == Format::Yaml {
                    text.push_str("---\n");
                }
                text.push_str(&one.unwrap_or_default());
            }
            text
        }
        None => {
            let columns = request.columns(kind)?;
            let rows: Vec<_> = objects.iter().map(|o| columns.row(o)).collect();
            let header = if first {
                columns.header(request)
            } else {
                Vec::new()
            };
            let tint = |column: usize, cell: &str| columns.tint(column, cell);
            table::render_tinted(&header, &rows, ui.tints(), &tint)
        }
    };
    ui.answer(&text)?;
    ui.flush()
}
