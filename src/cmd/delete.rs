//! `delete`: objects, after a question.

use clap::{ArgMatches, Args, Command};

use super::nouns::{self, Words};
use super::{Verb, arguments};
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kinds::Action;

pub(super) const VERB: Verb = Verb {
    name: "delete",
    command,
    run,
};

// Flags of every `delete` command.
#[derive(Args)]
struct DeleteArgs {
    /// Delete without asking
    #[arg(long, short = 's', global = true)]
    silent: bool,
}

#[derive(Args)]
struct None {}

fn command() -> Command {
    let base =
        DeleteArgs::augment_args(Command::new("delete").about("Delete sources and resources"));
    let words = Words {
        applies: |kind| kind.allows(Action::Delete),
        noun: |kind| kind.singular,
        about: |kind| format!("Delete {} objects", kind.kind),
        examples: |kind| {
            format!(
                "  # Delete one\n  {{bin}} delete {} {}",
                kind.singular.path.join(" "),
                kind.example
            )
        },
    };
    nouns::tree::<None>(base, words, |command, _| command)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let selected = nouns::selected(|kind| kind.singular, matches)?;
    let args: DeleteArgs = arguments(selected.matches)?;
    let namespace = context.namespace()?;
    let kind = selected.kind;
    selected.name()?;
    let ui = &context.ui;
    context.block_on(async {
        let cluster = context.cluster().await?;
        // All of them must be there before any of them goes.
        for name in &selected.names {
            cluster.get(kind, &namespace, name).await?;
        }
        if !args.silent {
            let question = format!("Are you sure you want to delete this {}", kind.human);
            if !ui.confirm(&question, "pass --silent to delete without a question")? {
                return Err(Error::new(ErrorKind::Interrupted, "aborting"));
            }
        }
        for name in &selected.names {
            ui.action(format!(
                "deleting {} {name} in {namespace} namespace",
                kind.human
            ));
            cluster.delete(kind, &namespace, name).await?;
            ui.success(format!("{} deleted", kind.human));
        }
        Ok(())
    })
}
