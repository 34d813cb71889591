//! The name, the versions, and the flags that every command takes.

use insta::assert_snapshot;

use crate::support::cluster::namespace;
use crate::support::{flux, reflux};

#[test]
fn each_name_says_its_own_version() {
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(
        reflux().args(["--version"]).run().success(),
        format!("reflux version {own} (flux 2.9.4)\n")
    );
    assert_eq!(flux().args(["-v"]).run().success(), "flux version 2.9.4\n");
    assert_eq!(
        flux().args(["version", "--client"]).run().success(),
        "flux: v2.9.4\n"
    );
    assert_eq!(
        reflux().args(["version", "--client"]).run().success(),
        format!("reflux: v{own}\nflux: v2.9.4\n")
    );
    let text = reflux()
        .args(["version", "--client", "-o", "json"])
        .run()
        .success();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["flux"], "v2.9.4");
}

#[test]
fn the_client_version_is_told_even_where_the_cluster_is_away() {
    let output = reflux()
        .args(["version", "--server=http://127.0.0.1:1"])
        .run();
    assert!(output.stdout.contains("flux: v2.9.4"), "{}", output.stdout);
    output.failure(5);
}

#[test]
fn exit_codes_follow_the_name_and_the_variable() {
    let args = ["get", "ks", "--server=http://127.0.0.1:1"];
    reflux().args(args).run().failure(5);
    flux().args(args).run().failure(1);
    flux()
        .env("REFLUX_EXIT_CODES", "meaning")
        .args(args)
        .run()
        .failure(5);
    reflux()
        .env("REFLUX_EXIT_CODES", "flux")
        .args(args)
        .run()
        .failure(1);
}

#[test]
fn usage_errors_name_the_thing() {
    let error = |args: &[&str]| reflux().args(args).run().failure(2);
    assert_snapshot!(error(&["frobnicate"]), @r#"✗ unknown command "frobnicate""#);
    assert!(error(&["versio"]).contains("did you mean \"version\"?"));
    assert!(error(&["get", "ks", "--nope"]).contains("unknown flag: --nope"));
    assert!(error(&["get", "ks", "-n", "Bad_NS"]).contains("namespace must be a valid DNS label"));
    assert!(error(&["get", "ks", "--timeout=30"]).contains("missing unit in duration"));
}

#[test]
fn the_namespace_comes_from_flag_variable_or_context() {
    let ns = namespace();
    let run = |build: &dyn Fn(crate::support::Run) -> crate::support::Run| {
        let run = reflux().env("KUBECONFIG", &ns.kubeconfig);
        build(run).args(["get", "ks"]).run().failure(3)
    };
    assert!(run(&|r| r).contains("\"flux-system\""));
    assert!(run(&|r| r.env("FLUX_SYSTEM_NAMESPACE", &ns.name)).contains(&ns.name));
    assert!(
        run(&|r| r
            .args(["--namespace", "other"])
            .env("FLUX_SYSTEM_NAMESPACE", &ns.name))
        .contains("\"other\"")
    );
    let invalid = run(&|r| r.env("FLUX_SYSTEM_NAMESPACE", "Bad_NS"));
    assert!(
        invalid.contains("ignoring invalid FLUX_SYSTEM_NAMESPACE"),
        "{invalid}"
    );
}

#[test]
fn several_kubeconfig_files_are_merged() {
    let ns = namespace();
    let admin = fs_err::read_to_string(&ns.kubeconfig).unwrap();
    let output = reflux()
        .file("first", "apiVersion: v1\nkind: Config\ncurrent-context: \"\"\ncontexts: []\nclusters: []\nusers: []\n")
        .file("second", &admin)
        .env("KUBECONFIG", "first:missing:second")
        .args(["get", "ks", "-n", &ns.name])
        .run();
    assert!(
        output.stderr.contains("no Kustomization objects found"),
        "{}",
        output.stderr
    );
}

#[test]
fn answers_are_plain_in_a_pipe_and_coloured_on_request() {
    let plain = reflux()
        .args(["get", "ks", "--server=http://127.0.0.1:1"])
        .run();
    assert!(!plain.stderr.contains('\u{1b}'));
    let colour = reflux()
        .args(["get", "ks", "--server=http://127.0.0.1:1", "--color=always"])
        .run();
    assert!(colour.stderr.contains('\u{1b}'));
}

#[test]
fn completion_scripts_are_printed_for_five_shells() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = reflux().args(["completion", shell]).run().success();
        assert!(text.contains("reflux"), "{shell}");
        let text = flux().args(["completion", shell]).run().success();
        assert!(!text.contains("reflux"), "{shell}");
    }
}

#[test]
fn without_a_terminal_a_question_is_an_error_that_names_the_flag() {
    let ns = namespace();
    ns.sample(
        &reflux::kinds::KUSTOMIZATION,
        "apps",
        serde_json::Value::Null,
    );
    let error = ns.reflux(&["delete", "ks", "apps"]).failure(2);
    assert!(error.contains("--silent"), "{error}");
    assert!(ns.get(&reflux::kinds::KUSTOMIZATION, "apps").is_some());
}

#[test]
fn names_are_completed_from_the_cluster() {
    let ns = namespace();
    ns.sample(
        &reflux::kinds::KUSTOMIZATION,
        "apps",
        serde_json::Value::Null,
    );
    let complete = |words: &[&str]| {
        reflux()
            .env("KUBECONFIG", &ns.kubeconfig)
            .env("COMPLETE", "fish")
            .args(["--", "reflux"])
            .args(words)
            .run()
            .success()
    };
    assert_eq!(complete(&["get", "ks", "-n", &ns.name, "ap"]), "apps\n");
    assert_eq!(
        complete(&["suspend", "kustomization", "-n", &ns.name, "x"]),
        ""
    );
    assert_eq!(
        complete(&["get", "ks", "-n", &ns.name[..ns.name.len() - 1]]),
        format!("{}\n", ns.name)
    );
    for leaf in [["build", "kustomization"], ["diff", "ks"]] {
        let words = [&leaf[..], &["-n", &ns.name, "ap"]].concat();
        assert_eq!(complete(&words), "apps\n", "{leaf:?}");
    }
    // Verbs on several kinds take the kind with the name.
    let across = |word: &str| complete(&["suspend", "-n", &ns.name, word]);
    assert_eq!(across("ks/ap"), "ks/apps\n");
    assert_eq!(across("kustomization/"), "kustomization/apps\n");
    assert_eq!(across("ks/x"), "");
    assert_eq!(across("hr/ap"), "");
    assert_eq!(across("nothing/ap"), "");
    // Without a cluster there is silence, and soon.
    let output = reflux()
        .env("COMPLETE", "fish")
        .args([
            "--",
            "reflux",
            "get",
            "ks",
            "--server=http://127.0.0.1:1",
            "ap",
        ])
        .run();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
}
