//! What the functions of a row make of its objects.

use super::*;

const SHA: &str = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738";

fn cells(kind: &Kind, object: &DynamicObject) -> Vec<String> {
    kind.columns.iter().map(|c| (c.cell)(object)).collect()
}

/// A status that is ready, says `message`, and has what `more` has.
fn ready(message: &str, more: Value) -> Value {
    let mut status = json!({"conditions": [
        {"type": "Reconciling", "status": "False", "reason": "x", "message": "x"},
        {"type": "Ready", "status": "True", "reason": "Succeeded", "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z"},
    ]});
    for (key, value) in more.as_object().unwrap() {
        status[key] = value.clone();
    }
    status
}

fn reference(kind: &str, namespace: &str, name: &str) -> Option<SourceReference> {
    Some(SourceReference {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    })
}

#[test]
fn sources_show_short_revisions_but_charts_their_version() {
    let message = format!("stored artifact for revision 'main@sha1:{SHA}'");
    let short = "stored artifact for revision 'main@sha1:5394cb7f'";
    let revision = format!("main@sha1:{SHA}");
    let status = ready(&message, json!({"artifact": {"revision": revision}}));
    for kind in [&GIT_REPOSITORY, &BUCKET, &HELM_REPOSITORY, &OCI_REPOSITORY] {
        let source = object(kind, json!({"suspend": true}), status.clone());
        let row = ["main@sha1:5394cb7f", "True", "True", short];
        assert_eq!(cells(kind, &source), row, "{}", kind.kind);
        assert_eq!((kind.done)(&source), format!("fetched revision {revision}"));
        assert_eq!((kind.revision)(&source), Some(revision.clone()));
        assert!((kind.suspended)(&source));
    }
    let chart = object(&HELM_CHART, json!({}), status.clone());
    assert_eq!(
        cells(&HELM_CHART, &chart),
        [&revision, "False", "True", short]
    );
    let made = object(
        &EXTERNAL_ARTIFACT,
        json!({"sourceRef": {"kind": "ArtifactGenerator", "namespace": "apps", "name": "parts"}}),
        status,
    );
    let maker = "ArtifactGenerator/apps/parts";
    let row = ["main@sha1:5394cb7f", maker, "True", short];
    assert_eq!(cells(&EXTERNAL_ARTIFACT, &made), row);
}

#[test]
fn registries_of_charts_are_always_ready() {
    let status = json!({"conditions": [
        {"type": "Ready", "status": "False", "reason": "x", "message": "left from before", "lastTransitionTime": "2026-01-01T00:00:00Z"}]});
    let registry = object(&HELM_REPOSITORY, json!({"type": "oci"}), status.clone());
    let row = ["", "False", "True", "Helm repository is Ready"];
    assert_eq!(cells(&HELM_REPOSITORY, &registry), row);
    assert!(HELM_REPOSITORY.is_fixed(&registry));
    assert_eq!(HELM_REPOSITORY.state(&registry), State::Ready);
    assert_eq!((HELM_REPOSITORY.done)(&registry), "left from before");
    for index in [json!({}), json!({"type": "default"})] {
        let index = object(&HELM_REPOSITORY, index, status.clone());
        assert!(!HELM_REPOSITORY.is_fixed(&index));
        assert_eq!(cells(&HELM_REPOSITORY, &index)[2], "False");
    }
}

#[test]
fn what_nothing_reconciles_is_ready() {
    let status = json!({"conditions": [
        {"type": "Ready", "status": "False", "reason": "x", "message": "of an older version"}]});
    for (kind, row, done) in [
        (
            &ALERT,
            &["True", "True", "Alert is Ready"][..],
            "Alert reconciliation completed",
        ),
        (
            &PROVIDER,
            &["True", "Provider is Ready"],
            "Provider reconciliation completed",
        ),
    ] {
        let fixed = object(kind, json!({"suspend": true}), status.clone());
        assert_eq!(cells(kind, &fixed), row);
        assert_eq!((kind.done)(&fixed), done);
        assert_eq!(kind.state(&fixed), State::Ready);
        assert!((kind.suspended)(&fixed) && !kind.allows(Action::Reconcile));
    }
}

