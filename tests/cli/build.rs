//! `build kustomization`: the overlay, what is refused, and that nothing is written.

use std::path::Path;

use crate::support::{Output, flux, reflux};

const CONFIG: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg}\ndata: {region: \"${region:=eu}\"}\n";
const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: flux-system}\nspec:\n  interval: 10m\n  path: ./app\n  prune: true\n  sourceRef: {kind: GitRepository, name: src}\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
}

/// Builds `app` below `folder` with the Kustomization above and `spec` in it.
fn build(folder: &Path, spec: &str, more: &[&str]) -> Output {
    write(folder, "ks.yaml", &format!("{KUSTOMIZATION}{spec}"));
    let (path, file) = (folder.join("app"), folder.join("ks.yaml"));
    let args = ["build", "ks", "app", "--dry-run", "--path"];
    reflux()
        .args(args)
        .args([path.as_os_str()])
        .args(["--kustomization-file"])
        .args([file.as_os_str()])
        .args(more)
        .run()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_folder_without_a_kustomization_file_is_built_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app/cm.yaml", CONFIG);
    write(folder.path(), "app/left-out.yaml", "no object");
    write(folder.path(), "app/.sourceignore", "left-out.yaml\n");
    let spec = "  targetNamespace: prod\n  namePrefix: my-\n  commonMetadata: {labels: {team: a}, annotations: {note: hi}}\n  patches:\n  - patch: |\n      - {op: add, path: /data/more, value: \"1\"}\n    target: {kind: ConfigMap}\n  postBuild: {substitute: {region: us, number: 5}}\n";
    let wanted = "apiVersion: v1\ndata:\n  more: \"1\"\n  region: us\nkind: ConfigMap\nmetadata:\n  annotations:\n    note: hi\n  labels:\n    kustomize.toolkit.fluxcd.io/name: app\n    kustomize.toolkit.fluxcd.io/namespace: flux-system\n    team: a\n  name: my-cfg\n  namespace: prod\n---\n";
    let output = build(folder.path(), spec, &[]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, wanted),
        "{}",
        output.stderr
    );
    let app = folder.path().join("app");
    assert_eq!(files(&app), [".sourceignore", "cm.yaml", "left-out.yaml"]);
}

