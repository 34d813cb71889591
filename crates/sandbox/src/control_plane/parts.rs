//! The command lines of the control plane's programs. Pure, but for the paths.

use crate::process::{Den, Launch};
use crate::tools::{Tool, Toolbox};

/// The ports of one control plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) etcd_client: u16,
    pub(super) etcd_peer: u16,
    pub(super) api: u16,
    pub(super) controller_manager: u16,
    pub(super) scheduler: u16,
    pub(super) kubelet: u16,
}

impl Ports {
    pub(super) fn free() -> anyhow::Result<Self> {
        let [
            etcd_client,
            etcd_peer,
            api,
            controller_manager,
            scheduler,
            kubelet,
        ] = crate::ports::free()?;
        Ok(Self {
            etcd_client,
            etcd_peer,
            api,
            controller_manager,
            scheduler,
            kubelet,
        })
    }
}

/// Where the parts find each other.
pub(super) struct Site<'a> {
    pub(super) den: &'a Den,
    pub(super) tools: &'a Toolbox,
    pub(super) ports: Ports,
}

impl Site<'_> {
    fn launch(&self, tool: Tool, args: Vec<String>) -> Launch {
        Launch {
            name: tool.name().to_owned(),
            program: self.tools.path(tool),
            args,
            env: Vec::new(),
            output: None,
        }
    }

    pub(super) fn etcd(&self) -> Launch {
        let client = format!("http://127.0.0.1:{}", self.ports.etcd_client);
        let peer = format!("http://127.0.0.1:{}", self.ports.etcd_peer);
        let args = vec![
            format!("--data-dir={}", self.den.text("etcd")),
            // The data lives as long as the process: nothing to lose in a crash of the machine.
            "--unsafe-no-fsync".to_owned(),
            "--log-level=warn".to_owned(),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
        ];
        self.launch(Tool::Etcd, args)
    }

    /// `service_accounts`: whether something makes the accounts that the admission plugin of that name asks for.
    pub(super) fn api_server(&self, service_accounts: bool) -> Launch {
        let den = self.den;
        let mut args = vec![
            format!("--etcd-servers=http://127.0.0.1:{}", self.ports.etcd_client),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.ports.api),
            "--advertise-address=127.0.0.1".to_owned(),
            // The default reconciler refuses to publish a loopback address.
            "--endpoint-reconciler-type=none".to_owned(),
            format!("--tls-cert-file={}", den.text("server.crt")),
            format!("--tls-private-key-file={}", den.text("server.key")),
            format!("--cert-dir={}", den.text("api-server-certs")),
            format!("--token-auth-file={}", den.text("tokens.csv")),
            "--authorization-mode=RBAC".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={}", den.text("sa.pub")),
            format!("--service-account-signing-key-file={}", den.text("sa.key")),
        ];
        if !service_accounts {
            args.push("--disable-admission-plugins=ServiceAccount".to_owned());
        }
        self.launch(Tool::KubeApiserver, args)
    }

    pub(super) fn controller_manager(&self, kubeconfig: &str) -> Launch {
        let den = self.den;
        let args = vec![
            format!("--kubeconfig={kubeconfig}"),
            "--leader-elect=false".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.ports.controller_manager),
            format!("--cert-dir={}", den.text("controller-manager-certs")),
            format!("--service-account-private-key-file={}", den.text("sa.key")),
            format!("--root-ca-file={}", den.text("ca.crt")),
            // The default of 20 requests per second is for clusters that share an API server.
            "--kube-api-qps=300".to_owned(),
            "--kube-api-burst=600".to_owned(),
        ];
        self.launch(Tool::KubeControllerManager, args)
    }

    pub(super) fn scheduler(&self, kubeconfig: &str) -> Launch {
        let args = vec![
            format!("--kubeconfig={kubeconfig}"),
            "--leader-elect=false".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.ports.scheduler),
            format!("--cert-dir={}", self.den.text("scheduler-certs")),
        ];
        self.launch(Tool::KubeScheduler, args)
    }

    /// `files`: kwok's folder of CRDs and stages.
    pub(super) fn kwok(&self, kubeconfig: &str, files: &std::path::Path) -> Launch {
        let mut args = vec![
            format!("--kubeconfig={kubeconfig}"),
            "--manage-all-nodes=true".to_owned(),
            "--node-lease-duration-seconds=40".to_owned(),
            "--node-ip=127.0.0.1".to_owned(),
            format!("--node-port={}", self.ports.kubelet),
            // Must not overlap with the API server's range for services.
            "--cidr=10.224.0.0/16".to_owned(),
            format!("--server-address=127.0.0.1:{}", self.ports.kubelet),
            format!("--tls-cert-file={}", self.den.text("server.crt")),
            format!("--tls-private-key-file={}", self.den.text("server.key")),
            "--enable-crds=Logs,PortForward".to_owned(),
        ];
        for stage in [
            "node/fast/node-initialize.yaml",
            "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
            "pod/fast/pod-ready.yaml",
            "pod/fast/pod-complete.yaml",
            "pod/fast/pod-delete.yaml",
        ] {
            args.push(format!(
                "--config={}",
                files.join("stage").join(stage).display()
            ));
        }
        self.launch(Tool::Kwok, args)
    }
}
