//! What kustomizations name on the network: repositories and files on servers of the sandbox.

mod build;
mod kustomize;

use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::github::{GitHub, GitHubOptions, RepositorySpec};
use sandbox::sources::Web;

use crate::support::cluster::block_on;

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with a base that takes a file from beside it, and the commit.
fn repository(folder: &Path) -> String {
    let repository = folder.join("repository");
    write(
        &repository,
        "base/kustomization.yaml",
        "resources: [../config.yaml]\n",
    );
    write(
        &repository,
        "out/kustomization.yaml",
        "resources:\n- ../../app/own.yaml\n",
    );
    write(&repository, "config.yaml", CONFIG);
    git(&repository, &["init", "--quiet", "--initial-branch=main"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "a"]);
    git(&repository, &["rev-parse", "HEAD"])
}

/// A server over HTTPS, and the file with the authority that vouches for it.
fn web(folder: &Path) -> (Web, PathBuf) {
    let server = Web::start_https().unwrap();
    let authority = folder.join("authority.pem");
    fs_err::write(&authority, server.ca_pem().unwrap()).unwrap();
    (server, authority)
}

/// A Git host with one public repository.
struct Host {
    github: GitHub,
}

impl Host {
    /// The repository has these files on `main`.
    fn start(files: &[(&str, &str)]) -> Self {
        let github = block_on(GitHub::start(GitHubOptions::default())).unwrap();
        github.add_user("org").unwrap();
        let spec = RepositorySpec::public("org", "bases");
        github.add_repository(spec).unwrap();
        let files: Vec<(&str, Option<&[u8]>)> = files
            .iter()
            .map(|(path, text)| (*path, Some(text.as_bytes())))
            .collect();
        github
            .commit_files("org", "bases", "main", "first", &files)
            .unwrap();
        Host { github }
    }

    fn url(&self) -> String {
        format!("https://{}/org/bases", self.github.host())
    }
}
