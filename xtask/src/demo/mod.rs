//! `demo`: the whole story on real parts.
//!
//! An empty cluster is bootstrapped from GitHub, an application is deployed from a repository of
//! its own, scaled by a commit, healed after a manual change, suspended and resumed; the cluster is
//! thrown away, and the same bootstrap brings all of it back. Every command is printed with what
//! it really says.

mod app;
mod stage;
mod story;

use anyhow::{Context, Result, bail};
use clap::Args;
use sandbox::tools::{Tool, Toolbox};
use sandbox::{ControlPlane, Flux, FluxOptions, Follow, Size};

use crate::workspace::{cargo, root, run as run_command};
use stage::Stage;
use story::Story;

/// The programs of the story. They are built together, before anything starts.
const NEEDED: &[Tool] = &[
    Tool::Etcd,
    Tool::KubeApiserver,
    Tool::KubeControllerManager,
    Tool::KubeScheduler,
    Tool::Kwok,
    Tool::Kubectl,
    Tool::SourceController,
    Tool::KustomizeController,
    Tool::HelmController,
    Tool::NotificationController,
];

const OWNER: &str = "dana";
const FLEET: &str = "fleet";
const APP: &str = "voting-app";

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Build reflux without debug information, as it is shipped
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(args: &DemoArgs) -> Result<()> {
    let mut story = Story::new();
    story.chapter("Build reflux");
    let mut build = cargo();
    build.args(["build", "--package", "reflux"]);
    if args.release {
        build.arg("--release");
    }
    run_command(&mut build)?;
    let profile = if args.release { "release" } else { "debug" };
    let binary = root().join("target").join(profile).join("reflux");

    let runtime = tokio::runtime::Runtime::new()?;
    story.chapter("Start a cluster and a GitHub, on this machine alone");
    let stage = runtime.block_on(Stage::new(binary))?;
    story.say(&format!(
        "GitHub answers at https://{}",
        stage.github.host()
    ));
    {
        let cluster = runtime.block_on(Cluster::start(&mut story))?;
        bootstrap(&mut story, &stage, &cluster)?;
        deploy(&mut story, &stage, &cluster)?;
        change(&mut story, &stage, &cluster)?;
        heal(&mut story, &stage, &cluster)?;
        pause(&mut story, &stage, &cluster)?;
        story.chapter("Uninstall Flux: the application stays");
        story.run(
            stage
                .reflux(&cluster.control_plane)
                .args(["uninstall", "--silent"]),
        )?;
        story.run(cluster.kubectl().args(["get", "pods", "-n", "voting"]))?;
        story.chapter("Throw the cluster away");
    }
    let cluster = runtime.block_on(Cluster::start(&mut story))?;
    bring_back(&mut story, &stage, &cluster)?;
    story.end();
    Ok(())
}

/// A full control plane with the controllers that its Deployments ask for.
struct Cluster {
    control_plane: ControlPlane,
    _flux: Flux,
    tools: Toolbox,
}

impl Cluster {
    async fn start(story: &mut Story) -> Result<Self> {
        story.begin("start a cluster");
        let tools = Toolbox::from_env()?.with_progress(story::note);
        tools.ensure_async(NEEDED).await?;
        let control_plane = ControlPlane::start_with(tools.clone(), Size::Full).await?;
        let options = FluxOptions {
            follow: Follow::Deployments,
            ..FluxOptions::default()
        };
        let flux = Flux::start_with(tools.clone(), &control_plane, options).await?;
        story.finish();
        story.say(&format!(
            "an empty cluster at {}",
            control_plane.server_url()
        ));
        Ok(Cluster {
            control_plane,
            _flux: flux,
            tools,
        })
    }

    fn kubectl(&self) -> std::process::Command {
        let mut command = std::process::Command::new(self.tools.path(Tool::Kubectl));
        command.env("KUBECONFIG", self.control_plane.kubeconfig());
        command
    }

