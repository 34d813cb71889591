//! `bench`: how long reflux takes, how much of the processor and of memory, beside a peer.
//!
//! Every row is a whole run of the built program, measured by the kernel: wall time from start to
//! exit, user and system time, and the largest resident set. Rows are medians. A peer, such as
//! flux itself, runs the same commands in the same run, turn by turn, so that the ratio means
//! something on a machine that others use, too.

mod bootstrap;
mod diff;
mod kustomize;
mod measure;
mod reaction;
mod scale;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

use crate::workspace::{cargo, root, run as run_command};
use measure::{Program, measure};
use table::Table;

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// The reflux to measure, instead of a release build of this tree
    #[arg(long, value_name = "PATH")]
    own: Option<PathBuf>,
    /// Only these groups of rows
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Group::value_variants().to_vec())]
    only: Vec<Group>,
    /// Another program with flux's command line, to compare with
    #[arg(long, value_name = "PATH")]
    peer: Option<PathBuf>,
    /// How often each command runs
    #[arg(long, default_value_t = 20)]
    samples: usize,
    /// How often a cluster is bootstrapped; each time it is a new one
    #[arg(long, default_value_t = 5)]
    bootstraps: usize,
    /// How many Kustomizations and GitRepositories there are where all are read
    #[arg(long, value_name = "COUNT", value_delimiter = ',', default_values_t = [100, 1000, 5000])]
    scale: Vec<usize>,
    /// How often each command runs that has many objects to do with
    #[arg(long, default_value_t = 7)]
    scale_samples: usize,
}

/// Rows that are measured together.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Commands that touch no cluster
    Offline,
    /// The kustomize engine, beside kustomize itself
    Kustomize,
    /// A folder against a cluster
    Diff,
    /// Verbs on many objects
    Scale,
    /// How soon a waiting command notices
    Reaction,
    /// Whole bootstraps
    Bootstrap,
}

/// The programs that are compared; reflux is the first.
pub(crate) struct Bench {
    pub(crate) programs: Vec<Program>,
    pub(crate) args: BenchArgs,
}

impl Bench {
    /// The reflux that is measured.
    fn own(&self) -> Result<&Program> {
        self.programs.first().context("no program")
    }
}

pub(crate) fn run(args: BenchArgs) -> Result<()> {
    let own = match &args.own {
        Some(own) => own.clone(),
        None => {
            run_command(cargo().args(["build", "--release", "--package", "reflux"]))?;
            root().join("target/release/reflux")
        }
    };
    let mut programs = vec![Program::new("reflux", own)?];
    if let Some(peer) = &args.peer {
        programs.push(Program::new("peer", peer.clone())?);
    }
    let bench = Bench { programs, args };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut table = Table::new(&bench.programs);
    table.sizes(&bench.programs)?;
    for group in &bench.args.only {
        match group {
            Group::Offline => offline(&bench, &mut table)?,
            Group::Kustomize => kustomize::run(&bench, &mut table)?,
            Group::Diff => diff::run(&bench, &mut table, &runtime)?,
            Group::Scale => scale::run(&bench, &mut table, &runtime)?,
            Group::Reaction => reaction::run(&bench, &mut table, &runtime)?,
            Group::Bootstrap => bootstrap::run(&bench, &mut table, &runtime)?,
        }
    }
    table.print();
    Ok(())
}

/// Commands that touch no cluster.
fn offline(bench: &Bench, table: &mut Table) -> Result<()> {
    let rows: &[(&str, &[&str])] = &[
        ("--version", &["--version"]),
        ("install --export", &["install", "--export"]),
        (
            "create source git --export",
            &[
                "create",
                "source",
                "git",
                "podinfo",
                "--url=https://github.com/stefanprodan/podinfo",
                "--branch=master",
                "--export",
            ],
        ),
    ];
    for (name, args) in rows {
        let results = measure(&bench.programs, bench.args.samples, |program| {
            let mut command = program.command();
            command.args(*args);
            command
        })?;
        table.add(name, results);
    }
    Ok(())
}

/// Refuses a run that failed: its time would mean nothing.
pub(crate) fn demand(success: bool, what: &str, stderr: &str) -> Result<()> {
    if !success {
        bail!("{what} failed:\n{stderr}");
    }
    Ok(())
}
