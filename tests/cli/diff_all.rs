//! `diff all`: two revisions of a repository, out of Git's objects and without a cluster.

mod begins;
mod removed;

use std::process::Command;

use serde_json::Value;

use crate::support::{Output, reflux};

/// A repository under Git.
struct Repository(tempfile::TempDir);

const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  \
    name: flux-system\n  namespace: flux-system\nspec:\n  interval: 1m0s\n  ref:\n    branch: main\n  \
    url: ssh://git@github.com/org/fleet\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\n\
    kind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  \
    interval: 10m0s\n  path: ./clusters/CLUSTER\n  prune: true\n  sourceRef:\n    \
    kind: GitRepository\n    name: flux-system\n";

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
         name: {name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  prune: true\n  \
         path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

fn config_map(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: web}}\n\
         data: {{value: \"{value}\"}}\n"
    )
}

impl Repository {
    /// One cluster with two Kustomizations, committed.
    fn example() -> Self {
        let repository = Repository(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write(
            "clusters/a/flux-system/sync.yaml",
            &SYNC.replace("CLUSTER", "a"),
        );
        repository.write("clusters/a/apps.yaml", &kustomization("apps", "./apps", ""));
        repository.write(
            "clusters/a/infra.yaml",
            &kustomization("infra", "./infra", ""),
        );
        repository.write("apps/one.yaml", &config_map("one", "1"));
        repository.write("apps/two.yaml", &config_map("two", "1"));
        repository.write("apps/same.yaml", &config_map("same", "1"));
        repository.write("infra/three.yaml", &config_map("three", "1"));
        repository.commit();
        repository
    }

    fn git(&self, args: &[&str]) {
        let status = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(args)
            .current_dir(self.0.path())
            .status()
            .unwrap();
        assert!(status.success(), "{args:?}");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=change"]);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        fs_err::remove_file(self.0.path().join(path)).unwrap();
    }

    fn diff(&self, args: &[&str]) -> Output {
        let path = self.0.path().display().to_string();
        reflux().args(["diff", "all", &path]).args(args).run()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.diff(&[args, &["-o", "json"]].concat());
        serde_json::from_str(&output.stdout).unwrap()
    }
}

/// The objects that something happens to: their names, and what.
fn changes(report: &Value) -> Vec<String> {
    let changes = report["changes"].as_array().unwrap().iter();
    let text = |change: &Value, field: &str| change[field].as_str().unwrap_or_default().to_owned();
    changes
        .map(|change| format!("{} {}", text(change, "name"), text(change, "action")))
        .collect()
}

#[test]
fn the_work_tree_is_compared_with_a_revision() {
    let repository = Repository::example();
    let output = repository.diff(&["--base", "HEAD"]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, ""),
        "{}",
        output.stderr
    );
    assert_eq!(output.stderr, "8 unchanged\n");

    repository.write("apps/one.yaml", &config_map("one", "2"));
    repository.write("apps/new.yaml", &config_map("new", "1"));
    repository.remove("apps/two.yaml");
    // It moves from one Kustomization to the other.
    repository.remove("infra/three.yaml");
    repository.write("apps/three.yaml", &config_map("three", "1"));
    repository.write("infra/four.yaml", &config_map("four", "1"));
    let output = repository.diff(&["--base", "HEAD"]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output
            .stderr
            .starts_with("2 created, 1 changed, 1 moved, 1 deleted, 5 unchanged\n"),
        "{}",
        output.stderr
    );
    assert!(
        output
            .stdout
            .starts_with("📁 Kustomization/flux-system/apps changed\n"),
        "{}",
        output.stdout
    );
    for line in [
        "► ConfigMap/web/new created\n",
        "► ConfigMap/web/one changed\n",
        "► ConfigMap/web/two deleted\n",
        "► ConfigMap/web/three moved to Kustomization/flux-system/apps\n",
    ] {
        assert!(output.stdout.contains(line), "{line}\n{}", output.stdout);
    }
    assert!(!output.stdout.contains("same"), "{}", output.stdout);
    // Two revisions, whatever is checked out.
    repository.git(&["stash", "--quiet", "--include-untracked"]);
    let report = repository.json(&["--base", "HEAD", "--head", "stash@{0}"]);
    assert_eq!(report["summary"]["changed"], 1);
    let output = repository.diff(&["--base", "HEAD", "--fail-on", "delete"]);
    assert_eq!(output.code, 0);
}

