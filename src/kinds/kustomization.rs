//! Kustomization: a folder of a source that kustomize-controller builds and applies.

use flux_api::kustomize::KustomizationSpec;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{
    ALL, Column, Fixed, Kind, MESSAGE, Noun, READY, SUSPENDED, field_suspended, inventory,
    spec_source, status, text_at, through,
};

/// The row of Kustomization.
pub static KUSTOMIZATION: Kind = Kind {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    plural: "kustomizations",
    short_names: &["ks"],
    singular: Noun {
        path: &["kustomization"],
        aliases: &["ks"],
    },
    list: Noun {
        path: &["kustomizations"],
        aliases: &["ks", "kustomization"],
    },
    human: "kustomization",
    title: "Kustomization",
    controller: "kustomize-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Revision",
            time: false,
            cell: |object| {
                let revision = text_at(object, APPLIED).unwrap_or_default();
                status::shorten_digests(&revision)
            },
        },
        SUSPENDED,
        READY,
        MESSAGE,
    ],
    source_column: Some(Column {
        header: "Source",
        time: false,
        cell: named_source,
    }),
    source: Some(spec_source),
    reconciled_first: Some(spec_source),
    credentials: None,
    revision: |object| text_at(object, APPLIED),
    done: |object| {
        let revision = text_at(object, APPLIED).unwrap_or_default();
        format!("applied revision {revision}")
    },
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: Some(pruned),
    normalize: through::<KustomizationSpec>,
    example: "apps",
};

const APPLIED: &str = "/status/lastAppliedRevision";

/// What kustomize-controller deletes with it: its inventory, as far as its deletion policy and
/// `prune` say so. A suspended one leaves everything where it is.
fn pruned(object: &DynamicObject) -> Vec<inventory::Entry> {
    let spec = &object.data["spec"];
    let prunes = match spec["deletionPolicy"].as_str() {
        None | Some("" | "MirrorPrune") => spec["prune"].as_bool().unwrap_or(false),
        Some("Delete" | "WaitForTermination") => true,
        Some(_) => false,
    };
    if prunes && !field_suspended(object) {
        inventory::entries(object)
    } else {
        Vec::new()
    }
}

/// What `spec.sourceRef` says, whatever is missing in it.
fn named_source(object: &DynamicObject) -> String {
    let part = |name: &str| text_at(object, &format!("/spec/sourceRef/{name}"));
    let namespace = part("namespace").or_else(|| object.namespace());
    format!(
        "{}/{}/{}",
        part("kind").unwrap_or_default(),
        namespace.unwrap_or_default(),
        part("name").unwrap_or_default()
    )
}