    /// What a Deployment of the application says of its replicas, such as `2/2`.
    fn replicas(&self, deployment: &str) -> Result<String> {
        let output = self
            .kubectl()
            .args(["get", "deployment", deployment, "-n", "voting", "-o"])
            .arg("jsonpath={.status.readyReplicas}/{.spec.replicas}")
            .output()
            .context("kubectl")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn expect_replicas(&self, deployment: &str, want: &str) -> Result<()> {
        let have = self.replicas(deployment)?;
        if have != want {
            bail!("{deployment} has {have} replicas ready, not {want}");
        }
        Ok(())
    }
}

fn bootstrap(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("Is the cluster fit for Flux?");
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["check", "--pre"]),
    )?;
    story.chapter("One command makes it follow a repository; the token is typed at the prompt");
    story.ask(stage.bootstrap(&cluster.control_plane), &stage.token)?;
    story.chapter("What is in the repository");
    let repository = stage.github.bare_path(OWNER, FLEET)?;
    let mut log = std::process::Command::new("git");
    log.arg("--git-dir").arg(&repository);
    story.run(log.args(["log", "--stat", "--format=%h %an: %s", "main"]))?;
    let files = stage.github.tree(OWNER, FLEET, "main")?;
    for file in [
        "gotk-components.yaml",
        "gotk-sync.yaml",
        "kustomization.yaml",
    ] {
        let path = format!("clusters/home/flux-system/{file}");
        if !files.contains_key(&path) {
            bail!("the repository lacks {path}");
        }
    }
    story.chapter("What is in the cluster");
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["get", "sources", "git"]),
    )?;
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["get", "kustomizations"]),
    )?;
    story.run(stage.reflux(&cluster.control_plane).args(["check"]))
}

fn deploy(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("Deploy an application from a repository of its own");
    stage.add_app()?;
    let source = stage.source_args();
    let kustomization = stage.kustomization_args();
    story.run(stage.reflux(&cluster.control_plane).args(&source))?;
    story.run(stage.reflux(&cluster.control_plane).args(&kustomization))?;
    story.run(
        cluster
            .kubectl()
            .args(["get", "deployments,services,pods", "-n", "voting"]),
    )?;
    cluster.expect_replicas("vote", "2/2")?;
    story.chapter("Write the same down in the fleet's repository");
    stage.record(&cluster.control_plane, &source, &kustomization)?;
    story.run(stage.reflux(&cluster.control_plane).args([
        "reconcile",
        "kustomization",
        "flux-system",
        "--with-source",
    ]))
}

fn change(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("A commit scales it");
    let commit = stage.scale(4)?;
    story.say(&format!("committed {commit}: scale vote to 4"));
    story.run(stage.reflux(&cluster.control_plane).args([
        "reconcile",
        "kustomization",
        "voting",
        "--with-source",
    ]))?;
    story.run(
        cluster
            .kubectl()
            .args(["get", "deployment", "vote", "-n", "voting"]),
    )?;
    cluster.expect_replicas("vote", "4/4")
}

fn heal(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("A change by hand does not last");
    story.run(
        cluster
            .kubectl()
            .args(["delete", "deployment", "redis", "-n", "voting"]),
    )?;
    story.run(stage.reflux(&cluster.control_plane).args([
        "reconcile",
        "kustomization",
        "voting",
    ]))?;
    story.run(
        cluster
            .kubectl()
            .args(["get", "deployment", "redis", "-n", "voting"]),
    )?;
    cluster.expect_replicas("redis", "1/1")
}

fn pause(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("Stop, change, go on");
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["suspend", "kustomization", "voting"]),
    )?;
    stage.scale(2)?;
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["get", "kustomizations"]),
    )?;
    story.run(stage.reflux(&cluster.control_plane).args([
        "reconcile",
        "source",
        "git",
        "voting",
    ]))?;
    cluster.expect_replicas("vote", "4/4")?;
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["resume", "kustomization", "voting"]),
    )?;
    story.run(
        cluster
            .kubectl()
            .args(["get", "deployment", "vote", "-n", "voting"]),
    )?;
    cluster.expect_replicas("vote", "2/2")
}

fn bring_back(story: &mut Story, stage: &Stage, cluster: &Cluster) -> Result<()> {
    story.chapter("The same command on an empty cluster brings all of it back");
    let head = stage.github.head(OWNER, FLEET, "main")?;
    story.ask(stage.bootstrap(&cluster.control_plane), &stage.token)?;
    if stage.github.head(OWNER, FLEET, "main")? != head {
        bail!("the second bootstrap made a commit, and there was nothing to commit");
    }
    story.run(stage.reflux(&cluster.control_plane).args([
        "reconcile",
        "kustomization",
        "voting",
        "--with-source",
    ]))?;
    story.run(
        stage
            .reflux(&cluster.control_plane)
            .args(["get", "kustomizations"]),
    )?;
    story.run(cluster.kubectl().args(["get", "pods", "-n", "voting"]))?;
    cluster.expect_replicas("vote", "2/2")?;
    cluster.expect_replicas("redis", "1/1")
}
