//! What is pushed to a registry: a configuration, layers, and the manifest that names them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::archive::tar_gz;
use super::chart::Chart;

/// The media type of a manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Bytes with a media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Such as `application/vnd.oci.image.config.v1+json`.
    pub media_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Blob {
    fn new(media_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            media_type: media_type.to_owned(),
            bytes,
        }
    }

    /// What a manifest says of it.
    fn descriptor(&self) -> Value {
        json!({
            "mediaType": self.media_type,
            "digest": digest(&self.bytes),
            "size": self.bytes.len(),
        })
    }
}

/// An artifact of an OCI registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its configuration.
    pub config: Blob,
    /// Its layers, in order.
    pub layers: Vec<Blob>,
    /// Annotations of its manifest.
    pub annotations: BTreeMap<String, String>,
}

impl Artifact {
    /// Manifests as `flux push artifact` packs them. `revision` is what they were made from, `main@sha1:…`.
    ///
    /// # Errors
    /// If the files cannot be packed.
    pub fn manifests<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        revision: &str,
    ) -> Result<Self> {
        let annotations = [
            ("org.opencontainers.image.created", "2026-01-01T00:00:00Z"),
            (
                "org.opencontainers.image.source",
                "https://example.com/fleet",
            ),
            ("org.opencontainers.image.revision", revision),
        ];
        Ok(Self {
            config: Blob::new("application/vnd.cncf.flux.config.v1+json", b"{}".to_vec()),
            layers: vec![Blob::new(
                "application/vnd.cncf.flux.content.v1.tar+gzip",
                tar_gz(files)?,
            )],
            annotations: annotations
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        })
    }

    /// A chart as Helm pushes it.
    ///
    /// # Errors
    /// If the chart cannot be packed.
    pub fn chart(chart: &Chart) -> Result<Self> {
        Ok(Self {
            config: Blob::new(
                "application/vnd.cncf.helm.config.v1+json",
                chart.metadata().to_string().into_bytes(),
            ),
            layers: vec![Blob::new(
                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                chart.archive()?,
            )],
            annotations: BTreeMap::new(),
        })
    }

    /// A container image with one file, `/content`. Another content makes another digest.
    ///
    /// # Errors
    /// If the file cannot be packed.
    pub fn image(content: &str) -> Result<Self> {
        let layer = tar_gz([("content", content)])?;
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        });
        Ok(Self {
            config: Blob::new(
                "application/vnd.oci.image.config.v1+json",
                config.to_string().into_bytes(),
            ),
            layers: vec![Blob::new(
                "application/vnd.oci.image.layer.v1.tar+gzip",
                layer,
            )],
            annotations: BTreeMap::new(),
        })
    }

    /// The manifest, as it is pushed.
    pub(super) fn manifest(&self) -> Vec<u8> {
        let layers: Vec<Value> = self.layers.iter().map(Blob::descriptor).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.config.descriptor(),
            "layers": layers,
            "annotations": self.annotations,
        });
        manifest.to_string().into_bytes()
    }

    /// `sha256:…` of the manifest, by which a registry knows the artifact.
    pub fn digest(&self) -> String {
        digest(&self.manifest())
    }
}

/// The digest of bytes, `sha256:…`.
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
