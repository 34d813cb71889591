//! OCIRepository: an OCI artifact that source-controller pulls from a registry.

use flux_api::source::OCIRepositorySpec;

use super::{
    ALL, ARTIFACT_REVISION, Fixed, Kind, MESSAGE, Noun, READY, SHORT_REVISION, SUSPENDED, fetched,
    field_suspended, text_at, through,
};

/// The row of OCIRepository.
pub static OCI_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "OCIRepository",
    plural: "ocirepositories",
    short_names: &["ocirepo"],
    singular: Noun {
        path: &["source", "oci"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "oci"],
        aliases: &[],
    },
    human: "source oci",
    title: "OCIRepository",
    controller: "source-controller",
    actions: ALL,
    columns: &[SHORT_REVISION, SUSPENDED, READY, MESSAGE],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: Some(|object| text_at(object, "/spec/secretRef/name")),
    revision: |object| text_at(object, ARTIFACT_REVISION),
    done: fetched,
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<OCIRepositorySpec>,
    example: "podinfo",
};
