//! The controllers of Flux, one row each.
//!
//! A row holds what sets a controller apart; what all of them share is written once, in
//! [`install`](super::install). To add a controller: its row, and its CRDs in `flux-api`.

use super::versions;
use crate::error::{Error, Result};

/// What sets one controller apart from the others.
#[derive(Debug)]
pub struct Component {
    /// The name of its Deployment, ServiceAccount and image.
    pub name: &'static str,
    /// The tag of its image.
    pub version: &'static str,
    /// Whether it is installed unless the user says otherwise.
    pub default: bool,
    /// Whether it reports to the notification-controller, rather than being it.
    pub sends_events: bool,
    /// Whether it keeps artifacts and serves them: it then has storage, an HTTP port, a Service
    /// under its own name, and is replaced rather than rolled.
    pub stores_artifacts: bool,
    /// Whether it consumes ExternalArtifacts once the source-watcher is there to make them.
    pub consumes_external_artifacts: bool,
    /// Whether its pods are among the last to be evicted.
    pub critical: bool,
    /// Environment variables beyond those of every controller.
    pub env: &'static [(&'static str, &'static str)],
    /// Ports beyond those for metrics and health.
    pub ports: &'static [(u16, &'static str)],
    /// Scratch volumes and where they are mounted.
    pub volumes: &'static [(&'static str, &'static str)],
    /// The Services in front of it.
    pub services: &'static [Service],
    /// The processor time it is promised.
    pub cpu_request: &'static str,
    /// How many seconds it gets to stop.
    pub grace_seconds: u32,
}

/// A Service in front of a controller.
#[derive(Debug)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// The name of the container's port that its port 80 leads to.
    pub target_port: &'static str,
    /// The value of its `control-plane` label.
    pub control_plane: &'static str,
}

const HTTP: (u16, &str) = (9090, "http");
const TEMP: (&str, &str) = ("temp", "/tmp");
const STORAGE: &[(&str, &str)] = &[("data", "/data"), ("tmp", "/tmp")];

/// A controller as most are; rows name what differs.
const PLAIN: Component = Component {
    name: "",
    version: "",
    default: false,
    sends_events: true,
    stores_artifacts: false,
    consumes_external_artifacts: false,
    critical: false,
    env: &[],
    ports: &[],
    volumes: &[TEMP],
    services: &[],
    cpu_request: "100m",
    grace_seconds: 10,
};

/// Every controller, in the order in which they are installed by default.
pub static COMPONENTS: &[Component] = &[
    Component {
        name: "source-controller",
        version: versions::SOURCE_CONTROLLER,
        default: true,
        stores_artifacts: true,
        critical: true,
        env: &[("TUF_ROOT", "/tmp/.sigstore")],
        ports: &[HTTP],
        volumes: STORAGE,
        services: &[Service {
            name: "source-controller",
            target_port: "http",
            control_plane: "controller",
        }],
        cpu_request: "50m",
        ..PLAIN
    },
    Component {
        name: "kustomize-controller",
        version: versions::KUSTOMIZE_CONTROLLER,
        default: true,
        consumes_external_artifacts: true,
        critical: true,
        grace_seconds: 60,
        ..PLAIN
    },
    Component {
        name: "helm-controller",
        version: versions::HELM_CONTROLLER,
        default: true,
        consumes_external_artifacts: true,
        critical: true,
        grace_seconds: 600,
        ..PLAIN
    },
    Component {
        name: NOTIFICATION,
        version: versions::NOTIFICATION_CONTROLLER,
        default: true,
        sends_events: false,
        ports: &[HTTP, (9292, "http-webhook")],
        services: &[
            Service {
                name: NOTIFICATION,
                target_port: "http",
                control_plane: "controller",
            },
            Service {
                name: "webhook-receiver",
                target_port: "http-webhook",
                control_plane: "controller",
            },
        ],
        ..PLAIN
    },
    Component {
        name: "image-reflector-controller",
        version: versions::IMAGE_REFLECTOR_CONTROLLER,
        volumes: &[TEMP, ("data", "/data")],
        ..PLAIN
    },
    Component {
        name: "image-automation-controller",
        version: versions::IMAGE_AUTOMATION_CONTROLLER,
        ..PLAIN
    },
    Component {
        name: SOURCE_WATCHER,
        version: versions::SOURCE_WATCHER,
        stores_artifacts: true,
        critical: true,
        ports: &[HTTP],
        volumes: STORAGE,
        services: &[Service {
            name: SOURCE_WATCHER,
            target_port: "http",
            control_plane: SOURCE_WATCHER,
        }],
        cpu_request: "50m",
        ..PLAIN
    },
];

