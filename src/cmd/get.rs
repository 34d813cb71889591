//! `get`: objects and their status.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use jiff::Timestamp;
use kube::ResourceExt;
use kube::api::DynamicObject;
use kube::runtime::watcher::Event;

use super::nouns::{self, Selected, Words};
use super::output::{self, Format};
use super::{Verb, arguments};
use crate::cluster::{Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::{Column, Kind, status};
use crate::ui::table;

pub(super) const VERB: Verb = Verb {
    name: "get",
    command,
    run,
};

const SHOW_SOURCE: &str = "show-source";

// Flags of every `get` command.
#[derive(Args)]
struct GetArgs {
    /// List the objects of all namespaces
    #[arg(long, short = 'A', global = true)]
    all_namespaces: bool,
    /// Leave out the table's header
    #[arg(long, global = true)]
    no_header: bool,
    /// Only objects with such a condition, as TYPE=STATUS or TYPE!=STATUS
    #[arg(long, global = true, value_name = "CONDITION")]
    status_selector: Option<String>,
    /// Only objects with such labels, in Kubernetes' selector syntax
    #[arg(long, short = 'l', global = true, value_name = "SELECTOR")]
    label_selector: Option<String>,
    /// Keep watching for changes after the list
    #[arg(long, short = 'w', global = true)]
    watch: bool,
    /// The format of the answer
    #[arg(long, short = 'o', global = true, value_enum, value_name = "FORMAT")]
    output: Option<Format>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = GetArgs::augment_args(
        Command::new("get").about("List sources and resources with their status"),
    );
    let words = Words {
        applies: |_| true,
        noun: |kind| kind.list,
        about: |kind| format!("List {} objects with their status", kind.kind),
        examples: |kind| {
            let path = kind.list.path.join(" ");
            format!(
                "  # List all in a namespace\n  {{bin}} get {path} --namespace=flux-system\n\n  \
                 # List those of all namespaces that are not ready\n  \
                 {{bin}} get {path} -A --status-selector ready!=true\n\n  \
                 # Whole objects for a program\n  {{bin}} get {path} -A -o json"
            )
        },
    };
    nouns::tree::<None>(base, words, |command, kind| {
        if kind.source_column.is_some() {
            command.arg(
                Arg::new(SHOW_SOURCE)
                    .long(SHOW_SOURCE)
                    .help("Show the source of each")
                    .action(ArgAction::SetTrue),
            )
        } else {
            command
        }
    })
}

/// What was asked for, in one place.
struct Request<'a> {
    context: &'a Context,
    kind: &'static Kind,
    args: GetArgs,
    namespace: String,
    names: Vec<String>,
    condition: Option<ConditionSelector>,
    columns: Vec<Column>,
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let selected = nouns::selected(|kind| kind.list, matches)?;
    let args: GetArgs = arguments(selected.matches)?;
    let request = Request {
        context,
        kind: selected.kind,
        namespace: context.namespace()?,
        condition: args
            .status_selector
            .as_deref()
            .filter(|s| !s.is_empty())
            .map(ConditionSelector::parse)
            .transpose()?,
        columns: columns(&selected, &args),
        names: selected.names,
        args,
    };
    if request.args.watch {
        context.block_on_unlimited(watch(&request))
    } else {
        context.block_on(list(&request))
    }
}

fn columns(selected: &Selected<'_>, args: &GetArgs) -> Vec<Column> {
    let wide = args.output == Some(Format::Wide);
    let mut columns = Vec::new();
    if args.all_namespaces {
        columns.push(Column {
            header: "Namespace",
            cell: |object| object.namespace().unwrap_or_default(),
        });
    }
    columns.push(Column {
        header: "Name",
        cell: ResourceExt::name_any,
    });
    if wide || nouns::flag(selected.matches, SHOW_SOURCE) {
        columns.extend(selected.kind.source_column);
    }
    columns.extend(selected.kind.columns);
    if wide {
        columns.push(Column {
            header: "Interval",
            cell: |object| {
                let interval = object.data["spec"]["interval"].as_str();
                interval.unwrap_or_default().to_owned()
            },
        });
        columns.push(Column {
            header: "Age",
            cell: age,
        });
    }
    columns
}

