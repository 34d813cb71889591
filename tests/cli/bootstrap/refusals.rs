//! What is refused, before anything is written, and what is said then.

use jiff::{SignedDuration, Timestamp};
use sandbox::github::{OrgRole, Permission, Protection, RepositorySpec, Rule, TokenSpec};
use secrecy::{ExposeSecret as _, SecretString};

use super::stage::{NAME, OWNER, Stage, USER};

/// Runs, demands the exit code and each of the texts, and that nothing was written.
#[track_caller]
fn refused(stage: &Stage, token: &SecretString, args: &[&str], code: i32, texts: &[&str]) {
    stage.github.clear_requests();
    let stderr = stage.run_with(token, args).failure(code);
    for text in texts {
        assert!(stderr.contains(text), "{text:?} is missing in\n{stderr}");
    }
    let carried_out: Vec<String> = stage
        .writes()
        .iter()
        .filter(|r| r.status.is_some_and(|status| status < 300))
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert!(carried_out.is_empty(), "{carried_out:?}");
    assert!(stage.secret().is_none());
}

#[test]
fn wrong_flags_are_told() {
    let stage = Stage::new();
    for (args, texts) in [
        (&["--owner="][..], &["--owner is required"][..]),
        (&["--repository="], &["--repository is required"]),
        (
            &["--personal", "true"],
            &["unexpected argument \"true\"", "write --personal=true"],
        ),
        (
            &["--components-extra=image-reflector"],
            &[
                "component image-reflector is not available",
                "did you mean image-reflector-controller?",
            ],
        ),
        (
            &["--components-extra=source-controller"],
            &["component source-controller is given twice"],
        ),
        (&["--interval", "30"], &["missing unit in duration"]),
        (&["--branch=a..b"], &["invalid branch name \"a..b\""]),
        (&["--hostname=https://x"], &["invalid --hostname"]),
        (
            &["--owner=a/b"],
            &["invalid argument \"a/b\" for \"--owner\" flag"],
        ),
        (
            &["--team=ops:god"],
            &["invalid argument \"ops:god\" for \"--team\" flag"],
        ),
        (&["--registry-creds=a:b"], &["requires --image-pull-secret"]),
        (
            &["--version=v1.0.0"],
            &["targeted version 'v1.0.0' is not available"],
        ),
        (
            &["--ssh-signing-password=x"],
            &["requires --ssh-signing-key-file"],
        ),
        (
            &["--ssh-signing-reuse-private-key"],
            &["not supported by 'bootstrap github'"],
        ),
        (
            &["--gpg-key-ring=x", "--ssh-signing-key-file=y"],
            &["mutually exclusive"],
        ),
    ] {
        refused(&stage, &stage.token, args, 2, texts);
    }
}

#[test]
fn a_path_that_leads_outside_stays_inside_and_is_told() {
    for (path, inside) in [("--path=../x", "./x"), ("--path=/etc", "./etc")] {
        let stage = Stage::new();
        let output = stage.run(&["--token-auth", path]);
        let said = format!("⚠️ --path leads out of the repository, it is taken as {inside}");
        assert!(output.stderr.contains(&said), "{}", output.stderr);
        output.success();
        let file = format!("{}/{}/gotk-sync.yaml", &inside[2..], stage.namespace.name);
        assert!(stage.file(&file).is_some());
    }
}

#[test]
fn tokens_that_will_not_do_are_told_with_what_to_grant() {
    let stage = Stage::with_repository();
    let past = Timestamp::now() - SignedDuration::from_secs(60);
    let add = |spec: TokenSpec| stage.github.add_token(spec).unwrap();
    let expired = add(TokenSpec::classic(USER, &["repo"]).expires(past));
    for bad in [&expired, &SecretString::from("ghp_wrong")] {
        refused(
            &stage,
            bad,
            &[],
            4,
            &["does not accept the token", "expired or revoked"],
        );
    }
    let narrow = add(TokenSpec::classic(USER, &["read:org"]));
    refused(
        &stage,
        &narrow,
        &[],
        4,
        &["give the token the scope \"repo\""],
    );
    let reader = add(TokenSpec::fine_grained(
        USER,
        OWNER,
        &[("contents", "read")],
    ));
    refused(
        &stage,
        &reader,
        &["--token-auth"],
        4,
        &["push commits", "Contents: Read and write"],
    );
    let writer = add(TokenSpec::fine_grained(
        USER,
        OWNER,
        &[("contents", "write")],
    ));
    refused(
        &stage,
        &writer,
        &[],
        4,
        &["change deploy keys", "Administration: Read and write"],
    );
}

#[test]
fn a_fine_grained_token_with_what_it_takes_will_do() {
    let stage = Stage::with_repository();
    let rights = [("contents", "write"), ("administration", "write")];
    let token = stage
        .github
        .add_token(TokenSpec::fine_grained(USER, OWNER, &rights))
        .unwrap();
    stage.run_with(&token, &[]).success();
    assert_eq!(stage.github.deploy_keys(OWNER, NAME).unwrap().len(), 1);
}

#[test]
fn an_end_that_is_near_is_told() {
    let stage = Stage::with_repository();
    let soon = Timestamp::now() + SignedDuration::from_hours(48);
    let token = stage
        .github
        .add_token(TokenSpec::classic(USER, &["repo"]).expires(soon))
        .unwrap();
    let output = stage.run_with(&token, &["--dry-run"]);
    assert!(
        output.stderr.contains("⚠️ the token expires on "),
        "{}",
        output.stderr
    );
}

