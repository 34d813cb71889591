//! `get`: tables, selectors and machine formats.

use insta::assert_snapshot;
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use serde_json::{Value, json};

use crate::support::cluster::{namespace, ready, status};

#[test]
fn tables_have_fluxs_bytes() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    ns.sample(
        &KUSTOMIZATION,
        "infra",
        status("False", "BuildFailed", "no such folder\nat all"),
    );
    ns.sample(&KUSTOMIZATION, "new", Value::Null);
    let text = ns.flux(&["get", "ks"]).success();
    assert_eq!(
        text,
        "NAME \tREVISION          \tSUSPENDED\tREADY\tMESSAGE                  \n\
         apps \tmain@sha1:5394cb7f\tFalse    \tTrue \tall is well             \t\n\
         infra\tmain@sha1:5394cb7f\tFalse    \tFalse\tno such folder          \t\n\
         \x20    \t                  \t         \t     \tat all                  \t\n\
         new  \t                  \tFalse    \tFalse\twaiting to be reconciled\t\n"
    );
    let text = ns
        .flux(&["get", "ks", "apps", "--no-header", "--show-source"])
        .success();
    assert_eq!(
        text,
        format!(
            "apps\tGitRepository/{}/sample\tmain@sha1:5394cb7f\tFalse\tTrue\tall is well\t\n",
            ns.name
        )
    );
}

#[test]
fn selectors_choose() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "good", ready());
    ns.sample(&KUSTOMIZATION, "bad", status("False", "Failed", "x"));
    let names = |args: &[&str]| {
        let text = ns
            .reflux(&[&["get", "ks", "-o", "name"], args].concat())
            .success();
        text.replace("kustomization.kustomize.toolkit.fluxcd.io/", "")
            .replace('\n', " ")
    };
    assert_eq!(names(&[]), "bad good ");
    assert_eq!(names(&["--status-selector=ready=true"]), "good ");
    assert_eq!(names(&["--status-selector", "Ready!=True"]), "bad ");
    assert_eq!(names(&["-l", "team=one"]), "bad good ");
    assert_eq!(names(&["-l", "team=two"]), "");
    assert_eq!(names(&["good", "bad"]), "bad good ");
}

#[test]
fn json_is_a_list_of_whole_objects() {
    let ns = namespace();
    ns.sample(&GIT_REPOSITORY, "one", ready());
    ns.sample(&GIT_REPOSITORY, "two", ready());
    let text = ns
        .reflux(&["get", "sources", "git", "-o", "json"])
        .success();
    let list: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&list["kind"], &list["apiVersion"]),
        (&json!("List"), &json!("v1"))
    );
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["kind"], "GitRepository");
    assert!(items[0]["metadata"]["managedFields"].is_null());
    let text = ns
        .reflux(&["get", "source", "git", "one", "-o", "yaml"])
        .success();
    assert!(
        text.starts_with("apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n"),
        "{text}"
    );
    let text = ns
        .reflux(&["get", "source", "git", "one", "-o", "wide"])
        .success();
    assert!(
        text.contains("INTERVAL") && text.contains("10m0s"),
        "{text}"
    );
}

#[test]
fn what_is_not_there_is_told() {
    let ns = namespace();
    let error = ns.reflux(&["get", "sources", "git"]).failure(3);
    assert_snapshot!(error.replace(&ns.name, "NS"), @r#"✗ no GitRepository objects found in "NS" namespace"#);
    let error = ns
        .reflux(&["get", "ks", "x", "--status-selector=nonsense"])
        .failure(2);
    assert!(error.contains("expected status selector"), "{error}");
}
