//! The objects as they are now.

use kube::ResourceExt;
use kube::api::DynamicObject;

use super::Request;
use super::columns::Columns;
use crate::cluster::{self, Cluster};
use crate::cmd::round::first_failure;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Kind;
use crate::output::{SortBy, objects};
use crate::ui::table;

/// The objects of one kind.
struct Section {
    kind: &'static Kind,
    columns: Columns,
    /// What the server has, as far as names and labels say.
    found: usize,
    wanted: Vec<Item>,
}

/// What is kept of an object.
struct Item {
    name: String,
    /// Its cells, where a table is wanted.
    row: Vec<String>,
    /// The whole of it, where more than the cells is wanted.
    object: Option<DynamicObject>,
}

impl Section {
    /// Lists a kind.
    async fn read(
        request: &Request<'_>,
        cluster: &Cluster,
        kind: &'static Kind,
        columns: Columns,
    ) -> Result<Self, cluster::Error> {
        let (table, sorted) = (request.is_table(), request.args.sort_by.is_some());
        let mut found = 0;
        let keep = |object: DynamicObject| {
            found += 1;
            request.wants(kind, &object).then(|| Item {
                name: object.name_any(),
                row: if table {
                    columns.row(&object)
                } else {
                    Vec::new()
                },
                object: (!table || sorted).then_some(object),
            })
        };
        let selection = request.selection(kind);
        let wanted = cluster
            .list_as(kind, request.scope(), &selection, keep)
            .await?;
        Ok(Section {
            kind,
            columns,
            found,
            wanted,
        })
    }
}

pub(super) async fn list(request: &Request<'_>) -> Result<()> {
    let mut columns = Vec::new();
    for kind in &request.kinds {
        columns.push((*kind, request.columns(kind)?));
    }
    let cluster = request.context.cluster().await?;
    let lists = columns
        .into_iter()
        .map(async |(kind, columns)| (kind, Section::read(request, &cluster, kind, columns).await));
    let (mut sections, mut failures, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, section) in futures::future::join_all(lists).await {
        match section {
            Ok(section) => {
                missing.extend(absent(request, kind, &section));
                sections.push(section);
            }
            // A kind that is not installed has no objects, unless it was asked for.
            Err(error) if error.is_kind_missing() && request.across && request.names.is_empty() => {
            }
            Err(error) => failures.push(Error::from(error)),
        }
    }
    if let [error] = &mut failures[..]
        && !request.across
    {
        return Err(std::mem::replace(error, Error::failed("")));
    }
    // A name that no kind was given with need only be there once.
    if request.across && request.names.iter().all(|(kind, _)| kind.is_none()) {
        missing.clear();
        missing.extend(nowhere(request, &sections));
    }
    show(request, &mut sections, missing.is_empty())?;
    end(request, &sections, missing, failures)
}

/// The names of the kind that are not among the objects.
fn absent(request: &Request<'_>, kind: &Kind, section: &Section) -> Vec<Error> {
    request
        .names_of(kind)
        .filter(|name| !section.wanted.iter().any(|item| item.name == *name))
        .map(|name| request.missing(kind, name))
        .collect()
}

/// The names that no kind has.
fn nowhere(request: &Request<'_>, sections: &[Section]) -> Vec<Error> {
    let there = |name: &str| {
        let mut items = sections.iter().flat_map(|section| &section.wanted);
        items.any(|item| item.name == name)
    };
    request
        .names
        .iter()
        .filter(|(_, name)| !there(name))
        .map(|(_, name)| {
            Error::new(
                ErrorKind::NotFound,
                format!("no object '{name}' found in {} namespace", request.place()),
            )
        })
        .collect()
}

fn show(request: &Request<'_>, sections: &mut [Section], complete: bool) -> Result<()> {
    let ui = &request.context.ui;
    if let Some(path) = &request.args.sort_by {
        sort(path, sections)?;
    }
    if !request.is_table() {
        let Some(format) = &request.format else {
            return Ok(());
        };
        let objects: Vec<DynamicObject> = sections
            .iter_mut()
            .flat_map(|section| std::mem::take(&mut section.wanted))
            .filter_map(|item| item.object)
            .collect();
        let single = request.names.len() == 1 && !request.args.all_namespaces;
        if (complete || !objects.is_empty())
            && let Some(text) = objects::write(format, &objects, single, !request.args.no_header)?
        {
            ui.answer(&text)?;
        }
        return Ok(());
    }
    for section in sections.iter_mut() {
        let items = std::mem::take(&mut section.wanted).into_iter();
        let rows: Vec<_> = items.map(|item| item.row).collect();
        let columns = &section.columns;
        let nothing = section.found == 0 || (rows.is_empty() && (request.across || !complete));
        if nothing {
            continue;
        }
        let header = columns.header(request);
        let tint = |column: usize, cell: &str| columns.tint(column, cell);
        ui.answer(&table::render_tinted(&header, &rows, ui.tints(), &tint))?;
        if request.across {
            ui.answer("\n")?;
        }
    }
    Ok(())
}

/// Sorts the objects of each kind. A kind whose objects have nothing to sort by stays as it is,
/// unless none has.
fn sort(path: &SortBy, sections: &mut [Section]) -> Result<()> {
    let (mut sorted, mut refused) = (false, None);
    for section in sections.iter_mut().filter(|s| !s.wanted.is_empty()) {
        match path.sort(&mut section.wanted, value) {
            Ok(()) => sorted = true,
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) if !sorted => Err(error),
        _ => Ok(()),
    }
}

fn value(item: &Item) -> Result<serde_json::Value> {
    item.object
        .as_ref()
        .map_or(Ok(serde_json::Value::Null), objects::value)
}

/// Tells of what is missing and of what could not be listed.
fn end(
    request: &Request<'_>,
    sections: &[Section],
    missing: Vec<Error>,
    failures: Vec<Error>,
) -> Result<()> {
    if missing.is_empty() && failures.is_empty() {
        if let [section] = sections
            && !request.across
            && section.found == 0
            && request.is_table()
        {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "no {} objects found in {} namespace",
                    section.kind.kind,
                    request.place()
                ),
            ));
        }
        return Ok(());
    }
    first_failure(
        request.context,
        missing.into_iter().chain(failures).collect(),
    )
}
