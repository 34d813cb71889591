//! What every command is given: the user's global options and the handles to the outside, each
//! made on first use, so that `--help` and `--export` touch nothing.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::build::all::STACK;
use crate::cli::GlobalArgs;
use crate::cluster::{Cluster, config};
use crate::env::{self, Env};
use crate::error::{Error, Kind, Result};
use crate::flags;
use crate::identity::Identity;

use crate::ui::Ui;

/// The namespace Flux runs in unless the user says otherwise.
pub const DEFAULT_NAMESPACE: &str = "flux-system";

/// The surroundings of one run.
pub struct Context {
    /// The options that every command takes.
    pub globals: GlobalArgs,
    /// The terminal.
    pub ui: Ui,
    /// The environment.
    pub env: Env,
    /// Who the program is.
    pub identity: Identity,
    /// When the run began.
    pub started: Instant,
}

/// What a wait may use beyond its time to find out why nothing came of it.
const LAST_LOOK: Duration = Duration::from_secs(10);

impl Context {
    /// The namespace to work in: `--namespace`, else the kubeconfig context's where that is asked
    /// for, else `FLUX_SYSTEM_NAMESPACE`, else `flux-system`.
    ///
    /// # Errors
    /// When it is not a DNS label.
    pub fn namespace(&self) -> Result<String> {
        if self.globals.namespace.is_none() && self.follows_kube_context() {
            // A kubeconfig that cannot be read is an error of the command that needs it.
            if let Ok(Some(namespace)) = config::context_namespace(&self.globals.kube, &self.env) {
                return Ok(namespace);
            }
        }
        self.fixed_namespace()
    }

    /// [`Context::namespace`] without regard to the kubeconfig, as the `create` commands have it.
    ///
    /// # Errors
    /// When it is not a DNS label.
    pub fn fixed_namespace(&self) -> Result<String> {
        if let Some(namespace) = &self.globals.namespace {
            return if is_dns_label(namespace) {
                Ok(namespace.clone())
            } else {
                Err(Error::usage(format!(
                    "namespace must be a valid DNS label: {namespace:?}"
                )))
            };
        }
        match self.env.get(env::FLUX_SYSTEM_NAMESPACE) {
            Some(namespace) if is_dns_label(namespace) => Ok(namespace.to_owned()),
            Some(namespace) => {
                self.ui.warning(format!(
                    "ignoring invalid FLUX_SYSTEM_NAMESPACE: {namespace:?}"
                ));
                Ok(DEFAULT_NAMESPACE.to_owned())
            }
            None => Ok(DEFAULT_NAMESPACE.to_owned()),
        }
    }

    /// How long the command may take.
    pub fn timeout(&self) -> Duration {
        flags::std_duration(self.globals.timeout)
    }

    /// How much of that time is left.
    pub fn remaining(&self) -> Duration {
        self.timeout().saturating_sub(self.started.elapsed())
    }

    /// The cluster the user's kubeconfig and flags name. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When there is no usable configuration.
    pub async fn cluster(&self) -> Result<Cluster> {
        let config = config::load(&self.globals.kube, &self.env).await?;
        Ok(Cluster::connect(config)?)
    }

    /// Runs `work` to its end, until Ctrl-C, or until the time allowed is over.
    ///
    /// # Errors
    /// Those of `work`, [`Kind::Interrupted`] and [`Kind::TimedOut`].
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.remaining() + LAST_LOOK;
        self.block_on_unlimited(async {
            match tokio::time::timeout(limit, work).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(
                    Kind::TimedOut,
                    format!(
                        "timed out after {}: context deadline exceeded",
                        self.globals.timeout
                    ),
                )
                .hint("allow more time with --timeout")),
            }
        })
    }

    /// [`Context::block_on`] for work that waits for nothing but answers: its time is over to the
    /// second.
    ///
    /// # Errors
    /// As those of [`Context::block_on`].
    pub fn block_on_answers<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.remaining();
        self.block_on_unlimited(async {
            match tokio::time::timeout(limit, work).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(
                    Kind::TimedOut,
                    format!(
                        "timed out after {}: the Kubernetes API server did not answer",
                        self.globals.timeout
                    ),
                )
                .hint("allow more time with --timeout")),
            }
        })
    }

    /// [`Context::block_on`] without a deadline, for what lasts until the user has seen enough.
    ///
    /// # Errors
    /// Those of `work` and [`Kind::Interrupted`].
    pub fn block_on_unlimited<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = runtime()?;
        let result = runtime.block_on(async {
            tokio::select! {
                result = work => result,
                _ = tokio::signal::ctrl_c() => {
                    Err(Error::new(Kind::Interrupted, "interrupted"))
                }
            }
        });
        // Blocking work that was given up must not hold the exit.
        runtime.shutdown_background();
        result
    }

    /// Runs what has to be done even though the work was cut short: neither Ctrl-C nor the
    /// command's own deadline stops it, only `limit` does.
    ///
    /// # Errors
    /// Those of `work` and [`Kind::TimedOut`].
    pub fn block_on_last<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let runtime = runtime()?;
        let result = runtime.block_on(async {
            match tokio::time::timeout(limit, work).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(
                    Kind::TimedOut,
                    "the cluster did not answer in time",
                )),
            }
        });
        runtime.shutdown_background();
        result
    }

    fn follows_kube_context(&self) -> bool {
        self.globals.ns_follows_kube_context || self.env.is_set(env::FLUX_NS_FOLLOWS_KUBE_CONTEXT)
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        // Kustomizations are built on its threads.
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .map_err(|error| Error::failed("cannot start the runtime").caused_by(error))
}

/// Whether `text` is a DNS label (RFC 1123): what a namespace may be called.
pub fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_labels() {
        for good in ["a", "flux-system", "0a"] {
            assert!(is_dns_label(good), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", long.as_str()] {
            assert!(!is_dns_label(bad), "{bad}");
        }
    }
}