#[test]
fn substitution_can_be_switched_off_and_made_strict() {
    let folder = tempfile::tempdir().unwrap();
    let marked = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: raw\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\ndata: {a: \"${b}\"}\n";
    write(
        folder.path(),
        "app/cm.yaml",
        &format!("{CONFIG}---\n{marked}"),
    );
    let output = build(
        folder.path(),
        "  postBuild: {substituteStrategy: Always}\n",
        &[],
    );
    assert!(output.stdout.contains("region: eu\n"), "{}", output.stdout);
    assert!(output.stdout.contains("a: ${b}\n"), "{}", output.stdout);

    write(folder.path(), "app/cm.yaml", &CONFIG.replace(":=eu", ""));
    let spec = "  postBuild: {substitute: {other: x}}\n";
    let output = build(folder.path(), spec, &["--strict-substitute"]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    let place = folder.path().join("app/cm.yaml");
    let place = fs_err::canonicalize(place).unwrap();
    assert_eq!(
        output.stderr,
        format!(
            "✗ {}:1: var substitution failed for 'cfg': envsubst error: variable substitution \
             failed: variable not set (strict mode): \"region\"\nhint: give it a value under \
             spec.postBuild, or a default where it stands: ${{name:=default}}\n",
            place.display()
        )
    );
}

#[test]
fn encrypted_values_are_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: \"ENC[AES256_GCM,data:x]\"}\nsops: {mac: \"ENC[AES256_GCM,data:y]\"}\n";
    write(folder.path(), "app/secret.yaml", secret);
    let output = build(folder.path(), "", &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(!output.stdout.contains("ENC["), "{}", output.stdout);
    assert!(
        output.stdout.contains("password: '**SOPS**'\n"),
        "{}",
        output.stdout
    );

    let plain = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: hunter-two}\n";
    write(folder.path(), "app/secret.yaml", plain);
    let output = build(folder.path(), "", &[]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(!output.stderr.contains("hunter"), "{}", output.stderr);
}

#[test]
fn kustomizations_below_are_followed_where_their_source_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let child = KUSTOMIZATION
        .replace("name: app,", "name: child,")
        .replace("./app", "./child");
    write(folder.path(), "app/child.yaml", &child);
    write(folder.path(), "child/cm.yaml", CONFIG);
    let source = format!("GitRepository/flux-system/src={}", folder.path().display());
    let output = build(folder.path(), "", &["-r", "--local-sources", &source]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(
        output
            .stdout
            .contains("kustomize.toolkit.fluxcd.io/name: child\n")
    );

    let output = build(folder.path(), "", &["-r"]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));

    // One that leads back to itself ends.
    let back = KUSTOMIZATION.replace("name: src", "name: src}\n  patches: []\n#");
    write(folder.path(), "child/back.yaml", &back.replace("#}", ""));
    let output = build(folder.path(), "", &["-r", "--local-sources", &source]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(
        output.stderr.contains("contains itself"),
        "{}",
        output.stderr
    );
}

#[test]
fn what_is_missing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "app/kustomization.yaml",
        "resources: [nope.yaml]\n",
    );
    let output = build(folder.path(), "", &[]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("nope.yaml"), "{}", output.stderr);
    for args in [
        &["build", "ks"][..],
        &["build", "ks", "app"],
        &["build", "ks", "app", "--path", ".", "--kubeconfig=/none"],
        &["build", "ks", "app", "--path", ".", "--dry-run"],
        &[
            "build",
            "ks",
            "app",
            "--path",
            ".",
            "--dry-run",
            "--local-sources",
            "x",
        ],
    ] {
        let output = flux().args(args).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{args:?}");
    }
}

#[test]
fn nothing_is_read_outside_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "repo/.git/HEAD", "");
    write(folder.path(), "outside.yaml", CONFIG);
    write(
        folder.path(),
        "repo/app/kustomization.yaml",
        "resources: [../../outside.yaml]\n",
    );
    let output = build(&folder.path().join("repo"), "", &[]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
}

#[test]
fn what_the_repository_leaves_out_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), ".git/HEAD", "");
    write(folder.path(), ".sourceignore", "/*\n!/app\ndocs/\n");
    write(folder.path(), "app/cm.yaml", CONFIG);
    write(folder.path(), "app/docs/example.yaml", "no object");
    let output = build(folder.path(), "", &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    // A folder that the controller never sees.
    write(folder.path(), "base/cm.yaml", CONFIG);
    write(
        folder.path(),
        "app/kustomization.yaml",
        "resources: [../base/cm.yaml]\n",
    );
    let output = build(folder.path(), "", &[]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("base/cm.yaml"), "{}", output.stderr);
}

#[test]
fn the_code_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let spec = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
        metadata: {name: app, namespace: flux-system}\n\
        spec: {interval: 1m, path: ./, prune: true, sourceRef: {kind: GitRepository, name: s}}\n";
    write(folder.path(), "ks.yaml", spec);
    write(
        folder.path(),
        "app/kustomization.yaml",
        "resources: [none.yaml]\n",
    );
    let run = |path: &str| {
        let file = folder.path().join("ks.yaml");
        let args = ["build", "kustomization", "app", "--dry-run", "--path"];
        crate::support::reflux()
            .args(args)
            .args([
                folder.path().join(path),
                "--kustomization-file".into(),
                file,
            ])
            .run()
    };
    assert!(run("nope").failure(3).contains("nope"));
    assert!(run("app").failure(1).contains("none.yaml"));
}

#[test]
fn a_kustomization_that_is_not_in_the_file_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app/cm.yaml", CONFIG);
    let output = build(folder.path(), "", &["--namespace=elsewhere"]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("\nhint: the file has: app -n flux-system\n"),
        "{}",
        output.stderr
    );
}
