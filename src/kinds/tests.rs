//! The rows as such: their words, definitions, columns and verbs.

mod objects;

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

/// An object named `sample` in the namespace `apps`.
fn object(kind: &Kind, spec: Value, status: Value) -> DynamicObject {
    serde_json::from_value(json!({
        "apiVersion": kind.api_version(), "kind": kind.kind,
        "metadata": {"name": "sample", "namespace": "apps"},
        "spec": spec, "status": status,
    }))
    .unwrap()
}

fn fixture(kind: &Kind) -> Value {
    let file = format!(
        "{}/src/kinds/fixtures/{}.yaml",
        env!("CARGO_MANIFEST_DIR"),
        kind.kind.to_lowercase()
    );
    serde_yaml::from_str(&fs_err::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn rows_are_distinct() {
    let names: BTreeSet<_> = KINDS.iter().map(|k| (k.group, k.kind)).collect();
    let words: BTreeSet<_> = KINDS.iter().map(|k| k.singular.path).collect();
    assert_eq!(names.len(), flux_api::crd::all().len());
    assert_eq!(names.len(), KINDS.len());
    assert_eq!(words.len(), KINDS.len());
}

#[test]
fn words_before_a_slash() {
    let kind = |word| by_word(word).map(|k| k.kind);
    assert_eq!(kind("ks"), Some("Kustomization"));
    assert_eq!(kind("GitRepository"), Some("GitRepository"));
    assert_eq!(kind("helmreleases"), Some("HelmRelease"));
    assert_eq!(kind("alert-provider"), Some("Provider"));
    assert_eq!(
        kind("kustomization.kustomize.toolkit.fluxcd.io"),
        Some("Kustomization")
    );
    assert_eq!(
        kind("kustomizations.v1.kustomize.toolkit.fluxcd.io"),
        Some("Kustomization")
    );
    assert_eq!(kind("kustomization.example.com"), None);
    assert_eq!(kind("pod"), None);
}

#[test]
fn rows_agree_with_the_definitions() {
    for kind in KINDS {
        let name = format!("{}.{}", kind.plural, kind.group);
        let crd = flux_api::crd::all()
            .into_iter()
            .find(|c| c.metadata.name.as_deref() == Some(&name))
            .unwrap();
        assert_eq!(crd.spec.names.kind, kind.kind);
        assert_eq!(
            crd.spec.names.short_names.unwrap_or_default(),
            kind.short_names
        );
        assert!(
            crd.spec
                .versions
                .iter()
                .any(|v| v.name == kind.version && v.served && v.storage),
            "{name}"
        );
    }
}

#[test]
fn fixtures_are_what_flux_would_write() {
    for kind in KINDS {
        let fixture = fixture(kind);
        assert_eq!(fixture["apiVersion"], kind.api_version());
        assert_eq!(fixture["kind"], kind.kind);
        assert_eq!(fixture["metadata"]["name"], "sample");
        assert_eq!(fixture["metadata"]["labels"]["team"], "one");
        let spec = (kind.normalize)(&fixture["spec"]).unwrap();
        assert_eq!(spec, fixture["spec"], "{}", kind.kind);
    }
}

#[test]
fn headers() {
    const SOURCE: &[&str] = &["Revision", "Suspended", "Ready", "Message"];
    let want = |kind: &str| -> &[&str] {
        match kind {
            "Alert" | "Receiver" | "ArtifactGenerator" => &["Suspended", "Ready", "Message"],
            "Provider" => &["Ready", "Message"],
            "ExternalArtifact" => &["Revision", "Source", "Ready", "Message"],
            "ImagePolicy" => &["Image", "Tag", "Ready", "Message"],
            "ImageRepository" => &["Last scan", "Suspended", "Ready", "Message"],
            "ImageUpdateAutomation" => &["Last run", "Suspended", "Ready", "Message"],
            _ => SOURCE,
        }
    };
    for kind in KINDS {
        let headers: Vec<_> = kind.columns.iter().map(|c| c.header).collect();
        assert_eq!(headers, want(kind.kind), "{}", kind.kind);
    }
}

#[test]
fn rows_of_objects_without_a_status() {
    for kind in KINDS {
        let object = object(kind, json!({}), Value::Null);
        let waits = || ["False".to_owned(), "waiting to be reconciled".to_owned()];
        let (rest, last) = kind.columns.split_at(kind.columns.len() - 2);
        let last: Vec<String> = last.iter().map(|c| (c.cell)(&object)).collect();
        match kind.fixed {
            Fixed::Always(message) => assert_eq!(last, ["True", message]),
            _ => assert_eq!(last, waits(), "{}", kind.kind),
        }
        for column in rest {
            let want = if column.header == "Suspended" {
                "False"
            } else {
                ""
            };
            assert_eq!((column.cell)(&object), want, "{}", kind.kind);
        }
        // A controller that has not come by yet leaves a status with nothing in it.
        assert!((kind.done)(&object).len() < 50, "{}", kind.kind);
        assert_eq!((kind.revision)(&object), None, "{}", kind.kind);
    }
}

#[test]
fn releases_can_be_forced_and_reset() {
    let flags: Vec<_> = HELM_RELEASE
        .requests
        .iter()
        .map(|request| (request.flag, request.annotation))
        .collect();
    assert_eq!(
        flags,
        [
            ("force", "reconcile.fluxcd.io/forceAt"),
            ("reset", "reconcile.fluxcd.io/resetAt")
        ]
    );
    assert!(
        KINDS
            .iter()
            .all(|kind| kind.requests.is_empty() || kind.kind == "HelmRelease")
    );
}

#[test]
fn verbs_that_apply() {
    for kind in KINDS {
        let (deletes, reconciles) = match kind.kind {
            "ArtifactGenerator" | "ExternalArtifact" => (false, false),
            "Alert" | "Provider" => (true, false),
            _ => (true, true),
        };
        assert!(kind.allows(Action::Export), "{}", kind.kind);
        assert_eq!(kind.allows(Action::Delete), deletes, "{}", kind.kind);
        assert_eq!(kind.allows(Action::Suspend), deletes, "{}", kind.kind);
        assert_eq!(kind.allows(Action::Reconcile), reconciles, "{}", kind.kind);
    }
}

#[test]
fn credentials_are_those_that_the_spec_names() {
    let spec = json!({"secretRef": {"name": "login"}});
    for kind in KINDS {
        let object = object(kind, spec.clone(), Value::Null);
        let secret = kind.credentials.map(|of| of(&object));
        let want = match kind.kind {
            "GitRepository" | "HelmRepository" | "OCIRepository" | "Bucket" => {
                Some(Some("login".to_owned()))
            }
            _ => None,
        };
        assert_eq!(secret, want, "{}", kind.kind);
    }
}
