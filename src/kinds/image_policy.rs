//! ImagePolicy: the rule by which image-reflector-controller selects a tag of an image.

use flux_api::image::ImagePolicySpec;
use kube::ResourceExt;
use kube::api::DynamicObject;

use super::{
    ALL, Column, Fixed, Kind, Noun, READY, SourceReference, WHOLE_MESSAGE, field_suspended,
    text_at, through,
};

/// The row of ImagePolicy.
pub static IMAGE_POLICY: Kind = Kind {
    group: "image.toolkit.fluxcd.io",
    version: "v1",
    kind: "ImagePolicy",
    plural: "imagepolicies",
    short_names: &["imgpol", "imagepol"],
    singular: Noun {
        path: &["image", "policy"],
        aliases: &[],
    },
    list: Noun {
        path: &["images", "policy"],
        aliases: &[],
    },
    human: "image policy",
    title: "ImagePolicy",
    controller: "image-reflector-controller",
    actions: ALL,
    columns: &[
        Column {
            header: "Image",
            time: false,
            cell: |object| text_at(object, "/status/latestRef/name").unwrap_or_default(),
        },
        Column {
            header: "Tag",
            time: false,
            cell: |object| text_at(object, "/status/latestRef/tag").unwrap_or_default(),
        },
        READY,
        WHOLE_MESSAGE,
    ],
    source_column: None,
    source: Some(source),
    reconciled_first: None,
    credentials: None,
    revision: selected,
    done: |object| format!("selected ref {}", selected(object).unwrap_or_default()),
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<ImagePolicySpec>,
    example: "podinfo",
};

/// The image that the policy has selected, as `name:tag`, with the digest where that is reflected.
fn selected(object: &DynamicObject) -> Option<String> {
    let name = text_at(object, "/status/latestRef/name")?;
    let tag = text_at(object, "/status/latestRef/tag").unwrap_or_default();
    Some(match text_at(object, "/status/latestRef/digest") {
        Some(digest) => format!("{name}:{tag}@{digest}"),
        None => format!("{name}:{tag}"),
    })
}

fn source(object: &DynamicObject) -> Option<SourceReference> {
    Some(SourceReference {
        kind: "ImageRepository".to_owned(),
        name: text_at(object, "/spec/imageRepositoryRef/name")?,
        namespace: text_at(object, "/spec/imageRepositoryRef/namespace")
            .or_else(|| object.namespace())
            .unwrap_or_default(),
    })
}
