//! Programs that serve HTTP on a port they are told.

use std::time::Duration;

use anyhow::{Result, bail};
use http::Method;

use super::call::call;
use crate::ports;
use crate::process::{Den, Launch, Process};
use crate::tools::{Tool, Toolbox};

/// Another process may take the chosen port first; it will not do so every time.
const ATTEMPTS: usize = 3;

/// Between two looks at a program that starts.
const POLL: Duration = Duration::from_millis(20);

/// They start in milliseconds; this only ends a wait that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Program {
    /// `127.0.0.1:PORT`.
    pub(super) host: String,
    _process: Process,
    _den: Den,
}

impl Program {
    /// Starts a program with the arguments for a port, and waits until it answers. Builds it first if need be.
    pub(super) async fn start(
        tools: &Toolbox,
        tool: Tool,
        arguments: impl Fn(u16) -> Vec<String>,
    ) -> Result<Self> {
        tools.ensure_async(&[tool]).await?;
        let mut attempt = 1;
        loop {
            match Self::try_start(tools, tool, &arguments).await {
                Err(error) if attempt < ATTEMPTS && ports::taken(&error) => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    async fn try_start(
        tools: &Toolbox,
        tool: Tool,
        arguments: &impl Fn(u16) -> Vec<String>,
    ) -> Result<Self> {
        let [port] = ports::free()?;
        let den = Den::new()?;
        let process = den.spawn(Launch {
            name: tool.name().to_owned(),
            program: tools.path(tool),
            args: arguments(port),
            env: Vec::new(),
            output: None,
        })?;
        let host = format!("127.0.0.1:{port}");
        let url = format!("http://{host}/");
        let answers = async {
            while call(Method::GET, &url, &[], Vec::new()).await.is_err() {
                process.check()?;
                tokio::time::sleep(POLL).await;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(PATIENCE, answers).await {
            Ok(outcome) => outcome?,
            Err(_) => bail!("{} does not answer:\n{}", tool.name(), process.log_tail()),
        }
        Ok(Self {
            host,
            _process: process,
            _den: den,
        })
    }
}
