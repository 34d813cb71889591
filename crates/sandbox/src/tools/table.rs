//! The programs, one row each.

/// A program the sandbox can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// The store of the control plane.
    Etcd,
    /// The Kubernetes API server.
    KubeApiserver,
    /// The controllers of Kubernetes itself: Deployments, garbage collection, namespaces, service accounts, …
    KubeControllerManager,
    /// Assigns pods to nodes.
    KubeScheduler,
    /// Plays the kubelets: nodes are ready and pods run, without containers.
    Kwok,
    /// The Kubernetes command line.
    Kubectl,
    /// The kustomize command line, the reference for `crates/kustomize`.
    Kustomize,
    /// Flux's source-controller.
    SourceController,
    /// Flux's kustomize-controller.
    KustomizeController,
    /// Flux's helm-controller.
    HelmController,
    /// Flux's notification-controller.
    NotificationController,
    /// Flux's image-reflector-controller.
    ImageReflectorController,
    /// Flux's image-automation-controller.
    ImageAutomationController,
    /// Flux's source-watcher.
    SourceWatcher,
    /// An OCI registry that keeps everything in memory.
    Registry,
    /// An S3 server that keeps everything in memory.
    ObjectStore,
}

/// A Go module whose tool dependencies are some of the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Module {
    /// Kubernetes and Flux, which agree on the versions of what they share.
    Main,
    /// source-watcher. It needs a newer version of a library than Kubernetes and Flux take.
    Watcher,
    /// The S3 server. It shares next to nothing with the others, and it is built in seconds: a change of its version
    /// is no reason to build them again.
    ObjectStore,
}

impl Module {
    pub(super) const ALL: [Self; 3] = [Self::Main, Self::Watcher, Self::ObjectStore];

    /// Its folder, from that of [`Self::Main`].
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Watcher => "watcher",
            Self::ObjectStore => "s3",
        }
    }
}

/// What is known of a tool; one row each.
pub(super) struct Row {
    pub(super) tool: Tool,
    /// File name of the binary.
    pub(super) name: &'static str,
    /// Where its version is pinned.
    pub(super) module: Module,
    /// Go package to build.
    pub(super) package: &'static str,
    /// File name that `go build` gives the binary, where it is not `name`.
    pub(super) built_as: &'static str,
    /// Whether `KUBEBUILDER_ASSETS` may hold it.
    pub(super) in_assets: bool,
}

const fn row(tool: Tool, name: &'static str, package: &'static str) -> Row {
    Row {
        tool,
        name,
        module: Module::Main,
        package,
        built_as: name,
        in_assets: false,
    }
}

pub(super) const ROWS: &[Row] = &[
    Row {
        built_as: "server",
        in_assets: true,
        ..row(Tool::Etcd, "etcd", "go.etcd.io/etcd/server/v3")
    },
    Row {
        in_assets: true,
        ..row(
            Tool::KubeApiserver,
            "kube-apiserver",
            "k8s.io/kubernetes/cmd/kube-apiserver",
        )
    },
    row(
        Tool::KubeControllerManager,
        "kube-controller-manager",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
    ),
    row(
        Tool::KubeScheduler,
        "kube-scheduler",
        "k8s.io/kubernetes/cmd/kube-scheduler",
    ),
    row(Tool::Kwok, "kwok", "sigs.k8s.io/kwok/cmd/kwok"),
    row(Tool::Kubectl, "kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    row(
        Tool::Kustomize,
        "kustomize",
        "sigs.k8s.io/kustomize/kustomize/v5",
    ),
    row(
        Tool::SourceController,
        "source-controller",
        "github.com/fluxcd/source-controller",
    ),
    row(
        Tool::KustomizeController,
        "kustomize-controller",
        "github.com/fluxcd/kustomize-controller",
    ),
    row(
        Tool::HelmController,
        "helm-controller",
        "github.com/fluxcd/helm-controller",
    ),
    row(
        Tool::NotificationController,
        "notification-controller",
        "github.com/fluxcd/notification-controller",
    ),
    row(
        Tool::ImageReflectorController,
        "image-reflector-controller",
        "github.com/fluxcd/image-reflector-controller",
    ),
    row(
        Tool::ImageAutomationController,
        "image-automation-controller",
        "github.com/fluxcd/image-automation-controller",
    ),
    Row {
        module: Module::Watcher,
        built_as: "cmd",
        ..row(
            Tool::SourceWatcher,
            "source-watcher",
            "github.com/fluxcd/source-watcher/v2/cmd",
        )
    },
    row(
        Tool::Registry,
        "registry",
        "github.com/google/go-containerregistry/cmd/registry",
    ),
    Row {
        module: Module::ObjectStore,
        ..row(
            Tool::ObjectStore,
            "gofakes3",
            "github.com/johannesboyne/gofakes3/cmd/gofakes3",
        )
    },
];

impl Tool {
    /// Every tool, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.tool)
    }

    /// File name of the binary.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub(super) fn row(self) -> &'static Row {
        // The table names every variant (a test walks it); the first row only stands in for the type.
        ROWS.iter().find(|row| row.tool == self).unwrap_or(&ROWS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_its_own_row() {
        for tool in Tool::all() {
            assert_eq!(tool.row().tool, tool);
        }
        let names: std::collections::BTreeSet<_> = Tool::all().map(Tool::name).collect();
        assert_eq!(names.len(), ROWS.len());
        assert_eq!(Tool::Registry.name(), "registry");
    }

    #[test]
    fn every_package_is_pinned() {
        for row in ROWS {
            let go_mod = match row.module {
                Module::Main => include_str!("../../tools/go.mod"),
                Module::Watcher => include_str!("../../tools/watcher/go.mod"),
                Module::ObjectStore => include_str!("../../tools/s3/go.mod"),
            };
            let mut lines = go_mod
                .lines()
                .map(|line| line.trim().trim_start_matches("tool "));
            assert!(lines.any(|line| line == row.package), "{}", row.package);
        }
    }
}
