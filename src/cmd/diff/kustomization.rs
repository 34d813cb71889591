//! `diff kustomization`: a folder against the cluster.

use clap::{ArgMatches, Args, Command, ValueEnum};
use kustomize::yaml::{self, Dialect};
use serde_json::Value;

use super::root::Root;
use super::show::{FailOn, Shown};
use super::walk::Walk;
use crate::build::spec::{Kustomization, is_kustomization};
use crate::cluster::Cluster;
use crate::cmd::build::render::FolderArgs;
use crate::cmd::build::wanted::Wanted;
use crate::cmd::output::parser;
use crate::cmd::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::ObjectName;
use crate::output::{Asked, Word};

/// What goes before the reason why there is no Kustomization.
const NO_KUSTOMIZATION: &str = "failed to get kustomization object";

#[derive(Args)]
struct KustomizationArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Show a spinner on a terminal; on unless it is false
    #[arg(long, default_value = "true")]
    progress_bar: bool,
    /// Accept that the Kustomization in the file is not in the cluster; without it, a note says so
    #[arg(long)]
    ignore_not_found: bool,
    /// Print something else than lines for people: unified, json, yaml, markdown, name or jsonpath=…
    #[arg(long, short = 'o', value_name = "FORMAT", value_parser = parser(FORMATS))]
    output: Option<Asked>,
    /// What exits with 1: any change, or only what deletes something
    #[arg(long, value_enum, default_value_t = FailOn::Change, value_name = "WHAT")]
    fail_on: FailOn,
    /// Let the server say what would become of the objects; on unless it is false
    ///
    /// Without it, rights to read are enough. What becomes of the objects is guessed: defaults,
    /// admission and most of the rules by which lists are merged are not known.
    #[arg(long, default_value = "true")]
    server_side: bool,
}

const FORMATS: &[Word] = &[
    Word::Unified,
    Word::Json,
    Word::Yaml,
    Word::Markdown,
    Word::Name,
    Word::JsonPath,
];

pub(super) const WORD: Verb = Verb {
    name: "kustomization",
    command,
    run,
};

fn command() -> Command {
    leaf::<KustomizationArgs>(
        Command::new(WORD.name)
            .visible_alias("ks")
            .about("Show what a folder would change in the cluster")
            .long_about(
                "Show what a folder would change in the cluster.\n\n\
                 The folder is built as kustomize-controller builds it, the API server is asked what would \
                 become of each object (a dry run), and the differences are printed, with what would be deleted and \
                 all that goes with it. Values of Secrets are never shown. Nothing is written. Exit codes: 0 no \
                 differences, 1 differences, 2 an error.",
            )
            .after_help(
                "Examples:\n  # See what local changes would do\n  \
                 {bin} diff kustomization my-app --path ./apps/my-app\n\n  \
                 # With the Kustomization of a file, which may be a new one\n  \
                 {bin} diff kustomization my-app --path ./apps/my-app \\\n    \
                 --kustomization-file ./clusters/my-app.yaml\n\n  \
                 # With all Kustomizations below it; fail only where something would be deleted\n  \
                 {bin} diff kustomization apps --path ./apps --recursive \\\n    \
                 --local-sources GitRepository/flux-system/flux-system=. --fail-on=delete",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: KustomizationArgs = arguments(matches)?;
    args.folder.name()?;
    let dir = args.folder.folder()?;
    let namespace = context.namespace()?;
    let wanted = args.folder.wanted(&namespace)?;
    if args.ignore_not_found && args.folder.kustomization_file.is_empty() {
        return Err(Error::usage(
            "kustomization file is required when assuming new kustomizations",
        ));
    }
    let format = args
        .output
        .clone()
        .map(crate::cmd::output::load)
        .transpose()?;
    let mut builder = args.folder.builder(context, &namespace)?;
    let exact = args.server_side;
    let report = context.block_on_answers(async {
        let doing = "running dry-run";
        let progress = args.progress_bar.then(|| context.ui.progress(doing));
        let cluster = context.cluster().await?;
        let root = root(context, &cluster, &wanted, args.ignore_not_found).await?;
        builder.cluster = Some(cluster.clone());
        let walk = Walk::new(
            &context.ui,
            &cluster,
            &builder,
            exact,
            args.folder.recursive,
        );
        let report = walk.report(root, dir).await?;
        drop(progress);
        Ok(report)
    })?;
    Shown {
        report,
        format,
        fail_on: args.fail_on,
        title: String::new(),
    }
    .show(context)
}

/// The Kustomization: the one in the file with the status of the cluster's, or the cluster's.
async fn root(
    context: &Context,
    cluster: &Cluster,
    wanted: &Wanted<'_>,
    may_be_new: bool,
) -> Result<Root> {
    let name = ObjectName {
        api_version: "kustomize.toolkit.fluxcd.io/v1".to_owned(),
        kind: "Kustomization".to_owned(),
        namespace: Some(wanted.namespace.to_owned()),
        name: wanted.name.to_owned(),
    };
    let has_file = !wanted.file.is_empty();
    let live = match cluster.look(std::slice::from_ref(&name), None).await.pop() {
        Some(Ok(live)) => live,
        Some(Err(error)) if error.is_kind_missing() && has_file => None,
        Some(Err(error)) => return Err(Error::from(error).context(NO_KUSTOMIZATION)),
        None => None,
    };
    let object = match &live {
        _ if has_file => in_file(wanted)?,
        Some(live) => live.clone(),
        None => {
            let text = format!(
                "{NO_KUSTOMIZATION}: kustomizations.kustomize.toolkit.fluxcd.io {:?} not found",
                wanted.name
            );
            return Err(Error::new(ErrorKind::NotFound, text)
                .hint("a new one can be in a file: --kustomization-file FILE"));
        }
    };
    if live.is_none() && !may_be_new {
        context.ui.warning(format!(
            "{name} is not in the cluster: all that it applies is new"
        ));
    }
    Root::of(object, live, wanted.namespace)
}

/// The Kustomization in the file, as it is written there.
fn in_file(wanted: &Wanted<'_>) -> Result<Value> {
    // It says what is wrong with a file that has none.
    let found = wanted.in_file()?;
    let text = fs_err::read_to_string(wanted.file)?;
    let documents = yaml::parse(&text, Dialect::Kubernetes).unwrap_or_default();
    let is_it = |object: &Value| {
        is_kustomization(object)
            && Kustomization::of(object).is_ok_and(|read| {
                read.metadata.name == found.metadata.name
                    && read.metadata.namespace == found.metadata.namespace
            })
    };
    let mut objects = documents.iter().map(yaml::Node::to_json);
    let missing = || Error::failed(NO_KUSTOMIZATION);
    objects.find(is_it).ok_or_else(missing)
}

impl ValueEnum for FailOn {
    fn value_variants<'a>() -> &'a [Self] {
        &[FailOn::Change, FailOn::Delete]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(match self {
            FailOn::Change => "change",
            FailOn::Delete => "delete",
        }))
    }
}
