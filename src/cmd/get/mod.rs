//! `get`: objects and their status.
//!
//! One kind is a table; several kinds are a table each, or one List for a program. What is looked
//! for is a [`Request`]; [`list`] shows it once, [`watch`] keeps showing it.

mod columns;
mod condition;
mod list;
mod watch;

use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use kube::ResourceExt;
use kube::api::DynamicObject;

use self::columns::Columns;
use self::condition::ConditionSelector;
use super::nouns::{self, NAMES, Words};
use super::output;
use super::select;
use super::{Verb, arguments};
use crate::cluster::{Detail, Scope, Selection};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::status::State;
use crate::kinds::{KINDS, Kind};
use crate::output::{Asked, Format, SortBy, Word};

pub(super) const VERB: Verb = Verb {
    name: "get",
    command,
    run,
};

const SHOW_SOURCE: &str = "show-source";

/// The word for all kinds of a group.
const ALL: &str = "all";

/// The formats of `-o`.
const FORMATS: &[Word] = &[
    Word::Json,
    Word::Yaml,
    Word::Name,
    Word::Wide,
    Word::JsonPath,
    Word::CustomColumns,
];

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
    /// Only objects that are not ready
    #[arg(long, global = true)]
    not_ready: bool,
    /// Only objects that are suspended, with who suspended them and why
    #[arg(long, global = true)]
    suspended: bool,
    /// Keep watching for changes after the list
    #[arg(long, short = 'w', global = true)]
    watch: bool,
    /// The columns to show, by their headers; commas or repeats for several
    #[arg(long, global = true, value_delimiter = ',', value_name = "COLUMN")]
    columns: Vec<String>,
    /// Sort by a path in the objects, as kubectl has it, such as .metadata.name
    #[arg(long, global = true, value_name = "JSONPATH", value_parser = SortBy::parse)]
    sort_by: Option<SortBy>,
    /// The format of the answer
    #[arg(long, short = 'o', global = true, value_name = "FORMAT", value_parser = output::parser(FORMATS))]
    output: Option<Asked>,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base = GetArgs::augment_args(
        Command::new("get").about("List sources and resources with their status"),
    )
    .after_help(
        "Examples:\n  # List everything in all namespaces\n  {bin} get all -A\n\n  \
         # Several objects of different kinds\n  {bin} get ks/apps hr/podinfo\n\n  \
         # What is suspended, by whom and why\n  {bin} get -A --suspended",
    );
    let words = Words {
        applies: |_| true,
        across: true,
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
    let tree = nouns::tree::<None>(base, words, |command, kind| {
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
    });
    tree.subcommand(all("", "objects of every kind"))
        .mut_subcommand("sources", |group| {
            group.subcommand(all("sources ", "sources of every kind"))
        })
        .mut_subcommand("images", |group| {
            group.subcommand(all("images ", "image objects of every kind"))
        })
}

/// The leaf for all kinds of a group.
fn all(group: &str, what: &str) -> Command {
    Command::new(ALL)
        .about(format!("List {what} with their status"))
        .after_help(format!(
            "Examples:\n  # List them in a namespace\n  {{bin}} get {group}all --namespace=flux-system\n\n  \
             # List them in all namespaces\n  {{bin}} get {group}all --all-namespaces"
        ))
        .arg(
            Arg::new(NAMES)
                .value_name("NAME")
                .help("Names of objects")
                .action(ArgAction::Append)
                .num_args(0..),
        )
}

/// What was asked for, in one place.
struct Request<'a> {
    context: &'a Context,
    kinds: Vec<&'static Kind>,
    /// Whether several kinds may be among the objects, so that names say the kind, too.
    across: bool,
    args: GetArgs,
    namespace: String,
    names: Vec<(Option<&'static Kind>, String)>,
    condition: Option<ConditionSelector>,
    /// The format of the answer, where it was asked for.
    format: Option<Format>,
    show_source: bool,
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let leaf = nouns::deepest(matches);
    let args: GetArgs = arguments(leaf)?;
    let condition = args
        .status_selector
        .as_deref()
        .filter(|s| !s.is_empty())
        .map(ConditionSelector::parse)
        .transpose()?;
    let (kinds, names, across) = subject(matches)?;
    let request = Request {
        context,
        kinds,
        across,
        namespace: context.namespace()?,
        condition,
        format: args.output.clone().map(output::load).transpose()?,
        show_source: nouns::flag(leaf, SHOW_SOURCE),
        names,
        args,
    };
    if request.args.watch {
        context.block_on_unlimited(watch::watch(&request))
    } else {
        context.block_on_answers(list::list(&request))
    }
}

