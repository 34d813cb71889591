//! Bucket: a bucket of an S3-compatible store that source-controller fetches.

use flux_api::source::BucketSpec;

use super::{
    ALL, ARTIFACT_REVISION, Fixed, Kind, MESSAGE, Noun, READY, SHORT_REVISION, SUSPENDED, fetched,
    field_suspended, text_at, through,
};

/// The row of Bucket.
pub static BUCKET: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "Bucket",
    plural: "buckets",
    short_names: &[],
    singular: Noun {
        path: &["source", "bucket"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "bucket"],
        aliases: &[],
    },
    human: "source bucket",
    title: "Bucket source",
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
    normalize: through::<BucketSpec>,
    example: "podinfo",
};
