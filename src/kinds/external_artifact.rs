//! ExternalArtifact: an artifact that some other controller than source-controller keeps.

use flux_api::source::ExternalArtifactSpec;
use kube::api::DynamicObject;

use super::{
    ARTIFACT_REVISION, Action, Column, Fixed, Kind, MESSAGE, Noun, READY, SHORT_REVISION, fetched,
    text_at, through,
};

/// The row of ExternalArtifact.
pub static EXTERNAL_ARTIFACT: Kind = Kind {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "ExternalArtifact",
    plural: "externalartifacts",
    short_names: &["ea"],
    singular: Noun {
        path: &["source", "external"],
        aliases: &[],
    },
    list: Noun {
        path: &["sources", "external"],
        aliases: &[],
    },
    human: "source external-artifact",
    title: "ExternalArtifact source",
    controller: "source-watcher",
    actions: &[Action::Export],
    columns: &[
        SHORT_REVISION,
        Column {
            header: "Source",
            time: false,
            cell: maker,
        },
        READY,
        MESSAGE,
    ],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: None,
    revision: |object| text_at(object, ARTIFACT_REVISION),
    done: fetched,
    fixed: Fixed::Never,
    suspended: |_| false,
    requests: &[],
    pruned: None,
    normalize: through::<ExternalArtifactSpec>,
    example: "podinfo",
};

/// The object that the artifact is made from, where it says so.
fn maker(object: &DynamicObject) -> String {
    let part = |name: &str| text_at(object, &format!("/spec/sourceRef/{name}")).unwrap_or_default();
    if object.data["spec"]["sourceRef"].is_object() {
        format!("{}/{}/{}", part("kind"), part("namespace"), part("name"))
    } else {
        String::new()
    }
}
