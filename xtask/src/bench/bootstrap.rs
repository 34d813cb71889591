//! A whole bootstrap, and the same again, on a cluster whose controllers already run.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sandbox::github::{GitHub, GitHubOptions, TokenSpec};
use sandbox::{Component, ControlPlane, Flux, FluxOptions, Size};
use secrecy::{ExposeSecret, SecretString};
use wait4::Wait4;

use super::measure::{Program, Sample, medians, memory};
use super::table::Table;
use super::{Bench, demand};

const OWNER: &str = "dana";

/// One bootstrap: what it took, and how much of the time it waited for controllers.
struct Bootstrap {
    sample: Sample,
    waited: Duration,
}

pub(crate) fn run(
    bench: &Bench,
    table: &mut Table,
    runtime: &tokio::runtime::Runtime,
) -> Result<()> {
    for program in &bench.programs {
        let (mut first, mut again) = (Vec::new(), Vec::new());
        let mut largest = None;
        for _ in 0..bench.args.bootstraps {
            let stage = runtime.block_on(Stage::new())?;
            first.push(stage.bootstrap(program)?);
            again.push(stage.bootstrap(program)?);
            largest = memory(&stage.command(program))?;
        }
        for (what, runs) in [
            ("bootstrap github", first),
            ("bootstrap github, again", again),
        ] {
            let samples: Vec<Sample> = runs.iter().map(|r| r.sample).collect();
            let sample = Sample {
                memory: largest.filter(|_| what.ends_with("again")),
                ..medians(&samples)
            };
            table.add_for(what, program.name, sample);
            let waits: Vec<Sample> = runs
                .iter()
                .map(|r| Sample {
                    wall: r.waited,
                    ..Sample::default()
                })
                .collect();
            table.add_time(
                &format!("{what}: waiting"),
                program.name,
                medians(&waits).wall,
            );
        }
    }
    Ok(())
}

struct Stage {
    control_plane: ControlPlane,
    _flux: Flux,
    github: GitHub,
    token: SecretString,
}

impl Stage {
    async fn new() -> Result<Self> {
        let control_plane = ControlPlane::start(Size::Full).await?;
        control_plane
            .install_crds(&flux_api::crd::all_json())
            .await?;
        let options = FluxOptions {
            components: vec![Component::SourceController, Component::KustomizeController],
            ..FluxOptions::default()
        };
        let flux = Flux::start(&control_plane, options).await?;
        flux.wait_ready(Duration::from_secs(60)).await?;
        let github = GitHub::start(GitHubOptions::default()).await?;
        github.add_user(OWNER)?;
        let token = github.add_token(TokenSpec::classic(OWNER, &["repo"]))?;
        Ok(Stage {
            control_plane,
            _flux: flux,
            github,
            token,
        })
    }

    fn command(&self, program: &Program) -> Command {
        let mut command = program.command();
        command
            .args(["bootstrap", "github", "--personal", "--token-auth"])
            .arg(format!("--hostname={}", self.github.host()))
            .arg(format!("--ca-file={}", self.github.ca_file().display()))
            .arg(format!("--owner={OWNER}"))
            .args(["--repository=fleet", "--path=clusters/bench"])
            .arg("--components=source-controller,kustomize-controller")
            .env("KUBECONFIG", self.control_plane.kubeconfig())
            .env("GITHUB_TOKEN", self.token.expose_secret());
        command
    }

    fn bootstrap(&self, program: &Program) -> Result<Bootstrap> {
        let mut command = self.command(program);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().context("bootstrap")?;
        let stderr = child.stderr.take().context("stderr")?;
        let mut waited = Duration::ZERO;
        let mut since: Option<Instant> = None;
        let mut text = String::new();
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            let now = Instant::now();
            if let Some(since) = since.take() {
                waited += now - since;
            }
            since = line.starts_with('◎').then_some(now);
            text.push_str(&line);
            text.push('\n');
        }
        let used = child.wait4()?;
        demand(used.status.success(), program.name, &text)?;
        Ok(Bootstrap {
            sample: Sample {
                wall: started.elapsed(),
                cpu: used.rusage.utime + used.rusage.stime,
                memory: None,
            },
            waited,
        })
    }
}
