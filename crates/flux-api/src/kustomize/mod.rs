//! Kustomizations: what is built from a source and applied (`kustomize.toolkit.fluxcd.io`), and
//! the pieces of kustomize that HelmReleases use too.

mod kustomization;
mod overlay;

pub use kustomization::{
    BuildMetadataOption, CrossNamespaceSourceReference, Decryption, DecryptionProvider,
    DeletionPolicy, Kustomization, KustomizationSpec, KustomizationStatus, PostBuild, SourceKind,
    SubstituteReference, SubstituteStrategy,
};
pub use overlay::{CustomHealthCheck, IgnoreRule, Image, Patch, Selector};
