//! The project's own tasks, run as `cargo xtask TASK`.

mod bench;
mod demo;
mod docs;
mod faults;
mod fuzz;
mod golden;
mod openapi;
mod sandbox;
mod test;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Tell the whole story on real parts: bootstrap, deploy, change, lose the cluster, have it back
    Demo(demo::DemoArgs),
    /// Measure time, processor and memory of whole runs, beside a peer
    Bench(bench::BenchArgs),
    /// Run all tests: one real API server serves them
    Test(test::TestArgs),
    /// Write the generated files: docs/commands, man pages and completions
    Docs(docs::DocsArgs),
    /// Let every request of a bootstrap fail in every way, and demand that the next run converges
    Faults,
    /// Try random inputs: trees of kustomizations, against kustomize itself
    Fuzz(fuzz::FuzzArgs),
    /// Hold a real flux against what is recorded of it, or record it
    Golden(golden::GoldenArgs),
    /// Hold the GitHub requests of bootstraps against GitHub's published description
    Openapi,
    /// Run a control plane until Ctrl-C, and print how to reach it
    Sandbox(sandbox::SandboxArgs),
}

fn main() -> Result<()> {
    match Xtask::parse().task {
        Task::Bench(args) => bench::run(args),
        Task::Demo(args) => demo::run(&args),
        Task::Faults => faults::run(),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Golden(args) => golden::run(&args),
        Task::Openapi => openapi::run(),
        Task::Test(args) => test::run(&args),
        Task::Docs(args) => docs::run(&args),
        Task::Sandbox(args) => sandbox::run(&args),
    }
}