#[test]
fn kustomizations() {
    let revision = format!("main@sha1:{SHA}");
    let message = format!("Applied revision: {revision}");
    let status = ready(&message, json!({"lastAppliedRevision": revision}));
    let spec = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    let kind = &KUSTOMIZATION;
    let near = object(kind, spec, status.clone());
    assert_eq!(
        cells(kind, &near),
        [
            "main@sha1:5394cb7f",
            "False",
            "True",
            "Applied revision: main@sha1:5394cb7f"
        ]
    );
    assert_eq!((kind.done)(&near), format!("applied revision {revision}"));
    let source = kind.source_column.unwrap();
    assert_eq!((source.cell)(&near), "GitRepository/apps/fleet");
    let spec = json!({"sourceRef": {"kind": "Bucket", "name": "x", "namespace": "far"}});
    let far = object(kind, spec, status);
    assert_eq!((source.cell)(&far), "Bucket/far/x");
    assert_eq!(
        kind.reconciled_first.unwrap()(&far),
        reference("Bucket", "far", "x")
    );
}

#[test]
fn kustomizations_prune_what_their_policy_says() {
    let pruned = |spec: Value| {
        let status =
            json!({"inventory": {"entries": [{"id": "apps_web_apps_Deployment", "v": "v1"}]}});
        KUSTOMIZATION.pruned.unwrap()(&object(&KUSTOMIZATION, spec, status)).len()
    };
    for (spec, want) in [
        (json!({"prune": true}), 1),
        (json!({"prune": false}), 0),
        (json!({"prune": true, "suspend": true}), 0),
        (json!({"prune": true, "deletionPolicy": "MirrorPrune"}), 1),
        (json!({"prune": false, "deletionPolicy": "Delete"}), 1),
        (
            json!({"prune": false, "deletionPolicy": "WaitForTermination"}),
            1,
        ),
        (json!({"prune": true, "deletionPolicy": "Orphan"}), 0),
    ] {
        assert_eq!(pruned(spec.clone()), want, "{spec}");
    }
}

#[test]
fn releases_show_the_chart_that_was_released_or_tried() {
    let kind = &HELM_RELEASE;
    let of = |status: Value| object(kind, json!({}), ready("Helm upgrade succeeded", status));
    let released = of(json!({
        "history": [{"chartVersion": "2.0.0"}, {"chartVersion": "1.0.0"}],
        "lastAttemptedRevision": "3.0.0",
    }));
    assert_eq!(
        cells(kind, &released),
        ["2.0.0", "False", "True", "Helm upgrade succeeded"]
    );
    assert_eq!((kind.done)(&released), "applied revision 2.0.0");
    for history in [json!([]), Value::Null] {
        let tried = of(json!({"history": history, "lastAttemptedRevision": "3.0.0"}));
        assert_eq!(cells(kind, &tried)[0], "3.0.0");
    }
    // What stands in a message stays whole.
    let mut digest = of(json!({}));
    digest.data["status"]["conditions"][1]["message"] = json!(format!("chart {SHA}"));
    assert_eq!(cells(kind, &digest)[3], format!("chart {SHA}"));
}

