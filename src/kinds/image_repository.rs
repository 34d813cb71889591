//! ImageRepository: a container image whose tags image-reflector-controller scans.

use flux_api::image::ImageRepositorySpec;

use super::{
    ALL, Column, Fixed, Kind, Noun, READY, SUSPENDED, WHOLE_MESSAGE, field_suspended, text_at,
    through,
};

/// The row of ImageRepository.
pub static IMAGE_REPOSITORY: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImageRepository",
    plural: "imagerepositories",
    short_names: &["imgrepo", "imagerepo"],
    singular: Noun {
        path: &["image", "repository"],
        aliases: &[],
    },
    list: Noun {
        path: &["images", "repository"],
        aliases: &[],
    },
    human: "image repository",
    title: "ImageRepository",
    controller: "image-reflector-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Last scan",
            cell: |object| text_at(object, "/status/lastScanResult/scanTime").unwrap_or_default(),
        },
        SUSPENDED,
        READY,
        WHOLE_MESSAGE,
    ],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: None,
    revision: |object| text_at(object, "/status/lastScanResult/revision"),
    done: |object| {
        let tags = &object.data["status"]["lastScanResult"]["tagCount"];
        format!("scan fetched {} tags", tags.as_i64().unwrap_or(0))
    },
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<ImageRepositorySpec>,
    example: "podinfo",
};
