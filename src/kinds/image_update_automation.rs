//! ImageUpdateAutomation: commits of selected images, which image-automation-controller makes.

use flux_api::image::ImageUpdateAutomationSpec;
use kube::api::DynamicObject;

use super::{
    ALL, Column, Fixed, Kind, Noun, READY, SUSPENDED, WHOLE_MESSAGE, field_suspended, spec_source,
    status, text_at, through,
};

/// The row of ImageUpdateAutomation.
pub static IMAGE_UPDATE_AUTOMATION: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImageUpdateAutomation",
    plural: "imageupdateautomations",
    short_names: &["iua", "imgupd", "imgauto"],
    singular: Noun {
        path: &["image", "update"],
        aliases: &[],
    },
    list: Noun {
        path: &["images", "update"],
        aliases: &[],
    },
    human: "image update automation",
    title: "ImageUpdateAutomation",
    controller: "image-automation-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Last run",
            time: true,
            cell: |object| text_at(object, LAST_RUN).unwrap_or_default(),
        },
        SUSPENDED,
        READY,
        WHOLE_MESSAGE,
    ],
    source_column: None,
    source: Some(spec_source),
    reconciled_first: None,
    credentials: None,
    revision: |object| text_at(object, "/status/lastPushCommit"),
    done: outcome,
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<ImageUpdateAutomationSpec>,
    example: "latest-images",
};

const LAST_RUN: &str = "/status/lastAutomationRunTime";

fn outcome(object: &DynamicObject) -> String {
    if let Some(ready) = status::condition(object, "Ready") {
        return ready.message;
    }
    match text_at(object, LAST_RUN) {
        Some(time) => format!("last run {time}"),
        None => "automation not yet run".to_owned(),
    }
}