type Subject = (
    Vec<&'static Kind>,
    Vec<(Option<&'static Kind>, String)>,
    bool,
);

/// The kinds and the names that the words mean, and whether several kinds are meant.
fn subject(matches: &ArgMatches) -> Result<Subject> {
    let mut path = Vec::new();
    let mut leaf = matches;
    while let Some((word, below)) = leaf.subcommand() {
        path.push(word);
        leaf = below;
    }
    let Some((&ALL, group)) = path.split_last() else {
        let words = select::words(matches, |kind| kind.list, |_| true)?;
        let named = |(kind, name)| (Some(kind), name);
        let across = words.kind.is_none();
        let mut kinds = words.kinds;
        if across && !words.names.is_empty() {
            kinds.retain(|kind| words.names.iter().any(|(k, _)| k.kind == kind.kind));
        }
        return Ok((kinds, words.names.into_iter().map(named).collect(), across));
    };
    let kinds = KINDS
        .iter()
        .copied()
        .filter(|kind| match group {
            // As in flux, artifacts are no part of everything.
            [] => !kind.list.path.starts_with(&["artifacts"]),
            group => kind.list.path.starts_with(group),
        })
        .collect();
    let names = leaf.get_many::<String>(NAMES).into_iter().flatten();
    Ok((
        kinds,
        names.map(|name| (None, name.clone())).collect(),
        true,
    ))
}

impl Request<'_> {
    fn scope(&self) -> Scope<'_> {
        if self.args.all_namespaces {
            Scope::All
        } else {
            Scope::Namespace(&self.namespace)
        }
    }

    fn selection(&self, kind: &Kind) -> Selection {
        let mut names = self.names_of(kind);
        Selection {
            labels: self.args.label_selector.clone().filter(|s| !s.is_empty()),
            // The server filters one name; several are filtered here.
            name: match (names.next(), names.next()) {
                (Some(name), None) => Some(name.to_owned()),
                _ => None,
            },
            detail: match self.format {
                // Templates see all that the server has, as with kubectl.
                Some(
                    Format::JsonPath(_) | Format::JsonPathAsJson(_) | Format::CustomColumns(_),
                ) => Detail::Whole,
                _ if self.is_table() && self.args.sort_by.is_none() => Detail::Outline,
                _ => Detail::Content,
            },
        }
    }

    /// The names that were given for the kind.
    fn names_of(&self, kind: &Kind) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .filter(|(of, _)| of.is_none_or(|of| of.kind == kind.kind))
            .map(|(_, name)| name.as_str())
    }

    fn wants(&self, kind: &Kind, object: &DynamicObject) -> bool {
        let name = object.name_any();
        let named = self.names.is_empty() || self.names_of(kind).any(|n| n == name);
        named
            && self
                .condition
                .as_ref()
                .is_none_or(|c| c.matches(kind, object))
            && (!self.args.not_ready || kind.state(object) != State::Ready)
            && (!self.args.suspended || (kind.suspended)(object))
    }

    fn place(&self) -> String {
        if self.args.all_namespaces {
            "any".to_owned()
        } else {
            format!("{:?}", self.namespace)
        }
    }

    fn columns(&self, kind: &'static Kind) -> Result<Columns> {
        Columns::new(self, kind)
    }

    fn is_table(&self) -> bool {
        self.format.as_ref().is_none_or(|f| *f == Format::Wide)
    }

    /// The refusal of a name of the kind that is not there.
    fn missing(&self, kind: &Kind, name: &str) -> Error {
        Error::new(
            ErrorKind::NotFound,
            format!(
                "{} object '{name}' not found in {} namespace",
                kind.kind,
                self.place()
            ),
        )
    }
}