fn age(object: &DynamicObject) -> String {
    let Some(created) = &object.metadata.creation_timestamp else {
        return String::new();
    };
    let seconds = Timestamp::now().duration_since(created.0).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `type=status` or `type!=status`, without regard to case.
struct ConditionSelector {
    kind: String,
    status: String,
    equal: bool,
}

impl ConditionSelector {
    fn parse(text: &str) -> Result<Self> {
        let (kind, status, equal) = match (text.split_once("!="), text.split_once('=')) {
            (Some((kind, status)), _) => (kind, status, false),
            (None, Some((kind, status))) => (kind, status, true),
            (None, None) => {
                return Err(Error::usage(format!(
                    "expected status selector in type=status or type!=status format, but found: \
                     {text}"
                )));
            }
        };
        Ok(ConditionSelector {
            kind: kind.to_owned(),
            status: status.to_owned(),
            equal,
        })
    }

    fn matches(&self, object: &DynamicObject) -> bool {
        let found = status::condition(object, &self.kind)
            .is_some_and(|c| c.status.eq_ignore_ascii_case(&self.status));
        found == self.equal
    }
}

impl Request<'_> {
    fn scope(&self) -> Scope<'_> {
        if self.args.all_namespaces {
            Scope::All
        } else {
            Scope::Namespace(&self.namespace)
        }
    }

    fn selection(&self) -> Selection {
        Selection {
            labels: self.args.label_selector.clone().filter(|s| !s.is_empty()),
            // The server filters one name; several are filtered here.
            name: match &self.names[..] {
                [name] => Some(name.clone()),
                _ => None,
            },
        }
    }

    fn wants(&self, object: &DynamicObject) -> bool {
        let named = self.names.is_empty() || self.names.contains(&object.name_any());
        named && self.condition.as_ref().is_none_or(|c| c.matches(object))
    }

    fn place(&self) -> String {
        if self.args.all_namespaces {
            "any".to_owned()
        } else {
            format!("{:?}", self.namespace)
        }
    }

    fn row(&self, object: &DynamicObject) -> Vec<String> {
        self.columns.iter().map(|c| (c.cell)(object)).collect()
    }

    fn header(&self) -> Vec<&'static str> {
        if self.args.no_header {
            Vec::new()
        } else {
            self.columns.iter().map(|c| c.header).collect()
        }
    }

    /// The names that are not among the objects.
    fn missing(&self, objects: &[DynamicObject]) -> Option<Error> {
        let missing = self
            .names
            .iter()
            .find(|name| !objects.iter().any(|o| o.name_any() == **name))?;
        Some(Error::new(
            ErrorKind::NotFound,
            format!(
                "{} object '{missing}' not found in {} namespace",
                self.kind.kind,
                self.place()
            ),
        ))
    }
}

async fn list(request: &Request<'_>) -> Result<()> {
    let cluster = request.context.cluster().await?;
    let objects = cluster
        .list(request.kind, request.scope(), &request.selection())
        .await?;
    let missing = request.missing(&objects);
    let wanted: Vec<_> = objects
        .iter()
        .filter(|o| request.wants(o))
        .cloned()
        .collect();
    let ui = &request.context.ui;
    if let Some(format) = request.args.output.filter(|f| *f != Format::Wide) {
        let single = request.names.len() == 1 && !request.args.all_namespaces;
        if (missing.is_none() || !wanted.is_empty())
            && let Some(text) = output::machine(format, &wanted, single)?
        {
            ui.answer(&text)?;
        }
        return missing.map_or(Ok(()), Err);
    }
    if objects.is_empty() && missing.is_none() {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!(
                "no {} objects found in {} namespace",
                request.kind.kind,
                request.place()
            ),
        ));
    }
    let rows: Vec<_> = wanted.iter().map(|o| request.row(o)).collect();
    if missing.is_none() || !rows.is_empty() {
        ui.answer(&table::render(&request.header(), &rows))?;
    }
    missing.map_or(Ok(()), Err)
}

/// Prints the list, then every change, until Ctrl-C. After the watch was broken, only what has
/// changed meanwhile is printed.
async fn watch(request: &Request<'_>) -> Result<()> {
    let cluster = request.context.cluster().await?;
    let mut shown: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    let mut first: Option<Vec<DynamicObject>> = Some(Vec::new());
    let failure = cluster
        .follow_all(
            request.kind,
            request.scope(),
            &request.selection(),
            |event| {
                let printed = match event {
                    Event::Init => Ok(()),
                    Event::InitApply(object) if first.is_some() => {
                        if request.wants(object) {
                            note(&mut shown, object);
                            first.get_or_insert_default().push(object.clone());
                        }
                        Ok(())
                    }
                    Event::InitDone => match first.take() {
                        Some(objects) => print_changes(request, &objects, true),
                        None => Ok(()),
                    },
                    Event::InitApply(object) | Event::Apply(object) => {
                        if request.wants(object) && note(&mut shown, object) {
                            print_changes(request, std::slice::from_ref(object), false)
                        } else {
                            Ok(())
                        }
                    }
                    Event::Delete(object) => print_deleted(request, object),
                };
                match printed {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => ControlFlow::Break(error),
                }
            },
        )
        .await?;
    Err(failure)
}

/// Remembers the object; false where this version of it has been seen.
fn note(shown: &mut BTreeMap<(String, String), Option<String>>, object: &DynamicObject) -> bool {
    let key = (object.namespace().unwrap_or_default(), object.name_any());
    let version = object.resource_version();
    shown.insert(key, version.clone()) != Some(version)
}

fn print_changes(request: &Request<'_>, objects: &[DynamicObject], first: bool) -> Result<()> {
    let ui = &request.context.ui;
    let text = match request.args.output.filter(|f| *f != Format::Wide) {
        Some(format) => {
            let mut text = String::new();
            for object in objects {
                let one = output::machine(format, std::slice::from_ref(object), true)?;
                if format == Format::Yaml {
                    text.push_str("---\n");
                }
                text.push_str(&one.unwrap_or_default());
            }
            text
        }
        None => {
            let rows: Vec<_> = objects.iter().map(|o| request.row(o)).collect();
            let header = if first { request.header() } else { Vec::new() };
            table::render(&header, &rows)
        }
    };
    ui.answer(&text)?;
    ui.flush()
}

fn print_deleted(request: &Request<'_>, object: &DynamicObject) -> Result<()> {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    request
        .context
        .ui
        .action(format!("{} {namespace}/{name} deleted", request.kind.kind));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn condition_selectors() {
        let selector = ConditionSelector::parse("Ready!=True").unwrap();
        assert!(!selector.equal && selector.kind == "Ready" && selector.status == "True");
        assert!(ConditionSelector::parse("ready=false").unwrap().equal);
        assert!(ConditionSelector::parse("ready").is_err());
    }
}
