//! An OCI registry.

use anyhow::{Context as _, Result};
use http::Method;

use super::artifact::{Artifact, Blob, MANIFEST, digest};
use super::call::call;
use super::program::Program;
use crate::tools::{Tool, Toolbox};

/// A registry without users, over plain HTTP. Dropping it stops it, and nothing is kept.
#[derive(Debug)]
pub struct Registry {
    program: Program,
}

impl Registry {
    /// Starts an empty registry.
    ///
    /// # Errors
    /// If the program cannot be had or does not start.
    pub async fn start(tools: &Toolbox) -> Result<Self> {
        let program = Program::start(tools, Tool::Registry, |port| {
            vec!["-port".to_owned(), port.to_string()]
        })
        .await
        .context("starting a registry")?;
        Ok(Self { program })
    }

    /// `127.0.0.1:PORT`, with which names of images begin.
    pub fn host(&self) -> &str {
        &self.program.host
    }

    /// Pushes an artifact to a repository (`team/app`) under a tag, and returns its digest.
    ///
    /// # Errors
    /// If the registry refuses.
    pub async fn push(&self, repository: &str, tag: &str, artifact: &Artifact) -> Result<String> {
        self.put(repository, tag, artifact)
            .await
            .with_context(|| format!("pushing {repository}:{tag}"))?;
        Ok(artifact.digest())
    }

    async fn put(&self, repository: &str, tag: &str, artifact: &Artifact) -> Result<()> {
        for blob in artifact.layers.iter().chain([&artifact.config]) {
            self.upload(repository, blob).await?;
        }
        let url = self.url(repository, &format!("manifests/{tag}"));
        let headers = [("content-type", MANIFEST)];
        let answer = call(Method::PUT, &url, &headers, artifact.manifest()).await?;
        answer.success()?;
        Ok(())
    }

    /// Sends a blob whole, in one request.
    async fn upload(&self, repository: &str, blob: &Blob) -> Result<()> {
        let target = format!("blobs/uploads/?digest={}", digest(&blob.bytes));
        let url = self.url(repository, &target);
        let headers = [("content-type", "application/octet-stream")];
        let answer = call(Method::POST, &url, &headers, blob.bytes.clone()).await?;
        answer.success()?;
        Ok(())
    }

    fn url(&self, repository: &str, target: &str) -> String {
        format!("http://{}/v2/{repository}/{target}", self.host())
    }
}