#[test]
fn a_kustomization_that_goes_takes_its_objects_along() {
    let repository = Repository::example();
    repository.remove("clusters/a/apps.yaml");
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(
        changes(&report),
        ["apps deleted", "one deleted", "same deleted", "two deleted"]
    );
    // Those that nothing deletes stay.
    repository.write(
        "clusters/a/apps.yaml",
        &kustomization("apps", "./apps", "  deletionPolicy: Orphan\n"),
    );
    let marked = config_map("three", "1").replace(
        "namespace: web",
        "namespace: web, labels: {kustomize.toolkit.fluxcd.io/prune: disabled}",
    );
    repository.write("infra/three.yaml", &marked);
    repository.commit();
    repository.remove("clusters/a/apps.yaml");
    repository.remove("infra/three.yaml");
    repository.write("infra/four.yaml", &config_map("four", "1"));
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(
        changes(&report),
        [
            "apps deleted",
            "four created",
            "three kept",
            "one kept",
            "same kept",
            "two kept"
        ]
    );
    assert_eq!(
        report["changes"][3]["reason"],
        "Kustomization/flux-system/apps has the deletion policy Orphan"
    );
}

#[test]
fn what_cannot_be_built_is_never_a_deletion() {
    let repository = Repository::example();
    repository.write("apps/kustomization.yaml", "resources: [none.yaml]\n");
    repository.write("infra/three.yaml", &config_map("three", "2"));
    let output = repository.diff(&["--base", "HEAD", "-o", "json"]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(changes(&report), ["three changed"]);
    assert_eq!(report["errors"][0]["kustomization"], "flux-system/apps");
    let advice = report["errors"][0]["advice"].as_str().unwrap();
    assert!(
        output.stderr.ends_with(&format!("\nhint: {advice}\n")),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains(
            "✗ Kustomization/flux-system/apps cannot be built after the change: kustomize build \
             failed: "
        ),
        "{}",
        output.stderr
    );
    // Nor what is below it.
    repository.write("clusters/a/kustomization.yaml", "resources: [none.yaml]\n");
    let output = repository.diff(&["--base", "HEAD", "-o", "name"]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (2, ""),
        "{}",
        output.stderr
    );
    // Nor what has its source elsewhere now.
    let repository = Repository::example();
    let apps = kustomization("apps", "./apps", "").replace("name: flux-system}", "name: other}");
    repository.write("clusters/a/apps.yaml", &apps);
    let output = repository.diff(&["--base", "HEAD", "-o", "name"]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert_eq!(
        output.stdout,
        "kustomization.kustomize.toolkit.fluxcd.io/apps\n"
    );
}

#[test]
fn secrets_are_never_shown() {
    let repository = Repository::example();
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: keys, namespace: flux-system}}\n\
             stringData: {{password: {value}, same: stays-the-same}}\n"
        )
    };
    repository.write("infra/keys.yaml", &secret("hunter-one"));
    let from = "  postBuild: {substituteFrom: [{kind: Secret, name: keys}]}\n";
    repository.write(
        "clusters/a/apps.yaml",
        &kustomization("apps", "./apps", from),
    );
    repository.write("apps/one.yaml", &config_map("one", "user:${password}@host"));
    repository.commit();
    repository.write("infra/keys.yaml", &secret("hunter-two"));
    for format in [
        "unified", "json", "yaml", "markdown", "name", "github", "gitlab", "",
    ] {
        let mut args = vec!["--base", "HEAD"];
        if !format.is_empty() {
            args.extend(["-o", format]);
        }
        let output = repository.diff(&args);
        assert_eq!(output.code, 1, "{}", output.stderr);
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(
            !told.contains("hunter") && !told.contains("stays-the-same"),
            "{told}"
        );
        assert!(
            output.stdout.contains("keys") && output.stdout.contains("one"),
            "{told}"
        );
    }
}

#[test]
fn what_stands_in_for_a_secret_is_never_shown() {
    let repository = Repository::example();
    let from = "  postBuild: {substituteFrom: [{kind: Secret, name: keys}]}\n";
    repository.write(
        "clusters/a/apps.yaml",
        &kustomization("apps", "./apps", from),
    );
    repository.commit();
    repository.write("apps/one.yaml", &config_map("one", "user:${password}@host"));
    repository.write("vars.env", "password=hunter-one\n");
    let vars = repository.0.path().join("vars.env");
    let vars = format!("--vars-file={}", vars.display());
    for format in ["unified", "json", "github", "markdown"] {
        let output = repository.diff(&["--base", "HEAD", &vars, "-o", format]);
        assert_eq!(output.code, 1, "{}", output.stderr);
        assert!(output.stdout.contains("***"), "{}", output.stdout);
        assert!(!output.stdout.contains("hunter"), "{}", output.stdout);
    }
}

