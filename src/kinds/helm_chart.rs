//! HelmChart: a chart that source-controller makes ready for a HelmRelease.

use flux_api::source::HelmChartSpec;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{
    ALL, ARTIFACT_REVISION, Column, Fixed, Kind, MESSAGE, Noun, READY, SUSPENDED, SourceReference,
    fetched, field_suspended, text_at, through,
};

/// The row of HelmChart.
pub static HELM_CHART: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "HelmChart",
    plural: "helmcharts",
    short_names: &["hc"],
    singular: Noun {
        path: &["source", "chart"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "chart"],
        aliases: &[],
    },
    human: "source chart",
    title: "HelmChart source",
    controller: "source-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Revision",
            time: false,
            // A version of a chart, which no digest is cut out of.
            cell: |object| text_at(object, ARTIFACT_REVISION).unwrap_or_default(),
        },
        SUSPENDED,
        READY,
        MESSAGE,
    ],
    source_column: None,
    source: Some(source),
    reconciled_first: Some(source),
    credentials: None,
    revision: |object| text_at(object, ARTIFACT_REVISION),
    done: fetched,
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<HelmChartSpec>,
    example: "podinfo",
};

fn source(object: &DynamicObject) -> Option<SourceReference> {
    Some(SourceReference {
        kind: text_at(object, "/spec/sourceRef/kind")?,
        name: text_at(object, "/spec/sourceRef/name")?,
        namespace: object.namespace().unwrap_or_default(),
    })
}
