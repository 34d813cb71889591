//! `diff all`: two revisions of a repository, built as their clusters would apply them, and
//! compared.

mod sides;
#[cfg(test)]
mod tests;

use std::path::{Component, Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueHint};

use super::show::{FailOn, Shown};
use crate::build::all::{self, Entries, Recall, Request, Tree};
use crate::cmd::build::all::{InputArgs, remotes, repository, tell, threads};
use crate::cmd::output::{self, parser};
use crate::cmd::{Verb, arguments, leaf};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::git::revision::Repository;
use crate::output::{Asked, Word};

/// The word for what is checked out.
const WORKTREE: &str = "worktree";

#[derive(Args)]
struct AllArgs {
    /// The folder that a cluster follows, or one with several of them below it
    #[arg(default_value = ".", value_name = "PATH", value_hint = ValueHint::DirPath)]
    path: String,
    /// The revision that is changed: a branch, a tag or a commit
    #[arg(long, value_name = "REVISION")]
    base: String,
    /// The revision that it is changed to, or worktree for what is checked out
    #[arg(long, value_name = "REVISION", default_value = WORKTREE)]
    head: String,
    /// Begin with the last commit that both revisions have in common, as a pull request does
    #[arg(long)]
    merge_base: bool,
    #[command(flatten)]
    inputs: InputArgs,
    /// Print something else than lines for people: unified, json, yaml, markdown, name, github,
    /// gitlab or jsonpath=…
    #[arg(long, short = 'o', value_name = "FORMAT", value_parser = parser(FORMATS))]
    output: Option<Asked>,
    /// What exits with 1: any change, or only what deletes something
    #[arg(long, value_enum, default_value_t = FailOn::Change, value_name = "WHAT")]
    fail_on: FailOn,
}

const FORMATS: &[Word] = &[
    Word::Unified,
    Word::Json,
    Word::Yaml,
    Word::Markdown,
    Word::Name,
    Word::GitHub,
    Word::GitLab,
    Word::JsonPath,
];

pub(super) const WORD: Verb = Verb {
    name: "all",
    command,
    run,
};

fn command() -> Command {
    leaf::<AllArgs>(
        Command::new(WORD.name)
            .about("Show what a change to a repository does to all that its clusters apply")
            .long_about(
                "Show what a change to a repository does to all that its clusters apply, without a \
                 cluster.\n\n\
                 Both revisions are built as `{bin} build all` builds them, out of Git's own objects: \
                 nothing is checked out and nothing is written. What differs is printed, with the \
                 Kustomization that it is of. Objects that go on in another Kustomization are told \
                 as moved, and those that no Kustomization would delete as kept. A Kustomization \
                 that cannot be built on either side is an error, and nothing of it is compared. \
                 Values of Secrets are never shown. Exit codes: 0 no differences, 1 differences, \
                 2 an error.",
            )
            .after_help(
                "Examples:\n  # Show what the changes in the work tree do\n  \
                 {bin} diff all --base HEAD\n\n  \
                 # Show what a branch does to one cluster\n  \
                 {bin} diff all ./clusters/production --base origin/main --head my-branch \\\n    \
                 --merge-base\n\n  \
                 # Write the comment on a pull request\n  \
                 {bin} diff all --base origin/main --merge-base -o github > comment.md",
            ),
    )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let args: AllArgs = arguments(matches)?;
    let inputs = args.inputs.load(context)?;
    let format = args.output.clone().map(output::load).transpose()?;
    let wanted = absolute(&args.path)?;
    let existing = wanted.ancestors().find(|dir| dir.is_dir());
    let git = Repository::around(existing.unwrap_or(Path::new("/")))?;
    let below = wanted.strip_prefix(git.root()).map_err(|_| {
        let path = &args.path;
        Error::usage(format!("{path} is not in {}", git.root().display()))
    })?;
    let sides = Sides::of(&git, &args)?;
    let progress = context.ui.progress("building both revisions");
    let told = |name: &str| progress.set(format!("built {name}"));
    // One after the other: what the change does not touch is not built again. Each is built by
    // many threads.
    let recall = Recall::default();
    let path = git.root().join(below);
    let remotes = remotes(git.root());
    let request = |tree| Request {
        tree,
        path: &path,
        remotes: &remotes,
        local_sources: &inputs.local_sources,
        given: &inputs.given,
        strict: inputs.strict,
        network: inputs.network.clone(),
        recall: Some(&recall),
        threads: threads(),
        progress: &told,
    };
    let (base, head) = (request(&sides.base), request(&sides.head));
    // Both begin with the same folders, so that a change to what says where clusters begin is no
    // change to all that they have.
    let entries = match (entries(&base)?, entries(&head)?) {
        (Some(base), Some(head)) => base.with(&head),
        (Some(entries), None) | (None, Some(entries)) => entries,
        (None, None) => {
            let path = &args.path;
            let message = format!("{path} is neither in {} nor in {}", args.base, args.head);
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    };
    let build = |request| all::build_entries(request, &entries);
    let (base, head) = (build(&base)?, build(&head)?);
    drop(progress);
    tell(context, &head);
    Shown {
        report: sides::compare(&base, &head),
        format,
        fail_on: args.fail_on,
        title: format!("{} → {}", args.base, args.head),
    }
    .show(context)
}

/// The path from the root on, without symbolic links as far as it is there.
fn absolute(path: &str) -> Result<PathBuf> {
    if path.is_empty() {
        return Err(Error::usage("invalid path \"\""));
    }
    let path = std::path::absolute(path)?;
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
        if let Ok(real) = fs_err::canonicalize(&clean) {
            clean = real;
        }
    }
    Ok(clean)
}

struct Sides {
    base: Tree,
    head: Tree,
}

impl Sides {
    fn of(git: &Repository, args: &AllArgs) -> Result<Self> {
        let mut base = git.commit(&args.base)?;
        let head = match args.head.as_str() {
            WORKTREE => None,
            revision => Some(git.commit(revision)?),
        };
        if args.merge_base {
            let other = match &head {
                Some(commit) => commit.clone(),
                None => git.commit("HEAD")?,
            };
            base = git.merge_base(&base, &other)?;
        }
        let revision = |commit: &str| {
            Ok::<Tree, Error>(Tree {
                // Where the work tree is, so that both sides have the same paths.
                files: Box::new(git.files(commit, git.root())?),
                root: git.root().to_path_buf(),
            })
        };
        Ok(Sides {
            base: revision(&base)?,
            head: match &head {
                Some(commit) => revision(commit)?,
                None => repository(git.root())?,
            },
        })
    }
}

/// Where clusters begin on one side; none where the folder is not there.
fn entries(request: &Request<'_>) -> Result<Option<Entries>> {
    if !request.tree.files.is_dir(request.path) {
        return Ok(None);
    }
    Ok(Some(all::entries(request)?))
}