#[test]
fn a_value_that_is_encrypted_anew_is_a_change() {
    let repository = Repository::example();
    let secret = |first: &str, plain: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: keys, namespace: web}}\n\
             stringData:\n  first: ENC[AES256_GCM,data:{first},type:str]\n  \
             second: ENC[AES256_GCM,data:c2Vjb25k,type:str]\n  open_unencrypted: {plain}\n\
             sops:\n  mac: ENC[AES256_GCM,data:{first}mac,type:str]\n  version: 3.9.0\n"
        )
    };
    repository.write("infra/keys.yaml", &secret("b25l", "visible-one"));
    repository.commit();
    // What only says when it was encrypted is none.
    let text = secret("b25l", "visible-one").replace("3.9.0", "3.9.1");
    repository.write("infra/keys.yaml", &text);
    assert_eq!(repository.diff(&["--base", "HEAD"]).code, 0);
    repository.write("infra/keys.yaml", &secret("dHdv", "visible-one"));
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(changes(&report), ["keys changed"]);
    let differences = report["changes"][0]["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].to_string().contains("first"));
    // Nor is what stands openly beside it shown.
    repository.write("infra/keys.yaml", &secret("b25l", "visible-two"));
    let output = repository.diff(&["--base", "HEAD"]);
    assert_eq!(output.code, 1);
    assert!(
        output.stdout.contains("open_unencrypted"),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("visible"), "{}", output.stdout);
}

#[test]
fn comments_are_for_pull_requests() {
    let repository = Repository::example();
    repository.write("apps/one.yaml", &config_map("one", "2"));
    repository.remove("apps/two.yaml");
    let output = repository.diff(&["--base", "HEAD", "-o", "github"]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stdout.starts_with(
            "<!-- diff of manifests -->\n### HEAD → worktree\n\n\
             **1 changed, 1 deleted, 6 unchanged**\n\n> [!CAUTION]\n> 1 object goes: \
             ConfigMap/web/two\n\n#### flux-system/apps\n\n<details><summary>ConfigMap/web/one \
             changed</summary>\n\n```diff\n"
        ),
        "{}",
        output.stdout
    );
    let output = repository.diff(&["--base", "HEAD", "-o", "gitlab"]);
    assert!(
        output.stdout.contains("> ⚠️ 1 object goes"),
        "{}",
        output.stdout
    );
}

#[test]
fn clusters_are_told_apart() {
    let repository = Repository::example();
    repository.write(
        "clusters/b/flux-system/sync.yaml",
        &SYNC.replace("CLUSTER", "b"),
    );
    repository.write("clusters/b/apps.yaml", &kustomization("apps", "./apps", ""));
    let report = repository.json(&["--base", "HEAD"]);
    assert_eq!(report["summary"]["created"], 6);
    assert_eq!(report["summary"]["unchanged"], 8);
    let kustomizations: Vec<&str> = report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["kustomization"].as_str().unwrap())
        .collect();
    assert!(
        kustomizations.contains(&"clusters/b: flux-system/apps"),
        "{kustomizations:?}"
    );
}

#[test]
fn a_branch_is_compared_with_where_it_began() {
    let repository = Repository::example();
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.write("apps/one.yaml", &config_map("one", "2"));
    repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("apps/two.yaml", &config_map("two", "2"));
    repository.commit();
    let args = ["--base", "main", "--head", "feature"];
    assert_eq!(
        changes(&repository.json(&args)),
        ["one changed", "two changed"]
    );
    let args = [&args[..], &["--merge-base"]].concat();
    assert_eq!(changes(&repository.json(&args)), ["one changed"]);
}

#[test]
fn what_is_missing_is_refused() {
    let repository = Repository::example();
    let refused = |args: &[&str]| {
        let output = repository.diff(args);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{args:?}");
        output.stderr
    };
    refused(&[]);
    assert!(refused(&["--base", "nope"]).contains("there is no revision \"nope\""));
    refused(&["--base", "HEAD", "-o", "wide"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let output = reflux()
        .args(["diff", "all", &path, "--base", "HEAD"])
        .run();
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("is in no Git repository"),
        "{}",
        output.stderr
    );
    let path = repository.0.path().join("nowhere").display().to_string();
    let output = reflux()
        .args(["diff", "all", &path, "--base", "HEAD"])
        .run();
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("is neither in HEAD nor in worktree"),
        "{}",
        output.stderr
    );
}
