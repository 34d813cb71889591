//! Starting a control plane: folder, certificates, tokens, processes, readiness.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures::future::try_join;

use super::kubeconfig::{Access, User, write_private};
use super::parts::{Ports, Site};
use super::{ControlPlane, Local, Size, objects};
use crate::certs::{self, Authority};
use crate::ports;
use crate::process::{Den, Process};
use crate::tools::{Tool, Toolbox};

/// Times to try again with other ports when another program took one first.
const ATTEMPTS: usize = 4;

/// Between two questions whether something is ready.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// A loaded machine may need many seconds; a dead process is noticed at once, whatever this says.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn start(tools: Toolbox, size: Size) -> Result<ControlPlane> {
    let mut needed = vec![Tool::Etcd, Tool::KubeApiserver];
    if size == Size::Full {
        needed.extend([Tool::KubeControllerManager, Tool::KubeScheduler, Tool::Kwok]);
    }
    tools.ensure_async(&needed).await?;
    let mut attempt = 1;
    loop {
        match attempt_start(&tools, size, Ports::free()?).await {
            Err(error) if attempt < ATTEMPTS && ports::taken(&error) => attempt += 1,
            result => return result,
        }
    }
}

async fn attempt_start(tools: &Toolbox, size: Size, ports: Ports) -> Result<ControlPlane> {
    let den = Den::new()?;
    let server = format!("https://127.0.0.1:{}", ports.api);
    let admin = write_files(&den, server)?;
    let site = Site {
        den: &den,
        tools,
        ports,
    };
    // The API server waits for etcd by itself: side by side is faster.
    let mut others = vec![den.spawn(site.etcd())?];
    let api_server = start_api_server(&site, size)?;
    wait_until_ready(&admin, &[&others[0], &api_server]).await?;
    let client = admin.client().await?;
    if size == Size::Full {
        let (_, started) =
            try_join(objects::allow_readers(&client), run_pods(&site, &client)).await?;
        others.extend(started);
    } else {
        objects::allow_readers(&client).await?;
    }
    Ok(ControlPlane {
        kubeconfigs: den.path().to_path_buf(),
        admin,
        local: Some(Local {
            size,
            tools: tools.clone(),
            ports,
            api_server: Some(api_server).into(),
            others,
            den,
        }),
    })
}

/// Writes certificates, keys, tokens and kubeconfigs; returns the administrator's access.
fn write_files(den: &Den, server: String) -> Result<Access> {
    let authority = Authority::new("reflux sandbox")?;
    let identity = authority.server(&[
        "127.0.0.1",
        "10.0.0.1",
        "localhost",
        "kubernetes.default.svc",
    ])?;
    let (private, public) = certs::key_pair()?;
    let ca = authority.pem();
    for (name, text) in [
        ("ca.crt", &ca),
        ("server.crt", &identity.certificate),
        ("server.key", &identity.key),
        ("sa.key", &private),
        ("sa.pub", &public),
    ] {
        write_private(&den.path().join(name), text)?;
    }
    let mut tokens = String::new();
    let mut admin = None;
    for user in User::ALL {
        let name = user.name();
        let access = Access {
            server: server.clone(),
            ca: ca.clone(),
            token: random_token(),
        };
        tokens.push_str(&format!(
            "{},{name},{name},{}\n",
            access.token,
            user.group()
        ));
        access.write(name, &user.file(den.path()))?;
        if user == User::Admin {
            admin = Some(access);
        }
    }
    write_private(&den.path().join("tokens.csv"), &tokens)?;
    admin.context("the administrator is one of the users")
}

fn random_token() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(super) fn start_api_server(site: &Site<'_>, size: Size) -> Result<Process> {
    // Without a controller manager no namespace has the account `default`, and no pod would be admitted.
    site.den.spawn(site.api_server(size == Size::Full))
}

/// Waits for the API server's own word, and fails as soon as one of `processes` ends.
pub(super) async fn wait_until_ready(access: &Access, processes: &[&Process]) -> Result<()> {
    let client = access.client().await?;
    wait("the API server", processes, || async {
        let request = http::Request::get("/readyz").body(Vec::new())?;
        let answer =
            tokio::time::timeout(Duration::from_secs(2), client.request_text(request)).await;
        Ok(matches!(answer, Ok(Ok(_))))
    })
    .await
}

/// Asks `ready` again and again, and fails as soon as one of `processes` ends.
pub(super) async fn wait<F>(what: &str, processes: &[&Process], ready: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<bool>>,
{
    let begun = Instant::now();
    while !ready().await? {
        for process in processes {
            process.check()?;
        }
        if begun.elapsed() > PATIENCE {
            let logs: Vec<_> = processes.iter().map(|one| one.log_tail()).collect();
            bail!(
                "{what} is not ready after {PATIENCE:?}:\n{}",
                logs.join("\n")
            );
        }
        tokio::time::sleep(POLL).await;
    }
    // An answer may have come from a stranger on the same port while ours failed to get it.
    processes.iter().try_for_each(|process| process.check())
}

/// Starts what makes Deployments run, and waits until nodes are ready and service accounts are made.
async fn run_pods(site: &Site<'_>, client: &kube::Client) -> Result<Vec<Process>> {
    let kubeconfig = User::Admin.file(site.den.path()).display().to_string();
    let files = site.tools.kwok_files()?;
    let mut started = vec![
        site.den.spawn(site.controller_manager(&kubeconfig))?,
        site.den.spawn(site.scheduler(&kubeconfig))?,
    ];
    try_join(
        objects::install_kwok_crds(client, &files),
        objects::make_nodes(client),
    )
    .await?;
    started.push(site.den.spawn(site.kwok(&kubeconfig, &files))?);
    let processes: Vec<&Process> = started.iter().collect();
    let scheduler = site.ports.scheduler;
    wait("the cluster", &processes, || async move {
        Ok(objects::nodes_are_ready(client).await?
            && objects::accounts_are_made(client).await?
            && tokio::net::TcpStream::connect(("127.0.0.1", scheduler))
                .await
                .is_ok())
    })
    .await?;
    Ok(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_somebody_has_is_worth_another_attempt() {
        let tools = Toolbox::from_env().unwrap();
        let needed = [Tool::Etcd, Tool::KubeApiserver];
        tools.ensure_async(&needed).await.unwrap();
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let free = || Ports::free().unwrap();
        for ports in [
            Ports {
                etcd_client: port,
                ..free()
            },
            Ports {
                api: port,
                ..free()
            },
        ] {
            let begun = Instant::now();
            let error = attempt_start(&tools, Size::ApiOnly, ports)
                .await
                .unwrap_err();
            assert!(ports::taken(&error), "{error:#}");
            assert!(begun.elapsed() < PATIENCE / 2, "it was noticed at once");
        }
    }
}
