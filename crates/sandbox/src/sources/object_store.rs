//! An S3 server with one bucket.

use anyhow::{Context as _, Result};
use http::Method;

use super::call::call;
use super::program::Program;
use crate::tools::{Tool, Toolbox};

/// An S3 server over plain HTTP. It takes any key and secret. Dropping it stops it, and nothing is kept.
#[derive(Debug)]
pub struct ObjectStore {
    program: Program,
}

impl ObjectStore {
    /// The name of the bucket.
    pub const BUCKET: &str = "fleet";

    /// Starts a server whose bucket is empty.
    ///
    /// # Errors
    /// If the program cannot be had or does not start.
    pub async fn start(tools: &Toolbox) -> Result<Self> {
        let program = Program::start(tools, Tool::ObjectStore, |port| {
            let host = format!("127.0.0.1:{port}");
            [
                "-backend",
                "memory",
                "-quiet",
                "-initialbucket",
                Self::BUCKET,
                "-host",
                &host,
            ]
            .map(ToOwned::to_owned)
            .to_vec()
        })
        .await
        .context("starting an S3 server")?;
        Ok(Self { program })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.program.host
    }

    /// Puts an object into the bucket, or changes it.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn put(&self, key: &str, text: &str) -> Result<()> {
        let answer = call(Method::PUT, &self.url(key), &[], text.into()).await?;
        answer.success()?;
        Ok(())
    }

    /// An object's text.
    ///
    /// # Errors
    /// If there is none.
    pub async fn get(&self, key: &str) -> Result<String> {
        let answer = call(Method::GET, &self.url(key), &[], Vec::new()).await?;
        Ok(String::from_utf8(answer.success()?.body)?)
    }

    fn url(&self, key: &str) -> String {
        format!("http://{}/{}/{key}", self.host(), Self::BUCKET)
    }
}
