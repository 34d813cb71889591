//! No secret leaves its place: whole runs, as talkative as they can be, that succeed and that fail
//! in every way; then the token, the private key and the passwords are looked for in everything
//! the runs have left.

use std::path::Path;
use std::process::Command;

use k8s_openapi::api::core::v1::{Event, Secret};
use kube::api::{Api, ListParams};
use sandbox::github::{Failure, Fault};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

use crate::stage::{OWNER, Output, REPOSITORY, Stage, runtime};

/// A password that no flag but its own mentions.
const PASSWORD: &str = "correct-horse-battery-staple";

/// A home and a folder for temporary files, looked through after each run.
struct Traces {
    folder: TempDir,
}

impl Traces {
    fn new() -> Self {
        Traces {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Makes the command leave its traces here.
    fn follow(&self, command: &mut Command) {
        command
            .arg("--verbose")
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .current_dir(self.folder.path());
    }

    /// Everything below the folder, as text.
    fn text(&self) -> String {
        fn read(folder: &Path, text: &mut String) {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                text.push_str(&path.to_string_lossy());
                if path.is_dir() {
                    read(&path, text);
                } else {
                    text.push_str(&String::from_utf8_lossy(&fs_err::read(&path).unwrap()));
                }
            }
        }
        let mut text = String::new();
        read(self.folder.path(), &mut text);
        text
    }
}

#[track_caller]
fn assert_silent(what: &str, text: &str, secrets: &[String]) {
    for secret in secrets {
        // Part of a key is as bad as the whole: its lines are looked for one by one.
        for line in secret
            .lines()
            .filter(|l| l.len() > 15 && !l.starts_with("-----"))
        {
            assert!(!text.contains(line), "{what} shows a secret:\n{text}");
        }
    }
}

/// What the run and the stage show to others.
fn shown(stage: &Stage, output: &Output, traces: &Traces) -> String {
    let commits = stage.github.commits(OWNER, REPOSITORY, "main");
    let tree = stage.github.tree(OWNER, REPOSITORY, "main");
    let events: Vec<Event> = runtime().block_on(async {
        let api: Api<Event> = Api::all(stage.client.clone());
        api.list(&ListParams::default()).await.unwrap().items
    });
    let tree: String = tree
        .unwrap_or_default()
        .into_values()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    format!(
        "{}\n{}\n{}\n{:?}\n{tree}\n{}",
        output.stdout,
        output.stderr,
        traces.text(),
        commits.ok(),
        serde_json::to_string(&events).unwrap()
    )
}

/// The secrets of a stage: the token, and the private key if there is one by now.
fn secrets(stage: &Stage) -> Vec<String> {
    let mut secrets = vec![stage.token.expose_secret().to_owned(), PASSWORD.to_owned()];
    let found: Option<Secret> = runtime().block_on(async {
        let api: Api<Secret> = Api::namespaced(stage.client.clone(), "flux-system");
        api.get_opt("flux-system").await.unwrap()
    });
    let data = found.and_then(|secret| secret.data).unwrap_or_default();
    if let Some(key) = data.get("identity") {
        secrets.push(String::from_utf8(key.0.clone()).unwrap());
    }
    secrets
}

fn run(stage: &Stage, traces: &Traces, extra: &[&str]) -> Output {
    let mut command = stage.command();
    command.args(extra);
    traces.follow(&mut command);
    Output::of(command)
}

#[test]
fn runs_that_succeed_show_no_secret() {
    for extra in [
        &[][..],
        &["--token-auth"],
        &["--dry-run"],
        &["--dry-run", "-o", "json"],
    ] {
        let (stage, traces) = (Stage::new(), Traces::new());
        let output = run(&stage, &traces, extra);
        output.success(&format!("{extra:?}"));
        assert_silent(
            &format!("{extra:?}"),
            &shown(&stage, &output, &traces),
            &secrets(&stage),
        );
    }
}

#[test]
fn runs_that_fail_show_no_secret() {
    let stage = Stage::new();
    let traces = Traces::new();
    let creds = format!("--registry-creds=robot:{PASSWORD}");
    let extra = [
        "--image-pull-secret=pull",
        "--registry=registry.example.com",
        &creds,
    ];
    let requests = {
        let probe = Stage::new();
        probe.bootstrap().success("the run without a fault");
        let requests = probe.github.requests();
        requests.iter().filter(|r| r.door == "rest").count() as u64
    };
    for number in 1..=requests {
        // A server that repeats what it was sent, as careless ones do.
        let body =
            json!({"message": format!("bad header: Bearer {}", stage.token.expose_secret())});
        stage.github.clear_faults();
        stage
            .github
            .fail_nth(number, Fault::before(Failure::Status(422, body)));
        let output = run(&stage, &traces, &extra);
        let what = format!("request {number} of {requests}");
        assert_silent(&what, &shown(&stage, &output, &traces), &secrets(&stage));
    }
}

#[test]
fn refused_credentials_are_not_repeated() {
    let stage = Stage::new();
    let traces = Traces::new();
    let wrong = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    let mut command = stage.command();
    traces.follow(&mut command);
    command.env("GITHUB_TOKEN", wrong);
    let output = Output::of(command);
    assert_ne!(output.code, 0);
    let mut secrets = secrets(&stage);
    secrets.push(wrong.to_owned());
    assert_silent("a wrong token", &shown(&stage, &output, &traces), &secrets);
}
