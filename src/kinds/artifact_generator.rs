//! ArtifactGenerator: artifacts that source-watcher composes from sources.

use flux_api::extensions::ArtifactGeneratorSpec;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{Action, Column, Fixed, Kind, Noun, READY, WHOLE_MESSAGE, suspended_word, through};

/// The row of ArtifactGenerator.
pub static ARTIFACT_GENERATOR: Kind = Kind {
    group: "source.extensions.fluxcd.io",
    version: "v1beta1",
    kind: "ArtifactGenerator",
    plural: "artifactgenerators",
    short_names: &["ag"],
    singular: Noun {
        path: &["artifact", "generator"],
        aliases: &[],
    },
    list: Noun {
        path: &["artifacts", "generators"],
        aliases: &["generator"],
    },
    human: "artifactgenerator",
    title: "ArtifactGenerator",
    controller: "source-watcher",
    actions: &[Action::Export],
    columns: &[
        Column {
            header: "Suspended",
            time: false,
            cell: |object| suspended_word(is_disabled(object)),
        },
        READY,
        WHOLE_MESSAGE,
    ],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: None,
    revision: |_| None,
    done: |_| "ArtifactGenerator reconciliation completed".to_owned(),
    fixed: Fixed::Never,
    suspended: is_disabled,
    requests: &[],
    pruned: None,
    normalize: through::<ArtifactGeneratorSpec>,
    example: "podinfo",
};

/// It has no field for it: an annotation stops its reconciliation.
fn is_disabled(object: &DynamicObject) -> bool {
    object
        .annotations()
        .get("source.extensions.fluxcd.io/reconcile")
        .is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
}
