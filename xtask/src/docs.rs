//! `docs`: the files that are generated from the command tree, and from the types of answers.
//!
//! docs/commands holds one Markdown page a command, docs/man the man pages, completions/ the
//! scripts for shells, docs/output the schemas of answers beside its README. A test proves them
//! current.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Command};
use reflux::cli;
use reflux::cmd::output;
use reflux::complete::{self, SHELLS};
use reflux::identity::Identity;

use crate::workspace::root;

#[derive(Args)]
pub(crate) struct DocsArgs {
    /// Write nothing; fail where a file is not as it would be written
    #[arg(long)]
    check: bool,
}

/// The folders that hold generated files alone.
const FOLDERS: &[&str] = &["docs/commands", "docs/man", "completions"];

/// The folder of schemas, and how their names end.
const SCHEMAS: (&str, &str) = ("docs/output", ".schema.json");

pub(crate) fn run(args: &DocsArgs) -> Result<()> {
    let wanted = generate()?;
    if args.check {
        return check(&wanted);
    }
    for folder in FOLDERS {
        let folder = root().join(folder);
        if folder.exists() {
            fs_err::remove_dir_all(&folder)?;
        }
        fs_err::create_dir_all(&folder)?;
    }
    for path in schemas_there()? {
        fs_err::remove_file(root().join(path))?;
    }
    for (path, text) in &wanted {
        fs_err::write(root().join(path), text)?;
    }
    Ok(())
}

/// The schemas that are there now.
fn schemas_there() -> Result<Vec<PathBuf>> {
    let (folder, end) = SCHEMAS;
    let mut found = Vec::new();
    for entry in fs_err::read_dir(root().join(folder))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(end) {
            found.push(PathBuf::from(folder).join(name));
        }
    }
    Ok(found)
}

fn check(wanted: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let mut wrong = Vec::new();
    for (path, text) in wanted {
        if fs_err::read(root().join(path)).ok().as_ref() != Some(text) {
            wrong.push(path.display().to_string());
        }
    }
    for folder in FOLDERS {
        for entry in fs_err::read_dir(root().join(folder))? {
            let path = PathBuf::from(folder).join(entry?.file_name());
            if !wanted.contains_key(&path) {
                wrong.push(path.display().to_string());
            }
        }
    }
    let stale = schemas_there()?;
    let stale = stale.iter().filter(|path| !wanted.contains_key(*path));
    wrong.extend(stale.map(|path| path.display().to_string()));
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("not current, run `cargo xtask docs`: {}", wrong.join(", "))
}

fn generate() -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut root = cli::root(Identity::Reflux);
    root.build();
    pages(&root, &mut Vec::new(), &mut files)?;
    for shell in SHELLS {
        let file = match shell {
            "zsh" => "_reflux".to_owned(),
            "powershell" => "_reflux.ps1".to_owned(),
            "elvish" => "reflux.elv".to_owned(),
            shell => format!("reflux.{shell}"),
        };
        let text = complete::script(shell, Identity::Reflux)
            .map_err(|error| anyhow::anyhow!(error.chain()))?;
        files.insert(PathBuf::from("completions").join(file), text.into_bytes());
    }
    let (folder, end) = SCHEMAS;
    for (name, schema) in output::schemas() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        let path = PathBuf::from(folder).join(format!("{name}{end}"));
        files.insert(path, text.into_bytes());
    }
    Ok(files)
}

/// The pages of a command and of all below it.
fn pages(
    command: &Command,
    path: &mut Vec<String>,
    files: &mut BTreeMap<PathBuf, Vec<u8>>,
) -> Result<()> {
    path.push(command.get_name().to_owned());
    let name = path.join("_");
    files.insert(
        PathBuf::from("docs/commands").join(format!("{name}.md")),
        markdown(command, path).into_bytes(),
    );
    let mut man = Vec::new();
    clap_mangen::Man::new(
        command
            .clone()
            .name(path.join("-"))
            .bin_name(path.join(" ")),
    )
    .date("")
    .render(&mut man)?;
    files.insert(
        PathBuf::from("docs/man").join(format!("{}.1", path.join("-"))),
        man,
    );
    for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        pages(sub, path, files)?;
    }
    path.pop();
    Ok(())
}

/// One page: usage, what it does, examples, the flags of its own, and the commands below it.
fn markdown(command: &Command, path: &[String]) -> String {
    let title = path.join(" ");
    let mut text = format!("# {title}\n\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    if let Some(about) = about {
        text.push_str(&format!("{about}\n\n"));
    }
    let mut usage = command.clone().bin_name(title.clone());
    let usage = usage.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    text.push_str(&format!("```\n{usage}\n```\n"));
    if let Some(help) = command.get_after_help() {
        let help = help.to_string();
        let examples = help.trim_start_matches("Examples:\n");
        text.push_str(&format!("\n## Examples\n\n```sh\n{examples}\n```\n"));
    }
    let global = |arg: &&clap::Arg| {
        let heading = arg.get_help_heading().unwrap_or_default();
        matches!(heading, "Global options" | "Cluster options")
    };
    let own: Vec<_> = command
        .get_arguments()
        .filter(|a| !a.is_hide_set() && !a.is_positional() && a.get_id() != "help")
        .filter(|a| path.len() == 1 || !global(a))
        .collect();
    if !own.is_empty() {
        text.push_str("\n## Flags\n\n| flag | default | what it does |\n| --- | --- | --- |\n");
        for arg in own {
            text.push_str(&flag_row(arg));
        }
    }
    if path.len() > 1 {
        text.push_str("\nThe global flags are those of [reflux](reflux.md).\n");
    }
    let below: Vec<_> = command
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        .collect();
    if !below.is_empty() {
        text.push_str("\n## Commands\n\n");
        for sub in below {
            let file = format!("{}_{}.md", path.join("_"), sub.get_name());
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!(
                "- [{title} {}]({file}): {about}\n",
                sub.get_name()
            ));
        }
    }
    text
}

fn flag_row(arg: &clap::Arg) -> String {
    let mut name = String::new();
    if let Some(short) = arg.get_short() {
        name.push_str(&format!("`-{short}`, "));
    }
    name.push_str(&format!("`--{}`", arg.get_long().unwrap_or_default()));
    let default: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|v| v.to_string_lossy().into_owned())
        .collect();
    let default = if default.is_empty() {
        String::new()
    } else {
        format!("`{}`", default.join(","))
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| {name} | {default} | {} |\n", help.replace('|', "\\|"))
}
