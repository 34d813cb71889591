//! HelmRepository: an index of charts that source-controller fetches, or the address of a registry with charts.

use flux_api::source::HelmRepositorySpec;
use kube::api::DynamicObject;

use super::{
    ALL, ARTIFACT_REVISION, Column, Fixed, Kind, Noun, SHORT_REVISION, SUSPENDED, fetched,
    field_suspended, status, text_at, through,
};

/// The row of HelmRepository.
pub static HELM_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "HelmRepository",
    plural: "helmrepositories",
    short_names: &["helmrepo"],
    singular: Noun {
        path: &["source", "helm"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "helm"],
        aliases: &[],
    },
    human: "source helm",
    title: "HelmRepository source",
    controller: "source-controller",
    actions: ALL,
    columns: &[
        SHORT_REVISION,
        SUSPENDED,
        Column {
            header: "Ready",
            time: false,
            cell: |object| {
                if is_registry(object) {
                    "True".to_owned()
                } else {
                    status::ready(object).0
                }
            },
        },
        Column {
            header: "Message",
            time: false,
            cell: |object| {
                if is_registry(object) {
                    REGISTRY_READY.to_owned()
                } else {
                    status::shorten_digests(&status::ready(object).1)
                }
            },
        },
    ],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: Some(|object| text_at(object, "/spec/secretRef/name")),
    revision: |object| text_at(object, ARTIFACT_REVISION),
    done: |object| {
        if is_registry(object) {
            status::condition(object, "Ready").map_or_else(String::new, |c| c.message)
        } else {
            fetched(object)
        }
    },
    fixed: Fixed::When(is_registry, REGISTRY_READY),
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<HelmRepositorySpec>,
    example: "podinfo",
};

const REGISTRY_READY: &str = "Helm repository is Ready";

/// Whether it only names a registry, which nothing is fetched from before a chart is.
fn is_registry(object: &DynamicObject) -> bool {
    object.data["spec"]["type"] == "oci"
}
