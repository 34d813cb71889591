//! What is particular to each controller: its program, the kinds it needs, its command line.

use std::fmt;

use anyhow::Result;

use crate::process::Den;
use crate::tools::Tool;

/// A Flux controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Fetches sources and serves them as archives.
    SourceController,
    /// Applies Kustomizations.
    KustomizeController,
    /// Installs HelmReleases.
    HelmController,
    /// Sends alerts and receives web hooks.
    NotificationController,
    /// Reads the tags of images and chooses among them.
    ImageReflectorController,
    /// Commits the chosen tags.
    ImageAutomationController,
    /// Makes ExternalArtifacts from other sources.
    SourceWatcher,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Component {
    /// The four that an installation has by default, in upstream's order.
    pub const DEFAULT: [Self; 4] = [
        Self::SourceController,
        Self::KustomizeController,
        Self::HelmController,
        Self::NotificationController,
    ];

    /// All that there are.
    pub const ALL: [Self; 7] = [
        Self::SourceController,
        Self::KustomizeController,
        Self::HelmController,
        Self::NotificationController,
        Self::ImageReflectorController,
        Self::ImageAutomationController,
        Self::SourceWatcher,
    ];

    /// Name of the program, the Deployment and the service account.
    pub fn name(self) -> &'static str {
        self.tool().name()
    }

    /// The component of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Its program.
    pub fn tool(self) -> Tool {
        match self {
            Self::SourceController => Tool::SourceController,
            Self::KustomizeController => Tool::KustomizeController,
            Self::HelmController => Tool::HelmController,
            Self::NotificationController => Tool::NotificationController,
            Self::ImageReflectorController => Tool::ImageReflectorController,
            Self::ImageAutomationController => Tool::ImageAutomationController,
            Self::SourceWatcher => Tool::SourceWatcher,
        }
    }

    /// The definitions without which it gives up at its start: those it watches.
    pub(super) fn definitions(self) -> &'static [&'static str] {
        match self {
            Self::SourceController => &[
                "buckets.source.toolkit.fluxcd.io",
                "gitrepositories.source.toolkit.fluxcd.io",
                "helmcharts.source.toolkit.fluxcd.io",
                "helmrepositories.source.toolkit.fluxcd.io",
                "ocirepositories.source.toolkit.fluxcd.io",
            ],
            Self::KustomizeController => &[
                "buckets.source.toolkit.fluxcd.io",
                "gitrepositories.source.toolkit.fluxcd.io",
                "kustomizations.kustomize.toolkit.fluxcd.io",
                "ocirepositories.source.toolkit.fluxcd.io",
            ],
            Self::HelmController => &[
                "helmcharts.source.toolkit.fluxcd.io",
                "helmreleases.helm.toolkit.fluxcd.io",
                "ocirepositories.source.toolkit.fluxcd.io",
            ],
            Self::NotificationController => &[
                "alerts.notification.toolkit.fluxcd.io",
                "providers.notification.toolkit.fluxcd.io",
                "receivers.notification.toolkit.fluxcd.io",
            ],
            Self::ImageReflectorController => &[
                "imagepolicies.image.toolkit.fluxcd.io",
                "imagerepositories.image.toolkit.fluxcd.io",
            ],
            Self::ImageAutomationController => &[
                "gitrepositories.source.toolkit.fluxcd.io",
                "imagepolicies.image.toolkit.fluxcd.io",
                "imageupdateautomations.image.toolkit.fluxcd.io",
            ],
            Self::SourceWatcher => &[
                "artifactgenerators.source.extensions.fluxcd.io",
                "buckets.source.toolkit.fluxcd.io",
                "externalartifacts.source.toolkit.fluxcd.io",
                "gitrepositories.source.toolkit.fluxcd.io",
                "helmcharts.source.toolkit.fluxcd.io",
                "ocirepositories.source.toolkit.fluxcd.io",
            ],
        }
    }

    /// The folder inside the den in which it keeps what it must find again after a restart.
    pub(super) fn storage(self) -> Option<&'static str> {
        match self {
            Self::SourceController => Some("archives"),
            Self::ImageReflectorController => Some("images"),
            Self::SourceWatcher => Some("made"),
            _ => None,
        }
    }

    /// Its arguments where no Deployment gives any.
    pub(super) fn default_arguments() -> Vec<String> {
        [
            "--watch-all-namespaces=true",
            "--log-level=info",
            "--log-encoding=json",
        ]
        .map(ToOwned::to_owned)
        .to_vec()
    }

    /// The arguments that place it on this machine. They come last: of a flag given twice, the second counts.
    pub(super) fn local_arguments(self, addresses: Addresses, own: Own, den: &Den) -> Vec<String> {
        let events = addresses.events;
        let mut arguments = vec![
            "--enable-leader-election=false".to_owned(),
            format!("--metrics-addr=127.0.0.1:{}", own.metrics),
            format!("--health-addr=127.0.0.1:{}", own.health),
        ];
        if self == Self::NotificationController {
            arguments.extend([
                format!("--events-addr=127.0.0.1:{}", events.unwrap_or(0)),
                format!("--receiverAddr=127.0.0.1:{}", addresses.receiver),
            ]);
        } else {
            arguments.push(match events {
                Some(port) => format!("--events-addr=http://127.0.0.1:{port}/"),
                None => "--events-addr=".to_owned(),
            });
        }
        if let Some(folder) = self.storage() {
            arguments.push(format!("--storage-path={}", den.text(folder)));
        }
        let served = match self {
            Self::SourceController => Some(addresses.storage),
            Self::SourceWatcher => Some(addresses.watcher_storage),
            _ => None,
        };
        if let Some(port) = served {
            arguments.extend([
                format!("--storage-addr=127.0.0.1:{port}"),
                format!("--storage-adv-addr=127.0.0.1:{port}"),
            ]);
        }
        arguments
    }
}

/// Ports that the controllers know of each other. They stay the same over restarts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    storage: u16,
    watcher_storage: u16,
    /// Absent where no notification-controller runs.
    events: Option<u16>,
    pub(super) receiver: u16,
}

impl Addresses {
    pub(super) fn free(components: &[Component]) -> Result<Self> {
        let [storage, watcher_storage, events, receiver] = crate::ports::free()?;
        let notified = components.contains(&Component::NotificationController);
        Ok(Self {
            storage,
            watcher_storage,
            events: notified.then_some(events),
            receiver,
        })
    }
}

/// Ports of one run of one controller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) metrics: u16,
    pub(super) health: u16,
}

impl Own {
    pub(super) fn free() -> Result<Self> {
        let [metrics, health] = crate::ports::free()?;
        Ok(Self { metrics, health })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for component in Component::ALL {
            assert_eq!(Component::from_name(component.name()), Some(component));
        }
        assert_eq!(Component::from_name("image-builder"), None);
    }

    #[test]
    fn events_go_nowhere_without_their_receiver() {
        let den = Den::new().unwrap();
        let own = Own {
            metrics: 1,
            health: 2,
        };
        let arguments = |components: &[Component]| {
            let addresses = Addresses::free(components).unwrap();
            Component::SourceController.local_arguments(addresses, own, &den)
        };
        let silent = "--events-addr=".to_owned();
        assert!(arguments(&[Component::SourceController]).contains(&silent));
        assert!(!arguments(&Component::ALL).contains(&silent));
    }
}
