//! The kustomize engine, beside kustomize itself.
//!
//! Both build the same trees, which [`trees`] makes, and have to print the same bytes. kustomize is
//! the one that the sandbox builds.

mod trees;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sandbox::tools::{Tool, Toolbox};
use tempfile::TempDir;

use super::Bench;
use super::measure::{Program, measure};
use super::table::Table;

/// How many objects there are where it is seen how time and memory grow.
const GROWTH: [usize; 3] = [1_000, 10_000, 50_000];
/// The rules by which Flux builds.
const RULES: [&str; 4] = [
    "--load-restrictor",
    "LoadRestrictionsNone",
    "--reorder",
    "none",
];
/// How many directories a repository has.
const DIRECTORIES: usize = 300;

pub(super) fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let toolbox = Toolbox::from_env()?;
    toolbox.ensure(&[Tool::Kustomize])?;
    let programs = [
        Program::new("reflux", bench.own()?.path.clone())?,
        Program::new("kustomize", toolbox.path(Tool::Kustomize))?,
    ];
    let folder = tempfile::tempdir()?;
    for (name, make) in trees::ALL {
        let tree = folder.path().join(name.replace(' ', "-"));
        let dir = make(&tree)?;
        agree(&programs, &dir)?;
        let results = measure(&programs, bench.args.samples, |program| {
            builds(program, &dir)
        })?;
        for (program, sample) in programs.iter().zip(results) {
            table.add_for(&format!("kustomize: {name}"), program.name, sample);
        }
    }
    repository(bench, table, &folder, &programs)?;
    growth(bench, table, &folder, &programs[..1])
}

/// What builds a directory: reflux' verb, or kustomize's with the same rules.
fn builds(program: &Program, dir: &Path) -> Command {
    let mut command = program.command();
    match program.name {
        "kustomize" => {
            command.arg("build").args(RULES);
        }
        _ => {
            command.arg("kustomize");
        }
    }
    command.arg(dir);
    command
}

/// Refuses to compare programs that do different things.
fn agree(programs: &[Program], dir: &Path) -> Result<()> {
    let outputs = programs.iter().map(|program| {
        let output = builds(program, dir).output();
        output.with_context(|| program.path.display().to_string())
    });
    let outputs: Vec<_> = outputs.collect::<Result<_>>()?;
    let same = outputs
        .iter()
        .all(|output| output.status.success() && output.stdout == outputs[0].stdout);
    if !same {
        bail!(
            "{} is built to different objects, or not by all",
            dir.display()
        );
    }
    Ok(())
}

/// All directories of a repository, as Flux would apply them. kustomize builds one at a time, so the
/// shell runs it as often.
fn repository(
    bench: &Bench,
    table: &mut Table,
    folder: &TempDir,
    programs: &[Program; 2],
) -> Result<()> {
    let [reflux, kustomize] = programs;
    let tree = folder.path().join("repository");
    trees::repository(&tree, DIRECTORIES)?;
    let what = format!("kustomize: a repository of {DIRECTORIES} directories");
    let results = measure(
        std::slice::from_ref(reflux),
        bench.args.samples,
        |program| {
            let mut command = program.command();
            command
                .current_dir(&tree)
                .args(["build", "all", trees::CLUSTER]);
            command
        },
    )?;
    table.add_for(&what, reflux.name, results[0]);
    let shell = [Program::new(kustomize.name, PathBuf::from("/bin/sh"))?];
    // Half a minute each.
    let results = measure(&shell, bench.args.scale_samples, |shell| {
        let mut command = shell.command();
        let rules = RULES.join(" ");
        let script = format!("for dir; do \"$KUSTOMIZE\" build {rules} \"$dir\" || exit; done");
        command
            .args(["-c", script.as_str(), "sh"])
            .args((0..DIRECTORIES).map(trees::directory))
            .current_dir(&tree)
            .env("KUSTOMIZE", &kustomize.path);
        command
    })?;
    table.add_for(&what, kustomize.name, results[0]);
    change(bench, table, &tree, reflux)
}

/// What a change to one directory of the repository does. kustomize has nothing like it.
fn change(bench: &Bench, table: &mut Table, tree: &Path, reflux: &Program) -> Result<()> {
    let who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
    for words in [
        &["init", "--quiet"][..],
        &["add", "."],
        &[&who[..], &["commit", "--quiet", "--message=all"]].concat(),
    ] {
        let status = Command::new("git").args(words).current_dir(tree).status()?;
        if !status.success() {
            bail!("git {} failed in {}", words[0], tree.display());
        }
    }
    trees::change_directory(tree, 0)?;
    let results = measure(
        std::slice::from_ref(reflux),
        bench.args.samples,
        |program| {
            let mut command = program.command();
            command.current_dir(tree).args(["diff", "all"]);
            // Differences are no failure here.
            command.args([trees::CLUSTER, "--base=HEAD", "--fail-on=delete"]);
            command
        },
    )?;
    let what = format!("kustomize: diff all, one of {DIRECTORIES} directories changed");
    table.add_for(&what, reflux.name, results[0]);
    Ok(())
}

/// The same transformations on ever more objects.
fn growth(bench: &Bench, table: &mut Table, folder: &TempDir, reflux: &[Program]) -> Result<()> {
    for count in GROWTH {
        let tree = folder.path().join(format!("growth-{count}"));
        let dir = trees::growth(&tree, count)?;
        let results = measure(reflux, bench.args.scale_samples, |program| {
            builds(program, &dir)
        })?;
        table.add_for(
            &format!("kustomize: growth, {count} objects"),
            reflux[0].name,
            results[0],
        );
    }
    Ok(())
}
