//! Extensions of the sources (`source.extensions.fluxcd.io`).

mod artifact_generator;

pub use artifact_generator::{
    ArtifactGenerator, ArtifactGeneratorSpec, ArtifactGeneratorStatus, CopyOperation, CopyStrategy,
    ExternalArtifactReference, GeneratorSourceKind, OutputArtifact, SourceReference,
};
