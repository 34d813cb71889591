//! ImageUpdateAutomation: commits of selected images, which image-automation-controller makes.

use flux_api::image::ImageUpdateAutomationSpec;
use kube::api::DynamicObject;
use serde_json::{Value, json};

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
    normalize: |spec| {
        let mut spec = through::<ImageUpdateAutomationSpec>(spec)?;
        if let Some(selector) = spec.get_mut("policySelector") {
            leave_out_empty(selector);
        }
        Ok(spec)
    },
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

/// Takes empty lists and maps out of a label selector: the type that reads it keeps them, Go's
/// leaves them out.
fn leave_out_empty(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(leave_out_empty),
        Value::Object(fields) => {
            fields.values_mut().for_each(leave_out_empty);
            let is_empty = |value: &Value| *value == json!([]) || *value == json!({});
            fields.retain(|_, value| !is_empty(value));
        }
        _ => {}
    }
}
