//! What an installation can be asked for.

use super::super::components::{self, Component};
use super::super::{GENERATED, repository_path, versions};
use crate::error::{Error, Result};
use crate::flags::LogLevel;

/// Everything that decides the objects of an installation.
///
/// [`Options::default`] is what `install` without flags does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The version in labels and header.
    pub version: String,
    /// The namespace of the controllers; cluster-wide objects carry it in their names.
    pub namespace: String,
    /// The controllers to install, in order.
    pub components: Vec<String>,
    /// More controllers, after the others.
    pub components_extra: Vec<String>,
    /// Where the images come from, as `host[:port]/path`. Without it they have no host, and the
    /// nodes' own default applies.
    pub registry: String,
    /// The Secret that pulling the images takes; an empty name is none.
    pub image_pull_secret: Option<String>,
    /// Whether the controllers serve all namespaces, or their own only.
    pub watch_all_namespaces: bool,
    /// Whether ingress from other namespaces is denied.
    pub network_policy: bool,
    /// How much the controllers log: `debug`, `info` or `error`.
    pub log_level: String,
    /// The DNS domain of the cluster.
    pub cluster_domain: String,
    /// The taints that the pods tolerate, by key.
    pub toleration_keys: Vec<String>,
    /// The folder of the cluster in the repository.
    pub target_path: String,
    /// The name of the generated file.
    pub manifest_file: String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            version: versions::DISTRIBUTION.to_owned(),
            namespace: "flux-system".to_owned(),
            components: components::default_names(),
            components_extra: Vec::new(),
            registry: "ghcr.io/fluxcd".to_owned(),
            image_pull_secret: None,
            watch_all_namespaces: true,
            network_policy: true,
            log_level: "info".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            toleration_keys: Vec::new(),
            target_path: String::new(),
            manifest_file: "gotk-components.yaml".to_owned(),
        }
    }
}

impl Options {
    /// The names of all components asked for, in order.
    pub fn component_names(&self) -> impl Iterator<Item = &str> {
        let both = self.components.iter().chain(&self.components_extra);
        both.map(String::as_str)
    }

    /// Where the generated file stands in the repository.
    pub fn path(&self) -> String {
        repository_path(&self.target_path, &self.namespace, &self.manifest_file)
    }

    /// The lines that generated files begin with, up to the first object.
    pub fn header(&self) -> String {
        let components: Vec<&str> = self.component_names().collect();
        format!(
            "---\n{GENERATED}\n# Flux Version: {}\n# Components: {}\n",
            self.version,
            components.join(",")
        )
    }

    /// The rows of the components asked for, in order.
    ///
    /// # Errors
    /// When a component is unknown or given twice, or the log level is none.
    pub fn validate(&self) -> Result<Vec<&'static Component>> {
        self.log_level.parse::<LogLevel>().map_err(Error::usage)?;
        components::resolve(self.component_names())
    }

    /// Whether the component called `name` is asked for.
    pub(super) fn installs(&self, name: &str) -> bool {
        self.component_names().any(|component| component == name)
    }

    /// Where controllers send their events; empty when nothing would receive them.
    ///
    /// The name ends in a dot and is thus complete: proxies that are told to leave the cluster's
    /// domain alone then see it.
    pub(super) fn events_address(&self) -> String {
        if !self.installs(components::NOTIFICATION) {
            return String::new();
        }
        let host = self.service_host(components::NOTIFICATION);
        format!("http://{host}/")
    }

    /// The full name of a Service in the namespace of the controllers.
    pub(super) fn service_host(&self, name: &str) -> String {
        format!("{name}.$(RUNTIME_NAMESPACE).svc.{}.", self.cluster_domain)
    }

    /// The image of a component.
    pub(super) fn image(&self, component: &Component) -> String {
        let registry = match self.registry.as_str() {
            "" => "fluxcd",
            registry => registry,
        };
        format!("{registry}/{}:{}", component.name, component.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_version_and_components() {
        let options = Options {
            components: vec!["source-controller".to_owned()],
            components_extra: vec!["source-watcher".to_owned()],
            ..Options::default()
        };
        assert_eq!(
            options.header(),
            "---\n# This manifest was generated by flux. DO NOT EDIT.\n\
             # Flux Version: v2.9.4\n# Components: source-controller,source-watcher\n"
        );
        let none = Options {
            components: Vec::new(),
            ..Options::default()
        };
        assert!(none.header().ends_with("\n# Components: \n"));
    }

    #[test]
    fn images_follow_the_registry() {
        let image = |registry: &str| {
            let options = Options {
                registry: registry.to_owned(),
                ..Options::default()
            };
            options.image(components::find("helm-controller").unwrap())
        };
        assert_eq!(
            image("r.example.com:5000/x"),
            "r.example.com:5000/x/helm-controller:v1.6.3"
        );
        assert_eq!(image(""), "fluxcd/helm-controller:v1.6.3");
    }

    #[test]
    fn a_wrong_log_level_is_refused() {
        let options = Options {
            log_level: "warn".to_owned(),
            ..Options::default()
        };
        let error = options.validate().unwrap_err();
        assert!(error.to_string().contains("debug, info, error"), "{error}");
    }
}
