//! `kustomize`: what is printed, what is refused, and what the refusals name.

use std::path::Path;

use tempfile::TempDir;

use crate::support::{flux, reflux};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

/// A folder with these files.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    folder
}

fn build(dir: &Path) -> crate::support::Output {
    reflux().args(["kustomize", dir.to_str().unwrap()]).run()
}

#[test]
fn a_directory_is_built() {
    let tree = tree(&[
        (
            "app/kustomization.yaml",
            "resources: [../base]\nnamePrefix: my-\n",
        ),
        ("base/kustomization.yaml", "resources: [config.yaml]\n"),
        ("base/config.yaml", CONFIG),
    ]);
    let built = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: my-settings\n";
    let app = tree.path().join("app");
    assert_eq!(build(&app).success(), built);
    // Under the other name, with the root, and through a symbolic link.
    let link = tree.path().join("link");
    std::os::unix::fs::symlink(&app, &link).unwrap();
    let root = tree.path().to_str().unwrap();
    let args = ["kustomize", link.to_str().unwrap(), "--root", root];
    assert_eq!(flux().args(args).run().success(), built);
}

#[test]
fn directories_behind_symbolic_links_are_where_they_really_are() {
    let tree = tree(&[
        ("app/kustomization.yaml", "resources: [base]\n"),
        (
            "real/base/kustomization.yaml",
            "resources: [../config.yaml]\n",
        ),
        ("real/config.yaml", CONFIG),
    ]);
    let base = tree.path().join("app/base");
    std::os::unix::fs::symlink(tree.path().join("real/base"), base).unwrap();
    assert_eq!(build(&tree.path().join("app")).success(), CONFIG);
}

#[test]
fn a_missing_directory_is_not_found() {
    let tree = tree(&[("file", "")]);
    let error = build(&tree.path().join("nope")).failure(3);
    assert!(
        error.contains("/nope': no such file or directory"),
        "{error}"
    );
    let error = build(&tree.path().join("file")).failure(2);
    assert!(error.contains("/file': file is not directory"), "{error}");
    let error = build(tree.path()).failure(1);
    assert!(
        error.contains(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
        ),
        "{error}"
    );
}

#[test]
fn nothing_is_read_outside_of_the_root() {
    let tree = tree(&[
        ("in/kustomization.yaml", "resources:\n- ../out.yaml\n"),
        ("in/linked/kustomization.yaml", "resources:\n- link.yaml\n"),
        ("out.yaml", CONFIG),
    ]);
    let root = tree.path().join("in");
    let link = root.join("linked/link.yaml");
    std::os::unix::fs::symlink(tree.path().join("out.yaml"), link).unwrap();
    for (dir, line) in [
        ("", "in/kustomization.yaml:2:3"),
        ("linked", "linked/kustomization.yaml:2:3"),
    ] {
        let dir = root.join(dir);
        assert_eq!(build(&dir).success(), CONFIG);
        let run = reflux().args([Path::new("kustomize"), &dir, Path::new("--root"), &root]);
        let error = run.run().failure(1);
        assert!(
            error.contains(line) && error.contains("is not in or below"),
            "{error}"
        );
        assert!(error.contains("out.yaml"), "{error}");
    }
    let args = [
        Path::new("kustomize"),
        tree.path(),
        Path::new("--root"),
        &root,
    ];
    let error = reflux().args(args).run().failure(2);
    assert!(error.contains("is not in or below the root"), "{error}");
}

#[test]
fn a_cycle_is_refused_with_the_way_that_led_to_it() {
    let tree = tree(&[
        ("a/kustomization.yaml", "resources:\n- ../b\n"),
        ("b/kustomization.yaml", "resources:\n- ../a\n"),
    ]);
    let error = build(&tree.path().join("a")).failure(1);
    for part in [
        "a/kustomization.yaml → ",
        "b/kustomization.yaml:2:3: ",
        "cycle detected",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_bad_field_is_told_with_its_line() {
    for (text, line, message) in [
        (
            "resources: [config.yaml]\nnamePrefixes: a-\n",
            ":2:1: ",
            "unknown field \"namePrefixes\"",
        ),
        (
            "resources: [config.yaml]\nreplicas:\n- name: a\n  count: \"3\"\n",
            ":4:10: ",
            "cannot unmarshal string into Go struct field Replica.replicas.count of type int64",
        ),
        (
            "resources: [nope.yaml]\n",
            ":1:13: ",
            "nope.yaml: no such file or directory",
        ),
    ] {
        let tree = tree(&[("kustomization.yaml", text), ("config.yaml", CONFIG)]);
        let output = build(tree.path());
        assert_eq!(output.stdout, "");
        let error = output.failure(1);
        assert!(error.contains(line) && error.contains(message), "{error}");
    }
}
