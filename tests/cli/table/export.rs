//! `export` of every kind that it applies to.

use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams, PostParams};
use reflux::kinds::Action;
use serde_json::json;

use super::{Case, Pairs};
use crate::support::cluster::block_on;

/// The sample as flux writes it, under another name and in the namespace of the test.
fn document(case: &Case, name: &str) -> String {
    let file = format!(
        "{}/src/kinds/fixtures/{}.yaml",
        env!("CARGO_MANIFEST_DIR"),
        case.facts.kind.to_lowercase()
    );
    let sample = fs_err::read_to_string(file).unwrap();
    let (head, spec) = sample.split_once("\nspec:\n").unwrap();
    let (types, _) = head.split_once("\nmetadata:\n").unwrap();
    format!(
        "---\n{types}\nmetadata:\n  labels:\n    team: one\n  name: {name}\n  namespace: {}\nspec:\n{spec}",
        case.ns.name
    )
}

#[test]
fn objects_come_out_as_they_were_written() {
    Pairs::of("export", Some(Action::Export)).each(15, |case| {
        case.sample("one");
        case.fresh("two");
        let (one, two) = (document(case, "one"), document(case, "two"));
        assert_eq!(case.flux(&["one"]).success(), one);
        assert_eq!(case.flux(&["--all"]).success(), format!("{one}{two}"));
    });
}

#[test]
fn what_is_not_there() {
    Pairs::of("export", Some(Action::Export)).each(15, |case| {
        let missing = format!("{} \"nobody\" not found", case.facts.resource);
        case.refused(&["nobody"], 3, &missing);
        case.refused(&["--all"], 3, "no objects found in NS namespace");
        case.refused(&[], 2, "name is required");
    });
}

#[test]
fn sources_come_with_their_credentials_where_that_is_asked_for() {
    const NAMING: &[&str] = &["Bucket", "GitRepository", "HelmRepository", "OCIRepository"];
    Pairs::of("export", Some(Action::Export)).each(15, |case| {
        let with = &["one", "--with-credentials"];
        case.sample("one");
        if !case.facts.one.starts_with("source ") {
            case.refused(with, 2, "unknown flag: --with-credentials");
            return;
        }
        assert_eq!(case.flux(with).success(), document(case, "one"));
        if !NAMING.contains(&case.facts.kind) {
            return;
        }
        let patch = Patch::Merge(json!({"spec": {"secretRef": {"name": "login"}}}));
        let api = case.ns.api(case.kind);
        block_on(api.patch("one", &PatchParams::default(), &patch)).unwrap();
        // What can be read is printed all the same.
        let output = case.reflux(with);
        assert!(output.stdout.contains("  secretRef:\n    name: login\n"));
        let error = output.failure(3);
        assert!(error.contains("failed to retrieve secret login"), "{error}");

        let secret: Secret = serde_json::from_value(json!({
            "metadata": {"name": "login", "labels": {"stays": "behind"}},
            "stringData": {"password": "hunter2"},
        }))
        .unwrap();
        let api: Api<Secret> = Api::namespaced(case.ns.client(), &case.ns.name);
        block_on(api.create(&PostParams::default(), &secret)).unwrap();
        let text = case.flux(with).success();
        let secret = case.text(
            "---\napiVersion: v1\ndata:\n  password: aHVudGVyMg==\nkind: Secret\nmetadata:\n  \
             name: login\n  namespace: NS\ntype: Opaque\n",
        );
        assert!(text.ends_with(&secret), "{text}");
        assert!(!case.flux(&["one"]).success().contains("kind: Secret"));
    });
}
