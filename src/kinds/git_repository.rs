//! GitRepository: a Git repository that source-controller fetches.

use flux_api::source::GitRepositorySpec;

use super::{
    ALL, ARTIFACT_REVISION, Fixed, Kind, MESSAGE, Noun, READY, SHORT_REVISION, SUSPENDED, fetched,
    field_suspended, text_at, through,
};

/// The row of GitRepository.
pub static GIT_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "GitRepository",
    plural: "gitrepositories",
    short_names: &["gitrepo"],
    singular: Noun {
        path: &["source", "git"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "git"],
        aliases: &[],
    },
    human: "source git",
    title: "GitRepository source",
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
    normalize: through::<GitRepositorySpec>,
    example: "podinfo",
};
