//! The flags that say which controllers run and how; `install` and `bootstrap` share them.

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::input::secret_file;
use crate::cli;
use crate::error::{Error, Result};
use crate::flags::{self, LogLevel};
use crate::manifests::install::Options;
use crate::manifests::secret::{self, Metadata, RegistryCredentials, SecretObject};
use crate::manifests::versions;

// Which controllers run and how.
#[derive(Args)]
pub(super) struct ComponentArgs {
    /// The version of Flux to install; this build carries one
    // Its own id: as a group's flag it would be taken for the root's --version.
    #[arg(
        id = "distribution",
        long = "version",
        short = 'v',
        default_value = "",
        value_name = "VERSION",
        hide_default_value = true
    )]
    version: String,
    #[command(flatten)]
    selection: SelectionArgs,
    /// The registry of the controllers' images
    #[arg(long, default_value = "ghcr.io/fluxcd")]
    registry: String,
    /// Credentials for the registry as user:password; - reads them from standard input
    #[arg(long, value_name = "USER:PASSWORD", value_parser = cli::secret)]
    registry_creds: Option<SecretString>,
    /// The file with the credentials for the registry as user:password; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "registry_creds")]
    registry_creds_file: Option<String>,
    /// The name of the secret for pulling the images
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    image_pull_secret: String,
    /// Serve the objects of all namespaces, not only of the controllers' own
    #[arg(long, default_value = "true")]
    watch_all_namespaces: bool,
    /// Deny traffic from other namespaces to the controllers
    #[arg(long, default_value = "true")]
    network_policy: bool,
    /// How much the controllers log: debug, info or error
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    log_level: LogLevel,
    /// The DNS domain of the cluster
    #[arg(long, default_value = "cluster.local", value_name = "DOMAIN")]
    cluster_domain: String,
    /// The taints that the controllers' pods tolerate, by key
    #[arg(long, value_delimiter = ',', value_name = "KEYS")]
    toleration_keys: Vec<String>,
    #[arg(long, hide = true, default_value = "")]
    manifests: String,
}

// Which controllers are meant.
#[derive(Args)]
pub(super) struct SelectionArgs {
    /// The controllers, instead of the default ones
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "source-controller,kustomize-controller,helm-controller,notification-controller"
    )]
    components: Vec<String>,
    /// More controllers: image-reflector-controller, image-automation-controller, source-watcher
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    components_extra: Vec<String>,
}

impl SelectionArgs {
    /// The names of the controllers, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = flags::strings(&self.components);
        names.extend(self.extra());
        names
    }

    /// The names of the controllers beside the default ones.
    pub(super) fn extra(&self) -> Vec<String> {
        flags::strings(&self.components_extra)
    }
}

impl ComponentArgs {
    /// What to install in `namespace`.
    ///
    /// # Errors
    /// When flags contradict each other or ask for what this build does not have.
    pub(super) fn options(&self, namespace: &str) -> Result<Options> {
        let options = Options {
            namespace: namespace.to_owned(),
            components: flags::strings(&self.selection.components),
            components_extra: flags::strings(&self.selection.components_extra),
            registry: self.registry.clone(),
            image_pull_secret: Some(self.image_pull_secret.clone()).filter(|s| !s.is_empty()),
            watch_all_namespaces: self.watch_all_namespaces,
            network_policy: self.network_policy,
            log_level: self.log_level.to_string(),
            cluster_domain: self.cluster_domain.clone(),
            toleration_keys: flags::strings(&self.toleration_keys),
            ..Options::default()
        };
        options.validate()?;
        if self.gives_credentials() && options.image_pull_secret.is_none() {
            return Err(Error::usage(
                "--registry-creds requires --image-pull-secret to be set",
            ));
        }
        if !self.manifests.is_empty() {
            return Err(Error::usage(
                "--manifests is not supported: the manifests are part of this program",
            )
            .hint(
                "to change them, put patches in the kustomization.yaml of the cluster's repository",
            ));
        }
        Ok(Options {
            version: versions::requested(&self.version)?.to_owned(),
            ..options
        })
    }

    /// The secret for pulling the images, where credentials were given.
    ///
    /// # Errors
    /// When the credentials cannot be read or are not `user:password`.
    pub(super) fn pull_secret(&self, options: &Options) -> Result<Option<SecretObject>> {
        let Some(name) = options
            .image_pull_secret
            .clone()
            .filter(|_| self.gives_credentials())
        else {
            return Ok(None);
        };
        let text = match (self.literal(), &self.registry_creds_file) {
            (Some("-"), _) => secret_file("-", "registry credentials")?,
            (Some(text), _) => SecretString::from(text),
            (None, path) => secret_file(path.as_deref().unwrap_or("-"), "registry credentials")?,
        };
        let credentials = RegistryCredentials::parse(&text)?;
        let metadata = Metadata {
            name,
            namespace: options.namespace.clone(),
            ..Metadata::default()
        };
        secret::image_pull(&metadata, &options.registry, &credentials).map(Some)
    }

    fn gives_credentials(&self) -> bool {
        let file = self.registry_creds_file.as_ref();
        self.literal().is_some() || file.is_some_and(|path| !path.is_empty())
    }

    fn literal(&self) -> Option<&str> {
        let text = self
            .registry_creds
            .as_ref()
            .map(ExposeSecret::expose_secret);
        text.filter(|text| !text.is_empty())
    }
}