#[test]
fn releases_name_their_chart_or_where_it_comes_from() {
    let kind = &HELM_RELEASE;
    let source = |spec: Value| {
        let object = object(kind, spec, Value::Null);
        let column = kind.source_column.unwrap();
        (
            (column.cell)(&object),
            kind.reconciled_first.unwrap()(&object),
        )
    };
    assert_eq!(
        source(json!({"chart": {"spec": {
            "chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}})),
        (
            "HelmRepository/apps/charts".to_owned(),
            reference("HelmChart", "apps", "apps-sample")
        )
    );
    assert_eq!(
        source(json!({"chart": {"spec": {
            "chart": "web",
            "sourceRef": {"kind": "GitRepository", "name": "fleet", "namespace": "far"}}}})),
        (
            "GitRepository/far/fleet".to_owned(),
            reference("HelmChart", "far", "apps-sample")
        )
    );
    for (chart_ref, namespace) in [
        (json!({"kind": "OCIRepository", "name": "web"}), "apps"),
        (
            json!({"kind": "OCIRepository", "name": "web", "namespace": "far"}),
            "far",
        ),
    ] {
        assert_eq!(
            source(json!({"chartRef": chart_ref})),
            (
                format!("OCIRepository/{namespace}/web"),
                reference("OCIRepository", namespace, "web")
            )
        );
    }
    assert_eq!(source(json!({})), (String::new(), None));
}

#[test]
fn charts_come_from_sources_of_their_namespace() {
    let spec = json!({"sourceRef": {"kind": "Bucket", "name": "x", "namespace": "ignored"}});
    let chart = object(&HELM_CHART, spec, Value::Null);
    assert_eq!(
        HELM_CHART.reconciled_first.unwrap()(&chart),
        reference("Bucket", "apps", "x")
    );
}

#[test]
fn image_repositories_tell_of_their_scan() {
    let kind = &IMAGE_REPOSITORY;
    let status = ready(
        "successful scan: found 12 tags",
        json!({"lastScanResult": {"scanTime": "2026-01-01T00:00:00Z", "tagCount": 12}}),
    );
    let scanned = object(kind, json!({}), status);
    assert_eq!(
        cells(kind, &scanned),
        [
            "2026-01-01T00:00:00Z",
            "False",
            "True",
            "successful scan: found 12 tags"
        ]
    );
    assert_eq!((kind.done)(&scanned), "scan fetched 12 tags");
}

#[test]
fn image_policies_tell_of_what_they_selected() {
    let kind = &IMAGE_POLICY;
    let of = |latest: Value| object(kind, json!({}), ready("ok", json!({"latestRef": latest})));
    let tag = of(json!({"name": "ghcr.io/org/web", "tag": "1.2.3"}));
    assert_eq!(
        cells(kind, &tag),
        ["ghcr.io/org/web", "1.2.3", "True", "ok"]
    );
    assert_eq!((kind.done)(&tag), "selected ref ghcr.io/org/web:1.2.3");
    let digest = of(json!({"name": "ghcr.io/org/web", "tag": "1.2.3", "digest": "sha256:abc"}));
    // A digest that is reflected has no column.
    assert_eq!(cells(kind, &digest), cells(kind, &tag));
    assert_eq!(
        (kind.done)(&digest),
        "selected ref ghcr.io/org/web:1.2.3@sha256:abc"
    );
    for (reference_, namespace) in [
        (json!({"name": "web"}), "apps"),
        (json!({"name": "web", "namespace": "far"}), "far"),
    ] {
        let policy = object(kind, json!({"imageRepositoryRef": reference_}), Value::Null);
        assert_eq!(
            kind.source.unwrap()(&policy),
            reference("ImageRepository", namespace, "web")
        );
    }
}

#[test]
fn image_updates_tell_of_their_run() {
    let kind = &IMAGE_UPDATE_AUTOMATION;
    let run = json!({"lastAutomationRunTime": "2026-01-01T00:00:00Z"});
    let ran = object(kind, json!({}), ready("repository up-to-date", run.clone()));
    assert_eq!(
        cells(kind, &ran),
        [
            "2026-01-01T00:00:00Z",
            "False",
            "True",
            "repository up-to-date"
        ]
    );
    let done = |status: Value| (kind.done)(&object(kind, json!({}), status));
    assert_eq!((kind.done)(&ran), "repository up-to-date");
    assert_eq!(done(run), "last run 2026-01-01T00:00:00Z");
    assert_eq!(done(json!({})), "automation not yet run");
}

#[test]
fn generators_are_switched_off_by_an_annotation() {
    let kind = &ARTIFACT_GENERATOR;
    // The field of other kinds means nothing here.
    let mut generator = object(kind, json!({"suspend": true}), ready("ok", json!({})));
    assert_eq!(cells(kind, &generator), ["False", "True", "ok"]);
    for (value, suspended) in [("disabled", true), ("Disabled", true), ("enabled", false)] {
        generator.annotations_mut().insert(
            "source.extensions.fluxcd.io/reconcile".to_owned(),
            value.to_owned(),
        );
        assert_eq!((kind.suspended)(&generator), suspended, "{value}");
    }
}

#[test]
fn empty_parts_of_a_selector_are_left_out() {
    let selector = |selector: Value| {
        let spec = json!({
            "interval": "10m0s",
            "sourceRef": {"kind": "GitRepository", "name": "sample"},
            "policySelector": selector,
        });
        (IMAGE_UPDATE_AUTOMATION.normalize)(&spec).unwrap()["policySelector"].clone()
    };
    assert_eq!(selector(json!({"matchLabels": {}})), json!({}));
    assert_eq!(
        selector(json!({
            "matchLabels": {"team": ""},
            "matchExpressions": [{"key": "team", "operator": "Exists", "values": []}],
        })),
        json!({
            "matchLabels": {"team": ""},
            "matchExpressions": [{"key": "team", "operator": "Exists"}],
        })
    );
}

#[test]
fn a_scan_without_a_time_shows_zero() {
    let scan = |status: Value| {
        let spec = json!({"image": "ghcr.io/org/web", "interval": "10m0s"});
        (IMAGE_REPOSITORY.columns[0].cell)(&object(&IMAGE_REPOSITORY, spec, status))
    };
    assert_eq!(scan(json!({})), "");
    assert_eq!(scan(json!({"lastScanResult": {"tagCount": 3}})), ZERO_TIME);
    let time = "2026-01-01T00:00:00Z";
    assert_eq!(scan(json!({"lastScanResult": {"scanTime": time}})), time);
}