#[test]
fn a_user_without_rights_is_told() {
    let stage = Stage::with_repository();
    stage.github.add_user("kim").unwrap();
    stage
        .github
        .add_member(OWNER, "kim", OrgRole::Member)
        .unwrap();
    stage
        .github
        .add_collaborator(OWNER, NAME, "kim", Permission::Pull)
        .unwrap();
    let kim = stage
        .github
        .add_token(TokenSpec::classic("kim", &["repo"]))
        .unwrap();
    refused(
        &stage,
        &kim,
        &[],
        4,
        &["push commits", "role \"write\"", "role \"admin\""],
    );
}

#[test]
fn protected_branches_are_told() {
    let stage = Stage::with_repository();
    let protection = Protection {
        required_reviews: Some(1),
        enforce_admins: true,
        ..Protection::default()
    };
    stage
        .github
        .protect_branch(OWNER, NAME, "main", protection)
        .unwrap();
    let texts = [
        "branch \"main\" of acme/fleet is protected",
        "through a pull request",
    ];
    refused(&stage, &stage.token, &[], 4, &texts);
    stage.github.unprotect(OWNER, NAME).unwrap();
    stage
        .github
        .add_rule(OWNER, NAME, "main", Rule::RequiredSignatures)
        .unwrap();
    refused(&stage, &stage.token, &[], 4, &["commits must be signed"]);
}

#[test]
fn repositories_that_will_not_do_are_told() {
    let stage = Stage::with_repository();
    refused(
        &stage,
        &stage.token,
        &["--branch=nope"],
        3,
        &[
            "repository acme/fleet has no branch \"nope\"",
            "--branch=main",
        ],
    );
    stage
        .github
        .rename_repository(OWNER, NAME, "ships")
        .unwrap();
    refused(
        &stage,
        &stage.token,
        &[],
        3,
        &[
            "repository acme/fleet is now acme/ships",
            "--repository=ships",
        ],
    );
    stage
        .github
        .rename_repository(OWNER, "ships", NAME)
        .unwrap();
    stage.github.archive_repository(OWNER, NAME, true).unwrap();
    refused(&stage, &stage.token, &[], 4, &["is archived"]);
}

#[test]
fn owners_that_will_not_do_are_told() {
    let stage = Stage::new();
    stage.github.add_user("kim").unwrap();
    let token = &stage.token;
    refused(
        &stage,
        token,
        &["--owner=dana"],
        2,
        &["is a user", "add --personal"],
    );
    refused(
        &stage,
        token,
        &["--owner=nobody"],
        3,
        &["there is no organization"],
    );
    refused(
        &stage,
        token,
        &["--owner=kim", "--personal"],
        4,
        &[
            "doesn't match the identity associated with the given token",
            "--owner=dana",
        ],
    );
    refused(
        &stage,
        token,
        &["--team=nope"],
        3,
        &["has no team \"nope\""],
    );
    refused(
        &stage,
        token,
        &["--create-repository=false"],
        3,
        &["does not exist"],
    );
}

#[test]
fn a_name_that_is_taken_out_of_sight_is_told() {
    let stage = Stage::new();
    stage
        .github
        .add_repository(RepositorySpec::private(OWNER, NAME))
        .unwrap();
    // The token sees other repositories only.
    let mut spec = TokenSpec::fine_grained(USER, OWNER, &[("administration", "write")]);
    if let sandbox::github::TokenKind::FineGrained { repositories, .. } = &mut spec.kind {
        *repositories = Some(vec!["other".to_owned()]);
    }
    let token = stage.github.add_token(spec).unwrap();
    let stderr = stage.run_with(&token, &["--token-auth"]).failure(1);
    assert!(
        stderr.contains("name already exists on this account"),
        "{stderr}"
    );
}

#[test]
fn clusters_that_will_not_do_are_told() {
    let stage = Stage::with_repository();
    let token = &stage.token;
    refused(
        &stage,
        token,
        &["--context=nope"],
        3,
        &["context \"nope\" does not exist"],
    );
    refused(
        &stage,
        token,
        &["--server=https://127.0.0.1:1"],
        5,
        &["cannot reach the Kubernetes API server"],
    );
    refused(
        &stage,
        token,
        &["--as=nobody"],
        4,
        &[
            "this user may not install Flux",
            "create customresourcedefinitions",
            "cluster-admin",
        ],
    );
}

#[test]
fn a_host_that_is_not_there_is_told() {
    let stage = Stage::new();
    let args = ["--hostname=localhost:1", "--token-auth"];
    refused(
        &stage,
        &stage.token,
        &args,
        5,
        &["cannot reach localhost:1"],
    );
    let untrusted = stage.without_token(&["--ca-file=", "--token-auth"]);
    let stderr = untrusted.env("GITHUB_TOKEN", "x").run().failure(5);
    assert!(stderr.contains("--ca-file"), "{stderr}");
}

#[test]
fn another_folder_of_the_same_cluster_is_not_taken_over() {
    let stage = Stage::new();
    stage.run(&["--token-auth"]).success();
    let stderr = stage
        .run(&["--token-auth", "--path=clusters/other"])
        .failure(8);
    assert!(
        stderr.contains("would overwrite path (\"./clusters/my\") of existing Kustomization"),
        "{stderr}"
    );
}

#[test]
fn the_token_is_taken_from_a_file_or_from_what_is_piped_in() {
    let stage = Stage::new();
    let token = stage.token.expose_secret().to_owned();
    stage
        .without_token(&["--dry-run"])
        .stdin(&format!("{token}\n"))
        .run()
        .success();
    let file = stage
        .without_token(&["--dry-run", "--token-file=t"])
        .file("t", &token);
    file.run().success();
    let piped = stage
        .without_token(&["--dry-run", "--token-file=-"])
        .stdin(&token);
    piped.run().success();
    let stderr = stage.without_token(&[]).run().failure(2);
    assert!(
        stderr.contains("GITHUB_TOKEN") && stderr.contains("--token-file"),
        "{stderr}"
    );
}