/// The controller that the others send their events to.
pub const NOTIFICATION: &str = "notification-controller";
/// The controller that makes ExternalArtifacts.
pub const SOURCE_WATCHER: &str = "source-watcher";
/// The controllers without which a cluster cannot follow a repository.
pub const REQUIRED: &[&str] = &["source-controller", "kustomize-controller"];

/// The names of the controllers that are installed unless the user says otherwise, in order.
pub fn default_names() -> Vec<String> {
    let default = COMPONENTS.iter().filter(|row| row.default);
    default.map(|row| row.name.to_owned()).collect()
}

/// The names of the controllers that `--components-extra` is for, in order.
pub fn extra_names() -> Vec<String> {
    let extra = COMPONENTS.iter().filter(|row| !row.default);
    extra.map(|row| row.name.to_owned()).collect()
}

/// The row of the controller called `name`.
pub fn find(name: &str) -> Option<&'static Component> {
    COMPONENTS.iter().find(|row| row.name == name)
}

/// The rows of the controllers called `names`, in that order.
///
/// # Errors
/// When a name is no controller's, or is given twice.
pub fn resolve<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Vec<&'static Component>> {
    let mut rows: Vec<&Component> = Vec::new();
    for name in names {
        let row = find(name).ok_or_else(|| unknown(name))?;
        if rows.iter().any(|earlier| earlier.name == name) {
            return Err(
                Error::usage(format!("component {name} is given twice")).hint(
                    "--components replaces the default components, --components-extra adds to them",
                ),
            );
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Checks that `names` hold the controllers that bootstrap needs.
///
/// # Errors
/// When one of [`REQUIRED`] is missing.
pub fn require<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let names: Vec<&str> = names.into_iter().collect();
    match REQUIRED.iter().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(missing) => Err(Error::usage(format!("component {missing} is required"))
            .hint(format!("add {missing} to --components"))),
    }
}

fn unknown(name: &str) -> Error {
    let error = Error::usage(format!("component {name} is not available"));
    let error = match closest(name) {
        Some(known) => error.hint(format!("did you mean {known}?")),
        None => error,
    };
    let names: Vec<&str> = COMPONENTS.iter().map(|row| row.name).collect();
    error.hint(format!("the components are {}", names.join(", ")))
}

/// The component that a wrong name was probably meant to be.
fn closest(name: &str) -> Option<&'static str> {
    /// Below this likeness a proposal would be a guess.
    const ALIKE: f64 = 0.85;

    let scored = COMPONENTS
        .iter()
        .map(|row| (strsim::jaro_winkler(name, row.name), row.name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_resolve_in_the_order_given() {
        let names = ["helm-controller", "source-watcher", "source-controller"];
        let rows = resolve(names).unwrap();
        assert!(rows.iter().map(|row| row.name).eq(names));
        assert_eq!(resolve([]).unwrap().len(), 0);
    }

    #[test]
    fn defaults_and_extras_are_all_there_is() {
        let mut names = default_names();
        names.extend(extra_names());
        assert!(names.iter().eq(COMPONENTS.iter().map(|row| row.name)));
        assert!(require(default_names().iter().map(String::as_str)).is_ok());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_likely_one() {
        for (given, meant) in [
            ("image-reflector", Some("image-reflector-controller")),
            ("source-controler", Some("source-controller")),
            ("helm", Some("helm-controller")),
            ("kustomise-controller", Some("kustomize-controller")),
            ("watcher", None),
            ("foo", None),
            ("", None),
        ] {
            let error = resolve([given]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("component {given} is not available")
            );
            let hint = meant.map(|known| format!("did you mean {known}?"));
            let asked = error.hints().iter().find(|hint| hint.starts_with("did"));
            assert_eq!(asked, hint.as_ref(), "{given}");
            assert!(error.hints().last().unwrap().contains("source-watcher"));
        }
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        let error = resolve(["source-watcher", "source-watcher"]).unwrap_err();
        assert_eq!(error.to_string(), "component source-watcher is given twice");
    }

    #[test]
    fn bootstrap_needs_its_two() {
        let error = require(["source-controller", "helm-controller"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "component kustomize-controller is required"
        );
        let error = require([]).unwrap_err();
        assert_eq!(error.to_string(), "component source-controller is required");
    }
}
