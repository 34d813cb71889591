//! GitRepository: a Git repository that source-controller fetches.

use flux_api::source::GitRepositorySpec;

use super::{Column, Kind, MESSAGE, Noun, READY, SUSPENDED, status, text_at, through};

/// The row of GitRepository.
pub static GIT_REPOSITORY: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "GitRepository",
    plural: "gitrepositories",
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
    columns: &[
        Column {
            header: "Revision",
            cell: |object| {
                let revision = text_at(object, "/status/artifact/revision").unwrap_or_default();
                status::shorten_digests(&revision)
            },
        },
        SUSPENDED,
        READY,
        MESSAGE,
    ],
    source_column: None,
    source: None,
    credentials: Some(|object| text_at(object, "/spec/secretRef/name")),
    revision: |object| text_at(object, "/status/artifact/revision"),
    done: |object| {
        let revision = text_at(object, "/status/artifact/revision").unwrap_or_default();
        format!("fetched revision {revision}")
    },
    normalize: through::<GitRepositorySpec>,
    example: "podinfo",
};
