//! Runs without a fault that between them send every kind of request reflux knows. Where
//! `REFLUX_RECORDING` names a file, what was said is added to it, for `cargo xtask openapi`.

use sandbox::github::{OrgRole, RepositorySpec, TokenSpec};

use crate::stage::{ORGANIZATION, OWNER, Output, REPOSITORY, Stage};

fn record(stage: &Stage) {
    let Some(path) = std::env::var_os("REFLUX_RECORDING") else {
        return;
    };
    let mut text = fs_err::read_to_string(&path).unwrap_or_default();
    text.push_str(&stage.github.recording());
    fs_err::write(&path, text).unwrap();
}

fn run(stage: &Stage, extra: &[&str]) -> Output {
    let mut command = stage.command();
    command.args(extra);
    Output::of(command)
}

#[test]
fn every_kind_of_run_succeeds() {
    // A repository that is made, over SSH; and the same again.
    let stage = Stage::new();
    run(&stage, &[]).success("a new repository");
    let again = run(&stage, &[]);
    again.success("the same again");
    let commits = stage.github.commits(OWNER, REPOSITORY, "main").unwrap();
    assert_eq!(commits.len(), 2, "the second run made a commit");
    record(&stage);

    // One that was made by hand and is empty, with a token.
    let stage = Stage::new();
    stage
        .github
        .add_repository(RepositorySpec::private(OWNER, REPOSITORY))
        .unwrap();
    run(&stage, &["--token-auth"]).success("an empty repository");
    record(&stage);

    // One with files, other people's and one of ours to change.
    let stage = Stage::new();
    stage
        .github
        .add_repository(RepositorySpec::private(OWNER, REPOSITORY))
        .unwrap();
    let readme: (&str, Option<&[u8]>) = ("README.md", Some(b"ours"));
    stage
        .github
        .commit_files(OWNER, REPOSITORY, "main", "Begin", &[readme])
        .unwrap();
    run(&stage, &["--token-auth"]).success("a repository with files");
    let tree = stage.github.tree(OWNER, REPOSITORY, "main").unwrap();
    assert_eq!(tree["README.md"], b"ours");
    record(&stage);
}

#[test]
fn an_organisation_with_teams() {
    let stage = Stage::new();
    stage.github.add_org(ORGANIZATION).unwrap();
    stage
        .github
        .add_member(ORGANIZATION, OWNER, OrgRole::Owner)
        .unwrap();
    stage
        .github
        .add_team(ORGANIZATION, "platform", &[OWNER])
        .unwrap();
    let token = stage
        .github
        .add_token(TokenSpec::classic(OWNER, &["repo", "read:org"]))
        .unwrap();
    let mut command = stage.command();
    command
        .arg(format!("--owner={ORGANIZATION}"))
        .args(["--personal=false", "--team=platform:maintain"])
        .env("GITHUB_TOKEN", secrecy::ExposeSecret::expose_secret(&token));
    Output::of(command).success("an organisation");
    let grants = stage.github.team_grants(ORGANIZATION, REPOSITORY).unwrap();
    assert_eq!(grants.len(), 1, "{grants:?}");
    record(&stage);
}
