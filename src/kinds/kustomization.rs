//! Kustomization: a folder of a source that kustomize-controller builds and applies.

use flux_api::kustomize::KustomizationSpec;
use kube::ResourceExt;

use super::{
    Column, Kind, MESSAGE, Noun, READY, SUSPENDED, SourceReference, status, text_at, through,
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
    columns: &[
        Column {
            header: "Revision",
            cell: |object| {
                let revision = text_at(object, "/status/lastAppliedRevision").unwrap_or_default();
                status::shorten_digests(&revision)
            },
        },
        SUSPENDED,
        READY,
        MESSAGE,
    ],
    source_column: Some(Column {
        header: "Source",
        cell: |object| {
            source(object).map_or_else(String::new, |s| {
                format!("{}/{}/{}", s.kind, s.namespace, s.name)
            })
        },
    }),
    source: Some(source),
    credentials: None,
    revision: |object| text_at(object, "/status/lastAppliedRevision"),
    done: |object| {
        let revision = text_at(object, "/status/lastAppliedRevision").unwrap_or_default();
        format!("applied revision {revision}")
    },
    normalize: through::<KustomizationSpec>,
    example: "apps",
};

fn source(object: &kube::api::DynamicObject) -> Option<SourceReference> {
    Some(SourceReference {
        kind: text_at(object, "/spec/sourceRef/kind")?,
        name: text_at(object, "/spec/sourceRef/name")?,
        namespace: text_at(object, "/spec/sourceRef/namespace")
            .or_else(|| object.namespace())
            .unwrap_or_default(),
    })
}
