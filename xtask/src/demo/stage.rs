//! What the story plays on: the GitHub, the user's token, and the commands with their flags.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pty_process::blocking;
use sandbox::ControlPlane;
use sandbox::github::{GitHub, GitHubOptions, RepositorySpec, TokenSpec};
use secrecy::SecretString;
use tempfile::TempDir;

use super::app;
use super::story::Asked;
use super::{APP, FLEET, OWNER};

pub(crate) struct Stage {
    pub(crate) github: GitHub,
    pub(crate) token: SecretString,
    binary: PathBuf,
    home: TempDir,
}

impl Stage {
    pub(crate) async fn new(binary: PathBuf) -> Result<Self> {
        let github = GitHub::start(GitHubOptions::default()).await?;
        github.add_user(OWNER)?;
        let token = github.add_token(TokenSpec::classic(OWNER, &["repo"]))?;
        Ok(Stage {
            github,
            token,
            binary,
            home: tempfile::tempdir()?,
        })
    }

    /// reflux, for a user with that cluster and an empty home.
    pub(crate) fn reflux(&self, cluster: &ControlPlane) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env("KUBECONFIG", cluster.kubeconfig())
            .env("HOME", self.home.path());
        command
    }

    /// The bootstrap, which asks for the token.
    pub(crate) fn bootstrap(&self, cluster: &ControlPlane) -> Asked {
        let args = [
            "bootstrap".to_owned(),
            "github".to_owned(),
            format!("--hostname={}", self.github.host()),
            format!("--ca-file={}", self.github.ca_file().display()),
            format!("--owner={OWNER}"),
            format!("--repository={FLEET}"),
            "--personal".to_owned(),
            "--path=clusters/home".to_owned(),
            "--token-auth".to_owned(),
            "--create-repository".to_owned(),
        ];
        let shown = format!("reflux {}", args.join(" "));
        // Without a terminal of our own to show it on, a spinner is noise.
        let term = if std::io::stdout().is_terminal() {
            "xterm"
        } else {
            "dumb"
        };
        let command = blocking::Command::new(&self.binary)
            .args(args)
            .env("KUBECONFIG", cluster.kubeconfig())
            .env("HOME", self.home.path())
            .env_remove("CI")
            .env_remove("GITHUB_TOKEN")
            .env("TERM", term)
            .env("LANG", "C.UTF-8");
        Asked { command, shown }
    }

    /// Puts the application into a repository of its own.
    pub(crate) fn add_app(&self) -> Result<()> {
        self.github
            .add_repository(RepositorySpec::public(OWNER, APP))?;
        self.commit(APP, "Add the voting app", &app::files(2))?;
        Ok(())
    }

    /// Changes how many replicas vote has.
    pub(crate) fn scale(&self, replicas: u32) -> Result<String> {
        self.commit(APP, "Scale vote", &app::files(replicas))
    }

    fn commit(&self, name: &str, message: &str, files: &[(String, String)]) -> Result<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), Some(text.as_bytes())))
            .collect();
        self.github
            .commit_files(OWNER, name, "main", message, &files)
    }

    pub(crate) fn source_args(&self) -> Vec<String> {
        [
            "create",
            "source",
            "git",
            "voting",
            &format!("--url=https://{}/{OWNER}/{APP}", self.github.host()),
            "--branch=main",
            "--interval=10m",
            // The server's certificate is private; this secret knows who signed it.
            "--secret-ref=flux-system",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    pub(crate) fn kustomization_args(&self) -> Vec<String> {
        [
            "create",
            "kustomization",
            "voting",
            "--source=GitRepository/voting",
            "--path=./deploy",
            "--prune",
            "--wait",
            "--interval=10m",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// Commits what the commands export to the fleet's repository.
    pub(crate) fn record(
        &self,
        cluster: &ControlPlane,
        source: &[String],
        kustomization: &[String],
    ) -> Result<()> {
        let text = format!(
            "{}{}",
            self.export(cluster, source)?,
            self.export(cluster, kustomization)?
        );
        self.commit(
            FLEET,
            "Deploy the voting app",
            &[("clusters/home/voting.yaml".to_owned(), text)],
        )?;
        Ok(())
    }

    fn export(&self, cluster: &ControlPlane, args: &[String]) -> Result<String> {
        let output = self
            .reflux(cluster)
            .args(args)
            .arg("--export")
            .output()
            .with_context(|| shown(&self.binary))?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
