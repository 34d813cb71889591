//! HelmRelease: a chart that helm-controller installs and upgrades.

use flux_api::helm::HelmReleaseSpec;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{
    ALL, Column, Fixed, Kind, Noun, READY, RequestFlag, SUSPENDED, SourceReference, WHOLE_MESSAGE,
    field_suspended, text_at, through,
};

/// The row of HelmRelease.
pub static HELM_RELEASE: Kind = Kind {
    group: "helm.toolkit.fluxcd.io",
    version: "v2",
    kind: "HelmRelease",
    plural: "helmreleases",
    short_names: &["hr"],
    singular: Noun {
        path: &["helmrelease"],
        aliases: &["hr"],
    },
    list: Noun {
        path: &["helmreleases"],
        aliases: &["hr", "helmrelease"],
    },
    human: "helmrelease",
    title: "HelmRelease",
    controller: "helm-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Revision",
            time: false,
            cell: |object| revision(object).unwrap_or_default(),
        },
        SUSPENDED,
        READY,
        WHOLE_MESSAGE,
    ],
    source_column: Some(Column {
        header: "Source",
        time: false,
        cell: |object| source(object).map_or_else(String::new, |s| s.to_string()),
    }),
    source: Some(source),
    reconciled_first: Some(chart),
    credentials: None,
    revision,
    done: |object| format!("applied revision {}", revision(object).unwrap_or_default()),
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[
        RequestFlag {
            flag: "force",
            help: "Install or upgrade it once, even if nothing has changed",
            annotation: "reconcile.fluxcd.io/forceAt",
        },
        RequestFlag {
            flag: "reset",
            help: "Forget its failed attempts",
            annotation: "reconcile.fluxcd.io/resetAt",
        },
    ],
    pruned: None,
    normalize: through::<HelmReleaseSpec>,
    example: "podinfo",
};

/// The version of the chart that was released last, or tried last.
fn revision(object: &DynamicObject) -> Option<String> {
    let released = &object.data["status"]["history"];
    if released
        .as_array()
        .is_some_and(|history| !history.is_empty())
    {
        return text_at(object, "/status/history/0/chartVersion");
    }
    text_at(object, "/status/lastAttemptedRevision")
}

/// What the spec names: the chart itself, or where the chart comes from.
fn source(object: &DynamicObject) -> Option<SourceReference> {
    reference(object, "/spec/chartRef").or_else(|| reference(object, "/spec/chart/spec/sourceRef"))
}

/// The chart that it installs: the one it names, or the one that helm-controller makes for it.
fn chart(object: &DynamicObject) -> Option<SourceReference> {
    if let Some(chart) = reference(object, "/spec/chartRef") {
        return Some(chart);
    }
    let source = reference(object, "/spec/chart/spec/sourceRef")?;
    let namespace = object.namespace().unwrap_or_default();
    Some(SourceReference {
        kind: "HelmChart".to_owned(),
        name: format!("{namespace}-{}", object.name_any()),
        namespace: source.namespace,
    })
}

fn reference(object: &DynamicObject, pointer: &str) -> Option<SourceReference> {
    Some(SourceReference {
        kind: text_at(object, &format!("{pointer}/kind"))?,
        name: text_at(object, &format!("{pointer}/name"))?,
        namespace: text_at(object, &format!("{pointer}/namespace"))
            .or_else(|| object.namespace())
            .unwrap_or_default(),
    })
}
