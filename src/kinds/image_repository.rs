//! ImageRepository: a container image whose tags image-reflector-controller scans.

use flux_api::image::ImageRepositorySpec;
use kube::api::DynamicObject;

use super::{
    ALL, Column, Fixed, Kind, Noun, READY, SUSPENDED, WHOLE_MESSAGE, ZERO_TIME, field_suspended,
    text_at, through,
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
            time: true,
            cell: last_scan,
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

/// When the tags were last listed; where the result of a scan says no time, flux's zero.
fn last_scan(object: &DynamicObject) -> String {
    let zero = object.data["status"]["lastScanResult"]
        .is_object()
        .then_some(ZERO_TIME);
    text_at(object, "/status/lastScanResult/scanTime")
        .or(zero.map(str::to_owned))
        .unwrap_or_default()
}
