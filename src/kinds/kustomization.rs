//! Kustomization: a folder of a source that kustomize-controller builds and applies.

use flux_api::kustomize::KustomizationSpec;

use super::{
    ALL, Column, Fixed, Kind, MESSAGE, Noun, READY, SUSPENDED, field_suspended, spec_source,
    status, text_at, through,
};

/// The row of Kustomization.
pub static KUSTOMIZATION: Kind = Kind {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    plural: "kustomizations",
    singular: Noun {
        path: &["kustomization"],
        aliases: &["ks"],
    },
    list: Noun {
        path: &["kustomizations"],
        aliases: &["ks", "kustomization"],
    },
    human: "kustomization",
    title: "Kustomization",
    controller: "kustomize-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Revision",
            cell: |object| {
                let revision = text_at(object, APPLIED).unwrap_or_default();
                status::shorten_digests(&revision)
            },
        },
        SUSPENDED,
        READY,
        MESSAGE,
    ],
    source_column: Some(Column {
        header: "Source",
        cell: |object| spec_source(object).map_or_else(String::new, |s| s.to_string()),
    }),
    source: Some(spec_source),
    reconciled_first: Some(spec_source),
    credentials: None,
    revision: |object| text_at(object, APPLIED),
    done: |object| {
        let revision = text_at(object, APPLIED).unwrap_or_default();
        format!("applied revision {revision}")
    },
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    normalize: through::<KustomizationSpec>,
    example: "apps",
};

const APPLIED: &str = "/status/lastAppliedRevision";
